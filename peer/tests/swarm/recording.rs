//! A native viewer records what its engine saw, and the recording replays to the same outputs.

use replay::Recording;

use crate::crowd::{Crowd, config};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_native_viewers_recording_replays_to_the_same_outputs() {
    let stage = Stage::set().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("first.replay");
    let record = path.to_str().unwrap().to_owned();
    let mut crowd = Crowd::come(peer::Config { record, seed: 11, ..config(&stage, 3) });
    crowd.until(|report| report.peer_bytes > 1_000_000).await;
    crowd.leave().await;
    stage.strike().await;

    let file = std::fs::read(&path).unwrap();
    let recording = Recording::parse(&file).unwrap();
    assert_eq!(recording.config.seed, 11);
    let outcome = recording.replay().unwrap();
    assert!(outcome.difference.is_none(), "{:?}", outcome.difference);
    assert!(!outcome.full && !outcome.cut && outcome.inputs > 100);
    assert!(outcome.stats.segments_ready > 0 && outcome.stats.links == 0, "it left");
    // Session descriptions were exchanged, and none is in it.
    for secret in [b"127.0.0.1".as_slice(), b"candidate", b"fingerprint"] {
        assert!(!file.windows(secret.len()).any(|window| window == secret));
    }
}
