//! Bytes that arrive: from the GET or the neighbour, through the hash, into the window.

use protocol::id::{BlockKey, Digest};

use super::Engine;
use crate::io::{Event, FetchFailure, FetchId, Handle, Offence, Output};
use crate::limits::BLOCK_ABSENT_MAX;
use crate::origin::{self, Get, What};
use crate::window::{Held, Piece, Source};

impl Engine {
    pub(super) fn on_fetched(&mut self, fetch: FetchId, handle: Handle, bytes: u32) {
        let Some(Get { what: What::Block(key), since, ahead, .. }) = self.origin.close(fetch) else {
            self.stats.late_bytes += u64::from(bytes);
            self.release(handle);
            return;
        };
        let asked = if ahead { since.max(self.exists_at(key)) } else { since };
        self.pace.took(self.now.since(asked), self.now);
        if let Some(block) = self.window.block_mut(key) {
            block.bought = None;
        }
        self.arrived(key, handle, bytes, Source::Origin);
    }

    /// Bytes that claim to be this block. They are hashed at once, whether or not a list can prove them yet.
    pub(super) fn arrived(&mut self, key: BlockKey, handle: Handle, bytes: u32, source: Source) {
        let expected = self.window.find(key.segment).and_then(|segment| segment.bytes_of(key.block));
        let Some(block) = self.window.block_mut(key).filter(|block| block.is_missing()) else {
            self.stats.duplicate_bytes += u64::from(bytes);
            self.release(handle);
            return;
        };
        block.held = Held::Checking(None);
        block.piece = Piece { handle, source, bytes, ..block.piece };
        self.window.hold(bytes);
        self.crowded = true;
        if expected.is_some_and(|expected| expected != bytes) {
            self.refute(key);
            return;
        }
        self.push(Output::Verify { handle });
    }

    pub(super) fn on_verified(&mut self, verified: Handle, found: Digest) {
        // Bytes that were released meanwhile are nobody's.
        let Some(key) = self.window.of_handle(verified) else { return };
        if let Some(block) = self.window.block_mut(key)
            && let Held::Checking(digest) = &mut block.held
        {
            *digest = Some(found);
        }
        self.settle(key);
    }

    /// Judges a hashed block by the list, as soon as there are both.
    pub(super) fn settle(&mut self, key: BlockKey) {
        let Some(segment) = self.window.find_mut(key.segment) else { return };
        let size = segment.bytes_of(key.block);
        let proof = segment.list.hashes.get(usize::from(key.block.0)).copied();
        let Some(block) = segment.blocks.get_mut(usize::from(key.block.0)) else { return };
        let (Held::Checking(Some(digest)), Piece { source, bytes, .. }) = (block.held, block.piece) else {
            return;
        };
        let Some(proof) = proof else { return };
        if digest != proof || size != Some(bytes) {
            self.refute(key);
            return;
        }
        block.held = Held::Have;
        block.piece.done = self.now;
        let bytes = u64::from(bytes);
        let (bought, asked) = (block.bought.take(), block.asked.take());
        block.promises.clear();
        self.count_arrival(bytes, source);
        self.stirred |= bought.is_some() || asked.is_some();
        if let Some(fetch) = bought {
            self.cancel_fetch(fetch);
        }
        if let Some(asked) = asked {
            self.cancel_request(asked);
        }
        self.tell_have(key, source);
        let from = match source {
            Source::Origin => None,
            Source::Peer(_, peer) => Some(peer),
        };
        self.push(Output::Event(Event::BlockArrived { block: key, from }));
        if let Some(segment) = self.window.find(key.segment).filter(|segment| segment.is_whole()) {
            self.early.learn(segment.fallbacks, segment.blocks.len());
        }
        self.deliver(key.segment);
    }

    fn count_arrival(&mut self, bytes: u64, source: Source) {
        self.budget.earn(bytes);
        self.share.arrived();
        match source {
            Source::Origin => {
                self.stats.origin_bytes += bytes;
                self.stats.origin_blocks += 1;
            }
            Source::Peer(link, _) => {
                let sender = self.peers.find_mut(link);
                let by_operator = sender.as_ref().is_some_and(|peer| peer.is_super());
                if let Some(peer) = sender {
                    peer.received_bytes += bytes;
                }
                self.stats.peer_blocks += 1;
                let total =
                    if by_operator { &mut self.stats.super_peer_bytes } else { &mut self.stats.peer_bytes };
                *total += bytes;
            }
        }
    }

    /// The list refutes these bytes: they are thrown away, and whoever sent them is named.
    pub(super) fn refute(&mut self, key: BlockKey) {
        let Some(block) = self.window.block_mut(key) else { return };
        let (Held::Checking(_), piece) = (block.held, block.piece) else { return };
        block.held = Held::Missing;
        self.stats.bad_bytes += u64::from(piece.bytes);
        self.stirred = true;
        self.discard(&piece);
        match piece.source {
            Source::Origin => {
                self.block_failed(key, false);
                self.push(Output::Event(Event::OriginBad { block: key }));
            }
            Source::Peer(_, peer) => self.condemn(peer, Offence::BadBlock),
        }
    }

    pub(super) fn on_fetch_failed(&mut self, fetch: FetchId, failure: FetchFailure) {
        let Some(get) = self.origin.close(fetch) else { return };
        match get.what {
            What::Block(key) => self.on_block_failed(key, failure),
            What::List(key) => self.on_list_failed(key, failure),
        }
    }

    fn on_block_failed(&mut self, key: BlockKey, failure: FetchFailure) {
        if let Some(block) = self.window.block_mut(key) {
            block.bought = None;
            if let FetchFailure::NotYet { retry_ms } = failure {
                block.retry_at = self.now + origin::not_yet(retry_ms);
                return;
            }
        }
        self.block_failed(key, failure == FetchFailure::Absent);
    }

    fn block_failed(&mut self, key: BlockKey, absent: bool) {
        let Some(block) = self.window.block_mut(key) else { return };
        block.fails = block.fails.saturating_add(1);
        block.absent += u8::from(absent && block.absent < BLOCK_ABSENT_MAX);
        block.retry_at = self.now + origin::pause(block.fails);
        let lost = block.proven.is_some() && block.absent >= BLOCK_ABSENT_MAX;
        if lost && self.is_alone() {
            self.give_up_segment(key.segment);
        }
    }

    /// GETs that used up their patience are cancelled, and count as failed.
    pub(super) fn end_overdue_fetches(&mut self) {
        while let Some(Get { fetch, since, ahead, .. }) = self.origin.overdue(self.now) {
            if !ahead {
                self.pace.took(self.now.since(since), self.now);
            }
            self.push(Output::CancelFetch { fetch });
            self.on_fetch_failed(fetch, FetchFailure::Unreachable);
        }
    }

    /// Nobody wants the answer any more.
    pub(super) fn cancel_fetch(&mut self, fetch: FetchId) {
        if self.origin.close(fetch).is_some() {
            self.push(Output::CancelFetch { fetch });
        }
    }
}
