//! The one class that the page sees.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{Numbers, instant, listed};
use crate::{config, input, output, rows};

/// The engine of one viewer of one stream.
///
/// The drain rule: after every `input`, and before the next, call `poll` until it answers a timeout.
#[wasm_bindgen]
pub struct Engine {
    inner: swarm::Engine,
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine of this configuration (`config.rs`); `undefined` where it is malformed.
    pub fn create(now_ms: f64, numbers: &[f64], bytes: &[u8]) -> Option<Engine> {
        let config = config::parse(numbers, bytes)?;
        Some(Engine { inner: swarm::Engine::new(config, instant(now_ms)), bytes: Vec::new() })
    }

    /// Something happened: its kind, and its numbers and bytes as `replay::kind::input` lists them.
    pub fn input(&mut self, now_ms: f64, kind: u8, numbers: &[f64], bytes: &[u8]) {
        let rows = if kind == replay::kind::input::PLAYLIST {
            listed(numbers.get(1..).unwrap_or_default())
        } else {
            Vec::new()
        };
        if let Some(input) = input::parse(kind, Numbers(numbers), bytes, &rows) {
            self.inner.handle_input(instant(now_ms), input);
        }
    }

    /// The next output: its kind and its numbers, as `replay::kind::output` lists them.
    pub fn poll(&mut self) -> Vec<f64> {
        let (numbers, bytes) = output::flat(self.inner.poll_output());
        self.bytes = bytes;
        numbers
    }

    /// The bytes of the last output, once.
    pub fn bytes(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }

    /// A report in rows (`rows.rs`): 0 totals, 1 neighbours, 2 blocks of the window.
    pub fn report(&self, which: u8) -> Vec<f64> {
        match which {
            0 => rows::stats(&self.inner.stats()),
            1 => rows::peers(self.inner.peers()),
            _ => rows::blocks(self.inner.blocks()),
        }
    }
}

/// Where the body of a data message begins, by its first bytes (16 are enough) and its whole length; 0 where the message
/// is not data.
#[wasm_bindgen(js_name = dataBody)]
pub fn data_body(prefix: &[u8], total: u32) -> u32 {
    protocol::peer::parse_data_header(prefix, total as usize).map_or(0, |(_, header)| header as u32)
}
