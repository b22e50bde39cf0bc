//! The rival's shell: its messages and segments over the world's links, its GETs, its player.
//!
//! A message is a kind and numbers of four bytes: places stand for the rival's ids of segments, which are as long. What it
//! sends of a segment carries a request and an offset, which the rival knows from the order of its channel.

use protocol::id::{Block, BlockKey};
use protocol::time::Instant;
use swarm::LinkId;

use super::{Load, Look, PROCESS, RETRY, Rival, Step, Upload};
use crate::lies::Lie;
use crate::mesh::{Body, EndId, Payload, Phase, ViewerId};
use crate::origin::Resource;
use crate::web::Asker;
use crate::world::World;

/// Bytes of a segment in one message (`webRtcMaxMessageSize`, 65,535).
const CHUNK_BYTES: u32 = 65_535;
/// Nothing more is handed to a channel that has more than this to send (`simple-peer`).
const BUFFERED_BYTES: u64 = 65_536;

/// What one viewer says to another.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Message {
    /// All that it holds, and all that it loads by HTTP.
    Here { loaded: Vec<u32>, loading: Vec<u32> },
    /// Send this segment from this byte on.
    Request { place: u32, request: u32, from: u32 },
    /// The segment is not here.
    Absent { place: u32, request: u32 },
    /// The answer is not wanted any more.
    Cancel { request: u32 },
}

impl Message {
    fn encode(&self) -> Vec<u8> {
        let numbers: Vec<u32> = match self {
            Self::Here { loaded, loading } => {
                let count = u32::try_from(loaded.len()).unwrap_or(0);
                [&[0, count], loaded.as_slice(), loading].concat()
            }
            Self::Request { place, request, from } => vec![1, *place, *request, *from],
            Self::Absent { place, request } => vec![2, *place, *request],
            Self::Cancel { request } => vec![3, *request],
        };
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let numbers = numbers(bytes)?;
        match *numbers.as_slice() {
            [0, count, ref places @ ..] => {
                let (loaded, loading) = places.split_at_checked(count as usize)?;
                Some(Self::Here { loaded: loaded.to_vec(), loading: loading.to_vec() })
            }
            [1, place, request, from] => Some(Self::Request { place, request, from }),
            [2, place, request] => Some(Self::Absent { place, request }),
            [3, request] => Some(Self::Cancel { request }),
            _ => None,
        }
    }
}

fn numbers(bytes: &[u8]) -> Option<Vec<u32>> {
    bytes.chunks(4).map(|word| Some(u32::from_le_bytes(word.try_into().ok()?))).collect()
}

