//! Neighbours: what each said, what was asked of it, and how it behaves.

use protocol::id::{BlockKey, PeerId, Rendition};
use protocol::peer::{Budget, Hello, RequestId};
use protocol::time::{Duration, Instant};

use crate::holdings::Holdings;
use crate::io::LinkId;
use crate::limits::{
    CANCELLED_MAX, FAULTS_MAX, HELLO_TIME, LATE_DOUBLINGS_MAX, LATE_RETRY, LIST_MESSAGES, MESSAGES_BURST,
    MESSAGES_PER_SECOND, TIMES_KEPT, UNASKED_MAX, UNFAIR_BYTES, UNFAIR_RATIO,
};
use crate::median::median;

/// A request open at a neighbour, as the block remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestRef {
    pub(crate) link: LinkId,
    pub(crate) id: RequestId,
    /// Until when the answer is waited for.
    pub(crate) until: Instant,
}

/// A request open at a neighbour, as the neighbour's state remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) id: RequestId,
    pub(crate) block: BlockKey,
    pub(crate) sent: Instant,
}

/// One neighbour: a link whose channel is open.
///
/// The order is that of the lines of memory, where engines are many: what every message asks for, what every search for a
/// holder asks for, the rest.
#[cfg_attr(not(target_family = "wasm"), repr(C, align(64)))]
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) holdings: Holdings,
    counted: Instant,
    allowance: u32,
    /// What it last said of itself; nothing counts before.
    pub(crate) hello: Option<Hello>,
    /// The rendition of what it last told or asked.
    pub(crate) rendition: Option<Rendition>,
    faults: u8,
    /// Promises broken, less one for each block that it gave.
    broken: u8,

    pub(crate) budget: Option<Budget>,
    pub(crate) asked: Vec<Asked>,
    /// It refused, or was late: not asked before.
    pub(crate) retry_at: Instant,
    pub(crate) link: LinkId,
    next_request: u32,

    pub(crate) received_bytes: u64,
    pub(crate) sent_bytes: u64,
    round_trip: Option<Duration>,
    /// The last times from request to last byte, in milliseconds.
    times_ms: Vec<u32>,
    /// Requests given up whose data may still come.
    cancelled: Vec<Asked>,
    pub(crate) opened: Instant,
    pub(crate) id: PeerId,
    unasked: u8,
}

impl Peer {
    pub(crate) fn new(link: LinkId, id: PeerId, opened: Instant) -> Self {
        Self {
            link,
            id,
            hello: None,
            opened,
            rendition: None,
            holdings: Holdings::default(),
            budget: None,
            asked: Vec::new(),
            cancelled: Vec::new(),
            next_request: 0,
            retry_at: Instant::ZERO,
            received_bytes: 0,
            sent_bytes: 0,
            times_ms: Vec::new(),
            round_trip: None,
            faults: 0,
            broken: 0,
            unasked: 0,
            allowance: MESSAGES_BURST,
            counted: opened,
        }
    }

    pub(crate) fn serves(&self) -> bool {
        self.hello.is_some_and(|hello| hello.serves)
    }

    pub(crate) fn weight(&self) -> u8 {
        self.hello.filter(|hello| hello.serves).map_or(0, |hello| hello.weight)
    }

    /// What it says that it could still upload.
    pub(crate) fn spare_bytes(&self) -> u64 {
        self.budget.map_or(0, |budget| budget.spare_bytes)
    }

    /// Its measured uplink, once it has told.
    pub(crate) fn uplink_kbit(&self) -> Option<u32> {
        self.budget.map(|budget| budget.uplink_kbit).filter(|kbit| *kbit > 0)
    }

    /// The round trip to it, from above; nothing while unknown.
    pub(crate) fn round_trip(&self) -> Duration {
        self.round_trip.unwrap_or_default()
    }

    /// It asked for a block so soon after it could have heard of it.
    pub(crate) fn saw_round_trip(&mut self, span: Duration) {
        self.round_trip = Some(self.round_trip.unwrap_or(span).min(span));
    }

    pub(crate) fn is_super(&self) -> bool {
        self.hello.is_some_and(|hello| hello.super_peer)
    }

    /// It holds the block and would send it.
    pub(crate) fn supplies(&self, key: BlockKey) -> bool {
        self.serves() && self.holdings.has(key)
    }

    /// It took far more than it gave, whatever it says of itself.
    pub(crate) const fn only_takes(&self) -> bool {
        self.sent_bytes >= UNFAIR_BYTES + self.received_bytes * UNFAIR_RATIO
    }

