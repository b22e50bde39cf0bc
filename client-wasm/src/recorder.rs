//! What records an engine, seen from a page: the same numbers and bytes that go into the engine and come out of it. Its own
//! module, loaded where a page looks for a fault; the format is `docs/spec/replay.md`.

use replay::{Row, State};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::config;
use crate::convert::instant;

/// A recording of one engine.
#[wasm_bindgen]
pub struct Recorder {
    inner: replay::Recorder,
}

#[wasm_bindgen]
impl Recorder {
    /// A recording of the engine that was made of this configuration (`config.rs`) at this moment; `undefined` where it is
    /// malformed.
    pub fn create(now_ms: f64, numbers: &[f64], bytes: &[u8], bytes_max: u32) -> Option<Recorder> {
        let config = config::parse(numbers, bytes)?;
        Some(Recorder { inner: replay::Recorder::new(&config, instant(now_ms), bytes_max as usize) })
    }

    /// The engine is given this: as `Engine::input` is.
    pub fn input(&mut self, now_ms: f64, kind: u8, numbers: &[f64], bytes: &[u8]) {
        self.inner.input(instant(now_ms), Row { kind, numbers: whole(numbers), bytes: bytes.to_vec() });
    }

    /// The engine put this out: as `Engine::poll` and `Engine::bytes` say it.
    pub fn output(&mut self, numbers: &[f64], bytes: &[u8]) {
        let Some((kind, fields)) = numbers.split_first() else { return };
        let kind = *kind as u8;
        let numbers = if kind == replay::kind::output::TIMEOUT { micros(fields) } else { whole(fields) };
        self.inner.output(Row { kind, numbers, bytes: bytes.to_vec() });
    }

    /// The whole file, as if the recording ended here; it goes on.
    pub fn file(&self) -> Vec<u8> {
        self.inner.clone().finish()
    }

    /// Bytes so far.
    pub fn size(&self) -> u32 {
        self.inner.len() as u32
    }

    /// Whether it has reached its maximum.
    #[wasm_bindgen(js_name = isFull)]
    pub fn is_full(&self) -> bool {
        self.inner.state() == State::Full
    }
}

/// As the engine's door reads them: 0 for what is negative or no number, the largest for what is too large.
fn whole(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| *number as u64).collect()
}

/// Moments of `performance.now()`, which were microseconds; infinity, never, is the largest.
fn micros(moments: &[f64]) -> Vec<u64> {
    moments.iter().map(|ms| (ms * 1_000.0).round() as u64).collect()
}
