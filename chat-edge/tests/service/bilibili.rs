//! Bilibili's clients: plain, zlib, brotli, over TCP and WebSocket, in the same rooms as GOIM's.

use std::io::Read;

use super::app::App;
use super::client::{BOTH, Client, Got, Over, unpack};

const EVENT: &[u8] = br#"{"cmd":"DANMU_MSG","info":[]}"#;

/// What a client of this `protover` makes of the next frame.
async fn hear_events(client: &mut Client, version: u16) -> Vec<Got> {
    let outer = client.hear().await;
    assert_eq!((outer.header.version.0, outer.operation()), (version, 5));
    let mut unpacked = Vec::new();
    match version {
        2 => drop(flate2::read::ZlibDecoder::new(&outer.body[..]).read_to_end(&mut unpacked).unwrap()),
        3 => drop(brotli::Decompressor::new(&outer.body[..], 4_096).read_to_end(&mut unpacked).unwrap()),
        _ => return vec![outer],
    }
    unpack(&unpacked)
}

#[tokio::test]
async fn every_kind_of_client_gets_an_event_as_it_reads_it() {
    let app = App::start().await;
    for over in BOTH {
        for (auth, version) in [
            (r#"{"uid":0,"roomid":7,"protover":3,"platform":"web","type":2,"key":"t","buvid":"b"}"#, 3),
            (r#"{"roomid": 7, "protover": 2, "platform": null}"#, 2),
            (r#"{"roomid":7,"protover":1}"#, 0),
            (r#"{"roomid":7}"#, 0),
        ] {
            let mut client = Client::join(&app, over, auth).await;
            app.push_room("7", EVENT).await;
            let [event] = hear_events(&mut client, version).await.try_into().expect("one event");
            assert_eq!((event.header.version.0, event.operation(), &event.body[..]), (0, 5, EVENT), "{auth}");
        }
    }
}

#[tokio::test]
async fn what_would_end_such_a_client_never_reaches_it_and_is_declared() {
    let app = App::start().await;
    let mut bilibili = Client::join(&app, Over::WebSocket, r#"{"roomid":7,"protover":2}"#).await;
    let mut goim = Client::join(&app, Over::WebSocket, r#"{"room_id":"live://7"}"#).await;
    app.push_room("7", b"{\"test\":1}").await;
    assert_eq!(goim.hear_pushes().await[0].text(), "{\"test\":1}");
    app.push_room("7", EVENT).await;
    assert_eq!(hear_events(&mut bilibili, 2).await[0].body, EVENT);
    app.until("dropped_total", "reason=\"dialect\"", 1).await;
    app.until("delivered_total", "", 3).await;
}

#[tokio::test]
async fn replies_mirror_version_and_sequence_frame_by_frame() {
    let app = App::start().await;
    for over in BOTH {
        let mut client = Client::connect(&app, over).await;
        client.say_as(1, 5, 7, br#"{"roomid":7}"#).await;
        // Its first heartbeat comes before the reply to its authentication.
        client.say_as(0, 6, 2, b"[object Object]").await;
        let [auth, heartbeat] = [client.hear().await, client.hear().await];
        assert_eq!((auth.header.version.0, auth.header.sequence, auth.text()), (1, 5, "{\"code\":0}"));
        assert_eq!((heartbeat.header.version.0, heartbeat.header.sequence, heartbeat.operation()), (0, 6, 3));
        assert_eq!(heartbeat.body, [0, 0, 0, 1]);
    }
}

#[tokio::test]
async fn events_outside_rooms_come_plain() {
    let app = App::start().await;
    let mut client = Client::join(&app, Over::WebSocket, r#"{"roomid":7,"protover":3}"#).await;
    assert_eq!(app.push("all?operation=1000", b"not an event").await, 0);
    assert_eq!(app.push("all?operation=1000", EVENT).await, 0);
    assert_eq!(hear_events(&mut client, 0).await[0].body, EVENT);
}
