//! What the page does for the engine: one method for each kind of `swarm::Output`.
//!
//! **Invariant:** no method calls the engine back before it returns (the engine is borrowed meanwhile, and wasm-bindgen
//! throws); what a method causes reaches the engine later, as an input.

use swarm::io::{Event, Offence, Output};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::millis;

#[wasm_bindgen(typescript_custom_section)]
const SHELL: &str = r#"
/** What the page does for the engine. No method may call the engine before it returns. Arrays are the callee's own. */
export interface Shell {
  /** Send this message on the link. */
  transmit(link: number, bytes: Uint8Array): void;
  /** Send `header` and the bytes of `handle` as one message. */
  transmitBlock(link: number, header: Uint8Array, handle: number): void;
  /** Make a connection and its offer. */
  dial(link: number): void;
  /** Make a connection from this offer, and its answer. */
  accept(link: number, sdp: string): void;
  /** The other side answered. */
  answered(link: number, sdp: string): void;
  /** Close and forget the link. */
  close(link: number): void;
  /** Connect to the tracker with this place in the list. */
  trackerConnect(tracker: number): void;
  /** Send this frame to the tracker. */
  trackerSend(bytes: Uint8Array): void;
  /** GET a block. */
  fetch(fetch: number, rendition: number, segment: number, block: number): void;
  /** GET the hash list that covers at least so many blocks. */
  fetchList(fetch: number, rendition: number, segment: number, blocks: number): void;
  /** Abort the GET. */
  cancelFetch(fetch: number): void;
  /** SHA-256 of these bytes. */
  verify(handle: number): void;
  /** Ed25519 by the key with this id, over `signed`; and its SHA-256. */
  verifyList(check: number, key: number, signed: Uint8Array, signature: Uint8Array): void;
  /** Forget these bytes. */
  release(handle: number): void;
  /** The segment: these handles' bytes in order. */
  ready(want: number, handles: Uint32Array): void;
  /** The segment cannot be had from the engine. */
  giveUp(want: number): void;
  /** A neighbour said hello. */
  peerJoined(link: number, peer: Uint8Array): void;
  /** A neighbour left. */
  peerLeft(link: number, peer: Uint8Array): void;
  /** A neighbour was cut. */
  peerBanned(peer: Uint8Array, offence: number): void;
  /** A verified block came in. */
  blockArrived(rendition: number, segment: number, block: number, from: Uint8Array | undefined): void;
  /** The origin sent bytes that its own list refutes. */
  originBad(rendition: number, segment: number, block: number): void;
  /** The tracker refused. */
  trackerRefused(reason: string): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The page's half of the engine.
    #[wasm_bindgen(typescript_type = "Shell")]
    pub type Shell;

    #[wasm_bindgen(method)]
    fn transmit(this: &Shell, link: u32, bytes: Vec<u8>);
    #[wasm_bindgen(method, js_name = transmitBlock)]
    fn transmit_block(this: &Shell, link: u32, header: Vec<u8>, handle: u32);
    #[wasm_bindgen(method)]
    fn dial(this: &Shell, link: u32);
    #[wasm_bindgen(method)]
    fn accept(this: &Shell, link: u32, sdp: &str);
    #[wasm_bindgen(method)]
    fn answered(this: &Shell, link: u32, sdp: &str);
    #[wasm_bindgen(method)]
    fn close(this: &Shell, link: u32);
    #[wasm_bindgen(method, js_name = trackerConnect)]
    fn tracker_connect(this: &Shell, tracker: u8);
    #[wasm_bindgen(method, js_name = trackerSend)]
    fn tracker_send(this: &Shell, bytes: Vec<u8>);
    #[wasm_bindgen(method)]
    fn fetch(this: &Shell, fetch: u32, rendition: u8, segment: f64, block: u16);
    #[wasm_bindgen(method, js_name = fetchList)]
    fn fetch_list(this: &Shell, fetch: u32, rendition: u8, segment: f64, blocks: u16);
    #[wasm_bindgen(method, js_name = cancelFetch)]
    fn cancel_fetch(this: &Shell, fetch: u32);
    #[wasm_bindgen(method)]
    fn verify(this: &Shell, handle: u32);
    #[wasm_bindgen(method, js_name = verifyList)]
    fn verify_list(this: &Shell, check: u32, key: u32, signed: Vec<u8>, signature: Vec<u8>);
    #[wasm_bindgen(method)]
    fn release(this: &Shell, handle: u32);
    #[wasm_bindgen(method)]
    fn ready(this: &Shell, want: u32, handles: Vec<u32>);
    #[wasm_bindgen(method, js_name = giveUp)]
    fn give_up(this: &Shell, want: u32);
    #[wasm_bindgen(method, js_name = peerJoined)]
    fn peer_joined(this: &Shell, link: u32, peer: Vec<u8>);
    #[wasm_bindgen(method, js_name = peerLeft)]
    fn peer_left(this: &Shell, link: u32, peer: Vec<u8>);
    #[wasm_bindgen(method, js_name = peerBanned)]
    fn peer_banned(this: &Shell, peer: Vec<u8>, offence: u8);
    #[wasm_bindgen(method, js_name = blockArrived)]
    fn block_arrived(this: &Shell, rendition: u8, segment: f64, block: u16, from: Option<Vec<u8>>);
    #[wasm_bindgen(method, js_name = originBad)]
    fn origin_bad(this: &Shell, rendition: u8, segment: f64, block: u16);
    #[wasm_bindgen(method, js_name = trackerRefused)]
    fn tracker_refused(this: &Shell, reason: &str);
}

