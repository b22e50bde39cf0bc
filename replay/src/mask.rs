//! What could tell of a person, and of whom only who was given it may know, taken out: session descriptions (addresses),
//! the words of trackers, names of streams, ids of swarms.
//!
//! The engine passes all of them through, or compares them with its own, and decides nothing else by them; so an engine
//! that is fed the masked inputs puts out what the masked outputs are.

use protocol::hash_list::{DOMAIN, HashList, Signed};
use protocol::id::InfoHash;
use protocol::pack::Writer;
use protocol::peer::Message;
use protocol::tracker::{ClientMessage, ServerMessage};

use crate::Row;
use crate::kind::{input, output};

/// The masked swarm and stream: the engine's own.
pub const SWARM: InfoHash = InfoHash([0; 20]);
/// Its name.
pub const STREAM: &str = "stream";
/// Every other swarm and stream.
const OTHER_SWARM: InfoHash = InfoHash([0xff; 20]);
const OTHER_STREAM: &str = "other";
/// Takes the place of bytes that nobody can read: MessagePack never uses it, so nobody can read it either.
const UNREADABLE: [u8; 1] = [0xc1];
const SIGNATURE_BYTES: usize = 64;

/// What an engine's own are, to tell them from others'.
#[derive(Clone, Debug)]
pub struct Mask {
    swarm: InfoHash,
    stream: String,
}

impl Mask {
    /// Of an engine of this swarm and stream.
    #[must_use]
    pub fn new(swarm: InfoHash, stream: &str) -> Self {
        Self { swarm, stream: stream.to_owned() }
    }

    /// The mask of what is masked: it changes nothing.
    #[must_use]
    pub fn again() -> Self {
        Self::new(SWARM, STREAM)
    }

    /// Masks an input.
    pub fn input(&self, row: &mut Row) {
        match row.kind {
            input::OFFER | input::ANSWER => row.bytes.clear(),
            input::TRACKER_MESSAGE => row.bytes = self.tracked(&row.bytes),
            input::FETCHED_LIST => row.bytes = self.list(&row.bytes),
            input::MESSAGE => row.bytes = self.message(&row.bytes),
            _ => {}
        }
    }

    /// Masks an output.
    pub fn output(&self, row: &mut Row) {
        match row.kind {
            output::ACCEPT | output::ANSWERED | output::TRACKER_REFUSED => row.bytes.clear(),
            output::TRACKER => row.bytes = self.announced(&row.bytes),
            output::TRANSMIT => row.bytes = self.message(&row.bytes),
            output::VERIFY_LIST => row.bytes = self.signed(&row.bytes),
            _ => {}
        }
    }

    fn swarm(&self, swarm: InfoHash) -> InfoHash {
        if swarm == self.swarm { SWARM } else { OTHER_SWARM }
    }

    fn tracked(&self, bytes: &[u8]) -> Vec<u8> {
        let Ok(mut message) = ServerMessage::decode(bytes) else { return UNREADABLE.to_vec() };
        match &mut message {
            ServerMessage::Reply(reply) => reply.info_hash = self.swarm(reply.info_hash),
            ServerMessage::Offer(forwarded) | ServerMessage::Answer(forwarded) => {
                forwarded.info_hash = self.swarm(forwarded.info_hash);
                forwarded.sdp.clear();
            }
            ServerMessage::Scrape(entries) => entries.clear(),
            ServerMessage::Failure(failure) => {
                failure.info_hash = failure.info_hash.map(|swarm| self.swarm(swarm));
                failure.reason.clear();
            }
        }
        message.encode()
    }

    fn announced(&self, bytes: &[u8]) -> Vec<u8> {
        let Ok(mut message) = ClientMessage::decode(bytes) else { return UNREADABLE.to_vec() };
        match &mut message {
            ClientMessage::Announce(announce) => {
                announce.info_hash = self.swarm(announce.info_hash);
                announce.offers.iter_mut().for_each(|offer| offer.sdp.clear());
            }
            ClientMessage::Answer(answer) => {
                answer.info_hash = self.swarm(answer.info_hash);
                answer.sdp.clear();
            }
            ClientMessage::Scrape(swarms) => swarms.clear(),
        }
        message.encode()
    }

    /// Of the messages between viewers only a list names anything.
    fn message(&self, bytes: &[u8]) -> Vec<u8> {
        match Message::decode(bytes) {
            Ok(Message::List(list)) => Message::List(self.list(&list)).encode(),
            Ok(_) => bytes.to_vec(),
            Err(_) => UNREADABLE.to_vec(),
        }
    }

    fn list(&self, bytes: &[u8]) -> Vec<u8> {
        match Signed::decode(bytes) {
            Ok(Signed { list, signature, .. }) => self.renamed(list).attach(signature).encode(),
            Err(_) => UNREADABLE.to_vec(),
        }
    }

    /// What was signed, and the signature after it.
    fn signed(&self, bytes: &[u8]) -> Vec<u8> {
        let Some((signed, signature)) = bytes.split_last_chunk::<SIGNATURE_BYTES>() else {
            return UNREADABLE.to_vec();
        };
        let mut whole = Writer::after(signed.get(DOMAIN.len()..).unwrap_or(&[]).to_vec());
        whole.bin(signature);
        match Signed::decode(&whole.into_bytes()) {
            Ok(Signed { list, signature, .. }) => {
                [self.renamed(list).signed_bytes().as_slice(), &signature].concat()
            }
            Err(_) => UNREADABLE.to_vec(),
        }
    }

    fn renamed(&self, list: HashList) -> HashList {
        let own = list.stream == self.stream;
        HashList { stream: if own { STREAM } else { OTHER_STREAM }.to_owned(), ..list }
    }
}
