//! A viewer's connection to another node, which we hold for it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::tracker::{ClientMessage, text};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::super::hub::Hearer;
use crate::nodes::Node;

/// Messages that wait for the other node at most; a node that takes longer is as good as lost.
const WAITING_MAX: usize = 64;
/// How long the other node may take to let us in.
const CONNECT: Duration = Duration::from_secs(2);
/// As at the door: the library's default would cost each pipe 137 KB.
const BUFFER_BYTES: usize = 1_024;

/// The connection; dropping it ends it.
#[derive(Debug)]
pub(super) struct Pipe {
    messages: mpsc::Sender<ClientMessage>,
    over: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Pipe {
    /// Begins to connect. What the node says goes to `hearer`; when it is lost, `lost` is told.
    pub(super) fn open(node: &Node, client: IpAddr, hearer: Hearer, lost: Arc<Notify>) -> Self {
        let (messages, waiting) = mpsc::channel(WAITING_MAX);
        let over = Arc::new(AtomicBool::new(false));
        let (address, ended) = (node.address.clone(), Arc::clone(&over));
        let task = tokio::spawn(async move {
            // However it ends, the viewer needs another.
            let _ = carry(&address, client, waiting, &hearer).await;
            ended.store(true, Ordering::Release);
            lost.notify_one();
        });
        Self { messages, over, task }
    }

    /// Sends a message; false where the node does not keep up, or is lost.
    pub(super) fn send(&self, message: ClientMessage) -> bool {
        self.messages.try_send(message).is_ok()
    }

    /// Whether the node is lost.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(
    address: &str,
    client: IpAddr,
    mut waiting: mpsc::Receiver<ClientMessage>,
    hearer: &Hearer,
) -> Result<(), Error> {
    let connected = timeout(CONNECT, connect(address, client)).await;
    let mut socket = connected.map_err(|_| Error::ConnectionClosed)??;
    loop {
        tokio::select! {
            message = waiting.recv() => match message {
                Some(message) => socket.send(Message::text(text::encode_client(&message))).await?,
                None => return socket.close(None).await,
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(frame))) => {
                    if let Ok(message) = text::decode_server(&frame) {
                        hearer.hear(message);
                    }
                }
                // Pings are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

async fn connect(address: &str, client: IpAddr) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://{address}/").into_client_request()?;
    let client =
        HeaderValue::from_str(&client.to_string()).map_err(|error| Error::HttpFormat(error.into()))?;
    request.headers_mut().insert("x-forwarded-for", client);
    let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(0);
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    Ok(socket)
}
