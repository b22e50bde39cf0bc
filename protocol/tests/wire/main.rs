//! The wire formats from outside: one module per behaviour.

mod generate;
mod round_trip;
mod tracker_frames;
mod tracker_interop;
