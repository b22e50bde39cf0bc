//! A PostgreSQL of our own: made in a temporary folder by an unprivileged user, on a socket in it, gone with the test.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Debian's folder of each major version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Nobody comes over TCP without TLS.
const RULES: &str = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
const ROOT: &str = "server.crt";
const KEY: &str = "server.key";

pub(crate) struct Postgres {
    server: Child,
    folder: TempDir,
    /// Where it takes TLS, where it does.
    port: Option<u16>,
}

/// How often another program may take the port between our choice and its server's start.
const PORTS_TRIED: usize = 5;

impl Postgres {
    /// Starts one; resolves when it answers.
    pub(crate) async fn start() -> Self {
        let start = || Self::start_blocking(None).expect("PostgreSQL ended by itself");
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    /// One that takes TLS on a port of 127.0.0.1, with a certificate for `localhost`, in [`Self::root`].
    pub(crate) async fn start_with_tls() -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let start = move || (0..PORTS_TRIED).find_map(|_| Self::start_blocking(Some(free())));
        tokio::task::spawn_blocking(start).await.unwrap().expect("PostgreSQL starts")
    }

    fn start_blocking(port: Option<u16>) -> Option<Self> {
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
        let mut server = program("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        server.args(["-c", "shared_buffers=16MB", "-c", "max_connections=20"]);
        match port {
            None => server.args(["-c", "listen_addresses="]),
            Some(port) => {
                certify(folder.path(), user);
                std::fs::write(data.join("pg_hba.conf"), RULES).unwrap();
                let at = |name: &str| folder.path().join(name).display().to_string();
                let files = [format!("ssl_cert_file={}", at(ROOT)), format!("ssl_key_file={}", at(KEY))];
                server.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"]);
                server.args(["-c", &files[0], "-c", &files[1]])
            }
        };
        let mut postgres = Self { server: server.spawn().unwrap(), folder, port };
        postgres.wait().then_some(postgres)
    }

    /// The certificate that signs its own.
    pub(crate) fn root(&self) -> String {
        self.folder.path().join(ROOT).display().to_string()
    }

    /// What a chat edge is told, over TCP.
    pub(crate) fn tcp_url(&self, host: &str, query: &str) -> String {
        format!("postgres://shoal@{host}:{}/postgres?{query}", self.port.expect("a port"))
    }

    /// Asks until it answers, which each time takes the time of a process; whether it does.
    fn wait(&mut self) -> bool {
        for _ in 0..2_000 {
            let ready = Command::new(programs().join("pg_isready"))
                .args(["-q", "-h"])
                .arg(self.folder.path())
                .args(self.port.map(|port| format!("--port={port}")))
                .status()
                .unwrap();
            if ready.success() {
                return true;
            }
            if self.server.try_wait().unwrap().is_some() {
                return false;
            }
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

/// A certificate for `localhost`, and its key as PostgreSQL wants it: nobody else's.
fn certify(folder: &Path, user: Option<(u32, u32)>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    for (name, text) in [(ROOT, made.cert.pem()), (KEY, made.signing_key.serialize_pem())] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        if let Some((uid, gid)) = user {
            chown(&path, Some(uid), Some(gid)).unwrap();
        }
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
