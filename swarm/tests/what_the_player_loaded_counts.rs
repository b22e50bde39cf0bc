//! What the player loads by itself, as a page's first segment mostly is, was downloaded too: as much may be uploaded.

mod mesh;

use mesh::One;
use protocol::peer::Message;
use swarm::Input;
use swarm::limits::LOADED_BYTES_MAX;

/// What a viewer whose player loaded so many bytes tells its first neighbour that it could upload.
fn told(loaded: &[u32]) -> Option<u64> {
    let mut one = One::new();
    for bytes in loaded {
        one.feed(Input::Loaded { bytes: *bytes });
    }
    assert!(one.meet(mesh::peer_id(1)));
    let said = one.said();
    said.iter().find_map(|message| match message {
        Message::Budget(budget) => Some(budget.spare_bytes),
        _ => None,
    })
}

#[test]
fn who_loaded_nothing_may_upload_nothing() {
    assert_eq!(told(&[]), Some(0));
}

#[test]
fn each_byte_may_be_uploaded() {
    assert_eq!(told(&[500_000, 61_440]), Some(561_440));
}

#[test]
fn more_than_a_segments_maximum_counts_as_that() {
    assert_eq!(told(&[LOADED_BYTES_MAX + 1]), Some(u64::from(LOADED_BYTES_MAX)));
}
