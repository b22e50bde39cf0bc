//! Writing a recording while an engine runs.

use protocol::pack::Writer;
use protocol::time::Instant;
use swarm::Config;

use crate::kind::output;
use crate::mask::{Mask, STREAM};
use crate::read::{BYTES_MAX, NUMBERS_MAX};
use crate::trace::Trace;
use crate::{ENGINE, MAGIC, RECORDING_BYTES_MAX, Row, VERSION};

/// Elements of the head, of an entry and of the end.
pub(crate) const HEAD_ELEMENTS: usize = 15;
pub(crate) const ENTRY_ELEMENTS: usize = 5;
pub(crate) const END_ELEMENTS: usize = 2;
/// The end: an array, a number of 64 bits, true or false.
const END_BYTES: usize = 1 + 9 + 1;
/// An entry beside its numbers and bytes: headers, kind, time, hash, each at its longest.
const ENTRY_BYTES: usize = 1 + 2 + 9 + 5 + 5 + 5;

/// Where a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It grows.
    Growing,
    /// It has reached its maximum: what came since is not in it.
    Full,
}

/// An entry whose outputs are still coming.
#[derive(Clone, Debug)]
struct Open {
    now: Instant,
    row: Row,
}

/// A recording in the making.
#[derive(Clone, Debug)]
pub struct Recorder {
    mask: Mask,
    bytes: Vec<u8>,
    bytes_max: usize,
    trace: Trace,
    open: Option<Open>,
    before: Instant,
    entries: u64,
    state: State,
}

impl Recorder {
    /// A recording of the engine that was made of `config` at `started`; of `bytes_max` bytes at most, and of
    /// [`RECORDING_BYTES_MAX`].
    #[must_use]
    pub fn new(config: &Config, started: Instant, bytes_max: usize) -> Self {
        Self {
            mask: Mask::new(config.info_hash, &config.stream),
            bytes: head(config, started),
            bytes_max: bytes_max.min(RECORDING_BYTES_MAX),
            trace: Trace::new(),
            open: None,
            before: started,
            entries: 0,
            state: State::Growing,
        }
    }

    /// The engine is given this input now.
    pub fn input(&mut self, now: Instant, mut row: Row) {
        self.close();
        if self.state == State::Full {
            return;
        }
        self.mask.input(&mut row);
        self.open = Some(Open { now, row });
    }

    /// The engine put this out. What it puts out before its first input counts as the first input's, without the time-out.
    pub fn output(&mut self, mut row: Row) {
        if self.state == State::Full || (self.open.is_none() && row.kind == output::TIMEOUT) {
            return;
        }
        self.mask.output(&mut row);
        self.trace.take(&row);
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Bytes so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was recorded yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries == 0 && self.open.is_none()
    }

    /// The whole file, as if the recording ended here. The outputs of the last input must have been drained.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.close();
        let mut writer = Writer::after(self.bytes);
        writer.array(END_ELEMENTS).uint(self.entries).bool(self.state == State::Full);
        writer.into_bytes()
    }

    /// Writes the entry whose outputs are all there; none is written in part.
    fn close(&mut self) {
        let Some(Open { now, row }) = self.open.take() else { return };
        let longest = ENTRY_BYTES + 9 * row.numbers.len() + row.bytes.len();
        let readable = row.numbers.len() <= NUMBERS_MAX && row.bytes.len() <= BYTES_MAX;
        if !readable || self.bytes.len() + longest + END_BYTES > self.bytes_max {
            self.state = State::Full;
            return;
        }
        let mut writer = Writer::after(core::mem::take(&mut self.bytes));
        writer.array(ENTRY_ELEMENTS).uint(row.kind).uint(now.since(self.before).as_micros());
        writer.array(row.numbers.len());
        for number in &row.numbers {
            writer.uint(*number);
        }
        writer.bin(&row.bytes).uint(self.trace.told());
        self.bytes = writer.into_bytes();
        self.before = self.before.max(now);
        self.entries += 1;
    }
}

fn head(config: &Config, started: Instant) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(HEAD_ELEMENTS).str(MAGIC).uint(VERSION).str(ENGINE).uint(started.0);
    writer.uint(config.seed).bin(&config.peer_id.0).str(STREAM);
    writer.array(config.keys.len());
    for key in &config.keys {
        writer.uint(key.0);
    }
    writer.uint(config.target_duration_ms).uint(config.trackers);
    writer.array(3).bool(config.p2p).bool(config.upload).bool(config.super_peer);
    writer.uint(config.links.aim).uint(config.links.max).uint(config.cache_bytes_max).nil();
    writer.into_bytes()
}
