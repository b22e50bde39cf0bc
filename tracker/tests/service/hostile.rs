//! What strangers send: each refused with its reason, and the others served on.

use futures_util::StreamExt;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use protocol::id::InfoHash;
use protocol::limits::TRACKER_FRAME_BYTES_MAX;
use protocol::tracker::{Announce, ClientMessage, Event, binary, text};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracker::serve::Config;

use super::app::{App, Client, SWARM, Speaks, offer, soon, unmetered};

/// Frames tried by [`whatever_bytes_come_as_a_frame_the_tracker_lives`]: the same ones in every run.
const CASES: usize = 400;

#[tokio::test]
async fn malformed_messages_are_refused_in_words_and_the_eighth_closes() {
    let app = App::start().await;
    let rows = [
        (Message::text("{"), Speaks::Json),
        (Message::text("[]"), Speaks::Json),
        (Message::text("{\"action\":\"dance\"}"), Speaks::Json),
        (Message::text("{\"action\":\"announce\",\"info_hash\":\"short\"}"), Speaks::Json),
        (Message::text(""), Speaks::Json),
        (Message::binary(vec![0xC1]), Speaks::MessagePack),
        (Message::binary(vec![0xDF, 0xFF, 0xFF, 0xFF, 0xFF]), Speaks::MessagePack),
        (Message::binary(Vec::new()), Speaks::MessagePack),
    ];
    let mut client = app.client(Speaks::Json, 1).await;
    for (count, (frame, speaks)) in (1..).zip(rows) {
        client = client.speaking(speaks);
        client.send(frame.clone()).await;
        if count < 8 {
            let reason = client.hear_failure().await.reason;
            assert!(reason.starts_with("this is no tracker message: "), "{frame:?}: {reason}");
        }
    }
    assert_eq!(client.hear_close().await.code, CloseCode::Policy);
}

#[tokio::test]
async fn a_frame_of_the_maximum_is_read_and_one_byte_more_is_refused_in_words() {
    let app = App::start().await;
    for speaks in [Speaks::Json, Speaks::MessagePack] {
        let mut client = app.client(speaks, 1).await;
        client.join().await;
        client.send(frame_of(speaks, TRACKER_FRAME_BYTES_MAX)).await;
        assert!(client.hear_failure().await.reason.starts_with("this is no tracker message: "));
        client.send(frame_of(speaks, TRACKER_FRAME_BYTES_MAX + 1)).await;
        assert!(client.hear_failure().await.reason.contains("more bytes than the tracker takes"));
        assert_eq!(client.hear_close().await.code, CloseCode::Size);
    }
}

#[tokio::test]
async fn a_message_in_fragments_is_bounded_as_a_whole() {
    let app = App::start().await;
    let mut stream = app.client(Speaks::MessagePack, 1).await.socket;
    // RFC 6455 §5.2, by hand: binary or continuation without FIN, masked with zeros, 32 KiB each, without end.
    let mut fragment = vec![0x02, 0xFE, 0x80, 0x00, 0, 0, 0, 0];
    fragment.resize(fragment.len() + 0x8000, 0xC0);
    let raw = stream.get_mut();
    for _ in 0..3 {
        raw.write_all(&fragment).await.unwrap();
        fragment[0] = 0x00;
    }
    let mut client = Client::around(stream, Speaks::MessagePack, 1);
    assert_eq!(client.hear_close().await.code, CloseCode::Size);
}

/// A slow loris: bytes come for ever, and never a message.
#[tokio::test]
async fn a_frame_that_never_ends_is_closed_in_words_and_harms_nobody() {
    let app = App::with(Config { ping_after_ms: 50, ..unmetered() }).await;
    let mut calm = app.client(Speaks::Json, 2).await;
    calm.join().await;
    let mut slow = app.client(Speaks::MessagePack, 1).await.socket;
    // RFC 6455 §5.2, by hand: a binary frame of 32 KiB, masked with zeros, a byte of which comes now and then.
    slow.get_mut().write_all(&[0x82, 0xFE, 0x80, 0x00, 0, 0, 0, 0]).await.unwrap();
    let (mut reading, mut writing) = slow.get_mut().split();
    let mut heard = Vec::new();
    let dripping = async {
        // Until it is refused: the socket is closed on the other side.
        while writing.write_all(&[0xC0]).await.is_ok() {
            calm.join().await;
        }
    };
    tokio::select! {
        read = soon(reading.read_to_end(&mut heard)) => drop(read),
        () = dripping => {}
    }
    let text = String::from_utf8_lossy(&heard);
    assert!(text.contains("no answer to a ping"), "{text:?}");
    assert_eq!(app.metric("idle_total").await, 1);
}

