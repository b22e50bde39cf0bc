//! A PostgreSQL of our own: made in a temporary folder by an unprivileged user, on a socket in it, gone with the test.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Debian's folder of each major version.
const VERSIONS: &str = "/usr/lib/postgresql";

pub(crate) struct Postgres {
    server: Child,
    folder: TempDir,
}

impl Postgres {
    /// Starts one; resolves when it answers.
    pub(crate) async fn start() -> Self {
        tokio::task::spawn_blocking(Self::start_blocking).await.unwrap()
    }

    fn start_blocking() -> Self {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        // PostgreSQL refuses to run as root; as anybody else it runs as who we are.
        let user = is_root().then(|| id_of("postgres"));
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let program = |name: &str| {
            let mut command = Command::new(programs().join(name));
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = program("initdb")
            .args(["--no-sync", "--auth=trust", "--username=shoal", "-D"])
            .arg(&data)
            .status();
        assert!(made.unwrap().success(), "initdb made no database");
        let server = program("postgres")
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "shared_buffers=16MB", "-c", "max_connections=20"])
            .spawn()
            .unwrap();
        let mut postgres = Self { server, folder };
        postgres.wait();
        postgres
    }

    /// Asks until it answers, which each time takes the time of a process.
    fn wait(&mut self) {
        for _ in 0..2_000 {
            let ready = Command::new(programs().join("pg_isready"))
                .args(["-q", "-h"])
                .arg(self.folder.path())
                .status()
                .unwrap();
            if ready.success() {
                return;
            }
            assert!(self.server.try_wait().unwrap().is_none(), "PostgreSQL ended by itself");
        }
        panic!("PostgreSQL does not answer");
    }

    /// What a chat edge is told.
    pub(crate) fn url(&self) -> String {
        let host = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://shoal@{host}/postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The programs of the newest version that is installed.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).map(|entries| entries.flatten().map(|entry| entry.path()));
    let newest = versions.ok().and_then(|paths| paths.max_by_key(|path| version(path)));
    let newest = newest
        .expect("PostgreSQL is missing: `apt-get install postgresql`, or `cargo xtask test`, which does it");
    newest.join("bin")
}

fn version(path: &Path) -> u32 {
    path.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

fn is_root() -> bool {
    id(&["-u"]) == 0
}

fn id_of(user: &str) -> (u32, u32) {
    (id(&["-u", user]), id(&["-g", user]))
}

fn id(arguments: &[&str]) -> u32 {
    let out = Command::new("id").args(arguments).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().parse().expect("the user exists")
}
