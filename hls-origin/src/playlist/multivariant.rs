//! Multivariant playlists.

use core::fmt::Write as _;

use super::DESCRIPTOR_DATA_ID;
use crate::ingest::Picture;

/// One rendition as EXT-X-STREAM-INF describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its media playlist's URI.
    pub uri: String,
    /// BANDWIDTH: the highest rate of a stretch of half to one and a half target durations, in bit/s.
    pub peak_bits: u64,
    /// AVERAGE-BANDWIDTH, in bit/s.
    pub average_bits: u64,
    /// CODECS.
    pub codecs: Vec<String>,
    /// RESOLUTION, of a rendition with video.
    pub picture: Option<Picture>,
    /// FRAME-RATE in thousandths, of a rendition with video, once measured.
    pub frame_rate_milli: Option<u64>,
}

/// Writes a multivariant playlist; `descriptor` is the URI of the stream's descriptor.
pub fn multivariant<'a>(variants: impl Iterator<Item = &'a Variant>, descriptor: &str) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:6\n");
    let _ = writeln!(text, "#EXT-X-SESSION-DATA:DATA-ID=\"{DESCRIPTOR_DATA_ID}\",URI=\"{descriptor}\"");
    for variant in variants {
        let _ = write!(text, "#EXT-X-STREAM-INF:BANDWIDTH={}", variant.peak_bits);
        let _ = write!(text, ",AVERAGE-BANDWIDTH={}", variant.average_bits);
        let _ = write!(text, ",CODECS=\"{}\"", variant.codecs.join(","));
        if let Some(picture) = variant.picture {
            let _ = write!(text, ",RESOLUTION={}x{}", picture.width, picture.height);
        }
        if let Some(milli) = variant.frame_rate_milli {
            let _ = write!(text, ",FRAME-RATE={}.{:03}", milli / 1_000, milli % 1_000);
        }
        let _ = writeln!(text, "\n{}", variant.uri);
    }
    text
}
