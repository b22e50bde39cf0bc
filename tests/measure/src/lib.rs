//! What benches share: a clock, what a process costs, figures as a table and as JSON.

pub mod clock;
pub mod failure;
pub mod report;
pub mod server;
pub mod usage;
