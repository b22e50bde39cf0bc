//! How a node says that it is there (`docs/spec/bus.md`).

use crate::limits::{NODE_ADDRESS_BYTES_MAX, NODE_FACTS_BYTES_MAX, NODE_NAME_BYTES_MAX, NODE_URL_BYTES_MAX};
use crate::pack::{DecodeError, Fault, Reader, Writer};

/// The version of a beat.
const VERSION: u8 = 1;

/// A node's heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The node's name, 1 to [`NODE_NAME_BYTES_MAX`] bytes: the same in all its lives.
    pub name: String,
    /// Which of its lives this is: each is greater than the one before.
    pub epoch: u64,
    /// It goes; this is its last.
    pub leaving: bool,
    /// What nodes of its kind tell each other of themselves, at most [`NODE_FACTS_BYTES_MAX`] bytes.
    pub facts: Vec<u8>,
}

impl Beat {
    /// The beat as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(32 + self.name.len() + self.facts.len());
        writer.array(5).uint(VERSION).str(&self.name).uint(self.epoch).bool(self.leaving).bin(&self.facts);
        writer.into_bytes()
    }

    /// A beat from its bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.array_exactly(5);
        let at = reader.at();
        let version = reader.u8();
        reader.check(version == VERSION, at, Fault::Version);
        let at = reader.at();
        let name = reader.str(NODE_NAME_BYTES_MAX).to_owned();
        reader.check(!name.is_empty(), at, Fault::Limit);
        let (epoch, leaving) = (reader.u64(), reader.bool());
        let facts = reader.bin(NODE_FACTS_BYTES_MAX).to_vec();
        reader.finish(Self { name, epoch, leaving, facts })
    }
}

/// What a tracker tells the others of itself, as [`Beat::facts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerFacts {
    /// Where viewers reach it, at most [`NODE_URL_BYTES_MAX`] bytes: it is the reason of a WebSocket's close.
    pub url: String,
    /// Where the other nodes reach it, as `host:port`, at most [`NODE_ADDRESS_BYTES_MAX`] bytes.
    pub address: String,
}

impl TrackerFacts {
    /// The facts as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(8 + self.url.len() + self.address.len());
        writer.array(2).str(&self.url).str(&self.address);
        writer.into_bytes()
    }

    /// Facts from their bytes.
    ///
    /// # Errors
    /// [`DecodeError`] for everything that the specification does not allow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.array_exactly(2);
        let url = reader.str(NODE_URL_BYTES_MAX).to_owned();
        let address = reader.str(NODE_ADDRESS_BYTES_MAX).to_owned();
        reader.finish(Self { url, address })
    }
}
