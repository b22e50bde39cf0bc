//! `hls-origin`: the origin alone.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    hls_origin::serve::program::run().await
}
