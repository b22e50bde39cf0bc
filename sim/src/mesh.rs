//! Links between viewers: WebRTC as a state machine, and the messages on their way.
//!
//! A link has two ends, one at each viewer. An end is made by a dial or by an accepted offer, gathers, is answered, and
//! opens; session descriptions carry the number of the end that made them, and what shows a symmetric NAT. Messages are handed to an end,
//! wait for their turn on its viewer's uplink, and are on their way from then on.

use std::collections::{BTreeMap, VecDeque};

use protocol::id::BlockKey;
use protocol::time::{Duration, Instant};
use swarm::LinkId;

use crate::loss::Congestion;
use crate::slab::{Key, Slab};

/// A viewer of the world, by the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewerId(pub u32);

/// One end of a link; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub u32);

/// A message on its way.
pub type MessageId = Key;

/// The bytes of a block, as far as the world cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// Of which block.
    pub block: BlockKey,
    /// How many.
    pub bytes: u32,
    /// They are not what the origin sent.
    pub corrupt: bool,
}

/// Bytes of a message that needs no room of its own: nearly all that are not lists.
const SHORT: usize = 30;

/// What a message carries.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A short message that is not data: so many of these bytes.
    Short(u8, [u8; SHORT]),
    /// A message that is not data.
    Control(Vec<u8>),
    /// A data message: its header, and the block.
    Data(Box<(Vec<u8>, Body)>),
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// The end that it goes to, and whose that is.
    pub to: (EndId, ViewerId),
    /// The name that its engine gave that end.
    pub link: LinkId,
    /// What it carries.
    pub payload: Payload,
    /// When it reaches the other viewer's access; later while a lost tail is unrepaired.
    pub arrives: Instant,
}

/// Where an end stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its session description is being made.
    Gathering,
    /// It waits for the other side.
    Waiting,
    /// The channel is open.
    Open,
    /// The shell has forgotten it.
    Closed,
}

/// The end at the other viewer, and what is asked of it most.
#[derive(Clone, Copy, Debug)]
pub struct Far {
    /// The end.
    pub end: EndId,
    /// Whose.
    pub viewer: ViewerId,
    /// The name its engine gave it.
    pub link: LinkId,
}

/// One end of a link. The first line of memory is all that a message needs which waits for nothing.
#[repr(C, align(64))]
#[derive(Clone, Debug)]
pub struct End {
    /// The end at the other viewer, once it is known.
    pub far: Option<Far>,
    /// What the sender knows of the path.
    pub congestion: Congestion,
    /// One way to the other end.
    pub trip: Duration,
    /// How much later a message may be.
    pub jitter: Duration,
    /// Packets lost between the two, per million.
    pub loss: u32,
    /// Whose.
    pub viewer: ViewerId,
    /// The name its engine gave it.
    pub link: LinkId,
    /// Messages that wait.
    waiting: u32,
    /// It dialled; the other accepted.
    pub dialled: bool,
    /// Some message's tail was lost.
    lost: bool,

    /// Messages that wait for the uplink.
    pub queue: VecDeque<MessageId>,
    /// Bytes of the first of them that are sent.
    pub first_sent: u64,
    /// Bytes of them that are not.
    pub queued: u64,
}

/// All links of the world.
#[derive(Debug, Default)]
pub struct Mesh {
    ends: Vec<End>,
    /// Where each stands, apart from all else: whatever is sent or arrives asks for it first.
    phases: Vec<Phase>,
    /// Messages whose tail was lost, by the end that sent them, and how many later packets have shown that.
    tails: BTreeMap<EndId, Vec<(MessageId, u8)>>,
    /// Messages that wait or are on their way.
    pub messages: Slab<Message>,
    /// Offers that were answered, and those of them between two who find no way to each other.
    pub tried: u64,
    /// See `tried`.
    pub in_vain: u64,
}

/// What a session description of the world begins with.
const SDP_PREFIX: &str = "v=0 sim ";

impl End {
    /// The end at the other viewer, once it is known.
    #[must_use]
    pub fn other(&self) -> Option<EndId> {
        self.far.map(|far| far.end)
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting == 0
    }

    fn count_waiting(&mut self) {
        self.waiting = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
    }
}

impl Payload {
    /// A message that is not data.
    #[must_use]
    pub fn control(bytes: Vec<u8>) -> Self {
        let mut short = [0; SHORT];
        match (u8::try_from(bytes.len()), short.get_mut(..bytes.len())) {
            (Ok(length), Some(room)) => {
                room.copy_from_slice(&bytes);
                Self::Short(length, short)
            }
            _ => Self::Control(bytes),
        }
    }

    /// Bytes of payload on the channel.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Short(length, _) => u64::from(*length),
            Self::Control(bytes) => bytes.len() as u64,
            Self::Data(data) => data.0.len() as u64 + u64::from(data.1.bytes),
        }
    }
}

