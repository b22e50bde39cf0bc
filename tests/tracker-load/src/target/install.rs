//! Fetches the trackers of others from their registries, each at one version, into a folder of the bench.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::failure::{Context, Outcome};
use measure::install::{npm, passing};

const BITTORRENT_TRACKER: &str = "bittorrent-tracker@11.2.3";
const AQUATIC_WS: &str = "0.9.0";

/// The npm package as its own server, WebSocket only.
const SERVE: &str = "\
import Server from 'bittorrent-tracker/server'
const [port, peersCacheLength] = process.argv.slice(2).map(Number)
const server = new Server({ udp: false, http: false, ws: true, stats: false, peersCacheLength })
server.on('error', () => {})
server.on('warning', () => {})
server.listen(port, '127.0.0.1')
";

/// Its folder, with the program that serves in it.
pub(super) fn bittorrent_tracker(peers: &Path) -> Outcome<PathBuf> {
    let folder = npm(peers, BITTORRENT_TRACKER)?;
    fs::write(folder.join("serve.mjs"), SERVE).context("the program of bittorrent-tracker")?;
    Ok(folder)
}

/// Its program.
pub(super) fn aquatic_ws(peers: &Path) -> Outcome<PathBuf> {
    let program = peers.join("bin/aquatic_ws");
    if !program.is_file() {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "aquatic_ws", "--version", AQUATIC_WS, "--root"]).arg(peers);
        passing(&mut cargo, "cargo install aquatic_ws")?;
    }
    Ok(program)
}

/// Its configuration: the defaults, on an address, as plain WebSocket.
pub(super) fn aquatic_ws_config(folder: &Path, address: SocketAddr) -> Outcome<PathBuf> {
    let path = folder.join("aquatic_ws.toml");
    let text = format!("[network]\naddress = \"{address}\"\nonly_ipv6 = false\n");
    fs::write(&path, text).context("the configuration of aquatic_ws")?;
    Ok(path)
}
