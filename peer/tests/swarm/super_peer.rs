//! A super-peer gives more than it takes, to viewers that count its bytes apart.

use crate::crowd::{Crowd, config};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_super_peer_gives_past_the_viewers_cap_and_its_bytes_are_told_apart() {
    let stage = Stage::set().await;
    let mut one = Crowd::come(peer::Config { super_peer: true, ..config(&stage, 1) });
    one.until(|report| report.segments_ready >= 1).await;
    // Viewers that may not upload: what they do not buy is the super-peer's.
    let mut takers = Crowd::come(peer::Config { upload: false, ..config(&stage, 4) });
    let given = one.until(|report| report.upload_ratio_max > 1.0).await;
    assert!(given.super_peer && given.upload_bytes > given.origin_bytes);
    let taken = takers.until(|report| report.super_peer_bytes > 0).await;
    assert_eq!((taken.peer_bytes, taken.upload_bytes, taken.bad_bytes), (0, 0, 0));
    takers.leave().await;
    one.leave().await;
    stage.strike().await;
}
