//! The tracker as a program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A relayed message is a handful of buffers, made on one thread and freed on another; the system's allocator spends an
/// eighth of the tracker's time on them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    tracker::serve::program::run().await
}
