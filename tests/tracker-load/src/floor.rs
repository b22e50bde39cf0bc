//! The floor: what the runtime and the WebSocket library cost without a tracker. Every text frame gets one fixed reply.

use std::io::Write;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use measure::failure::{Context, Outcome};

/// Where the bench says to listen.
const LISTEN: &str = "FLOOR_LISTEN";
/// As long as a true reply.
const REPLY: &str = "{\"action\":\"announce\",\"info_hash\":\"one swarm, all live \",\"interval\":120,\"complete\":0,\"incomplete\":1000}";

/// Serves for ever.
pub(crate) async fn run() -> Outcome {
    let address = std::env::var(LISTEN).unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(&address).await.context("the floor's port")?;
    let bound = listener.local_addr().context("the floor's port")?;
    let _ = writeln!(std::io::stderr(), "floor listens on {bound}");
    loop {
        let (stream, _) = listener.accept().await.context("accepting")?;
        tokio::spawn(answer(stream));
    }
}

async fn answer(stream: TcpStream) {
    // The tracker's own sizes; the library's default of 128 KiB for reading would cost each viewer as much.
    let config = WebSocketConfig::default().read_buffer_size(1_024).write_buffer_size(4_096);
    let _ = stream.set_nodelay(true);
    let Ok(mut socket) = accept_async_with_config(stream, Some(config)).await else { return };
    while let Some(Ok(frame)) = socket.next().await {
        if frame.is_text() && socket.send(Message::text(REPLY)).await.is_err() {
            return;
        }
    }
}
