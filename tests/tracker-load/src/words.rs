//! What viewers say and hear, without parsing: frames are encoded once with marks in them, and each sending copies one
//! and puts its ids where the marks were; what comes is searched for the few ids that the bench has to know.
//!
//! All ids are printable ASCII, so that they look the same in text, where trackers may escape, and in binary frames.

use memchr::memmem;
use protocol::id::{InfoHash, OfferId, PeerId};
use protocol::limits::OFFERS_PER_ANNOUNCE_MAX;
use protocol::tracker::{Announce, ClientAnswer, ClientMessage, Event, Offer, binary, text};
use tokio_tungstenite::tungstenite::Message;

/// The one swarm of every shape.
const SWARM: InfoHash = InfoHash(*b"one swarm, all live ");
/// Stands for the sender.
const SENDER: [u8; 20] = *b"@sender@sender@sende";
/// Stands for the receiver.
const RECEIVER: [u8; 20] = *b"@other@other@other@o";

/// A session description as Chromium makes it for one data channel, with five candidates: about 1,200 bytes.
const SDP: &str = concat!(
    "v=0\r\no=- 7052147829184912431 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n",
    "a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=application 54712 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    "c=IN IP4 203.0.113.74\r\n",
    "a=candidate:2393089663 1 udp 2122260223 192.168.178.43 54712 typ host generation 0 network-id 1 network-cost 10\r\n",
    "a=candidate:1654209371 1 udp 2122197247 2001:db8:9a41:7c00:4c6e:83ff:fe21:9b10 46215 typ host generation 0 network-id 2 network-cost 10\r\n",
    "a=candidate:3172406115 1 udp 1686052607 203.0.113.74 54712 typ srflx raddr 192.168.178.43 rport 54712 generation 0 network-id 1 network-cost 10\r\n",
    "a=candidate:3641238795 1 tcp 1518280447 192.168.178.43 9 typ host tcptype active generation 0 network-id 1 network-cost 10\r\n",
    "a=candidate:2380119151 1 tcp 1518217471 2001:db8:9a41:7c00:4c6e:83ff:fe21:9b10 9 typ host tcptype active generation 0 network-id 2 network-cost 10\r\n",
    "a=end-of-candidates\r\n",
    "a=ice-ufrag:q8Zr\r\na=ice-pwd:Xk2mC4v9sTn0JqLw7bYhRfDe\r\na=ice-options:trickle\r\n",
    "a=fingerprint:sha-256 4A:6E:0D:91:B3:27:C8:5F:1E:72:9D:38:E4:A0:5B:C6:0F:83:D7:2C:61:BE:94:1A:F5:48:E9:30:7D:AC:16:52\r\n",
    "a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n",
);

/// A viewer's name.
pub(crate) fn peer_id(viewer: usize) -> [u8; 20] {
    named(b"-LD0001-", viewer as u64)
}

fn named(prefix: &[u8; 8], number: u64) -> [u8; 20] {
    let mut id = *b"00000000000000000000";
    id[..8].copy_from_slice(prefix);
    let digits = format!("{number:012}");
    id[8..].copy_from_slice(&digits.as_bytes()[digits.len() - 12..]);
    id
}

/// How viewers speak, and are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// WebTorrent's JSON.
    Text,
    /// The same in MessagePack; ours only.
    Binary,
}

/// The frames that are copied.
#[derive(Debug)]
pub(crate) struct Frames {
    /// By number of offers.
    announces: Vec<Template>,
    answer: Template,
}

#[derive(Debug)]
struct Template {
    speaks: Speaks,
    bytes: Vec<u8>,
    sender: usize,
    receiver: Option<usize>,
    offers: Vec<usize>,
}

impl Frames {
    /// Encodes them.
    pub(crate) fn new(speaks: Speaks) -> Self {
        let announces = (0..=OFFERS_PER_ANNOUNCE_MAX).map(|offers| announce(speaks, offers)).collect();
        let answer = ClientMessage::Answer(ClientAnswer {
            info_hash: SWARM,
            peer_id: PeerId(SENDER),
            to_peer_id: PeerId(RECEIVER),
            offer_id: OfferId(offer_mark(0)),
            sdp: SDP.to_owned(),
        });
        Self { announces, answer: Template::new(speaks, &answer, 1) }
    }

