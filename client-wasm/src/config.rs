//! What the page tells the engine at its start: an object with named fields, read field by field.

use protocol::id::KeyId;
use swarm::io::Links;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{info_hash, peer_id, unsigned};

#[wasm_bindgen(typescript_custom_section)]
const CONFIG: &str = r#"
/** What the engine is told once, at its start. */
export interface Config {
  /** Eight random bytes: the seed of the engine's one generator. */
  seed: Uint8Array;
  /** This viewer's id: 20 bytes. */
  peerId: Uint8Array;
  /** The swarm: 20 bytes. */
  infoHash: Uint8Array;
  /** The stream's name. */
  stream: string;
  /** Ids of the keys that may sign lists. */
  keys: Uint32Array;
  /** EXT-X-TARGETDURATION in milliseconds. */
  targetDurationMs: number;
  /** How many trackers there are. */
  trackers: number;
  /** Upload to other viewers. */
  upload: boolean;
  /** Links dialled up to this number. */
  linksAim: number;
  /** Links at most. */
  linksMax: number;
  /** Bytes of verified blocks kept at most. */
  cacheBytesMax: number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The page's object; its fields are those of [`swarm::io::Config`].
    #[wasm_bindgen(typescript_type = "Config")]
    pub type Config;

    #[wasm_bindgen(method, getter, structural)]
    fn seed(this: &Config) -> Vec<u8>;
    #[wasm_bindgen(method, getter, structural, js_name = peerId)]
    fn peer_id(this: &Config) -> Vec<u8>;
    #[wasm_bindgen(method, getter, structural, js_name = infoHash)]
    fn info_hash(this: &Config) -> Vec<u8>;
    #[wasm_bindgen(method, getter, structural)]
    fn stream(this: &Config) -> String;
    #[wasm_bindgen(method, getter, structural)]
    fn keys(this: &Config) -> Vec<u32>;
    #[wasm_bindgen(method, getter, structural, js_name = targetDurationMs)]
    fn target_duration_ms(this: &Config) -> u32;
    #[wasm_bindgen(method, getter, structural)]
    fn trackers(this: &Config) -> u8;
    #[wasm_bindgen(method, getter, structural)]
    fn upload(this: &Config) -> bool;
    #[wasm_bindgen(method, getter, structural, js_name = linksAim)]
    fn links_aim(this: &Config) -> u16;
    #[wasm_bindgen(method, getter, structural, js_name = linksMax)]
    fn links_max(this: &Config) -> u16;
    #[wasm_bindgen(method, getter, structural, js_name = cacheBytesMax)]
    fn cache_bytes_max(this: &Config) -> f64;
}

impl Config {
    /// The engine's configuration; `None` where an id or the seed has another length than it must have.
    pub(crate) fn parse(&self) -> Option<swarm::io::Config> {
        Some(swarm::io::Config {
            seed: u64::from_le_bytes(self.seed().try_into().ok()?),
            peer_id: peer_id(&self.peer_id())?,
            info_hash: info_hash(&self.info_hash())?,
            stream: self.stream(),
            keys: self.keys().into_iter().map(KeyId).collect(),
            target_duration_ms: self.target_duration_ms(),
            trackers: self.trackers(),
            p2p: true,
            upload: self.upload(),
            super_peer: false,
            links: Links { aim: self.links_aim(), max: self.links_max() },
            cache_bytes_max: unsigned(self.cache_bytes_max()),
        })
    }
}
