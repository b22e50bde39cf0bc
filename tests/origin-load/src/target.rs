//! The servers under measure: ours with streams in it, and others with the same bytes as files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::server::{Server, free_address};
use tokio::process::Command;

use crate::cli::{Options, Peer, Shape};
use crate::connection::Connection;
use crate::live;
use crate::publisher::{KEY, Publisher};

/// Streams that are there, and the bytes of their frames: 0.8 and 6 Mbit/s.
const STREAMS: [(&str, u32); 2] = [("small", 4_000), ("large", 30_000)];
/// Whole segments of each, and one more that stays open to the end.
const SEGMENTS: u32 = 6;
/// Where Debian puts nginx, which is not on everybody's path.
const NGINX: &str = "/usr/sbin/nginx";

/// A server under measure.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
}

/// What to ask for, by shape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    blocks: Vec<String>,
    segments: Vec<String>,
    large: Vec<String>,
    playlist: Vec<String>,
}

impl Paths {
    /// `None` for what is not there to be asked for again and again.
    pub(crate) fn of(&self, shape: Shape) -> Option<&[String]> {
        match shape {
            Shape::Blocks => Some(&self.blocks),
            Shape::Segments => Some(&self.segments),
            Shape::Large => Some(&self.large),
            Shape::Playlist => Some(&self.playlist),
            Shape::Live => None,
        }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        [&self.blocks, &self.segments, &self.large, &self.playlist].into_iter().flatten()
    }
}

/// Starts everybody, ours first, and copies what ours serves into `folder` for the others.
pub(crate) async fn all(options: &Options, folder: &Path, clock: Clock) -> Outcome<(Vec<Target>, Paths)> {
    let ours = ours(&options.origin, folder, clock).await?;
    let paths = fill(ours.address).await?;
    let files = folder.join("files");
    copy(ours.address, &paths, &files).await?;
    let mut targets = vec![Target { name: "ours", server: ours }];
    let floor = floor(&files, clock).await?;
    targets.push(Target { name: "floor", server: floor });
    for peer in &options.choice.peer {
        match peer {
            Peer::Nginx => {
                targets.push(Target { name: "nginx", server: nginx(folder, &files, clock).await? })
            }
        }
    }
    Ok((targets, paths))
}

/// One worker thread for each that can be told, because nginx is one process here.
fn single(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("TOKIO_WORKER_THREADS", "1").env("RUST_LOG", "warn");
    command
}

async fn ours(program: &Path, folder: &Path, clock: Clock) -> Outcome<Server> {
    let address = free_address()?;
    let config = folder.join("origin.toml");
    std::fs::write(&config, configuration()).context("the origin's configuration")?;
    let mut command = single(program);
    command.arg("--config").arg(config).arg("--listen").arg(address.to_string());
    command.arg("--state-dir").arg(folder.join("state")).args(["--ops-listen", "127.0.0.1:0"]);
    Server::start(command, address, clock).await
}

/// Everybody comes from one address here, and what was published stays for as long as anybody asks.
pub(crate) fn configuration() -> String {
    let names = STREAMS.iter().map(|(name, _)| *name).chain([live::STREAM]);
    let streams: String = names.map(|name| format!("[streams.{name}]\nkey = \"{KEY}\"\n")).collect();
    format!(
        "retention_extra_ms = 3600000\ngrace_ms = 3600000\nend_ms = 3600000\n\
         [limits]\nconnections = 100000\nconnections_per_address = 0\nwaiters = 100000\nwaiters_per_address = 0\n{streams}"
    )
}

async fn floor(files: &Path, clock: Clock) -> Outcome<Server> {
    let address = free_address()?;
    let here = std::env::current_exe().context("finding this program")?;
    let mut command = single(&here);
    command.arg("floor").arg(files).arg(address.to_string());
    Server::start(command, address, clock).await
}

async fn nginx(folder: &Path, files: &Path, clock: Clock) -> Outcome<Server> {
    let program = PathBuf::from(NGINX);
    if !program.is_file() {
        let how = "`apt-get install nginx-light` has it (and starts it on port 80: `systemctl disable --now nginx`)";
        return Err(Failure(format!("there is no {NGINX}: {how}")));
    }
    let address = free_address()?;
    let config = folder.join("nginx.conf");
    std::fs::write(&config, nginx_configuration(folder, files, address)).context("nginx's configuration")?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(config).args(["-e", "stderr"]);
    Server::start(command, address, clock).await
}

/// What its documentation advises for files: sendfile, open files kept, no log. One process, whose CPU time is all of it.
fn nginx_configuration(folder: &Path, files: &Path, address: SocketAddr) -> String {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("  {name}_temp_path {}/{name};\n", folder.display()))
        .collect();
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\nworker_rlimit_nofile 65536;\npid {0}/nginx.pid;\n\
         events {{ worker_connections 16384; }}\nhttp {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  \
         tcp_nodelay on;\n  keepalive_requests 1000000000;\n  open_file_cache max=1000;\n  default_type video/mp4;\n\
         {temporary}  server {{ listen {address} backlog=4096; root {1}; }}\n}}\n",
        folder.display(),
        files.display(),
    )
}

/// Publishes the streams, and finds out what can be asked for.
pub(crate) async fn fill(address: SocketAddr) -> Outcome<Paths> {
    for (stream, frame_bytes) in STREAMS {
        Publisher::start(address, stream, frame_bytes).await?.publish(SEGMENTS + 1).await?;
    }
    let mut connection = Connection::open(address).await?;
    let [small, large] = STREAMS.map(|(stream, _)| stream);
    let mut paths = Paths {
        segments: segments(&mut connection, small).await?,
        large: segments(&mut connection, large).await?,
        playlist: vec![format!("/live/{small}/a/index.m3u8")],
        blocks: Vec::new(),
    };
    for segment in &paths.segments {
        let number = segment.rsplit_once('-').and_then(|(_, rest)| rest.strip_suffix(".m4s"));
        let number = number.context("a segment's number")?;
        // The last block of a segment is short: figures for blocks are for whole ones.
        for block in 0..3 {
            paths.blocks.push(format!("/live/{small}/a/{number}/blocks/{block}"));
        }
    }
    Ok(paths)
}

async fn segments(connection: &mut Connection, stream: &str) -> Outcome<Vec<String>> {
    let playlist = connection.body(&format!("/live/{stream}/a/index.m3u8")).await?;
    let playlist = String::from_utf8_lossy(&playlist).into_owned();
    let names = playlist.lines().filter(|line| line.ends_with(".m4s"));
    let names: Vec<String> = names.map(|name| format!("/live/{stream}/a/{name}")).collect();
    if names.len() < SEGMENTS as usize {
        return Err(Failure(format!("{} segments of {stream}", names.len())));
    }
    Ok(names.into_iter().take(SEGMENTS as usize).collect())
}

async fn copy(address: SocketAddr, paths: &Paths, files: &Path) -> Outcome {
    let mut connection = Connection::open(address).await?;
    for path in paths.all() {
        let file = files.join(path.trim_start_matches('/'));
        let folder = file.parent().context("a folder for a copy")?;
        std::fs::create_dir_all(folder).context("a folder for a copy")?;
        std::fs::write(&file, connection.body(path).await?).context("a copy")?;
    }
    Ok(())
}
