//! Blocks of growing and whole segments, and the proofs of them.

use protocol::hash_list::{HashList, Signed};
use protocol::id::{Digest, Rendition, Segment, SegmentKey};
use protocol::limits::BLOCK_BYTES;
use protocol::time::StreamTime;
use sha2::{Digest as _, Sha256};

use super::{Growing, Signer, SignerKey};

fn check(pieces: &[usize], final_blocks: usize, whole_blocks: usize) {
    let mut growing = Growing::default();
    let all = (0..pieces.iter().sum::<usize>()).map(|at| (at % 251) as u8).collect::<Vec<u8>>();
    let mut rest = &all[..];
    for piece in pieces {
        let (now, later) = rest.split_at(*piece);
        growing.push(now);
        rest = later;
    }
    assert_eq!(growing.blocks().len(), final_blocks, "{pieces:?}");
    let whole = growing.finish();
    assert_eq!(whole.blocks.len(), whole_blocks, "{pieces:?}");
    assert_eq!(whole.blocks.concat(), all, "{pieces:?}");
    assert_eq!(whole.digest, Digest(Sha256::digest(&all).into()));
    for (block, hash) in whole.blocks.iter().zip(&whole.hashes) {
        assert_eq!(*hash, Digest(Sha256::digest(block).into()));
    }
}

#[test]
fn blocks_are_final_when_full_however_the_bytes_come() {
    let block = BLOCK_BYTES as usize;
    check(&[block - 1], 0, 1);
    check(&[block], 1, 1);
    check(&[block + 1], 1, 2);
    check(&[1, block, block, block - 1], 3, 3);
    check(&[3 * block + 7, 5], 3, 4);
    check(&[], 0, 0);
}

#[test]
fn a_signed_list_verifies_and_another_key_does_not_vouch_for_it() {
    let signer = Signer::new(&SignerKey([7; 32]));
    let list = HashList {
        stream: String::from("main"),
        segment: SegmentKey::new(Rendition(0), Segment(9)),
        start: StreamTime(1_700_000_000_000),
        closed: None,
        hashes: vec![Digest([1; 32])],
        previous: Digest::ZERO,
        key: signer.id(),
    };
    let encoded = signer.sign(list.clone()).encoded;
    let decoded = Signed::decode(&encoded).expect("our own encoding decodes");
    assert_eq!(decoded.list, list);
    let signature = ed25519_dalek::Signature::from_bytes(&decoded.signature);
    let verify = |key: [u8; 32]| {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key).expect("a key");
        key.verify_strict(&decoded.signed, &signature).is_ok()
    };
    assert!(verify(signer.public_key()));
    assert!(!verify(Signer::new(&SignerKey([8; 32])).public_key()));
}
