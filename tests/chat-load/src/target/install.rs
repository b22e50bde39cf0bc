//! Fetches the servers of others from their registries, each at one version, into a folder of the bench.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::failure::{Context, Outcome};
use measure::install::{npm, passing};

const WS: &str = "ws@8.18.3";
const UWS: [&str; 3] = ["socketify==0.0.31", "cffi==2.1.1", "pycparser==3.12"];
const CENTRIFUGO: &str = "github.com/centrifugal/centrifugo/v6@v6.9.1";

/// The npm package with rooms: a viewer sends its room's number; messages come in as lines (`publisher`).
const SERVE: &str = "\
const { WebSocketServer, WebSocket } = require('ws')
const net = require('net')
const [port, publish] = process.argv.slice(2).map(Number)
const rooms = new Map()
new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('error', () => {})
  socket.once('message', (data) => {
    const room = Number(data)
    if (!rooms.has(room)) rooms.set(room, new Set())
    rooms.get(room).add(socket)
    socket.on('close', () => rooms.get(room).delete(socket))
    socket.send('ok')
  })
})
net.createServer((stream) => {
  let kept = Buffer.alloc(0)
  stream.on('error', () => {})
  stream.on('data', (data) => {
    kept = Buffer.concat([kept, data])
    for (;;) {
      const end = kept.indexOf(10)
      if (end < 0) return
      const [room, length] = kept.subarray(0, end).toString().split(' ').map(Number)
      if (kept.length < end + 1 + length) return
      const body = kept.subarray(end + 1, end + 1 + length)
      for (const socket of rooms.get(room) ?? []) if (socket.readyState === WebSocket.OPEN) socket.send(body)
      kept = kept.subarray(end + 1 + length)
    }
  })
}).listen(publish, '127.0.0.1')
";

/// uWebSockets as Python's package has it: a viewer sends its room's number; a binary message is one for a room.
const SERVE_UWS: &str = "\
import sys
from socketify import App, OpCode

app = App()

def message(socket, said, opcode):
    if opcode == OpCode.BINARY:
        room, body = said.split(b' ', 1)
        app.publish(room.decode(), body, OpCode.TEXT)
    else:
        socket.subscribe(said)
        socket.send('ok', OpCode.TEXT)

app.ws('/*', {'message': message, 'idle_timeout': 0, 'compression': 0, 'max_backpressure': 16 << 20})
app.listen({'port': int(sys.argv[1]), 'host': '127.0.0.1'}, lambda _: None)
app.run()
";

/// Python with the package, and the program that serves.
pub(super) fn uws(peers: &Path) -> Outcome<[PathBuf; 2]> {
    let folder = peers.join("uws");
    let (python, program) = (folder.join("bin/python"), folder.join("serve.py"));
    if !program.is_file() {
        passing(Command::new("python3").args(["-m", "venv"]).arg(&folder), "python3 -m venv")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]);
        passing(pip.args(UWS), "pip install socketify")?;
    }
    fs::write(&program, SERVE_UWS).context("the program of uWebSockets")?;
    Ok([python, program])
}

/// Its folder, with the program that serves in it.
pub(super) fn ws(peers: &Path) -> Outcome<PathBuf> {
    let folder = npm(peers, WS)?;
    fs::write(folder.join("serve.cjs"), SERVE).context("the program of ws")?;
    Ok(folder)
}

/// Its program.
pub(super) fn centrifugo(peers: &Path) -> Outcome<PathBuf> {
    let program = peers.join("bin/centrifugo");
    if !program.is_file() {
        let mut go = Command::new("go");
        go.args(["install", CENTRIFUGO]).env("GOBIN", peers.join("bin")).env("CGO_ENABLED", "0");
        passing(&mut go, "go install centrifugo")?;
    }
    Ok(program)
}

/// Its configuration: guests may subscribe to what they like; messages come in by HTTP.
pub(super) fn centrifugo_config(folder: &Path, viewers: SocketAddr, publish: SocketAddr) -> Outcome<PathBuf> {
    let path = folder.join("centrifugo.json");
    let text = format!(
        "{{\"http_server\":{{\"address\":\"127.0.0.1\",\"port\":\"{}\",\"internal_address\":\"127.0.0.1\",\
         \"internal_port\":\"{}\"}},\"http_api\":{{\"key\":\"bench\"}},\"client\":{{\"insecure\":true}},\
         \"channel\":{{\"without_namespace\":{{\"allow_subscribe_for_client\":true,\
         \"allow_subscribe_for_anonymous\":true}}}},\"log\":{{\"level\":\"error\"}}}}",
        viewers.port(),
        publish.port()
    );
    fs::write(&path, text).context("the configuration of centrifugo")?;
    Ok(path)
}

/// The configuration of NATS: a port for WebSocket, no limit that a crowd would meet.
pub(super) fn nats_config(folder: &Path, viewers: SocketAddr, publish: SocketAddr) -> Outcome<PathBuf> {
    let path = folder.join("nats.conf");
    let text = format!(
        "listen: \"{publish}\"\nmax_connections: 100000\nping_interval: \"10m\"\n\
         websocket {{ listen: \"{viewers}\", no_tls: true }}\n"
    );
    fs::write(&path, text).context("the configuration of nats-server")?;
    Ok(path)
}
