//! What happens in rooms, carried from whoever numbers it to the edges that hold the room.
//!
//! Inside one process it is memory ([`Bus::memory`]): bounded queues under one lock. Between processes the same shape is
//! a broker's: a subject for each room, interest by holding it, direct parcels on a subject that every edge reads.
//!
//! **Invariant:** a parcel is taken whole or not at all: where one subscriber that wants it has no room left, nobody gets
//! it and the publisher is told ([`Full`]). Nothing is dropped in here.
//! **Invariant:** parcels of one publisher reach each subscriber in the order in which they were published.

mod memory;

pub use memory::{Bus, Full, Subscription};
