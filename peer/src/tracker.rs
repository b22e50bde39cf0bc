//! The tracker's socket, one connection at a time: the engine's binary frames in and out, and servers for ICE beside them
//! (`docs/spec/tracker.md`, "For the page").

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::limits::TRACKER_FRAME_BYTES_MAX;
use protocol::tracker::page::{Ice, IceServer};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};
use url::Url;

use crate::limits::{CONNECT_TIME, TRACKER_QUEUE_MAX};
use crate::viewer::Event;

/// The close code of a tracker whose swarm lives at another node; the reason is that node's address.
const MISDIRECTED: u16 = 4_421;

/// What becomes of the connection.
#[derive(Clone, Debug)]
pub(crate) enum TrackerNews {
    /// It is open.
    Open,
    /// A frame for the engine came.
    Message(Bytes),
    /// The operator lends these.
    Ice(Vec<IceServer>),
    /// It is over; the swarm may live elsewhere.
    Closed(Option<Url>),
}

/// The connection of one viewer.
#[derive(Debug)]
pub(crate) struct Tracker {
    urls: Vec<Url>,
    token: String,
    tls: Arc<ClientConfig>,
    events: mpsc::Sender<Event>,
    /// Where the tracker sent us; tried once, then the list holds again.
    sent_to: Option<Url>,
    /// The number of the connection: news of earlier ones are no news.
    generation: u32,
    open: Option<(mpsc::Sender<Bytes>, JoinHandle<()>)>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Tells the viewer's task of one connection.
struct Events {
    generation: u32,
    events: mpsc::Sender<Event>,
}

impl Events {
    async fn tell(&self, news: TrackerNews) {
        // A viewer that is gone wants to know nothing.
        let _ = self.events.send(Event::Tracker(self.generation, news)).await;
    }
}

impl Tracker {
    pub(crate) fn new(
        urls: Vec<Url>,
        token: String,
        tls: Arc<ClientConfig>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self { urls, token, tls, events, sent_to: None, generation: 0, open: None }
    }

    /// Connects to the tracker with this place in the list, in place of the connection before.
    pub(crate) fn connect(&mut self, place: u8) {
        self.end();
        self.generation += 1;
        let url = self.sent_to.take().or_else(|| self.urls.get(usize::from(place)).cloned());
        let url = url.map(|mut url| {
            if !self.token.is_empty() {
                url.query_pairs_mut().append_pair("token", &self.token);
            }
            url
        });
        let (frames, queue) = mpsc::channel(TRACKER_QUEUE_MAX);
        let events = Events { generation: self.generation, events: self.events.clone() };
        let task = tokio::spawn(run(url, Arc::clone(&self.tls), queue, events));
        self.open = Some((frames, task));
    }

    /// Whether this is news of the connection that there is; remembers where it sends us.
    pub(crate) fn is_news(&mut self, generation: u32, news: &TrackerNews) -> bool {
        let current = generation == self.generation && self.open.is_some();
        if let (true, TrackerNews::Closed(to)) = (current, news) {
            self.sent_to.clone_from(to);
            self.open = None;
        }
        current
    }

    /// Sends a frame; one that cannot be sent is dropped: the engine announces again.
    pub(crate) fn send(&self, frame: Vec<u8>) {
        if let Some((frames, _)) = &self.open {
            // A tracker that does not read is told the news later.
            let _ = frames.try_send(frame.into());
        }
    }

    /// Lets the last frames go, and resolves when the connection is closed.
    pub(crate) async fn ended(&mut self) {
        if let Some((frames, task)) = self.open.take() {
            drop(frames);
            let _ = task.await;
        }
    }

    fn end(&mut self) {
        if let Some((_, task)) = self.open.take() {
            task.abort();
        }
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(url: Option<Url>, tls: Arc<ClientConfig>, mut queue: mpsc::Receiver<Bytes>, events: Events) {
    let sent_to = match connected(url, tls).await {
        Ok(mut socket) => {
            events.tell(TrackerNews::Open).await;
            serve(&mut socket, &mut queue, &events).await.unwrap_or_else(|cause| {
                tracing::debug!(%cause, "the tracker's connection broke");
                None
            })
        }
        Err(cause) => {
            tracing::debug!(cause, "no tracker");
            None
        }
    };
    events.tell(TrackerNews::Closed(sent_to)).await;
}

async fn connected(url: Option<Url>, tls: Arc<ClientConfig>) -> Result<Socket, String> {
    let url = url.ok_or_else(|| "there is none".to_owned())?;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(TRACKER_FRAME_BYTES_MAX))
        .max_frame_size(Some(TRACKER_FRAME_BYTES_MAX));
    let connecting =
        connect_async_tls_with_config(url.as_str(), Some(limits), true, Some(Connector::Rustls(tls)));
    match timeout(CONNECT_TIME, connecting).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

/// Until it ends; answers where the tracker sends us.
async fn serve(
    socket: &mut Socket,
    queue: &mut mpsc::Receiver<Bytes>,
    events: &Events,
) -> Result<Option<Url>, Error> {
    loop {
        tokio::select! {
            frame = queue.recv() => match frame {
                Some(frame) => socket.send(Message::Binary(frame)).await?,
                None => {
                    // Whether the other end hears of it or not.
                    let _ = timeout(CONNECT_TIME / 8, socket.close(None)).await;
                    return Ok(None);
                }
            },
            message = socket.next() => match message.transpose()? {
                Some(Message::Binary(bytes)) => events.tell(TrackerNews::Message(bytes)).await,
                Some(Message::Text(text)) => {
                    // Some other tracker's words are passed over.
                    if let Ok(Ice { ice_servers, .. }) = Ice::decode(text.as_str()) {
                        events.tell(TrackerNews::Ice(ice_servers)).await;
                    }
                }
                Some(Message::Close(said)) => {
                    let to = said.filter(|said| u16::from(said.code) == MISDIRECTED);
                    return Ok(to.and_then(|said| Url::parse(said.reason.as_str()).ok()));
                }
                Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                None => return Ok(None),
            },
        }
    }
}