    /// An announce by `viewer`, with the offers of these numbers.
    pub(crate) fn announce(&self, viewer: usize, offers: std::ops::Range<u64>) -> Message {
        let count = usize::try_from(offers.end - offers.start).unwrap_or(0).min(OFFERS_PER_ANNOUNCE_MAX);
        self.announces[count].filled(peer_id(viewer), None, offers)
    }

    /// `viewer`'s answer to an offer.
    pub(crate) fn answer(&self, viewer: usize, to: [u8; 20], offer: u64) -> Message {
        self.answer.filled(peer_id(viewer), Some(to), offer..offer + 1)
    }
}

fn announce(speaks: Speaks, offers: usize) -> Template {
    let offer = |number| Offer { offer_id: OfferId(offer_mark(number)), sdp: SDP.to_owned() };
    let message = ClientMessage::Announce(Announce {
        offers: (0..offers).map(offer).collect(),
        left: Some(1),
        ..Announce::new(SWARM, PeerId(SENDER), Event::Update)
    });
    Template::new(speaks, &message, offers)
}

fn offer_mark(number: usize) -> [u8; 20] {
    named(b"@offer@-", number as u64)
}

impl Template {
    fn new(speaks: Speaks, message: &ClientMessage, offers: usize) -> Self {
        let bytes = match speaks {
            Speaks::Text => text::encode_client(message).into_bytes(),
            Speaks::Binary => binary::encode_client(message),
        };
        let place = |mark: &[u8]| memmem::find(&bytes, mark);
        let (sender, receiver) = (place(&SENDER).unwrap_or(0), place(&RECEIVER));
        let offers = (0..offers).filter_map(|number| place(&offer_mark(number))).collect();
        Self { speaks, bytes, sender, receiver, offers }
    }

    fn filled(&self, sender: [u8; 20], receiver: Option<[u8; 20]>, offers: std::ops::Range<u64>) -> Message {
        let mut bytes = self.bytes.clone();
        let mut put = |place: usize, id: [u8; 20]| bytes[place..place + 20].copy_from_slice(&id);
        put(self.sender, sender);
        if let (Some(place), Some(id)) = (self.receiver, receiver) {
            put(place, id);
        }
        for (place, offer) in self.offers.iter().zip(offers) {
            put(*place, named(b"-offer--", offer));
        }
        match self.speaks {
            Speaks::Text => Message::text(String::from_utf8(bytes).unwrap_or_default()),
            Speaks::Binary => Message::binary(bytes),
        }
    }
}

/// What a frame of the tracker says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    /// The reply to an announce.
    Reply,
    /// An offer of this number, by this viewer.
    Offer([u8; 20], u64),
    /// The answer to the offer of this number.
    Answer(u64),
    /// A refusal: the whole frame.
    Refusal(&'a [u8]),
}

/// What tells messages apart: keys, with what stands before their values.
struct Keys {
    failure: &'static [u8],
    offer_id: &'static [u8],
    interval: &'static [u8],
    answer: &'static [u8],
    peer_id: &'static [u8],
}

const TEXT: Keys = Keys {
    failure: b"\"failure reason\":",
    offer_id: b"\"offer_id\":\"",
    interval: b"\"interval\":",
    answer: b"\"answer\":{",
    peer_id: b"\"peer_id\":\"",
};
/// A `str` of so many bytes, and behind an id's key the header of 20 bytes.
const BINARY: Keys = Keys {
    failure: b"\xaefailure reason",
    offer_id: b"\xa8offer_id\xc4\x14",
    interval: b"\xa8interval",
    answer: b"\xa6answer\x82",
    peer_id: b"\xa7peer_id\xc4\x14",
};

/// Reads a frame; nothing where it is none of these.
pub(crate) fn heard(frame: &Message) -> Option<Heard<'_>> {
    match frame {
        Message::Text(frame) => read(&TEXT, frame.as_str().as_bytes()),
        Message::Binary(frame) => read(&BINARY, frame),
        _ => None,
    }
}