    /// Opens a request.
    pub(crate) fn ask(&mut self, block: BlockKey, sent: Instant) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request = self.next_request.wrapping_add(1);
        self.asked.push(Asked { id, block, sent });
        id
    }

    /// Ends an open request.
    pub(crate) fn answered(&mut self, id: RequestId) -> Option<Asked> {
        let place = self.asked.iter().position(|asked| asked.id == id)?;
        Some(self.asked.swap_remove(place))
    }

    /// Gives an open request up; its data may still come.
    pub(crate) fn cancel(&mut self, id: RequestId) {
        if let Some(asked) = self.answered(id) {
            if self.cancelled.len() >= CANCELLED_MAX {
                self.cancelled.remove(0);
            }
            self.cancelled.push(asked);
        }
    }

    /// Data for a request that was given up.
    pub(crate) fn belated(&mut self, id: RequestId) -> Option<Asked> {
        let place = self.cancelled.iter().position(|asked| asked.id == id)?;
        Some(self.cancelled.swap_remove(place))
    }

    /// Requests given up that may still be answered.
    pub(crate) const fn cancelled(&self) -> usize {
        self.cancelled.len()
    }

    /// A block took this long.
    pub(crate) fn took(&mut self, span: Duration) {
        if self.times_ms.len() >= TIMES_KEPT {
            self.times_ms.remove(0);
        }
        self.times_ms.push(u32::try_from(span.as_millis()).unwrap_or(u32::MAX).max(1));
        self.faults = self.faults.saturating_sub(1);
        self.broken = self.broken.saturating_sub(1);
    }

    /// The median time of a block, in milliseconds; 0 while unknown.
    pub(crate) fn block_ms(&self) -> u32 {
        median(&mut self.times_ms.iter().copied()).unwrap_or(0)
    }

    /// It broke a promise. Nobody is cut for that: where the origin fails, everybody's promises break.
    pub(crate) const fn doubt(&mut self) {
        self.broken = self.broken.saturating_add(1);
    }

    /// A request timed out; true where that is once too often from one who never gave anything.
    ///
    /// Whoever gave good blocks before is merely slow now, and is asked ever less: a machine that stands still for some
    /// seconds would otherwise make every honest viewer cut every other.
    pub(crate) const fn fail(&mut self) -> bool {
        self.faults = self.faults.saturating_add(1);
        self.faults >= FAULTS_MAX && self.received_bytes == 0
    }

    /// How long it is left alone after a fault: half a second, doubling.
    pub(crate) fn rest(&self) -> Duration {
        LATE_RETRY * (1 << self.faults.saturating_sub(1).min(LATE_DOUBLINGS_MAX))
    }

    /// Its word counts for something.
    pub(crate) const fn is_reliable(&self) -> bool {
        self.broken < FAULTS_MAX
    }

    /// Data came that was not asked for; true where that is once too often.
    pub(crate) const fn unasked(&mut self) -> bool {
        self.unasked += 1;
        self.unasked >= UNASKED_MAX
    }

    /// Counts a message; false where it is one too many.
    pub(crate) fn admit_message(&mut self, now: Instant) -> bool {
        let millis = now.since(self.counted).as_millis();
        let earned = millis.saturating_mul(u64::from(MESSAGES_PER_SECOND)) / 1_000;
        if earned > 0 {
            self.counted = now;
            self.allowance = self.allowance.saturating_add(u32::try_from(earned).unwrap_or(u32::MAX));
            self.allowance = self.allowance.min(MESSAGES_BURST);
        }
        let admitted = self.allowance > 0;
        self.allowance = self.allowance.saturating_sub(1);
        admitted
    }

    /// Counts a list that it wants sent; false where it is one too many, which is nobody's fault: it asks the origin.
    pub(crate) const fn admit_list(&mut self) -> bool {
        let admitted = self.allowance > MESSAGES_BURST / 2;
        if admitted {
            self.allowance -= LIST_MESSAGES;
        }
        admitted
    }
}

/// The neighbours, in the order of their links.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    peers: Vec<Peer>,
    /// Each one's link, at its place: every message looks for its sender.
    links: Vec<LinkId>,
    /// How many have not said hello.
    mute: usize,
}

impl Peers {
    pub(crate) fn add(&mut self, peer: Peer) {
        self.links.push(peer.link);
        self.mute += usize::from(peer.hello.is_none());
        self.peers.push(peer);
    }

    /// A neighbour says who it is; true where it is the first time.
    pub(crate) fn greet(&mut self, link: LinkId, hello: Hello) -> bool {
        let first = self.find_mut(link).is_some_and(|peer| peer.hello.replace(hello).is_none());
        self.mute -= usize::from(first);
        first
    }

