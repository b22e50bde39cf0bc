//! A neighbour that claims every block and sends noise is cut, and nothing that it sent is played.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use protocol::id::{Block, BlockKey, InfoHash, PeerId, Segment, SegmentKey};
use protocol::limits::BLOCK_BYTES;
use protocol::peer::{Hello, Message, Request, VERSION, data_header};
use protocol::tracker::{Announce, ClientAnswer, ClientMessage, Event, ServerMessage};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

use crate::crowd::{Crowd, config};
use crate::stage::Stage;

const LIAR: PeerId = PeerId([0x1a; 20]);
/// Blocks of a segment that it claims.
const CLAIMED: u16 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_liar_is_cut_and_what_it_sent_is_not_played() {
    let stage = Stage::set().await;
    let swarm = swarm_of(&stage).await;
    let liar = tokio::spawn(lie(stage.tracker.clone(), swarm));
    let mut crowd = Crowd::come(config(&stage, 1));
    let cut = crowd.until(|report| report.peers_banned > 0).await;
    assert!(cut.bad_bytes > 0, "{cut:?}");
    assert_eq!((cut.peer_bytes, cut.upload_bytes), (0, 0), "nothing of it counts as video");
    let on = crowd.until(|report| report.segments_ready > cut.segments_ready + 1).await;
    assert_eq!((on.peer_bytes, on.segments_given_up), (0, 0), "the origin goes on alone");
    crowd.leave().await;
    liar.abort();
    stage.strike().await;
}

/// The descriptor names it.
async fn swarm_of(stage: &Stage) -> InfoHash {
    let url = url::Url::parse(&stage.src).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let request = "GET /live/main/shoal.json HTTP/1.1\r\nhost: origin\r\nconnection: close\r\n\r\n";
    let answer = String::from_utf8(service::testing::exchange(address, request.as_bytes()).await).unwrap();
    let json = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
    protocol::descriptor::Descriptor::parse(json).unwrap().parts().swarm
}

/// Waits at the tracker for offers, and takes each.
async fn lie(tracker: String, info_hash: InfoHash) {
    let (mut socket, _) = connect_async(tracker).await.unwrap();
    let announce = Announce::new(info_hash, LIAR, Event::Started);
    socket.send(Frame::Binary(ClientMessage::Announce(announce).encode().into())).await.unwrap();
    let mut links: Vec<(Box<dyn PeerConnection>, JoinHandle<()>)> = Vec::new();
    while let Some(Ok(frame)) = socket.next().await {
        let Frame::Binary(bytes) = frame else { continue };
        let Ok(ServerMessage::Offer(offer)) = ServerMessage::decode(&bytes) else { continue };
        let (connection, channels, sdp) = answer(offer.sdp).await;
        links.push((connection, tokio::spawn(talk(channels))));
        let answer = ClientAnswer {
            info_hash,
            peer_id: LIAR,
            to_peer_id: offer.peer_id,
            offer_id: offer.offer_id,
            sdp,
        };
        socket.send(Frame::Binary(answer.encode().into())).await.unwrap();
    }
}

type Channels = mpsc::Receiver<Arc<dyn DataChannel>>;

/// Tells when candidates are gathered and a channel is there.
#[derive(Clone)]
struct Ears {
    gathered: mpsc::Sender<()>,
    channels: mpsc::Sender<Arc<dyn DataChannel>>,
}

#[async_trait]
impl PeerConnectionEventHandler for Ears {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.try_send(());
        }
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        let _ = self.channels.try_send(channel);
    }
}

async fn answer(offer: String) -> (Box<dyn PeerConnection>, Channels, String) {
    let (gathered, mut complete) = mpsc::channel(1);
    let (channels, heard) = mpsc::channel(1);
    let connection = PeerConnectionBuilder::new()
        .with_setting_engine(SettingEngineBuilder::new().with_include_loopback_candidate(true).build())
        .with_handler(Arc::new(Ears { gathered, channels }))
        .with_udp_addrs(vec!["127.0.0.1:0"])
        .build()
        .await
        .unwrap();
    connection.set_remote_description(RTCSessionDescription::offer(offer).unwrap()).await.unwrap();
    let answer = connection.create_answer(None).await.unwrap();
    connection.set_local_description(answer).await.unwrap();
    complete.recv().await;
    let sdp = connection.local_description().await.unwrap().sdp;
    (Box::new(connection), heard, sdp)
}

/// Claims the segment after every one that it hears of, and answers requests with noise.
async fn talk(mut channels: Channels) {
    let Some(channel) = channels.recv().await else { return };
    let hello = Hello { version: VERSION, peer: LIAR, serves: true, super_peer: false, weight: 4 };
    send(&*channel, Message::Hello(hello).encode()).await;
    while let Some(event) = channel.poll().await {
        let DataChannelEvent::OnMessage(message) = event else { continue };
        let heard: Vec<SegmentKey> = match Message::decode(&message.data) {
            Ok(Message::Request(Request { id, .. })) => {
                let noise = vec![0x5a; BLOCK_BYTES as usize];
                send(&*channel, [data_header(id, BLOCK_BYTES), noise].concat()).await;
                Vec::new()
            }
            Ok(Message::Have(blocks)) => blocks.iter().map(|block| block.segment).collect(),
            Ok(Message::Window(window)) => window.iter().map(|status| status.segment).collect(),
            _ => Vec::new(),
        };
        if let Some(newest) = heard.into_iter().max() {
            let next = SegmentKey::new(newest.rendition, Segment(newest.segment.0 + 1));
            let claimed = (0..CLAIMED).map(|block| BlockKey::new(next, Block(block))).collect();
            send(&*channel, Message::Have(claimed).encode()).await;
        }
    }
}

async fn send(channel: &dyn DataChannel, message: Vec<u8>) {
    // It is cut sooner or later.
    let _ = channel.send(BytesMut::from(message.as_slice())).await;
}
