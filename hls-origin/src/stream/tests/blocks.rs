//! Blocks of a stream: offered before their segment ends, proven, chained.

use protocol::hash_list::Signed;
use protocol::id::Digest;
use sha2::{Digest as _, Sha256};

use super::world::{World, signer};
use crate::fixture::Encoder;
use crate::stream::{Answer, RenditionView};

fn list(view: &RenditionView, msn: u64, blocks: usize) -> Signed {
    let Answer::Ready(bytes) = view.list(msn, blocks) else { panic!("{:?}", view.list(msn, blocks)) };
    let signed = Signed::decode(&bytes).expect("our own encoding decodes");
    let key = ed25519_dalek::VerifyingKey::from_bytes(&signer().public_key()).expect("a key");
    let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
    key.verify_strict(&signed.signed, &signature).expect("the origin signed it");
    signed
}

#[test]
fn blocks_are_offered_and_proven_before_their_segment_ends() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    // 20,500 bytes of samples and some headers in each fragment: the third completes the first block.
    world.run(&mut publisher, 600);
    let view = world.view(0);
    assert!(view.playlist.is_none() && view.segment(100).is_none());
    let Answer::Ready((bytes, hash)) = view.block(100, 0) else { panic!("{:?}", view.block(100, 0)) };
    assert_eq!(bytes.len(), 61_440);
    assert_eq!(hash, Digest(Sha256::digest(&bytes).into()));
    let signed = list(&view, 100, 1);
    assert_eq!((signed.list.hashes.as_slice(), signed.list.closed), (&[hash][..], None));
    assert_eq!(view.block(100, 1), Answer::Due);
    assert_eq!(view.list(100, 2), Answer::Due);
}

#[test]
fn a_closed_list_covers_all_blocks_and_any_number_asked_for() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 2_200);
    let view = world.view(0);
    let segment = view.segment(100).expect("whole");
    let body = segment.body.as_ref().expect("no gap");
    let signed = list(&view, 100, 1_000);
    let closed = signed.list.closed.expect("closed");
    assert_eq!((closed.bytes, closed.duration_ms), (body.whole.bytes, 2_000));
    assert_eq!(signed.list.hashes, body.whole.hashes);
    assert_eq!(view.block(100, body.whole.blocks.len()), Answer::Never);
    let sizes = body.whole.blocks.iter().map(|block| block.len()).collect::<Vec<usize>>();
    let (last, full) = sizes.split_last().expect("some");
    assert!(full.iter().all(|bytes| *bytes == 61_440) && *last <= 61_440);
}

#[test]
fn closing_lists_are_chained_across_segments_and_publishers() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 5_000);
    world.leave(&publisher);
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 3_000);
    let view = world.view(0);
    let mut link = Digest::ZERO;
    for msn in 100..=103 {
        let signed = list(&view, msn, 1);
        assert_eq!(signed.list.previous, link, "{msn}");
        link = Digest(Sha256::digest(&signed.signed).into());
    }
    assert_eq!(list(&view, 104, 1).list.previous, link, "the growing one links to the last closed one");
}

#[test]
fn who_asks_ahead_of_time_waits_for_the_next_segment_and_no_further() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 2_600);
    let view = world.view(0);
    let rows = [(99, Answer::Gone), (101, Answer::Due), (102, Answer::Due), (103, Answer::NotYet)];
    for (msn, answer) in rows {
        assert_eq!(view.block(msn, 2), answer, "{msn}");
        assert_eq!(view.list(msn, 3).map(|_| ()), answer.map(|_| ()), "{msn}");
    }
}

#[test]
fn after_the_end_nothing_more_is_due() {
    let mut world = World::new();
    let mut publisher = world.publish("a", Encoder::new(50));
    world.run(&mut publisher, 4_200);
    world.leave(&publisher);
    assert_eq!(world.view(0).block(103, 0), Answer::Due, "it may return");
    world.wait(60_000);
    assert_eq!(world.view(0).block(103, 0), Answer::Never);
    assert!(matches!(world.view(0).block(100, 0), Answer::Ready(_)));
}