fn read<'a>(keys: &Keys, frame: &'a [u8]) -> Option<Heard<'a>> {
    let says = |key| memmem::find(frame, key).is_some();
    if says(keys.failure) {
        return Some(Heard::Refusal(frame));
    }
    let Some(offer_id) = value(frame, keys.offer_id) else {
        return says(keys.interval).then_some(Heard::Reply);
    };
    let number = std::str::from_utf8(&offer_id[8..]).ok()?.parse().ok()?;
    if says(keys.answer) {
        return Some(Heard::Answer(number));
    }
    Some(Heard::Offer(value(frame, keys.peer_id)?, number))
}

fn value(frame: &[u8], key: &[u8]) -> Option<[u8; 20]> {
    let start = memmem::find(frame, key)? + key.len();
    frame.get(start..start + 20)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use protocol::tracker::{Failure, Forwarded, Reply, ServerMessage};

    use super::*;

    const BOTH: [Speaks; 2] = [Speaks::Text, Speaks::Binary];

    fn said(frame: &Message) -> ClientMessage {
        match frame {
            Message::Text(frame) => text::decode_client(frame).unwrap(),
            Message::Binary(frame) => binary::decode_client(frame).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_session_description_is_as_long_as_real_ones() {
        assert!((1_150..=1_250).contains(&SDP.len()), "{}", SDP.len());
    }

    #[test]
    fn an_announce_says_what_it_should() {
        for (speaks, count) in BOTH.into_iter().flat_map(|speaks| [0, 1, 5, 10].map(|count| (speaks, count)))
        {
            let frame = Frames::new(speaks).announce(7, 40..40 + count);
            let ClientMessage::Announce(announce) = said(&frame) else { panic!("{frame:?}") };
            assert_eq!((announce.info_hash, announce.peer_id), (SWARM, PeerId(*b"-LD0001-000000000007")));
            let offers: Vec<OfferId> = announce.offers.iter().map(|offer| offer.offer_id).collect();
            let wanted: Vec<OfferId> =
                (40..40 + count).map(|number| OfferId(named(b"-offer--", number))).collect();
            assert_eq!(offers, wanted);
        }
    }

    #[test]
    fn an_answer_says_what_it_should() {
        for speaks in BOTH {
            let frame = Frames::new(speaks).answer(3, peer_id(4), 41);
            let ClientMessage::Answer(answer) = said(&frame) else { panic!("{frame:?}") };
            assert_eq!((answer.peer_id.0, answer.to_peer_id.0), (peer_id(3), peer_id(4)));
            assert_eq!((answer.offer_id.0, answer.sdp.as_str()), (named(b"-offer--", 41), SDP));
        }
    }

    #[test]
    fn what_a_tracker_says_is_heard() {
        let forwarded = Forwarded {
            info_hash: SWARM,
            peer_id: PeerId(peer_id(5)),
            offer_id: OfferId(named(b"-offer--", 77)),
            sdp: SDP.to_owned(),
        };
        let reply = Reply { info_hash: SWARM, interval_s: 30, complete: 0, incomplete: 2 };
        let failure = Failure { reason: "no".to_owned(), info_hash: None, retry_in_s: None };
        let says: [fn(&ServerMessage) -> Message; 2] = [
            |message| Message::text(text::encode_server(message)),
            |message| Message::binary(binary::encode_server(message)),
        ];
        for say in says {
            assert_eq!(heard(&say(&ServerMessage::Reply(reply.clone()))), Some(Heard::Reply));
            let offer = say(&ServerMessage::Offer(forwarded.clone()));
            assert_eq!(heard(&offer), Some(Heard::Offer(peer_id(5), 77)));
            assert_eq!(heard(&say(&ServerMessage::Answer(forwarded.clone()))), Some(Heard::Answer(77)));
            let refusal = say(&ServerMessage::Failure(failure.clone()));
            assert!(matches!(heard(&refusal), Some(Heard::Refusal(_))));
        }
        assert_eq!(heard(&Message::text("{}")), None);
    }
}
