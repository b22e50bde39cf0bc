//! What benches share: what they can be asked for, a clock, servers of others, what a process costs, figures as a table
//! and as JSON.

pub mod choice;
pub mod clock;
pub mod failure;
pub mod install;
pub mod report;
pub mod server;
pub mod usage;
