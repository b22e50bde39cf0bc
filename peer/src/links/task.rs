//! One link from its first step to its end.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use protocol::limits::PEER_MESSAGE_BYTES_MAX;
use protocol::time::Instant;
use swarm::LinkId;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::error::Result;
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceGatheringState, RTCIceServer, RTCPeerConnectionState, RTCSessionDescription, SettingEngineBuilder,
};

use super::{Begin, Command, LinkNews, Setup};
use crate::limits::{BUFFERED_PERIOD, FLUSH_TIME, ICE_TIME, LINK_NOTICES_MAX, SEND_BUFFER_BYTES_MAX};
use crate::viewer::Event;

/// The label that the specification gives the channel.
const LABEL: &str = "shoal";
/// A text message becomes this byte, which MessagePack never uses: the engine refuses it.
const NOT_A_MESSAGE: &[u8] = &[0xc1];

/// Tells the viewer's task.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) link: LinkId,
    pub(super) events: mpsc::Sender<Event>,
}

impl Events {
    /// Waits where the viewer has much to do: that is what slows the other side down.
    async fn tell(&self, news: LinkNews) {
        // A viewer that is gone wants to know nothing.
        let _ = self.events.send(Event::Link(self.link, news)).await;
    }
}

/// What the connection's driver tells.
#[derive(Clone)]
enum Notice {
    Gathered,
    Channel(Arc<dyn DataChannel>),
    Over,
}

/// Runs on the driver's own task: it passes on and never waits.
#[derive(Clone)]
struct Handler(mpsc::Sender<Notice>);

#[async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.0.try_send(Notice::Gathered);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if matches!(state, RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed) {
            let _ = self.0.try_send(Notice::Over);
        }
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        let _ = self.0.try_send(Notice::Channel(channel));
    }
}

/// A link that is being made or used.
struct Link {
    setup: Arc<Setup>,
    events: Events,
    notices: mpsc::Receiver<Notice>,
    connection: Box<dyn PeerConnection>,
    channel: Option<Arc<dyn DataChannel>>,
    open: bool,
    /// Something is, or may be, in the send buffer.
    waiting: bool,
    /// A message whose time has not come.
    held: Option<(BytesMut, Instant)>,
}

pub(super) async fn run(
    begin: Begin,
    setup: Arc<Setup>,
    ice: Vec<RTCIceServer>,
    mut commands: mpsc::Receiver<Command>,
    events: Events,
) {
    let link = events.link;
    let told = events.events.clone();
    match Link::new(setup, ice, events).await {
        Ok(mut made) => {
            let ended = made.live(begin, &mut commands).await;
            if let Err(cause) = ended {
                tracing::debug!(link = link.0, %cause, "a link ended");
            }
            made.flush().await;
            if let Err(cause) = made.connection.close().await {
                tracing::debug!(link = link.0, %cause, "a link ended badly");
            }
        }
        Err(cause) => tracing::debug!(link = link.0, %cause, "no connection could be made"),
    }
    Events { link, events: told }.tell(LinkNews::Closed).await;
}

