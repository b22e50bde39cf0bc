//! The chat edge as a program.

use std::process::ExitCode;

// The threads that hold viewers are the chat edge's own; the runtime's one thread serves the push API and the ticks.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    chat_edge::serve::program::run().await
}
