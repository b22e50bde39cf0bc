//! The measures against an origin in this very process: small, and every figure there.

use std::net::SocketAddr;
use std::time::Duration;

use hls_origin::serve::{Config, Origin};
use measure::usage::Usage;
use service::config::{Settings, file};
use tokio::task::LocalSet;

use super::*;

async fn origin(folder: &std::path::Path) -> SocketAddr {
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = Config::from_layers([file(&target::configuration()).unwrap()]).unwrap();
    let config = Config { listen, ops_listen: None, state_dir: folder.to_owned(), ..config };
    let origin = Origin::load(config).await.unwrap();
    let address = origin.local_addr();
    tokio::spawn(origin.run(std::future::pending()));
    address
}

fn this_process() -> Outcome<Usage> {
    Usage::of(std::process::id())
}

#[test]
fn a_small_load_has_every_figure() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::start();
    LocalSet::new().block_on(&runtime, async {
        let address = origin(folder.path()).await;
        let paths = target::fill(address).await.unwrap();
        for shape in [Shape::Blocks, Shape::Playlist] {
            let paths = paths.of(shape).unwrap();
            let time = Duration::from_millis(100);
            let cost = steady::measure(address, this_process, paths, 2, time, clock).await.unwrap();
            assert!(cost.requests > 0.0 && cost.bytes > 0.0 && cost.cpu_us > 0.0, "{cost:?}");
            if shape == Shape::Blocks {
                assert!((cost.bytes / cost.requests - 61_440.0).abs() < 1e-6, "whole blocks only: {cost:?}");
            }
        }
        let time = Duration::from_secs(2);
        let figures = live::measure(address, this_process, 3, time, clock).await.unwrap();
        let value = |name: &str| figures.iter().find(|(known, ..)| *known == name).unwrap().2;
        assert!(value("CPU per request") > 0.0 && value("blocks lost") == 0.0, "{figures:?}");
        assert!(value("block whole to block read, p99") >= 0.0, "{figures:?}");
    });
}
