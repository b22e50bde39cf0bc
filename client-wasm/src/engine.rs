//! The one class that the page sees: a method per input, and `drain`.

use protocol::id::Rendition;
use swarm::io::{CheckId, FetchFailure, FetchId, Handle, Input, LinkId, Playhead, WantId};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::config::Config;
use crate::convert::{digest, instant, listed, segment_key, stream_time};
use crate::rows;
use crate::shell::Shell;

/// The engine of one viewer of one stream.
///
/// The drain rule: after every call of an input, and before the next, call `drain` once.
#[wasm_bindgen]
pub struct Engine {
    inner: swarm::Engine,
}

#[wasm_bindgen]
impl Engine {
    /// `undefined` where the configuration is malformed.
    #[wasm_bindgen]
    pub fn create(config: &Config, now_ms: f64) -> Option<Engine> {
        let config = config.parse()?;
        Some(Engine { inner: swarm::Engine::new(config, instant(now_ms)) })
    }

    /// Hands every output to the shell; returns the moment of the next timeout, `Infinity` where there is none.
    pub fn drain(&mut self, shell: &Shell) -> f64 {
        loop {
            if let Some(at_ms) = shell.on_output(self.inner.poll_output()) {
                return at_ms;
            }
        }
    }

    /// The moment of the last timeout has come.
    pub fn timeout(&mut self, now_ms: f64) {
        self.handle(now_ms, Input::Timeout);
    }

    /// Segments listed for the first time, as rows of rendition, segment, start (ms of stream time), duration (ms).
    pub fn playlist(&mut self, now_ms: f64, rows: &[f64], ended: bool) {
        self.handle(now_ms, Input::Playlist { segments: &listed(rows), ended });
    }

    /// Where the player is, in milliseconds of stream time.
    pub fn playhead(&mut self, now_ms: f64, at: f64, buffered_until: f64, playing: bool) {
        let (at, buffered_until) = (stream_time(at), stream_time(buffered_until));
        self.handle(now_ms, Input::Playhead(Playhead { at, buffered_until, playing }));
    }

    /// The player wants a segment.
    pub fn want(&mut self, now_ms: f64, want: u32, rendition: u8, segment: f64) {
        self.handle(now_ms, Input::Want { want: WantId(want), segment: segment_key(rendition, segment) });
    }

    /// The player no longer wants it.
    pub fn unwant(&mut self, now_ms: f64, want: u32) {
        self.handle(now_ms, Input::Unwant { want: WantId(want) });
    }

    /// The rendition being watched.
    pub fn rendition(&mut self, now_ms: f64, rendition: u8) {
        self.handle(now_ms, Input::Rendition(Rendition(rendition)));
    }

    /// The page's circumstances.
    pub fn conditions(&mut self, now_ms: f64, background: bool, upload: bool) {
        self.handle(now_ms, Input::Conditions { background, upload });
    }

    /// A GET brought a block.
    pub fn fetched(&mut self, now_ms: f64, fetch: u32, handle: u32, bytes: u32) {
        self.handle(now_ms, Input::Fetched { fetch: FetchId(fetch), handle: Handle(handle), bytes });
    }

    /// A GET brought a hash list.
    #[wasm_bindgen(js_name = fetchedList)]
    pub fn fetched_list(&mut self, now_ms: f64, fetch: u32, bytes: &[u8]) {
        self.handle(now_ms, Input::FetchedList { fetch: FetchId(fetch), bytes });
    }

    /// A GET came too early.
    #[wasm_bindgen(js_name = fetchNotYet)]
    pub fn fetch_not_yet(&mut self, now_ms: f64, fetch: u32, retry_ms: u32) {
        self.fetch_failed(now_ms, fetch, FetchFailure::NotYet { retry_ms });
    }

    /// A GET found nothing.
    #[wasm_bindgen(js_name = fetchAbsent)]
    pub fn fetch_absent(&mut self, now_ms: f64, fetch: u32) {
        self.fetch_failed(now_ms, fetch, FetchFailure::Absent);
    }

    /// A GET failed otherwise.
    #[wasm_bindgen(js_name = fetchUnreachable)]
    pub fn fetch_unreachable(&mut self, now_ms: f64, fetch: u32) {
        self.fetch_failed(now_ms, fetch, FetchFailure::Unreachable);
    }

