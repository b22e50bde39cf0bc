//! What viewers say and hear, without parsing: frames are encoded once with marks in them, and each sending copies one
//! and puts its ids where the marks were; what comes is searched for the few ids that the bench has to know.
//!
//! All ids are printable ASCII, so that they look the same in text, where trackers may escape, and in binary frames.

use protocol::id::{InfoHash, OfferId, PeerId};
use protocol::limits::OFFERS_PER_ANNOUNCE_MAX;
use protocol::tracker::{Announce, ClientAnswer, ClientMessage, Event, Offer, text};

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

/// The frames that are copied.
#[derive(Debug)]
pub(crate) struct Frames {
    /// By number of offers.
    announces: Vec<Template>,
    answer: Template,
}

#[derive(Debug)]
struct Template {
    text: String,
    sender: usize,
    receiver: Option<usize>,
    offers: Vec<usize>,
}

impl Frames {
    /// Encodes them.
    pub(crate) fn new() -> Self {
        let announces = (0..=OFFERS_PER_ANNOUNCE_MAX).map(announce).collect();
        let answer = ClientMessage::Answer(ClientAnswer {
            info_hash: SWARM,
            peer_id: PeerId(SENDER),
            to_peer_id: PeerId(RECEIVER),
            offer_id: OfferId(offer_mark(0)),
            sdp: SDP.to_owned(),
        });
        Self { announces, answer: Template::new(text::encode_client(&answer), 1) }
    }

    /// An announce by `viewer`, with the offers of these numbers.
    pub(crate) fn announce(&self, viewer: usize, offers: std::ops::Range<u64>) -> String {
        let count = usize::try_from(offers.end - offers.start).unwrap_or(0).min(OFFERS_PER_ANNOUNCE_MAX);
        self.announces[count].filled(peer_id(viewer), None, offers)
    }

    /// `viewer`'s answer to an offer.
    pub(crate) fn answer(&self, viewer: usize, to: [u8; 20], offer: u64) -> String {
        self.answer.filled(peer_id(viewer), Some(to), offer..offer + 1)
    }
}

fn announce(offers: usize) -> Template {
    let offer = |number| Offer { offer_id: OfferId(offer_mark(number)), sdp: SDP.to_owned() };
    let message = ClientMessage::Announce(Announce {
        info_hash: SWARM,
        peer_id: PeerId(SENDER),
        event: Event::Update,
        offers: (0..offers).map(offer).collect(),
        left: Some(1),
        uploaded: 0,
        downloaded: 0,
        rendition: None,
        accused: Vec::new(),
    });
    Template::new(text::encode_client(&message), offers)
}

fn offer_mark(number: usize) -> [u8; 20] {
    named(b"@offer@-", number as u64)
}

impl Template {
    fn new(text: String, offers: usize) -> Self {
        let place = |mark: &[u8]| text.as_bytes().windows(mark.len()).position(|part| part == mark);
        let (sender, receiver) = (place(&SENDER).unwrap_or(0), place(&RECEIVER));
        let offers = (0..offers).filter_map(|number| place(&offer_mark(number))).collect();
        Self { text, sender, receiver, offers }
    }

    fn filled(&self, sender: [u8; 20], receiver: Option<[u8; 20]>, offers: std::ops::Range<u64>) -> String {
        let mut bytes = self.text.clone().into_bytes();
        let mut put = |place: usize, id: [u8; 20]| bytes[place..place + 20].copy_from_slice(&id);
        put(self.sender, sender);
        if let (Some(place), Some(id)) = (self.receiver, receiver) {
            put(place, id);
        }
        for (place, offer) in self.offers.iter().zip(offers) {
            put(*place, named(b"-offer--", offer));
        }
        String::from_utf8(bytes).unwrap_or_default()
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
    /// A refusal.
    Refusal(&'a str),
}

/// Reads a frame; nothing where it is none of these.
pub(crate) fn heard(frame: &str) -> Option<Heard<'_>> {
    if frame.contains("\"failure reason\":") {
        return Some(Heard::Refusal(frame));
    }
    let Some(offer_id) = value(frame, "\"offer_id\":\"") else {
        return frame.contains("\"interval\":").then_some(Heard::Reply);
    };
    let number = std::str::from_utf8(&offer_id[8..]).ok()?.parse().ok()?;
    if frame.contains("\"answer\":{") {
        return Some(Heard::Answer(number));
    }
    Some(Heard::Offer(value(frame, "\"peer_id\":\"")?, number))
}

fn value(frame: &str, key: &str) -> Option<[u8; 20]> {
    let start = frame.find(key)? + key.len();
    frame.as_bytes().get(start..start + 20)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use protocol::tracker::{Failure, Forwarded, Reply, ServerMessage};

    use super::*;

    #[test]
    fn the_session_description_is_as_long_as_real_ones() {
        assert!((1_150..=1_250).contains(&SDP.len()), "{}", SDP.len());
    }

    #[test]
    fn an_announce_says_what_it_should() {
        let frames = Frames::new();
        for count in [0, 1, 5, 10] {
            let text = frames.announce(7, 40..40 + count);
            let Ok(ClientMessage::Announce(announce)) = text::decode_client(&text) else { panic!("{text}") };
            assert_eq!((announce.info_hash, announce.peer_id), (SWARM, PeerId(*b"-LD0001-000000000007")));
            let offers: Vec<OfferId> = announce.offers.iter().map(|offer| offer.offer_id).collect();
            let wanted: Vec<OfferId> =
                (40..40 + count).map(|number| OfferId(named(b"-offer--", number))).collect();
            assert_eq!(offers, wanted);
        }
    }

    #[test]
    fn an_answer_says_what_it_should() {
        let text = Frames::new().answer(3, peer_id(4), 41);
        let Ok(ClientMessage::Answer(answer)) = text::decode_client(&text) else { panic!("{text}") };
        assert_eq!((answer.peer_id.0, answer.to_peer_id.0), (peer_id(3), peer_id(4)));
        assert_eq!((answer.offer_id.0, answer.sdp.as_str()), (named(b"-offer--", 41), SDP));
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
        let say = |message| text::encode_server(&message);
        assert_eq!(heard(&say(ServerMessage::Reply(reply))), Some(Heard::Reply));
        assert_eq!(heard(&say(ServerMessage::Offer(forwarded.clone()))), Some(Heard::Offer(peer_id(5), 77)));
        assert_eq!(heard(&say(ServerMessage::Answer(forwarded))), Some(Heard::Answer(77)));
        assert!(matches!(heard(&say(ServerMessage::Failure(failure))), Some(Heard::Refusal(_))));
        assert_eq!(heard("{}"), None);
    }
}
