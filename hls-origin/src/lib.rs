//! hls-origin.
