//! Neighbours: what each said, what was asked of it, and how it behaves.

use protocol::peer::RequestId;
use protocol::time::Instant;

use crate::io::LinkId;

/// A request open at a neighbour, as the block remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestRef {
    pub(crate) link: LinkId,
    pub(crate) id: RequestId,
    /// Until when the answer is waited for.
    pub(crate) until: Instant,
}