impl Shell {
    /// Hands one output to the page; a timeout is given back in milliseconds, infinite where there is none.
    pub(crate) fn on_output(&self, output: Output) -> Option<f64> {
        match output {
            Output::Timeout(at) => return Some(millis(at)),
            Output::Transmit { link, bytes } => self.transmit(link.0, bytes),
            Output::TransmitBlock { link, header, handle } => self.transmit_block(link.0, header, handle.0),
            Output::Dial { link } => self.dial(link.0),
            Output::Accept { link, sdp } => self.accept(link.0, &sdp),
            Output::Answered { link, sdp } => self.answered(link.0, &sdp),
            Output::Close { link } => self.close(link.0),
            Output::TrackerConnect { tracker } => self.tracker_connect(tracker),
            Output::Tracker(bytes) => self.tracker_send(bytes),
            Output::Fetch { fetch, block } => {
                let key = block.segment;
                self.fetch(fetch.0, key.rendition.0, key.segment.0 as f64, block.block.0);
            }
            Output::FetchList { fetch, segment, blocks } => {
                self.fetch_list(fetch.0, segment.rendition.0, segment.segment.0 as f64, blocks);
            }
            Output::CancelFetch { fetch } => self.cancel_fetch(fetch.0),
            Output::Verify { handle } => self.verify(handle.0),
            Output::VerifyList { check, key, signed, signature } => {
                self.verify_list(check.0, key.0, signed, signature.to_vec());
            }
            Output::Release { handle } => self.release(handle.0),
            Output::Ready { want, blocks } => self.ready(want.0, blocks.iter().map(|handle| handle.0).collect()),
            Output::GiveUp { want } => self.give_up(want.0),
            Output::Event(event) => self.on_event(event),
        }
        None
    }

    fn on_event(&self, event: Event) {
        match event {
            Event::PeerJoined { link, peer } => self.peer_joined(link.0, peer.0.to_vec()),
            Event::PeerLeft { link, peer } => self.peer_left(link.0, peer.0.to_vec()),
            Event::PeerBanned { peer, offence } => self.peer_banned(peer.0.to_vec(), number(offence)),
            Event::BlockArrived { block, from } => {
                let key = block.segment;
                let from = from.map(|peer| peer.0.to_vec());
                self.block_arrived(key.rendition.0, key.segment.0 as f64, block.block.0, from);
            }
            Event::OriginBad { block } => {
                let key = block.segment;
                self.origin_bad(key.rendition.0, key.segment.0 as f64, block.block.0);
            }
            Event::TrackerRefused { reason } => self.tracker_refused(&reason),
        }
    }
}

/// An offence's place in the page's list of names.
fn number(offence: Offence) -> u8 {
    match offence {
        Offence::BadBlock => 0,
        Offence::BadList => 1,
        Offence::BadMessage => 2,
        Offence::Flood => 3,
        Offence::Unasked => 4,
        Offence::Unreliable => 5,
    }
}