impl Link {
    async fn new(setup: Arc<Setup>, ice: Vec<RTCIceServer>, events: Events) -> Result<Self> {
        let (notify, notices) = mpsc::channel(LINK_NOTICES_MAX);
        let loopback = setup.addresses.iter().any(std::net::IpAddr::is_loopback);
        let connection = PeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().with_ice_servers(ice).build())
            .with_setting_engine(
                SettingEngineBuilder::new().with_include_loopback_candidate(loopback).build(),
            )
            .with_handler(Arc::new(Handler(notify)))
            .with_udp_addrs(setup.sockets())
            .with_data_channel_send_buffer_limit(SEND_BUFFER_BYTES_MAX)
            .build()
            .await?;
        let connection = Box::new(connection);
        Ok(Self {
            setup,
            events,
            notices,
            connection,
            channel: None,
            open: false,
            waiting: false,
            held: None,
        })
    }

    /// Until it ends, or is told to.
    async fn live(&mut self, begin: Begin, commands: &mut mpsc::Receiver<Command>) -> Result<()> {
        match begin {
            Begin::Dial => self.dial().await?,
            Begin::Accept(sdp) => self.accept(sdp).await?,
        }
        let mut looks = interval(BUFFERED_PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let until = self.held.as_ref().map(|(_, at)| at.since(self.setup.clock.now()));
            let channel = self.channel.clone();
            tokio::select! {
                command = commands.recv(), if self.held.is_none() => match command {
                    Some(Command::Answered(sdp)) => {
                        self.connection.set_remote_description(RTCSessionDescription::answer(sdp)?).await?;
                    }
                    Some(Command::Send(parts)) => self.take(&parts).await?,
                    None => return Ok(()),
                },
                () = pause(until), if self.held.is_some() => self.send_held().await?,
                notice = self.notices.recv() => match notice {
                    Some(Notice::Channel(channel)) => { self.channel.get_or_insert(channel); }
                    Some(Notice::Gathered) => {}
                    Some(Notice::Over) | None => return Ok(()),
                },
                event = next(channel) => if !self.on_event(event).await? {
                    return Ok(());
                },
                _ = looks.tick(), if self.waiting => self.look().await?,
            }
        }
    }

    async fn dial(&mut self) -> Result<()> {
        let init = RTCDataChannelInit { ordered: false, ..RTCDataChannelInit::default() };
        self.channel = Some(self.connection.create_data_channel(LABEL, Some(init)).await?);
        let offer = self.connection.create_offer(None).await?;
        self.connection.set_local_description(offer).await?;
        let sdp = self.gathered().await;
        self.events.tell(LinkNews::Offer(sdp)).await;
        Ok(())
    }

    async fn accept(&mut self, sdp: String) -> Result<()> {
        self.connection.set_remote_description(RTCSessionDescription::offer(sdp)?).await?;
        let answer = self.connection.create_answer(None).await?;
        self.connection.set_local_description(answer).await?;
        let sdp = self.gathered().await;
        self.events.tell(LinkNews::Answer(sdp)).await;
        Ok(())
    }

    /// The local description with its candidates: all of them, or those found in time.
    async fn gathered(&mut self) -> String {
        let complete = async {
            while let Some(notice) = self.notices.recv().await {
                match notice {
                    Notice::Gathered | Notice::Over => break,
                    Notice::Channel(channel) => {
                        self.channel.get_or_insert(channel);
                    }
                }
            }
        };
        // Those that were found in time will do.
        let _ = timeout(ICE_TIME, complete).await;
        self.connection.local_description().await.map(|description| description.sdp).unwrap_or_default()
    }

    /// False where the channel is over.
    async fn on_event(&mut self, event: Option<DataChannelEvent>) -> Result<bool> {
        match event {
            Some(DataChannelEvent::OnOpen) => self.opened().await,
            Some(DataChannelEvent::OnMessage(message)) => {
                self.opened().await;
                let bytes =
                    if message.is_string { Bytes::from_static(NOT_A_MESSAGE) } else { bounded(message.data) };
                self.events.tell(LinkNews::Message(bytes)).await;
            }
            Some(DataChannelEvent::OnBufferedAmountLow) => self.look().await?,
            Some(DataChannelEvent::OnClose) | None => return Ok(false),
            Some(_) => {}
        }
        Ok(true)
    }

    async fn opened(&mut self) {
        if !std::mem::replace(&mut self.open, true) {
            self.events.tell(LinkNews::Open).await;
        }
    }

    /// Sends a message, or holds it until the cap lets it go.
    async fn take(&mut self, parts: &[Bytes; 2]) -> Result<()> {
        let mut message = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
        parts.iter().for_each(|part| message.extend_from_slice(part));
        let now = self.setup.clock.now();
        let at = self.setup.shaper.reserve(message.len(), now);
        self.held = Some((message, at));
        if at <= now { self.send_held().await } else { Ok(()) }
    }

    async fn send_held(&mut self) -> Result<()> {
        let (Some((message, _)), Some(channel)) = (self.held.take(), &self.channel) else { return Ok(()) };
        channel.try_send(message).await?;
        self.waiting = true;
        Ok(())
    }

    /// Tells how much waits in the send buffer.
    async fn look(&mut self) -> Result<()> {
        let Some(channel) = self.channel.as_ref().filter(|_| self.waiting) else { return Ok(()) };
        let bytes = channel.outstanding_bytes().await?;
        self.waiting = bytes > 0;
        self.events.tell(LinkNews::Buffered(u32::try_from(bytes).unwrap_or(u32::MAX))).await;
        Ok(())
    }

    /// Gives the last messages their time.
    async fn flush(&mut self) {
        let Some(channel) = self.channel.clone().filter(|_| self.waiting) else { return };
        let sent = async {
            while channel.outstanding_bytes().await.is_ok_and(|bytes| bytes > 0) {
                sleep(BUFFERED_PERIOD / 5).await;
            }
        };
        // Whoever does not acknowledge in time is left.
        let _ = timeout(FLUSH_TIME, sent).await;
    }
}

async fn next(channel: Option<Arc<dyn DataChannel>>) -> Option<DataChannelEvent> {
    match channel {
        Some(channel) => channel.poll().await,
        None => std::future::pending().await,
    }
}

async fn pause(span: Option<protocol::time::Duration>) {
    if let Some(span) = span {
        sleep(span.into()).await;
    }
}

/// Of a longer message one byte more is passed on, so that it is refused as such.
fn bounded(mut message: BytesMut) -> Bytes {
    message.truncate(PEER_MESSAGE_BYTES_MAX + 1);
    message.freeze()
}
