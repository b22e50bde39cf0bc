//! Clients of both dialects over both transports.

use futures_util::{SinkExt, StreamExt};
use protocol::chat::{Extension, Header, Operation, Reader, Version};
use protocol::limits::CHAT_SERVER_FRAME_BYTES_MAX;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::app::{App, soon};

const READER: Reader = Reader { frame_bytes_max: CHAT_SERVER_FRAME_BYTES_MAX, extended: true };

/// A frame that a client owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) header: Header,
    pub(crate) extension: Option<Extension>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn operation(&self) -> u32 {
        self.header.operation.0
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Tcp,
    WebSocket,
}

pub(crate) enum Client {
    Tcp(TcpStream),
    WebSocket(Box<WebSocketStream<TcpStream>>),
}

pub(crate) const BOTH: [Over; 2] = [Over::Tcp, Over::WebSocket];

impl Client {
    pub(crate) async fn connect(app: &App, over: Over) -> Self {
        let stream = app.tcp().await;
        match over {
            Over::Tcp => Self::Tcp(stream),
            Over::WebSocket => {
                let (socket, _) = soon(client_async("ws://chat/sub", stream)).await.unwrap();
                Self::WebSocket(Box::new(socket))
            }
        }
    }

    /// Connects and authenticates; the reply must be the ten bytes that clients compare.
    pub(crate) async fn join(app: &App, over: Over, auth: &str) -> Self {
        let mut client = Self::connect(app, over).await;
        client.say(7, auth.as_bytes()).await;
        let reply = client.hear().await;
        assert_eq!((reply.operation(), reply.text()), (8, "{\"code\":0}"));
        client
    }

    pub(crate) async fn say(&mut self, operation: u32, body: &[u8]) {
        self.say_as(1, 1, operation, body).await;
    }

    pub(crate) async fn say_as(&mut self, version: u16, sequence: u32, operation: u32, body: &[u8]) {
        self.send(frame_as(version, sequence, operation, body)).await;
    }

    pub(crate) async fn send(&mut self, bytes: Vec<u8>) {
        match self {
            Self::Tcp(stream) => stream.write_all(&bytes).await.unwrap(),
            Self::WebSocket(socket) => socket.send(Message::binary(bytes)).await.unwrap(),
        }
    }

    /// The next frame as it is on the wire.
    pub(crate) async fn hear(&mut self) -> Got {
        let bytes = match self {
            Self::Tcp(stream) => soon(read_frame(stream)).await.expect("no frame but the end"),
            Self::WebSocket(socket) => match soon(socket.next()).await {
                Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
                other => panic!("no message but {other:?}"),
            },
        };
        let (frame, length) = READER.decode(&bytes).unwrap().expect("a whole frame");
        assert_eq!(length, bytes.len(), "one frame in a message");
        Got { header: frame.header, extension: frame.extension, body: frame.body.to_vec() }
    }

    /// The next pushes, without what is around them.
    pub(crate) async fn hear_pushes(&mut self) -> Vec<Got> {
        let outer = self.hear().await;
        if outer.header.operation != Operation::RAW {
            return vec![outer];
        }
        unpack(&outer.body)
    }

    /// So many pushes, in however many frames.
    pub(crate) async fn hear_count(&mut self, count: usize) -> Vec<Got> {
        let mut pushes = Vec::new();
        while pushes.len() < count {
            pushes.extend(self.hear_pushes().await);
        }
        pushes
    }

    /// The number of members that a heartbeat is answered with; the answer must be the next frame.
    pub(crate) async fn heartbeat(&mut self) -> u32 {
        self.say(2, b"").await;
        let reply = self.hear().await;
        assert_eq!(reply.operation(), 3);
        u32::from_be_bytes(reply.body.try_into().expect("four bytes"))
    }

    /// Waits for the end; the WebSocket's code, where it is one.
    pub(crate) async fn end(mut self) -> Option<CloseCode> {
        match &mut self {
            Self::Tcp(stream) => {
                soon(async { while read_frame(stream).await.is_some() {} }).await;
                None
            }
            Self::WebSocket(socket) => loop {
                match soon(socket.next()).await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            },
        }
    }
}

/// A frame as clients send it.
pub(crate) fn frame(operation: u32, body: &[u8]) -> Vec<u8> {
    frame_as(1, 1, operation, body)
}

fn frame_as(version: u16, sequence: u32, operation: u32, body: &[u8]) -> Vec<u8> {
    let header = Header { version: Version(version), operation: Operation(operation), sequence };
    let mut frame = Vec::new();
    header.encode(body, &mut frame);
    frame
}

/// The frames that lie in a body.
pub(crate) fn unpack(body: &[u8]) -> Vec<Got> {
    let own = |frame: protocol::chat::Frame<'_>| Got {
        header: frame.header,
        extension: frame.extension,
        body: frame.body.to_vec(),
    };
    READER.frames(body).map(|frame| own(frame.unwrap())).collect()
}

async fn read_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4];
    stream.read_exact(&mut bytes).await.ok()?;
    let length = u32::from_be_bytes(bytes[..4].try_into().unwrap());
    bytes.resize(length as usize, 0);
    stream.read_exact(&mut bytes[4..]).await.ok()?;
    Some(bytes)
}