#[tokio::test]
async fn forged_and_orphaned_answers_are_refused_and_reach_nobody() {
    let app = App::start().await;
    let (mut victim, mut stranger) = (app.client(Speaks::Json, 1).await, app.client(Speaks::Json, 2).await);
    victim.join().await;
    let forged = protocol::tracker::Forwarded {
        info_hash: SWARM,
        peer_id: victim.peer_id,
        offer_id: protocol::id::OfferId([1; 20]),
        sdp: String::new(),
    };
    stranger.answer(&forged, "v=0").await;
    assert!(stranger.hear_failure().await.reason.contains("announce in this swarm"));
    assert_eq!(victim.join().await.incomplete, 1);
}

#[tokio::test]
async fn a_connection_cannot_fill_the_tracker_with_swarms() {
    let app = App::start().await;
    let mut client = app.client(Speaks::MessagePack, 1).await;
    for swarm in 0..100 {
        client.say(&announce(swarm, client.peer_id.0[0])).await;
    }
    let mut refused = 0;
    for _ in 0..100 {
        refused += usize::from(matches!(client.hear().await, protocol::tracker::ServerMessage::Failure(_)));
    }
    assert_eq!((refused, app.metric("swarms").await), (84, 16));
}

/// Random bytes, and true messages cut short or changed in one place, each on a connection of its own: the tracker
/// answers or closes, and a viewer beside it is served all the while.
#[tokio::test]
async fn whatever_bytes_come_as_a_frame_the_tracker_lives() {
    let app = App::with(unmetered()).await;
    let mut witness = app.client(Speaks::Json, 0xAA).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..CASES {
        let (speaks, bytes) = frames().new_tree(&mut runner).unwrap().current();
        let mut client = app.client(speaks, 1).await;
        let frame = match (speaks, String::from_utf8(bytes)) {
            (Speaks::Json, Ok(text)) => Message::text(text),
            (_, Err(error)) => Message::binary(error.into_bytes()),
            (Speaks::MessagePack, Ok(text)) => Message::binary(text.into_bytes()),
        };
        client.send(frame).await;
        client.send(Message::Close(None)).await;
        while let Some(Ok(_)) = soon(client.socket.next()).await {}
        witness.join().await;
    }
    while app.metric("peers").await != 1 {}
}

fn frames() -> impl Strategy<Value = (Speaks, Vec<u8>)> {
    let speaks = prop_oneof![Just(Speaks::Json), Just(Speaks::MessagePack)];
    (speaks, any::<prop::sample::Index>(), any::<u8>(), 0..4_u8, prop::collection::vec(any::<u8>(), 0..256))
        .prop_map(|(speaks, place, byte, kind, noise)| {
            let mut bytes = match speaks {
                Speaks::Json => text::encode_client(&announce(3, 1)).into_bytes(),
                Speaks::MessagePack => binary::encode_client(&announce(3, 1)),
            };
            match kind {
                0 => bytes = noise,
                1 => bytes.truncate(place.index(bytes.len())),
                2 => {
                    let place = place.index(bytes.len());
                    bytes[place] = byte;
                }
                _ => bytes.extend(noise),
            }
            (speaks, bytes)
        })
}

fn announce(swarm: u8, peer: u8) -> ClientMessage {
    ClientMessage::Announce(Announce {
        offers: vec![offer(9, "v=0\r\n")],
        left: Some(1),
        uploaded: 2,
        downloaded: 3,
        rendition: Some(0),
        ..Announce::new(InfoHash([swarm; 20]), protocol::id::PeerId([peer; 20]), Event::Started)
    })
}

fn frame_of(speaks: Speaks, length: usize) -> Message {
    match speaks {
        Speaks::Json => Message::text("[".repeat(length)),
        Speaks::MessagePack => Message::binary(vec![0x91; length]),
    }
}
