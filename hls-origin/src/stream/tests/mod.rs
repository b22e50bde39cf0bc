//! Streams in virtual time: encoders that come, stall, jump and go, and what players see of it.

mod blocks;
mod life;
mod lockstep;
mod renditions;
mod rules;
mod world;
