//! Native viewers play, find each other by the tracker, and give each other blocks, each verified.

use crate::crowd::{Crowd, config};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn native_viewers_trade_verified_blocks() {
    let stage = Stage::set().await;
    let mut crowd = Crowd::come(config(&stage, 4));
    let report = crowd.until(|report| report.peer_bytes > 4_000_000 && report.segments_ready > 16).await;
    assert_eq!((report.viewers, report.swarm_size, report.playing > 0), (4, 4, true));
    assert_eq!((report.bad_bytes, report.peers_banned), (0, 0), "nobody lies");
    assert!(report.upload_bytes > 0 && report.upload_ratio_max <= 1.0, "{report:?}");
    assert!(report.offload > 0.0 && report.origin_bytes > 0, "{report:?}");
    let last = crowd.leave().await;
    assert!(last.peer_bytes >= report.peer_bytes);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_p2p_everything_comes_from_the_origin() {
    let stage = Stage::set().await;
    let control = peer::Config { p2p: false, ..config(&stage, 2) };
    let mut crowd = Crowd::come(control);
    let report = crowd.until(|report| report.segments_ready >= 4).await;
    assert_eq!((report.peer_bytes, report.upload_bytes, report.links_mean as u32), (0, 0, 0));
    assert!(report.origin_bytes > 0);
    crowd.leave().await;
    stage.strike().await;
}
