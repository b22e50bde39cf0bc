//! One viewer's shell: bytes by handle, links by partner, and a player.

use std::collections::BTreeMap;

use protocol::block;
use protocol::id::{BlockKey, PeerId, SegmentKey};
use protocol::time::{Duration, Instant, StreamTime};
use swarm::io::{Playhead, WantId};
use swarm::{Engine, Event, Handle, LinkId};

use super::origin::{SEGMENT_BYTES, listed};
use super::{key, peer_id};

/// Bytes: a true block of the stream, or as many false ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    True(BlockKey),
    False(u32),
}

impl Body {
    pub fn bytes(self) -> u32 {
        match self {
            Self::True(key) => {
                block::range(key.block, SEGMENT_BYTES).map_or(1, |range| range.end - range.start)
            }
            Self::False(bytes) => bytes,
        }
    }
}

/// One viewer.
pub struct Viewer {
    pub engine: Engine,
    pub id: PeerId,
    pub due: Instant,
    pub gone: bool,
    /// Belongs to the operator.
    pub super_peer: bool,
    /// Sends false bytes instead of true ones.
    pub lies: bool,
    /// Sends nothing that it says to send.
    pub swallows: bool,
    pub listed: Option<u64>,
    pub events: Vec<Event>,
    pub stalls: u32,
    /// The next segment to want, and the wish that is open.
    next: Option<u64>,
    open: Option<(WantId, u64)>,
    wants: u32,
    bodies: BTreeMap<Handle, Body>,
    handles: u32,
    links: Vec<(LinkId, usize, LinkId)>,
    playing_since: Option<(Instant, StreamTime)>,
    pub buffered: Option<StreamTime>,
    stalled: bool,
    pub given_up: u32,
    pub whole: u32,
}

impl Viewer {
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            id: peer_id(0),
            due: Instant::NEVER,
            gone: false,
            super_peer: false,
            lies: false,
            swallows: false,
            listed: None,
            events: Vec::new(),
            stalls: 0,
            next: None,
            open: None,
            wants: 0,
            bodies: BTreeMap::new(),
            handles: 0,
            links: Vec::new(),
            playing_since: None,
            buffered: None,
            stalled: false,
            given_up: 0,
            whole: 0,
        }
    }

    /// What must hold after every input.
    pub fn check(&self) {
        let stats = self.engine.stats();
        let downloaded = stats.origin_bytes + stats.peer_bytes + stats.super_peer_bytes;
        assert!(
            self.super_peer || stats.upload_bytes <= downloaded,
            "upload {} > download {downloaded}",
            stats.upload_bytes
        );
    }

    pub fn hold(&mut self, body: Body) -> Handle {
        let handle = Handle(self.handles);
        self.handles += 1;
        self.bodies.insert(handle, body);
        handle
    }

    pub fn body(&self, handle: Handle) -> Body {
        *self.bodies.get(&handle).expect("the engine names bytes that it has")
    }

    pub fn outgoing(&self, handle: Handle) -> Body {
        let body = self.body(handle);
        if self.lies { Body::False(body.bytes()) } else { body }
    }

    pub fn release(&mut self, handle: Handle) {
        self.bodies.remove(&handle).expect("bytes are released once");
    }

    /// Bytes held and not released.
    pub fn held(&self) -> usize {
        self.bodies.len()
    }

    pub fn pair(&mut self, link: LinkId, sdp: &str) -> (usize, LinkId) {
        let mut parts = sdp.split(' ').map(|part| part.parse::<u32>().expect("our own words"));
        let (them, theirs) =
            (parts.next().expect("a viewer") as usize, LinkId(parts.next().expect("a link")));
        self.links.push((link, them, theirs));
        (them, theirs)
    }

    pub fn partner(&self, link: LinkId) -> Option<(usize, LinkId)> {
        self.links.iter().find(|known| known.0 == link).map(|known| (known.1, known.2))
    }

    pub fn unpair(&mut self, link: LinkId) -> Option<(usize, LinkId)> {
        let place = self.links.iter().position(|known| known.0 == link)?;
        let (_, them, theirs) = self.links.remove(place);
        Some((them, theirs))
    }

    /// The next segment that the player asks for, one at a time.
    pub fn next_want(&mut self) -> Option<(WantId, SegmentKey)> {
        let newest = self.listed?;
        let next = *self.next.get_or_insert(newest - 2);
        if self.open.is_some() || next > newest {
            return None;
        }
        let want = WantId(self.wants);
        self.wants += 1;
        self.open = Some((want, next));
        Some((want, key(next)))
    }

    pub fn ready(&mut self, want: WantId, blocks: &[Handle], now: Instant) {
        let (open, number) = self.open.take().expect("only an open wish is answered");
        assert_eq!(open, want);
        for (handle, place) in blocks.iter().zip(0..) {
            let true_block = BlockKey::new(key(number), protocol::id::Block(place));
            assert_eq!(self.body(*handle), Body::True(true_block), "only true blocks are played");
        }
        self.whole += 1;
        self.append(number, now);
    }

    /// The player loads it as plain HLS does.
    pub fn given_up(&mut self, want: WantId) {
        let (open, number) = self.open.take().expect("only an open wish is answered");
        assert_eq!(open, want);
        self.given_up += 1;
        self.append(number, self.playing_since.map_or(Instant::ZERO, |(since, _)| since));
    }

    fn append(&mut self, number: u64, now: Instant) {
        let start = listed(number).start;
        self.buffered = Some(start.plus_millis(2_000));
        self.playing_since.get_or_insert((now, start));
        self.next = Some(number + 1);
    }

    /// Plays on; the position to tell, once something is shown.
    pub fn play(&mut self, now: Instant) -> Option<Playhead> {
        let (since, from) = self.playing_since?;
        let until = self.buffered?;
        let at = from.plus_millis(now.since(since).as_millis());
        let dry = at > until;
        self.stalls += u32::from(dry && !self.stalled);
        self.stalled = dry;
        if dry {
            self.playing_since = Some((now, until));
        }
        Some(Playhead { at: at.min(until), buffered_until: until, playing: true })
    }

    /// How far behind the encoder the picture is.
    pub fn behind(&self, now: Instant) -> Duration {
        let at = self.playing_since.map_or(0, |(since, from)| from.0 + now.since(since).as_millis());
        let live = listed(0).start.0 + now.0 / 1_000;
        Duration::from_millis(live.saturating_sub(at))
    }
}