impl Mesh {
    /// Makes an end for `viewer`'s dial.
    pub fn dial(&mut self, viewer: ViewerId, link: LinkId) -> EndId {
        self.make(viewer, link, true, None)
    }

    /// Makes an end for an offer that `viewer` accepts; `None` where the offer is nobody's.
    pub fn accept(&mut self, viewer: ViewerId, link: LinkId, sdp: &str) -> Option<EndId> {
        let offerer = self.parse(sdp)?;
        Some(self.make(viewer, link, false, Some(offerer)))
    }

    fn make(&mut self, viewer: ViewerId, link: LinkId, dialled: bool, other: Option<EndId>) -> EndId {
        let id = EndId(u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        let far = other.map(|other| self.far(other));
        self.ends.push(End {
            far,
            congestion: Congestion::default(),
            trip: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0,
            viewer,
            link,
            waiting: 0,
            dialled,
            lost: false,
            queue: VecDeque::new(),
            first_sent: 0,
            queued: 0,
        });
        self.phases.push(Phase::Gathering);
        id
    }

    fn far(&self, end: EndId) -> Far {
        let state = self.end(end);
        Far { end, viewer: state.viewer, link: state.link }
    }

    /// The session description of an end.
    #[must_use]
    pub fn sdp(id: EndId) -> String {
        format!("{SDP_PREFIX}{}", id.0)
    }

    /// The same from behind a symmetric NAT, which shows two STUN ports two ports of its own: that is how a tracker knows.
    #[must_use]
    pub fn symmetric_sdp(id: EndId) -> String {
        let seen = |port: u16| {
            format!("\r\na=candidate:1 1 udp 1 198.51.100.1 {port} typ srflx raddr 0.0.0.0 rport 9")
        };
        Self::sdp(id) + &seen(40_001) + &seen(40_002)
    }

    /// The end that a session description is of.
    #[must_use]
    pub fn parse(&self, sdp: &str) -> Option<EndId> {
        let id = sdp.lines().next()?.strip_prefix(SDP_PREFIX)?.parse().ok()?;
        ((id as usize) < self.ends.len()).then_some(EndId(id))
    }

    /// The offer of `end` was answered by `sdp`. True where the two belong together and can connect.
    pub fn answered(&mut self, end: EndId, sdp: &str) -> bool {
        let Some(answerer) = self.parse(sdp) else { return false };
        let fits = self.end(answerer).other() == Some(end) && !self.end(answerer).dialled;
        if fits {
            self.end_mut(end).far = Some(self.far(answerer));
        }
        fits
    }

    /// Both ends open; answers false where either is gone.
    pub fn connect(&mut self, end: EndId) -> bool {
        let Some(other) = self.end(end).other() else { return false };
        let both = [end, other];
        let ready = both.iter().all(|id| self.phase(*id) == Phase::Waiting);
        if ready {
            both.iter().for_each(|id| self.enter(*id, Phase::Open));
        }
        ready
    }

    /// Closes one end and forgets what waits on it. Answers the other end, where that has still to notice.
    pub fn close(&mut self, end: EndId) -> Option<EndId> {
        self.enter(end, Phase::Closed);
        let tails = self.take_tails(end);
        let closed = self.end_mut(end);
        let queue = std::mem::take(&mut closed.queue);
        (closed.first_sent, closed.queued, closed.waiting) = (0, 0, 0);
        let other = closed.other();
        // What has left the uplink arrives or not, as the network likes; what has not never does.
        for id in queue {
            self.messages.take(id);
        }
        for (id, _) in tails {
            self.messages.take(id);
        }
        other.filter(|other| self.end(*other).other() == Some(end) && self.phase(*other) != Phase::Closed)
    }

    /// Open links, each once.
    pub fn links(&self) -> impl Iterator<Item = (ViewerId, ViewerId)> {
        let ends = self.ends.iter().zip(&self.phases);
        let open = ends.filter(|(end, phase)| end.dialled && **phase == Phase::Open).map(|(end, _)| end);
        open.filter_map(|end| Some((end.viewer, end.far?.viewer)))
    }

    /// One end.
    #[must_use]
    pub fn end(&self, id: EndId) -> &End {
        &self.ends[id.0 as usize]
    }

    /// Where an end stands.
    #[must_use]
    pub fn phase(&self, id: EndId) -> Phase {
        self.phases[id.0 as usize]
    }

    /// An end stands somewhere else from now on.
    pub fn enter(&mut self, id: EndId, phase: Phase) {
        self.phases[id.0 as usize] = phase;
    }

    /// One end, to be changed.
    pub fn end_mut(&mut self, id: EndId) -> &mut End {
        &mut self.ends[id.0 as usize]
    }

    /// Hands a message to an end. Answers whether the end has to take its place among its viewer's links.
    pub fn hand(&mut self, from: EndId, payload: Payload) -> bool {
        let bytes = payload.bytes();
        let id = self.slip(from, payload);
        let end = self.end_mut(from);
        end.queue.push_back(id);
        end.queued += bytes;
        end.count_waiting();
        end.queue.len() == 1
    }

    /// Puts a message on its way that waits for nothing.
    pub fn slip(&mut self, from: EndId, payload: Payload) -> MessageId {
        // An open end has another.
        let Far { end, viewer, link } = self.end(from).far.unwrap_or_else(|| self.far(from));
        self.messages.put(Message { to: (end, viewer), link, payload, arrives: Instant::NEVER })
    }

    /// The tail of a message was lost on its way.
    pub fn lose_tail(&mut self, from: EndId, message: MessageId) {
        self.end_mut(from).lost = true;
        self.tails.entry(from).or_default().push((message, 0));
    }

    /// The messages whose tails were lost, and how many later packets have shown that.
    pub fn take_tails(&mut self, from: EndId) -> Vec<(MessageId, u8)> {
        if std::mem::take(&mut self.end_mut(from).lost) {
            self.tails.remove(&from).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// Those of them whose loss is still to be shown.
    pub fn keep_tails(&mut self, from: EndId, tails: Vec<(MessageId, u8)>) {
        if !tails.is_empty() {
            self.end_mut(from).lost = true;
            self.tails.insert(from, tails);
        }
    }

    /// Bytes that are left of the first message that waits on an end.
    #[must_use]
    pub fn left(&self, end: EndId) -> u64 {
        let end = self.end(end);
        let first = end.queue.front().and_then(|id| self.messages.find(*id));
        first.map_or(0, |message| message.payload.bytes()).saturating_sub(end.first_sent)
    }

    /// So many bytes of an end's first message are sent. Answers the message where these were its last.
    pub fn sent(&mut self, end: EndId, bytes: u64) -> Option<MessageId> {
        let left = self.left(end);
        let state = self.end_mut(end);
        state.queued = state.queued.saturating_sub(bytes);
        state.first_sent += bytes;
        if bytes < left {
            return None;
        }
        state.first_sent = 0;
        let sent = state.queue.pop_front();
        state.count_waiting();
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Mesh, EndId, EndId) {
        let mut mesh = Mesh::default();
        let a = mesh.dial(ViewerId(0), LinkId(1));
        let b = mesh.accept(ViewerId(1), LinkId(5), &Mesh::sdp(a)).expect("the offer is known");
        assert!(mesh.answered(a, &Mesh::sdp(b)));
        mesh.enter(a, Phase::Waiting);
        mesh.enter(b, Phase::Waiting);
        assert!(mesh.connect(a));
        (mesh, a, b)
    }

    #[test]
    fn an_offer_and_its_answer_make_a_link() {
        let (mesh, a, b) = pair();
        assert_eq!(mesh.end(a).other(), Some(b));
        assert_eq!((mesh.phase(a), mesh.phase(b)), (Phase::Open, Phase::Open));
    }

    #[test]
    fn descriptions_that_are_nobodys_are_refused() {
        let (mut mesh, a, _) = pair();
        assert_eq!(mesh.accept(ViewerId(2), LinkId(1), "v=0 sim 99"), None);
        assert_eq!(mesh.accept(ViewerId(2), LinkId(1), "rubbish"), None);
        let stranger = mesh.dial(ViewerId(2), LinkId(2));
        assert!(!mesh.answered(stranger, &Mesh::sdp(a)));
    }

    #[test]
    fn a_message_is_sent_in_slices_and_taken_once() {
        let (mut mesh, a, _) = pair();
        assert!(mesh.hand(a, Payload::Control(vec![0; 100])));
        assert!(!mesh.hand(a, Payload::Control(vec![0; 10])));
        assert_eq!(mesh.sent(a, 60), None);
        assert_eq!((mesh.left(a), mesh.end(a).queued), (40, 50));
        let id = mesh.sent(a, 40).expect("it is sent whole");
        assert!(mesh.messages.take(id).is_some());
        assert!(mesh.messages.take(id).is_none());
        assert_eq!(mesh.left(a), 10);
    }

    #[test]
    fn what_is_looked_at_most_fits_into_a_line_of_memory() {
        assert!(size_of::<(u32, Option<Message>)>() <= 64, "a message and its place in the store");
        assert_eq!((std::mem::offset_of!(End, queue), size_of::<End>()), (64, 128));
        let (short, long) = (Payload::control(vec![7; SHORT]), Payload::control(vec![7; SHORT + 1]));
        assert!(matches!(short, Payload::Short(..)) && matches!(long, Payload::Control(_)));
        assert_eq!((short.bytes(), long.bytes()), (SHORT as u64, SHORT as u64 + 1));
    }

    #[test]
    fn closing_an_end_drops_what_waits_on_it_and_names_the_other() {
        let (mut mesh, a, b) = pair();
        mesh.hand(a, Payload::Control(vec![0; 100]));
        assert_eq!(mesh.close(a), Some(b));
        assert!(mesh.messages.is_empty());
        assert_eq!(mesh.close(b), None);
    }
}
