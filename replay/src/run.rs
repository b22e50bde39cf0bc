//! Running a recording again.

use protocol::time::Instant;
use swarm::report::Stats;
use swarm::{Engine, Input, Output};

use crate::kind::output;
use crate::mask::Mask;
use crate::read::{Next, ReadError, Recording};
use crate::trace::Trace;
use crate::{Entry, Row};

/// What came of a replay.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Inputs that were handed in.
    pub inputs: u64,
    /// Outputs that came of them.
    pub outputs: u64,
    /// Bytes that the player loaded by itself.
    pub loaded_bytes: u64,
    /// When the last input came.
    pub until: Instant,
    /// The recording had reached its maximum.
    pub full: bool,
    /// The recording ends without its end: the tab was gone before.
    pub cut: bool,
    /// The first input after which the outputs are others; nothing after it was replayed.
    pub difference: Option<Difference>,
    /// The engine's own totals at the end.
    pub stats: Stats,
}

/// Where a replay leaves its recording.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The place of the input, from 0.
    pub input: u64,
    /// When it came.
    pub at: Instant,
    /// It.
    pub row: Row,
    /// The hash that was recorded.
    pub recorded: u32,
    /// The hash now.
    pub replayed: u32,
    /// What the engine puts out now.
    pub outputs: Vec<Output>,
}

impl Recording<'_> {
    /// Runs it again, up to the first difference.
    ///
    /// # Errors
    /// [`ReadError`] where an entry is broken.
    pub fn replay(&self) -> Result<Outcome, ReadError> {
        let mut run = Run::new(self);
        let mut entries = self.entries();
        loop {
            match entries.next()? {
                Next::Entry(entry) => {
                    if let Some(difference) = run.step(&entry) {
                        return Ok(Outcome { difference: Some(difference), ..run.outcome(false, false) });
                    }
                }
                Next::End { full } => return Ok(run.outcome(full, false)),
                Next::Cut => return Ok(run.outcome(false, true)),
            }
        }
    }
}

struct Run {
    engine: Engine,
    mask: Mask,
    trace: Trace,
    now: Instant,
    inputs: u64,
    outputs: u64,
    loaded_bytes: u64,
}

impl Run {
    fn new(recording: &Recording<'_>) -> Self {
        let now = recording.started;
        let engine = Engine::new(recording.config.clone(), now);
        let (mask, trace) = (Mask::again(), Trace::new());
        let mut run = Self { engine, mask, trace, now, inputs: 0, outputs: 0, loaded_bytes: 0 };
        run.drain(false);
        run
    }

    /// Hands in one input.
    fn step(&mut self, entry: &Entry) -> Option<Difference> {
        self.now = self.now + entry.elapsed;
        let mut segments = Vec::new();
        // What the door of a newer engine takes and this one does not is not handed in here either.
        if let Some(input) = entry.row.as_input(&mut segments) {
            if let Input::Loaded { bytes } = input {
                self.loaded_bytes += u64::from(bytes);
            }
            self.engine.handle_input(self.now, input);
        }
        let outputs = self.drain(true);
        self.inputs += 1;
        let (recorded, replayed) = (entry.outputs, self.trace.told());
        (recorded != replayed).then(|| Difference {
            input: self.inputs - 1,
            at: self.now,
            row: entry.row.clone(),
            recorded,
            replayed,
            outputs,
        })
    }

    fn drain(&mut self, timeout_counts: bool) -> Vec<Output> {
        let mut outputs = Vec::new();
        loop {
            let next = self.engine.poll_output();
            let mut row = Row::from(&next);
            if row.kind != output::TIMEOUT || timeout_counts {
                self.mask.output(&mut row);
                self.trace.take(&row);
            }
            let over = matches!(next, Output::Timeout(_));
            outputs.push(next);
            if over {
                self.outputs += outputs.len() as u64;
                return outputs;
            }
        }
    }

    fn outcome(&self, full: bool, cut: bool) -> Outcome {
        Outcome {
            inputs: self.inputs,
            outputs: self.outputs,
            loaded_bytes: self.loaded_bytes,
            until: self.now,
            full,
            cut,
            difference: None,
            stats: self.engine.stats(),
        }
    }
}