    /// The digest of these bytes.
    pub fn verified(&mut self, now_ms: f64, handle: u32, sha256: &[u8]) {
        self.handle(now_ms, Input::Verified { handle: Handle(handle), digest: digest(sha256) });
    }

    /// The verdict on a list's signature, and the digest of what was signed.
    #[wasm_bindgen(js_name = listVerified)]
    pub fn list_verified(&mut self, now_ms: f64, check: u32, valid: bool, sha256: &[u8]) {
        self.handle(now_ms, Input::ListVerified { check: CheckId(check), valid, digest: digest(sha256) });
    }

    /// The tracker's socket is open.
    #[wasm_bindgen(js_name = trackerOpen)]
    pub fn tracker_open(&mut self, now_ms: f64) {
        self.handle(now_ms, Input::TrackerOpen);
    }

    /// It is closed.
    #[wasm_bindgen(js_name = trackerClosed)]
    pub fn tracker_closed(&mut self, now_ms: f64) {
        self.handle(now_ms, Input::TrackerClosed);
    }

    /// A binary frame of the tracker.
    #[wasm_bindgen(js_name = trackerMessage)]
    pub fn tracker_message(&mut self, now_ms: f64, bytes: &[u8]) {
        self.handle(now_ms, Input::TrackerMessage(bytes));
    }

    /// The offer of an attempt.
    pub fn offer(&mut self, now_ms: f64, link: u32, sdp: &str) {
        self.handle(now_ms, Input::Offer { link: LinkId(link), sdp });
    }

    /// The answer of an attempt.
    pub fn answer(&mut self, now_ms: f64, link: u32, sdp: &str) {
        self.handle(now_ms, Input::Answer { link: LinkId(link), sdp });
    }

    /// The data channel is open.
    #[wasm_bindgen(js_name = linkOpen)]
    pub fn link_open(&mut self, now_ms: f64, link: u32) {
        self.handle(now_ms, Input::LinkOpen { link: LinkId(link) });
    }

    /// The link is over.
    #[wasm_bindgen(js_name = linkClosed)]
    pub fn link_closed(&mut self, now_ms: f64, link: u32) {
        self.handle(now_ms, Input::LinkClosed { link: LinkId(link) });
    }

    /// A message that is not data.
    pub fn message(&mut self, now_ms: f64, link: u32, bytes: &[u8]) {
        self.handle(now_ms, Input::Message { link: LinkId(link), bytes });
    }

    /// A data message, split by [`data_body`].
    pub fn data(&mut self, now_ms: f64, link: u32, header: &[u8], handle: u32, bytes: u32) {
        self.handle(now_ms, Input::Data { link: LinkId(link), header, handle: Handle(handle), bytes });
    }

    /// Bytes that wait in the link's send buffer.
    pub fn buffered(&mut self, now_ms: f64, link: u32, bytes: u32) {
        self.handle(now_ms, Input::Buffered { link: LinkId(link), bytes });
    }

    /// Totals: one row, columns in `rows`.
    pub fn stats(&self) -> Vec<f64> {
        rows::stats(&self.inner.stats())
    }

    /// Neighbours: a row each, columns in `rows`.
    pub fn peers(&self) -> Vec<f64> {
        rows::peers(self.inner.peers())
    }

    /// Blocks of the window: a row each, columns in `rows`.
    pub fn blocks(&self) -> Vec<f64> {
        rows::blocks(self.inner.blocks())
    }

    fn handle(&mut self, now_ms: f64, input: Input<'_>) {
        self.inner.handle_input(instant(now_ms), input);
    }

    fn fetch_failed(&mut self, now_ms: f64, fetch: u32, failure: FetchFailure) {
        self.handle(now_ms, Input::FetchFailed { fetch: FetchId(fetch), failure });
    }
}

/// Where the body of a data message begins, by its first bytes (16 are enough) and its whole length; 0 where the message
/// is not data.
#[wasm_bindgen(js_name = dataBody)]
pub fn data_body(prefix: &[u8], total: u32) -> u32 {
    protocol::peer::parse_data_header(prefix, total as usize).map_or(0, |(_, header)| header as u32)
}
