//! What stock WebTorrent clients and trackers are seen to send is taken as they mean it; what is wrong is refused.

use protocol::id::{InfoHash, OfferId, PeerId};
use protocol::limits::{OFFERS_PER_ANNOUNCE_MAX, SDP_BYTES_MAX, TRACKER_FRAME_BYTES_MAX};
use protocol::tracker::{Announce, ClientMessage, Event, Hints, Reply, ServerMessage, binary, text};

const HASH: &str = "aaaaaaaaaaaaaaaaaaaa";
const PEER: &str = "bbbbbbbbbbbbbbbbbbbb";
const OTHER: &str = "cccccccccccccccccccc";

fn announce() -> Announce {
    Announce::new(InfoHash([b'a'; 20]), PeerId([b'b'; 20]), Event::Update)
}

/// An announce with `more` after its ids.
fn with(more: &str) -> String {
    format!(r#"{{"action":"announce","info_hash":"{HASH}","peer_id":"{PEER}"{more}}}"#)
}

#[test]
fn an_announce_of_a_stock_client_is_taken_as_it_means_it() {
    let started = Announce { event: Event::Started, ..announce() };
    let rows = [
        ("", announce()),
        (r#","event":"started""#, started),
        (r#","event":"completed""#, Announce { event: Event::Completed, ..announce() }),
        (r#","event":"stopped""#, Announce { event: Event::Stopped, ..announce() }),
        (r#","event":"update""#, announce()),
        (r#","event":"paused""#, announce()),
        (r#","event":"whatever comes""#, announce()),
        (r#","event":null"#, announce()),
        (r#","left":0"#, Announce { left: Some(0), ..announce() }),
        (r#","left":null"#, announce()),
        (r#","left":1.5e3"#, Announce { left: Some(1_500), ..announce() }),
        (r#","left":-1"#, announce()),
        (r#","left":1e300"#, Announce { left: Some(u64::MAX), ..announce() }),
        (
            r#","uploaded":7,"downloaded":null,"numwant":50,"trackerid":"x""#,
            Announce { uploaded: 7, ..announce() },
        ),
        (r#","offers":null"#, announce()),
        (r#","offers":[]"#, announce()),
        (r#","answer":null,"to_peer_id":null,"offer_id":null"#, announce()),
        (r#","rendition":3"#, Announce { rendition: Some(3), ..announce() }),
        (r#","rendition":200"#, announce()),
        (r#","unknown":{"deep":[[[{"er":null}]]]}"#, announce()),
    ];
    for (more, expected) in rows {
        let message = text::decode_client(&with(more));
        assert_eq!(message.ok(), Some(ClientMessage::Announce(expected)), "{more}");
    }
}

#[test]
fn what_is_wrong_is_refused() {
    let rows = [
        String::new(),
        "{}".into(),
        "[]".into(),
        r#"{"action":"announce"}"#.into(),
        r#"{"action":null}"#.into(),
        format!(r#"{{"action":"leave","info_hash":"{HASH}","peer_id":"{PEER}"}}"#),
        format!(r#"{{"action":"announce","info_hash":"{HASH}"}}"#),
        format!(r#"{{"action":"announce","info_hash":["{HASH}","{OTHER}"],"peer_id":"{PEER}"}}"#),
        // 19 and 21 characters; a character above U+00FF; a number.
        r#"{"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaa","peer_id":"bbbbbbbbbbbbbbbbbbbb"}"#.into(),
        r#"{"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaaa","peer_id":"bbbbbbbbbbbbbbbbbbbb"}"#.into(),
        "{\"action\":\"announce\",\"info_hash\":\"aaaaaaaaaaaaaaaaaaa\u{100}\",\"peer_id\":\"bbbbbbbbbbbbbbbbbbbb\"}"
            .into(),
        r#"{"action":"announce","info_hash":7,"peer_id":"bbbbbbbbbbbbbbbbbbbb"}"#.into(),
        with(r#","left":"many""#),
        with(r#","offers":{}"#),
        with(r#","offers":[{"offer_id":"short","offer":{"type":"offer","sdp":"v=0"}}]"#),
        with(&format!(r#","offers":[{{"offer_id":"{OTHER}","offer":{{"type":"offer"}}}}]"#)),
        with(r#","answer":{"type":"answer","sdp":"v=0"}"#),
        with(&format!(r#","answer":{{"type":"answer","sdp":"v=0"}},"to_peer_id":"{OTHER}""#)),
        format!("{} more", with("")),
    ];
    for row in rows {
        assert!(text::decode_client(&row).is_err(), "{row}");
    }
}

#[test]
fn every_byte_of_an_id_has_its_character() {
    let mut id = [0; 20];
    for first in (0..=240).step_by(20) {
        for (byte, value) in id.iter_mut().zip(first..=255_u8) {
            *byte = value;
        }
        let message = ClientMessage::Announce(Announce { info_hash: InfoHash(id), ..announce() });
        let json = text::encode_client(&message);
        assert_eq!(text::decode_client(&json).ok(), Some(message), "{json}");
    }
}

#[test]
fn more_offers_than_are_relayed_are_dropped_and_longer_descriptions_are_refused() {
    let offer = |id: usize| {
        format!(r#"{{"offer_id":"offer-number-{id:07}","offer":{{"type":"offer","sdp":"v=0"}}}}"#)
    };
    for count in [OFFERS_PER_ANNOUNCE_MAX, OFFERS_PER_ANNOUNCE_MAX + 1] {
        let offers = (0..count).map(offer).collect::<Vec<_>>().join(",");
        let Ok(ClientMessage::Announce(announce)) =
            text::decode_client(&with(&format!(r#","offers":[{offers}]"#)))
        else {
            panic!("{count} offers are an announce");
        };
        assert_eq!(announce.offers.len(), OFFERS_PER_ANNOUNCE_MAX);
        assert_eq!(announce.offers[9].offer_id, OfferId(*b"offer-number-0000009"));
    }
    let answer = |sdp: usize| {
        let sdp = "v".repeat(sdp);
        let answer = format!(
            r#","to_peer_id":"{OTHER}","offer_id":"{OTHER}","answer":{{"type":"answer","sdp":"{sdp}"}}"#
        );
        text::decode_client(&with(&answer))
    };
    assert!(matches!(answer(SDP_BYTES_MAX), Ok(ClientMessage::Answer(_))));
    assert!(answer(SDP_BYTES_MAX + 1).is_err());
}

#[test]
fn a_frame_past_the_limit_is_refused() {
    let padded = |bytes: usize| {
        let empty = with(r#","pad":"""#);
        with(&format!(r#","pad":"{}""#, "x".repeat(bytes - empty.len())))
    };
    assert!(text::decode_client(&padded(TRACKER_FRAME_BYTES_MAX)).is_ok());
    assert!(text::decode_client(&padded(TRACKER_FRAME_BYTES_MAX + 1)).is_err());
    let bytes = vec![0xC0; TRACKER_FRAME_BYTES_MAX + 1];
    assert!(binary::decode_client(&bytes).is_err() && ClientMessage::decode(&bytes).is_err());
}

#[test]
fn a_scrape_names_one_swarm_or_several_or_none() {
    let (a, c) = (InfoHash([b'a'; 20]), InfoHash([b'c'; 20]));
    let rows = [
        (r#"{"action":"scrape"}"#.into(), vec![]),
        (r#"{"action":"scrape","info_hash":null}"#.into(), vec![]),
        (r#"{"action":"scrape","info_hash":[]}"#.into(), vec![]),
        (format!(r#"{{"action":"scrape","info_hash":"{HASH}"}}"#), vec![a]),
        (format!(r#"{{"info_hash":["{HASH}","{OTHER}"],"action":"scrape"}}"#), vec![a, c]),
    ];
    for (json, hashes) in rows {
        assert_eq!(text::decode_client(&json).ok(), Some(ClientMessage::Scrape(hashes)), "{json}");
    }
    let scrape = |count: usize| {
        let hashes = vec![format!(r#""{HASH}""#); count].join(",");
        text::decode_client(&format!(r#"{{"action":"scrape","info_hash":[{hashes}]}}"#))
    };
    assert!(scrape(64).is_ok() && scrape(65).is_err());
}

#[test]
fn replies_of_other_trackers_are_understood() {
    let json = format!(
        r#"{{"complete":1,"incomplete":2,"action":"announce","interval":120,"min interval":30,"warning message":"old","info_hash":"{HASH}"}}"#
    );
    let reply = Reply { info_hash: InfoHash([b'a'; 20]), interval_s: 120, complete: 1, incomplete: 2 };
    assert_eq!(text::decode_server(&json).ok(), Some(ServerMessage::Reply(reply)));
    let failure = text::decode_server(r#"{"failure reason":"unparseable message"}"#);
    let Ok(ServerMessage::Failure(failure)) = failure else {
        panic!("a refusal without an action: {failure:?}")
    };
    assert_eq!((failure.info_hash, failure.retry_in_s), (None, None));
}

#[test]
fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
    let deep = format!(r#","deep":{}1{}"#, "[".repeat(20_000), "]".repeat(20_000));
    let _ = text::decode_client(&with(&deep)).is_ok();
    let mut frame = ClientMessage::Announce(announce()).encode();
    frame[0] += 1;
    frame.extend([0xA4, b'd', b'e', b'e', b'p']);
    frame.extend([0x91; 60_000]);
    frame.push(0xC0);
    assert!(binary::decode_client(&frame).is_err());
    // The lean reader passes what it does not know without recursion.
    assert_eq!(ClientMessage::decode(&frame), Ok(ClientMessage::Announce(announce())));
}

#[test]
fn a_token_is_heard_beside_the_message_and_null_is_none() {
    let message = ClientMessage::Announce(announce());
    let frame = text::encode_client(&message);
    let rows = [("", None), (r#","token":null"#, None), (r#","token":"a.b.c""#, Some("a.b.c"))];
    for (more, token) in rows {
        let frame = format!("{}{more}}}", frame.trim_end_matches('}'));
        let (heard, extras) = text::decode_client_with_extras(&frame).unwrap();
        assert_eq!((heard, extras.token.as_deref()), (Some(message.clone()), token), "{frame}");
    }
    let mut packed = binary::encode_client(&message);
    packed[0] += 1;
    packed.extend(b"\xA5token\xA5a.b.c");
    let (heard, extras) = binary::decode_client_with_extras(&packed).unwrap();
    assert_eq!((heard, extras.token.as_deref()), (Some(message), Some("a.b.c")));
}

#[test]
fn a_frame_may_bring_a_token_and_nothing_else() {
    let frame = r#"{"action":"token","token":"a.b.c"}"#;
    let (heard, extras) = text::decode_client_with_extras(frame).unwrap();
    assert_eq!((heard, extras.token.as_deref()), (None, Some("a.b.c")));
    assert!(text::decode_client(frame).is_err(), "it is no message");
    for frame in
        [r#"{"action":"token"}"#, r#"{"action":"token","token":null}"#, r#"{"action":"token","token":7}"#]
    {
        assert!(text::decode_client_with_extras(frame).is_err(), "{frame}");
    }
}

#[test]
fn hints_stand_in_a_reply_and_are_passed_over_by_who_does_not_know_them() {
    let reply = Reply { info_hash: InfoHash([7; 20]), interval_s: 30, complete: 0, incomplete: 1 };
    let message = ServerMessage::Reply(reply);
    let hints = Hints { network: Some(64_496), region: Some("DE") };
    let frame = text::encode_server_with_hints(&message, hints);
    assert!(frame.ends_with(r#","incomplete":1,"network":64496,"region":"DE"}"#), "{frame}");
    assert_eq!(text::decode_server(&frame).unwrap(), message);
    let packed = binary::encode_server_with_hints(&message, hints);
    assert!(packed.ends_with(b"\xA7network\xCD\xFB\xF0\xA6region\xA2DE"));
    assert_eq!(binary::decode_server(&packed).unwrap(), message);
    assert_eq!(ServerMessage::decode(&packed), Ok(message.clone()));
    assert_eq!(binary::encode_server_with_hints(&message, Hints::default()), message.encode());
}
