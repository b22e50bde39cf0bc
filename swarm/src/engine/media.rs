//! What the player says, and what it gets: playlists, positions, wishes, whole segments; and the cache between.

use protocol::id::{Rendition, SegmentKey};
use protocol::time::Instant;

use super::Engine;
use crate::io::{Handle, Listed, Output, Playhead, WantId};
use crate::limits::{DUE_BEFORE_FIRST_FRAME, SEGMENTS_KEPT_MAX, SEGMENTS_MAX};
use crate::wants::Want;
use crate::window::{BlockState, Piece, SegmentState};

impl Engine {
    pub(super) fn on_playlist(&mut self, segments: &[Listed], ended: bool) {
        self.ended = ended;
        let skip = segments.len().saturating_sub(SEGMENTS_KEPT_MAX);
        for listed in segments.iter().skip(skip) {
            let Some(segment) = self.segment(listed.segment) else { continue };
            segment.listed = true;
            if segment.list.closed.is_none() {
                segment.start = Some(listed.start);
                segment.duration_ms = listed.duration_ms;
            }
        }
        if let Some(newest) = segments.last() {
            self.encoder.prove(newest.start.plus_millis(u64::from(newest.duration_ms)), self.now);
        }
    }

    pub(super) fn on_playhead(&mut self, playhead: Playhead) {
        self.position.tell(playhead, self.now);
    }

    pub(super) fn on_rendition(&mut self, rendition: Rendition) {
        if self.rendition.replace(rendition) != Some(rendition) {
            self.floor = self.position.buffered_until();
            self.encoder.forget_sizes();
            self.early.turn();
        }
    }

    pub(super) fn on_want(&mut self, want: WantId, key: SegmentKey) {
        let since = self.now;
        self.rendition.get_or_insert(key.rendition);
        self.first.get_or_insert(key);
        let alone = self.is_alone();
        let Some(segment) = self.segment(key) else {
            self.give_up(want);
            return;
        };
        let start = segment.start;
        if segment.given_up && segment.list.closed.is_none() && alone {
            self.give_up(want);
            return;
        }
        segment.given_up = false;
        if self.rendition == Some(key.rendition) && start.is_some() {
            self.floor = self.floor.into_iter().chain(start).min();
        }
        if let Some(oldest) = self.wants.add(Want { want, segment: key, since }) {
            self.give_up(oldest.want);
        }
        self.deliver(key);
    }

    /// Hands the segment to the player if it is whole and wished for.
    pub(super) fn deliver(&mut self, key: SegmentKey) {
        if !self.window.find(key).is_some_and(SegmentState::is_whole) {
            return;
        }
        let Some(segment) = self.window.keep(key) else { return };
        while let Some(want) = self.wants.take(key) {
            self.stats.segments_ready += 1;
            let blocks = segment.kept.iter().map(|piece| piece.handle).collect();
            self.out.push_back(Output::Ready { want: want.want, blocks });
        }
    }

    /// Leaves the segment to the player.
    pub(super) fn give_up_segment(&mut self, key: SegmentKey) {
        if let Some(segment) = self.window.find_mut(key) {
            segment.given_up = true;
        }
        while let Some(want) = self.wants.take(key) {
            self.give_up(want.want);
        }
    }

    fn give_up(&mut self, want: WantId) {
        self.stats.segments_given_up += 1;
        self.push(Output::GiveUp { want });
    }

    /// The player wishes for it, or will soon.
    pub(super) fn is_needed(&self, segment: &SegmentState) -> bool {
        if self.wants.find(segment.key).is_some() {
            return true;
        }
        let (Some(floor), Some(start), Some(end)) = (self.floor, segment.start, segment.end()) else {
            return false;
        };
        !segment.given_up
            && self.rendition == Some(segment.key.rendition)
            && start >= floor
            && self.position.in_reach(start, end, self.now)
    }

    /// The player shows nothing until it has this segment.
    pub(super) fn is_urgent(&self, key: SegmentKey) -> bool {
        !self.position.has_picture() && self.first == Some(key) && self.wants.find(key).is_some()
    }

    /// When the player runs dry without this segment; [`Instant::NEVER`] while that is not known.
    pub(super) fn due(&self, segment: &SegmentState) -> Instant {
        let wanted = self.wants.find(segment.key);
        if let (true, Some(start)) = (self.position.started, segment.start) {
            return self.position.due(start, self.now).unwrap_or(Instant::NEVER);
        }
        match wanted {
            Some(want) if self.position.started || self.is_urgent(segment.key) => want.since,
            Some(want) => want.since + DUE_BEFORE_FIRST_FRAME,
            None => Instant::NEVER,
        }
    }

    /// The segment's state, made now if it is new; old segments make room.
    pub(super) fn segment(&mut self, key: SegmentKey) -> Option<&mut SegmentState> {
        if self.window.find(key).is_none() && self.window.len() >= SEGMENTS_MAX {
            let oldest =
                self.window.iter().find(|segment| segment.key < key && !self.is_needed(segment))?.key;
            self.forget(oldest);
        }
        self.window.insert(key)
    }

    /// Lets the oldest segments go while the cache holds more than it may.
    pub(super) fn evict(&mut self) {
        if !core::mem::take(&mut self.crowded) {
            return;
        }
        while self.window.held_bytes() > self.config.cache_bytes_max || self.kept() > SEGMENTS_KEPT_MAX {
            let past = |segment: &&SegmentState| segment.blocks() > 0 && !self.is_needed(segment);
            let Some(oldest) = self.window.iter().find(past).map(|segment| segment.key) else { return };
            self.forget(oldest);
        }
    }

    fn kept(&self) -> usize {
        self.window.iter().filter(|segment| segment.blocks() > 0).count()
    }

    fn forget(&mut self, key: SegmentKey) {
        let Some(segment) = self.window.remove(key) else { return };
        if let Some(fetch) = segment.list.get {
            self.cancel_fetch(fetch);
        }
        segment.blocks.iter().for_each(|block| self.abandon(block));
        segment.kept.iter().for_each(|piece| self.discard(piece));
    }

    /// Ends everything that was begun for a block that is no more.
    pub(super) fn abandon(&mut self, block: &BlockState) {
        if let Some(fetch) = block.bought {
            self.cancel_fetch(fetch);
        }
        if let Some(asked) = block.asked {
            self.cancel_request(asked);
        }
        if !block.is_missing() {
            self.discard(&block.piece);
        }
    }

    /// Throws away the bytes of a block that had arrived.
    pub(super) fn discard(&mut self, piece: &Piece) {
        self.window.drop(piece.bytes);
        self.release(piece.handle);
    }

    pub(super) fn release(&mut self, handle: Handle) {
        self.push(Output::Release { handle });
    }
}
