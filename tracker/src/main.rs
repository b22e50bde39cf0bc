//! The tracker as a program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tracker::serve::program::run().await
}
