//! Playlists as text (RFC 8216, with rfc8216bis where it is stricter), written by us and checked with other parsers.
//!
//! No tag of our own appears: what other players do not know is named by EXT-X-SESSION-DATA, which they skip.

mod media;
mod multivariant;
#[cfg(test)]
mod tests;
mod time;

pub use self::media::{Media, media};
pub use self::multivariant::{Variant, multivariant};
pub use self::time::date_time;

/// The DATA-ID under which EXT-X-SESSION-DATA names the stream's descriptor.
pub const DESCRIPTOR_DATA_ID: &str = "live.shoal.descriptor";
/// The type of playlists (RFC 8216 §4).
pub const MEDIA_TYPE: &str = "application/vnd.apple.mpegurl";
