//! Folds an engine's outputs into the state hash: the same seed must give the same outputs, bit for bit.

use protocol::id::{BlockKey, SegmentKey};
use swarm::Output;

use crate::random::Fold;

/// Folds one output in.
pub fn fold_output(fold: &mut Fold, output: &Output) {
    match output {
        Output::Timeout(at) => words(fold, 1, &[at.0]),
        Output::Transmit { link, bytes } => {
            words(fold, 2, &[u64::from(link.0)]);
            fold.bytes(bytes);
        }
        Output::TransmitBlock { link, header, handle } => {
            words(fold, 3, &[u64::from(link.0), u64::from(handle.0)]);
            fold.bytes(header);
        }
        Output::Dial { link } => words(fold, 4, &[u64::from(link.0)]),
        Output::Accept { link, sdp } => text(fold, 5, link.0, sdp),
        Output::Answered { link, sdp } => text(fold, 6, link.0, sdp),
        Output::Close { link } => words(fold, 7, &[u64::from(link.0)]),
        Output::TrackerConnect { tracker } => words(fold, 8, &[u64::from(*tracker)]),
        Output::Tracker(frame) => {
            words(fold, 9, &[]);
            fold.bytes(frame);
        }
        Output::Fetch { fetch, block } => {
            words(fold, 10, &[u64::from(fetch.0)]);
            block_key(fold, *block);
        }
        Output::FetchList { fetch, segment, blocks } => {
            words(fold, 11, &[u64::from(fetch.0), u64::from(*blocks)]);
            segment_key(fold, *segment);
        }
        Output::CancelFetch { fetch } => words(fold, 12, &[u64::from(fetch.0)]),
        Output::Verify { handle } => words(fold, 13, &[u64::from(handle.0)]),
        Output::VerifyList { check, key, signed, signature } => {
            words(fold, 14, &[u64::from(check.0), u64::from(key.0)]);
            fold.bytes(signed);
            fold.bytes(signature);
        }
        Output::Release { handle } => words(fold, 15, &[u64::from(handle.0)]),
        Output::Ready { want, blocks } => {
            words(fold, 16, &[u64::from(want.0)]);
            blocks.iter().for_each(|handle| fold.word(u64::from(handle.0)));
        }
        Output::GiveUp { want } => words(fold, 17, &[u64::from(want.0)]),
        // What engines tell people follows from the rest, and its words may change.
        Output::Event(_) => words(fold, 18, &[]),
    }
}

fn words(fold: &mut Fold, kind: u64, words: &[u64]) {
    fold.word(kind);
    words.iter().for_each(|word| fold.word(*word));
}

fn text(fold: &mut Fold, kind: u64, link: u32, text: &str) {
    words(fold, kind, &[u64::from(link)]);
    fold.bytes(text.as_bytes());
}

fn block_key(fold: &mut Fold, block: BlockKey) {
    segment_key(fold, block.segment);
    fold.word(u64::from(block.block.0));
}

fn segment_key(fold: &mut Fold, segment: SegmentKey) {
    fold.word(segment.segment.0 << 8 | u64::from(segment.rendition.0));
}