    pub(crate) fn remove(&mut self, link: LinkId) -> Option<Peer> {
        let place = self.place(link)?;
        self.links.remove(place);
        let removed = self.peers.remove(place);
        self.mute -= usize::from(removed.hello.is_none());
        Some(removed)
    }

    pub(crate) fn find(&self, link: LinkId) -> Option<&Peer> {
        self.peers.get(self.place(link)?)
    }

    pub(crate) fn find_mut(&mut self, link: LinkId) -> Option<&mut Peer> {
        let place = self.place(link)?;
        self.peers.get_mut(place)
    }

    pub(crate) fn iter(&self) -> core::slice::Iter<'_, Peer> {
        self.peers.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> core::slice::IterMut<'_, Peer> {
        self.peers.iter_mut()
    }

    /// How many have said hello.
    pub(crate) const fn met(&self) -> usize {
        self.peers.len() - self.mute
    }

    /// When the first that has not said hello is to have done so.
    pub(crate) fn mute_until(&self) -> Option<(Instant, LinkId)> {
        if self.mute == 0 {
            return None;
        }
        let mute = self.peers.iter().filter(|peer| peer.hello.is_none());
        mute.map(|peer| (peer.opened + HELLO_TIME, peer.link)).min()
    }

    /// Neighbours that have said hello.
    pub(crate) fn greeted(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(|peer| peer.hello.is_some())
    }

    fn place(&self, link: LinkId) -> Option<usize> {
        self.links.iter().position(|known| *known == link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Peer {
        Peer::new(LinkId(1), PeerId([1; 20]), Instant::ZERO)
    }

    #[test]
    fn messages_are_admitted_up_to_the_burst_and_then_at_the_rate() {
        let mut peer = peer();
        assert!((0..MESSAGES_BURST).all(|_| peer.admit_message(Instant::ZERO)));
        assert!(!peer.admit_message(Instant::ZERO));
        let second = Instant::from_millis(1_000);
        assert!((0..MESSAGES_PER_SECOND).all(|_| peer.admit_message(second)));
        assert!(!peer.admit_message(second));
    }

    #[test]
    fn one_good_block_does_not_make_up_for_taking_ever_more() {
        let mut peer = peer();
        peer.received_bytes = u64::from(protocol::limits::BLOCK_BYTES);
        peer.sent_bytes = UNFAIR_BYTES;
        assert!(!peer.only_takes());
        peer.sent_bytes += peer.received_bytes * UNFAIR_RATIO;
        assert!(peer.only_takes());
    }

    #[test]
    fn lists_on_demand_are_few_and_leave_room_for_messages() {
        let mut peer = peer();
        assert!(peer.admit_list() && peer.admit_list() && !peer.admit_list());
        assert!((0..MESSAGES_BURST / 2).all(|_| peer.admit_message(Instant::ZERO)));
        assert!(peer.admit_message(Instant::from_millis(2_000)) && peer.admit_list());
    }

    #[test]
    fn data_for_a_request_given_up_is_belated_and_not_unasked() {
        let mut peer = peer();
        let id = peer.ask(BlockKey::default(), Instant::ZERO);
        peer.cancel(id);
        assert_eq!(peer.answered(id), None);
        assert!(peer.belated(id).is_some());
        assert!(peer.belated(id).is_none());
    }

    #[test]
    fn faults_add_up_and_good_blocks_make_up_for_them() {
        let mut peer = peer();
        for _ in 1..FAULTS_MAX {
            assert!(!peer.fail());
        }
        peer.took(Duration::from_millis(5));
        assert!(!peer.fail());
        assert!(peer.fail());
    }

    #[test]
    fn one_that_breaks_promises_is_no_longer_believed_until_it_gives() {
        let mut peer = peer();
        for _ in 0..FAULTS_MAX {
            assert!(peer.is_reliable());
            peer.doubt();
        }
        assert!(!peer.is_reliable());
        peer.took(Duration::from_millis(5));
        assert!(peer.is_reliable());
    }

    #[test]
    fn one_that_gave_before_is_left_alone_for_longer_and_not_cut() {
        let mut peer = peer();
        peer.received_bytes = 1;
        let rests: Vec<_> = (0..8)
            .map(|_| {
                assert!(!peer.fail());
                peer.rest().as_millis()
            })
            .collect();
        assert_eq!(rests, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    }

    #[test]
    fn the_median_is_of_the_last_few_blocks() {
        let mut peer = peer();
        assert_eq!(peer.block_ms(), 0);
        for ms in [900, 10, 20, 30, 40, 50, 60, 70, 80] {
            peer.took(Duration::from_millis(ms));
        }
        assert_eq!(peer.block_ms(), 50);
    }
}