fn place_of(number: u32) -> usize {
    number as usize
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl World {
    /// What a viewer's rival looks at now.
    pub(super) fn rival_look(&mut self, id: ViewerId) -> Look {
        let now = self.now();
        let player = &mut self.viewers[id.0 as usize].player;
        player.advance(now);
        let position = player.playhead().at;
        let start = |place: usize| (place, self.stream.start(self.stream.segments()[place].key));
        let listed = self.viewers[id.0 as usize].player.listed().map(start).collect();
        Look { now, position, listed, segment_ms: u64::from(self.scenario.stream.segment_ms) }
    }

    /// Looks at the queue.
    pub(crate) fn rival_process(&mut self, id: ViewerId) {
        let look = self.rival_look(id);
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        let steps = rival.process(&look);
        self.rival_do(id, steps);
    }

    /// As the picture moves: silent neighbours, the queue, the cache.
    pub(crate) fn rival_playhead(&mut self, id: ViewerId) {
        let look = self.rival_look(id);
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        let mut steps = Vec::new();
        let leave = rival.end_silent(look.now, &mut steps);
        if !steps.is_empty() || rival.processed + PROCESS <= look.now {
            rival.evict(&look);
            steps.extend(rival.process(&look));
        }
        self.rival_do(id, steps);
        leave.into_iter().for_each(|link| self.rival_leave(id, link));
    }

    /// The player asks for a segment.
    pub(crate) fn rival_want(&mut self, id: ViewerId, place: usize) {
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        (rival.wanted, rival.requested) = (Some(place), Some(place));
        self.rival_answer(id);
        self.rival_process(id);
    }

    /// The playlist has moved past what the player waits for: it asks for another segment.
    pub(crate) fn rival_listed(&mut self, id: ViewerId) {
        let viewer = &mut self.viewers[id.0 as usize];
        let listed = viewer.player.listed();
        let Some(rival) = viewer.rival.as_mut() else { return };
        if rival.wanted.take_if(|wanted| *wanted < listed.start).is_some() {
            viewer.player.on_failure();
        }
        self.rival_process(id);
    }

    /// Hands the player what it waits for, where that is here.
    fn rival_answer(&mut self, id: ViewerId) {
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        let stored = rival.wanted.and_then(|place| Some((place, *rival.stored.get(&place)?)));
        let Some((place, spoilt)) = stored else { return };
        rival.wanted = None;
        // A spoilt segment counts as one.
        self.violations.bad_blocks += u64::from(spoilt);
        self.appended(id, place);
    }

    pub(super) fn rival_do(&mut self, id: ViewerId, steps: Vec<Step>) {
        let mut announce = false;
        for step in steps {
            match step {
                Step::Http(place, from) => {
                    let get = self.get(id, Asker::Rival(place), Resource::Rest(place, from));
                    let rival = self.viewers[id.0 as usize].rival.as_mut();
                    if let Some(Load::Http(held)) = rival.and_then(|rival| rival.loads.get_mut(&place)) {
                        *held = Some(get);
                    }
                    announce = true;
                }
                Step::Abort(get) => {
                    self.abort(id, get);
                    announce = true;
                }
                Step::Ask { link, request, place, from } => {
                    self.rival_say(id, link, &Message::Request { place: number_of(place), request, from });
                }
                Step::Cancel { link, request, .. } => self.rival_say(id, link, &Message::Cancel { request }),
                Step::Announce => announce = true,
            }
        }
        if announce {
            self.rival_tell(id, None);
        }
    }

    /// Tells one neighbour or all of them what is here.
    pub(super) fn rival_tell(&mut self, id: ViewerId, only: Option<LinkId>) {
        let viewer = &self.viewers[id.0 as usize];
        let Some(rival) = viewer.rival.as_ref().filter(|_| viewer.home.uploads) else { return };
        let by_http = rival.loads.iter().filter(|(_, load)| matches!(load, Load::Http(_)));
        let message = Message::Here {
            loaded: rival.stored.keys().copied().map(number_of).collect(),
            loading: by_http.map(|(place, _)| number_of(*place)).collect(),
        };
        let links = rival.peers.keys().copied().filter(|link| only.is_none_or(|only| only == *link));
        let links: Vec<LinkId> = links.collect();
        links.into_iter().for_each(|link| self.rival_say(id, link, &message));
    }

    fn rival_say(&mut self, id: ViewerId, link: LinkId, message: &Message) {
        let end = self.viewers[id.0 as usize].shell.links.get(link);
        if end.is_some_and(|end| self.mesh.phase(end) == Phase::Open) {
            self.transmit(id, link, message.encode());
            self.pump(id);
        }
    }

    /// Something came from a neighbour.
    pub(crate) fn rival_message(&mut self, to: EndId, payload: &Payload) {
        let (id, link) = (self.mesh.end(to).viewer, self.mesh.end(to).link);
        match payload {
            Payload::Short(length, bytes) => self.rival_told(id, link, &bytes[..usize::from(*length)]),
            Payload::Control(bytes) => self.rival_told(id, link, bytes),
            Payload::Data(data) => self.rival_data(id, &data.0, data.1),
        }
        self.settle(id);
    }

    fn rival_told(&mut self, id: ViewerId, link: LinkId, bytes: &[u8]) {
        let now = self.now();
        self.viewers[id.0 as usize].access.receive_small(now, bytes.len() as u64);
        if let Some(message) = Message::decode(bytes) {
            self.rival_heard(id, link, message);
        }
    }

    fn rival_heard(&mut self, id: ViewerId, link: LinkId, message: Message) {
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        let Some(peer) = rival.peers.get_mut(&link) else { return };
        match message {
            Message::Here { loaded, loading } => {
                peer.loaded = loaded.into_iter().map(place_of).collect();
                peer.loading = loading.into_iter().map(place_of).collect();
                self.rival_process(id);
            }
            Message::Request { place, request, from } => {
                let here = rival.stored.contains_key(&place_of(place));
                peer.upload = here.then_some(Upload { place: place_of(place), request, next: from });
                let end = peer.end;
                if here {
                    self.rival_push(end);
                } else {
                    self.rival_say(id, link, &Message::Absent { place, request });
                }
            }
            Message::Absent { place, request } => {
                peer.loaded.remove(&place_of(place));
                rival.fail(place_of(place), request);
                self.rival_process(id);
            }
            Message::Cancel { request } => {
                peer.upload.take_if(|upload| upload.request == request);
            }
        }
    }

    /// Hands the channel as much of the segment under way as it takes.
    pub(crate) fn rival_push(&mut self, end: EndId) {
        let (id, link) = (self.mesh.end(end).viewer, self.mesh.end(end).link);
        while self.mesh.phase(end) == Phase::Open && self.mesh.end(end).queued <= BUFFERED_BYTES {
            let viewer = &mut self.viewers[id.0 as usize];
            let Some(rival) = viewer.rival.as_mut() else { return };
            let Some(peer) = rival.peers.get_mut(&link) else { return };
            let Some(upload) = peer.upload.as_mut() else { return };
            let made = &self.stream.segments()[upload.place];
            let bytes = made.bytes.saturating_sub(upload.next).min(CHUNK_BYTES);
            if bytes == 0 {
                peer.upload = None;
                return;
            }
            let spoilt = rival.stored.get(&upload.place).copied().unwrap_or(false);
            let chunk = Block(u16::try_from(upload.next / CHUNK_BYTES).unwrap_or(u16::MAX));
            let body = Body {
                block: BlockKey::new(made.key, chunk),
                bytes,
                corrupt: spoilt || viewer.lie.is_some_and(Lie::corrupts),
            };
            let header = [upload.request.to_le_bytes(), upload.next.to_le_bytes()].concat();
            upload.next += bytes;
            // A black hole never sends.
            if viewer.lie != Some(Lie::Swallows) {
                viewer.account.sent_bytes += u64::from(bytes);
                self.transmit_block(id, link, header, body);
                self.pump(id);
            }
        }
    }

    fn rival_data(&mut self, id: ViewerId, header: &[u8], body: Body) {
        let now = self.now();
        let Some([request, from]) = numbers(header).and_then(|numbers| <[u32; 2]>::try_from(numbers).ok())
        else {
            return;
        };
        let Some(place) = self.stream.place(body.block.segment) else { return };
        let total = self.stream.segments()[place].bytes;
        let Some(rival) = self.viewers[id.0 as usize].rival.as_mut() else { return };
        // What was cancelled, or asked for again elsewhere, is thrown away.
        let whole = rival.took(place, request, from, body, now, total);
        if let Some(moved) = whole {
            self.viewers[id.0 as usize].account.peer_bytes += u64::from(moved);
            self.rival_stored(id);
        }
    }

    /// A segment is whole: the player may wait for it, and everybody is told.
    fn rival_stored(&mut self, id: ViewerId) {
        self.rival_answer(id);
        self.rival_tell(id, None);
        self.rival_process(id);
    }

    /// A GET ended, with so many bytes or without any.
    pub(crate) fn rival_brought(&mut self, id: ViewerId, place: usize, bytes: Option<u64>) {
        let now = self.now();
        let viewer = &mut self.viewers[id.0 as usize];
        let Some(rival) = viewer.rival.as_mut() else { return };
        rival.loads.remove(&place);
        if let Some(bytes) = bytes {
            let partial = rival.partial.remove(&place).unwrap_or_default();
            rival.stored.insert(place, partial.spoilt);
            viewer.account.origin_bytes += bytes;
            viewer.account.peer_bytes += u64::from(partial.bytes);
            self.rival_stored(id);
        } else {
            rival.rests.insert(place, now + RETRY);
            self.rival_tell(id, None);
            self.rival_process(id);
        }
        self.settle(id);
    }
}

impl Rival {
    /// The neighbour has not got it.
    fn fail(&mut self, place: usize, request: u32) {
        let asked = self.loads.get(&place);
        let Some(Load::Peer { link, .. }) = asked.filter(|load| load.is(request)).copied() else { return };
        self.loads.remove(&place);
        if let Some(peer) = self.peers.get_mut(&link) {
            peer.downloading = None;
        }
    }

    /// A piece came. Where it was the last one of its segment: how many bytes neighbours gave of that.
    fn took(
        &mut self,
        place: usize,
        asked: u32,
        at: u32,
        body: Body,
        now: Instant,
        total: u32,
    ) -> Option<u32> {
        let load = self.loads.get_mut(&place).filter(|load| load.is(asked))?;
        let Load::Peer { link, heard, began, from, .. } = load else { return None };
        *heard = now;
        let (link, began, from) = (*link, *began, *from);
        let partial = self.partial.entry(place).or_default();
        // Pieces of one answer may overtake each other by a packet; each counts once.
        debug_assert!(at >= from, "an answer begins where it was asked to");
        partial.bytes += body.bytes;
        partial.spoilt |= body.corrupt;
        if partial.bytes < total {
            return None;
        }
        let spoilt = partial.spoilt;
        self.partial.remove(&place);
        self.loads.remove(&place);
        self.stored.insert(place, spoilt);
        let took = now.since(began).as_millis().max(1);
        if let Some(peer) = self.peers.get_mut(&link) {
            let pace = u64::from(total - from) * 1_000 / took;
            peer.pace = if peer.pace == 0 { pace } else { peer.pace.midpoint(pace) };
            (peer.downloading, peer.strikes) = (None, 0);
        }
        Some(total)
    }
}

impl Load {
    fn is(&self, asked: u32) -> bool {
        matches!(self, Self::Peer { request, .. } if *request == asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_their_bytes_and_rubbish_is_none() {
        let messages = [
            Message::Here { loaded: vec![4, 5], loading: vec![6] },
            Message::Here { loaded: Vec::new(), loading: Vec::new() },
            Message::Request { place: 9, request: 1, from: 65_535 },
            Message::Absent { place: 9, request: 1 },
            Message::Cancel { request: 1 },
        ];
        for message in messages {
            assert_eq!(Message::decode(&message.encode()), Some(message));
        }
        for rubbish in [&[][..], &[1, 2, 3], &[7, 0, 0, 0], &[0, 0, 0, 0, 9, 0, 0, 0]] {
            assert_eq!(Message::decode(rubbish), None);
        }
    }
}
