//! Shoal as a program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    shoal::program::run().await
}
