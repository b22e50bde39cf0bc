//! Every viewer is an open file, and the usual soft limit is 1,024: a server raises it to what it is allowed.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the process's soft limit of open files to its hard limit; what it may open now, where that is limited.
pub fn raise_limit() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum;
    if limit.current != allowed {
        limit.current = allowed;
        if setrlimit(Resource::Nofile, limit).is_err() {
            return getrlimit(Resource::Nofile).current;
        }
    }
    allowed
}
