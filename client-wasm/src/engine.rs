//! The page's engines, by number.
//!
//! Functions of a number, and no class: wasm-bindgen counts who holds an object and words what goes wrong with it, 0.4 KB
//! (brotli) for what one owner never needs. An engine is out of its place while it works, so that one that has trapped is
//! gone, and leaves the others alone.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::process::abort;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{Numbers, instant, listed};
use crate::{config, input, output, rows};

/// Engines at once: a page has one for each picture that it shows.
const ENGINES_MAX: usize = 256;

/// Places, of which the empty ones are free.
type Engines = Vec<Option<Box<Engine>>>;

thread_local! {
    // Ends with the page; what would drop it first, and judges every access by that, is not linked.
    static ENGINES: Cell<ManuallyDrop<Engines>> = const { Cell::new(ManuallyDrop::new(Vec::new())) };
}

/// The engine of one viewer of one stream.
///
/// The drain rule: after every `input`, and before the next, call `poll` until it answers a timeout.
struct Engine {
    inner: swarm::Engine,
    bytes: Vec<u8>,
}

/// The number of a new engine of this configuration (`config.rs`); 0 where that is malformed, or there are too many.
#[wasm_bindgen]
pub fn engine_create(now_ms: f64, numbers: &[f64], bytes: &[u8]) -> u32 {
    let Some(config) = config::parse(numbers, bytes) else { return 0 };
    let engine = Engine { inner: swarm::Engine::new(config, instant(now_ms)), bytes: Vec::new() };
    let mut engines = ENGINES.take();
    let place = engines.iter().position(Option::is_none).unwrap_or(engines.len());
    if place == engines.len() && place < ENGINES_MAX {
        engines.push(None);
    }
    let number = match engines.get_mut(place) {
        Some(room) => {
            *room = Some(Box::new(engine));
            place as u32 + 1
        }
        None => 0,
    };
    ENGINES.set(engines);
    number
}

/// Something happened: its kind, and its numbers and bytes as `replay::kind::input` lists them.
#[wasm_bindgen]
pub fn engine_input(number: u32, now_ms: f64, kind: u8, numbers: &[f64], bytes: &[u8]) {
    let mut engine = taken(number);
    let rows = if kind == replay::kind::input::PLAYLIST {
        listed(numbers.get(1..).unwrap_or_default())
    } else {
        Vec::new()
    };
    if let Some(input) = input::parse(kind, Numbers(numbers), bytes, &rows) {
        engine.inner.handle_input(instant(now_ms), input);
    }
    put(number, engine);
}

/// The next output: its kind and its numbers, as `replay::kind::output` lists them.
#[wasm_bindgen]
pub fn engine_poll(number: u32) -> Vec<f64> {
    let mut engine = taken(number);
    let (numbers, bytes) = output::flat(engine.inner.poll_output());
    engine.bytes = bytes;
    put(number, engine);
    numbers
}

/// The bytes of the last output, once.
#[wasm_bindgen]
pub fn engine_bytes(number: u32) -> Vec<u8> {
    let mut engine = taken(number);
    let bytes = core::mem::take(&mut engine.bytes);
    put(number, engine);
    bytes
}

/// A report in rows (`rows.rs`): 0 totals, 1 neighbours, 2 blocks of the window.
#[wasm_bindgen]
pub fn engine_report(number: u32, which: u8) -> Vec<f64> {
    let engine = taken(number);
    let rows = match which {
        0 => rows::stats(&engine.inner.stats()),
        1 => rows::peers(engine.inner.peers()),
        _ => rows::blocks(engine.inner.blocks()),
    };
    put(number, engine);
    rows
}

/// Ends an engine; its number may be that of another from then on.
#[wasm_bindgen]
pub fn engine_free(number: u32) {
    drop(taken(number));
}

/// Where the body of a data message begins, by its first bytes (16 are enough) and its whole length; 0 where the message
/// is not data.
#[wasm_bindgen(js_name = dataBody)]
pub fn data_body(prefix: &[u8], total: u32) -> u32 {
    protocol::peer::parse_data_header(prefix, total as usize).map_or(0, |(_, header)| header as u32)
}

/// An engine, out of its place; a trap where there is none.
fn taken(number: u32) -> Box<Engine> {
    exchanged(number, None).unwrap_or_else(|| abort())
}

fn put(number: u32, engine: Box<Engine>) {
    exchanged(number, Some(engine));
}

/// What was in an engine's place, which this takes.
fn exchanged(number: u32, engine: Option<Box<Engine>>) -> Option<Box<Engine>> {
    let mut engines = ENGINES.take();
    let place = (number as usize).wrapping_sub(1);
    let before = engines.get_mut(place).and_then(|room| core::mem::replace(room, engine));
    ENGINES.set(engines);
    before
}
