//! hls-origin.
fn main() {}
