//! Shoal in one process: tracker, chat edge and origin, started, joined and stopped together.
//!
//! Nothing to install and nothing to configure: [`config`] has a default for everything. [`stack::Stack`] owns the
//! order of start and end. The servers know nothing of each other; what one must know of another (the origin names the
//! tracker to its viewers) is an address that the stack passes on.
//!
//! **Invariant:** no rule of any server lives here.

pub mod config;
pub mod print;
pub mod program;
pub mod ready;
pub mod stack;
mod supervise;
