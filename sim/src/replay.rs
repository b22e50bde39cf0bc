//! Replays a recording of an engine (`docs/spec/replay.md`), and says what came of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use replay::{Difference, Outcome, ReadError, Recording};

/// Why a file cannot be replayed.
#[derive(Debug)]
pub enum Error {
    /// It cannot be read.
    File(std::io::Error),
    /// It is no recording, or a broken one.
    Recording(ReadError),
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(cause) => cause.fmt(formatter),
            Self::Recording(cause) => cause.fmt(formatter),
        }
    }
}

/// Replays a file: what came of it in words, and whether the outputs were the same.
///
/// # Errors
/// Where there is no recording to replay.
pub fn run(path: &Path) -> Result<(String, bool), Error> {
    let bytes = fs::read(path).map_err(Error::File)?;
    let recording = Recording::parse(&bytes).map_err(Error::Recording)?;
    let outcome = recording.replay().map_err(Error::Recording)?;
    let same = outcome.difference.is_none();
    Ok((told(&recording, &outcome), same))
}

fn told(recording: &Recording<'_>, outcome: &Outcome) -> String {
    let mut text = String::new();
    let seconds = outcome.until.since(recording.started).as_secs_f64();
    let Outcome { inputs, outputs, stats, .. } = outcome;
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{inputs} inputs over {seconds:.1} s, {outputs} outputs");
    if recording.engine != replay::ENGINE {
        let _ = writeln!(text, "recorded by engine {}; this is {}", recording.engine, replay::ENGINE);
    }
    if outcome.full {
        text.push_str("the recording was full: what came after is not in it\n");
    }
    if outcome.cut {
        text.push_str("the recording has no end: the viewer was gone before\n");
    }
    let _ = writeln!(
        text,
        "player {} B, origin {} B, viewers {} B, super-peers {} B, sent {} B, bad {} B; {} segments ready, {} given up; \
         {} cut",
        outcome.loaded_bytes,
        stats.origin_bytes,
        stats.peer_bytes,
        stats.super_peer_bytes,
        stats.upload_bytes,
        stats.bad_bytes,
        stats.segments_ready,
        stats.segments_given_up,
        stats.peers_banned,
    );
    match &outcome.difference {
        None => text.push_str("the same outputs\n"),
        Some(difference) => tell_difference(&mut text, recording, difference),
    }
    text
}

fn tell_difference(text: &mut String, recording: &Recording<'_>, difference: &Difference) {
    let Difference { input, at, row, recorded, replayed, outputs } = difference;
    let seconds = at.since(recording.started).as_secs_f64();
    let _ = writeln!(
        text,
        "DIFFERENT after input {input}, {seconds:.6} s: {recorded:08x} was recorded, this is {replayed:08x}"
    );
    let _ = writeln!(text, "  input: kind {} {:?}, {} bytes", row.kind, row.numbers, row.bytes.len());
    for output in outputs {
        let _ = writeln!(text, "  output now: {output:?}");
    }
}
