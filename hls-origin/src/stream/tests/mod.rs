//! Streams in virtual time: encoders that come, stall, jump and go, and what players see of it.

mod blocks;
mod life;
mod renditions;
mod rules;
mod world;
