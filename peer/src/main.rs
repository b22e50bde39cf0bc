//! The native peer as a program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    peer::program::main().await
}
