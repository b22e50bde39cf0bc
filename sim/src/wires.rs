//! Links at work: negotiation, uplinks that serve their links in turn, and messages on their way.

use protocol::time::{Duration, Instant};
use swarm::{Input, LinkId};

use crate::event::Event;
use crate::loss;
use crate::mesh::{Body, EndId, Mesh, MessageId, Payload, Phase, ViewerId};
use crate::nat::Nat;
use crate::world::{Local, World};

/// Gathering candidates takes between these, in milliseconds (Chromium, host candidates).
const GATHERING_MS: (u64, u64) = (15, 60);
/// ICE, DTLS and SCTP take this many round trips and between these, in milliseconds, of work (Chromium opens a channel
/// 100 to 250 ms after the dial on an idle machine).
const CONNECTING_TRIPS: u32 = 4;
const CONNECTING_MS: (u64, u64) = (40, 120);
/// A peer that fell silent is noticed after this: ICE consent expires (RFC 7675 §5.1 allows 30 s, browsers report
/// "disconnected" after about 5 and the shell closes then).
const SILENCE: Duration = Duration::from_secs(6);
/// An accepted offer whose offerer is gone fails after this (ICE).
const ACCEPTED: Duration = Duration::from_secs(15);
/// Later packets that show a gap (RFC 9260 §7.2.4).
const GAP_REPORTS: u8 = 3;

impl World {
    pub(crate) fn dial(&mut self, id: ViewerId, link: LinkId) {
        let end = self.mesh.dial(id, link);
        self.viewers[id.0 as usize].shell.links.insert(link, end);
        self.plan_gathering(end);
    }

    pub(crate) fn accept(&mut self, id: ViewerId, link: LinkId, sdp: &str) {
        match self.mesh.accept(id, link, sdp) {
            Some(end) => {
                self.viewers[id.0 as usize].shell.links.insert(link, end);
                self.plan_gathering(end);
            }
            None => self.local.push_back((id, Local::LinkClosed(link))),
        }
    }

    fn plan_gathering(&mut self, end: EndId) {
        let gathering = self.negotiation.within(GATHERING_MS.0, GATHERING_MS.1);
        self.timeline.after(Duration::from_millis(gathering), Event::Gathered(end));
    }

    pub(crate) fn on_gathered(&mut self, end: EndId) {
        if self.mesh.phase(end) != Phase::Gathering {
            return;
        }
        self.mesh.enter(end, Phase::Waiting);
        let state = self.mesh.end(end);
        let (id, link, dialled) = (state.viewer, state.link, state.dialled);
        let symmetric = self.viewers[id.0 as usize].home.nat == Nat::Symmetric;
        let sdp = if symmetric { Mesh::symmetric_sdp(end) } else { Mesh::sdp(end) };
        if dialled {
            self.feed(id, Input::Offer { link, sdp: &sdp });
        } else {
            self.timeline.after(ACCEPTED, Event::Lost(end));
            self.feed(id, Input::Answer { link, sdp: &sdp });
        }
    }

    pub(crate) fn answered(&mut self, id: ViewerId, link: LinkId, sdp: &str) {
        if self.forget_lost(id, link) {
            return;
        }
        let Some(end) = self.viewers[id.0 as usize].shell.links.get(link) else {
            return self.breach(id, || format!("hands an answer to {link:?}, which is closed"));
        };
        if self.mesh.answered(end, sdp) {
            let work = self.negotiation.within(CONNECTING_MS.0, CONNECTING_MS.1);
            let trips = self.trip(end) * 2 * CONNECTING_TRIPS;
            self.mesh.tried += 1;
            if self.lay(end) {
                self.timeline.after(trips + Duration::from_millis(work), Event::Connected(end));
            } else {
                self.mesh.in_vain += 1;
                self.timeline.after(ACCEPTED, Event::Lost(end));
            }
        } else {
            self.local.push_back((id, Local::LinkClosed(link)));
            self.forget(end);
        }
    }

    /// Notes what lies between the two ends; false where there is no way from one to the other.
    pub(crate) fn lay(&mut self, end: EndId) -> bool {
        let Some(other) = self.mesh.end(end).other() else { return false };
        let (here, there) = (self.mesh.end(end).viewer, self.mesh.end(other).viewer);
        let (here, there) = (self.viewers[here.0 as usize].home, self.viewers[there.0 as usize].home);
        let (trip, loss) = (self.trip(end), here.loss.max(there.loss));
        for end in [end, other] {
            let end = self.mesh.end_mut(end);
            (end.trip, end.loss, end.jitter) = (trip, loss, here.jitter + there.jitter);
        }
        here.reaches(&there)
    }

    pub(crate) fn on_connected(&mut self, end: EndId) {
        if !self.mesh.connect(end) {
            return;
        }
        for end in [Some(end), self.mesh.end(end).other()].into_iter().flatten() {
            let (id, link) = (self.mesh.end(end).viewer, self.mesh.end(end).link);
            // The first of them may close the link before the second has heard of it.
            if self.mesh.phase(end) == Phase::Open {
                self.rival_linked(end);
                self.feed(id, Input::LinkOpen { link });
            }
        }
    }

    /// An end whose other end is gone, or was never there, closes.
    pub(crate) fn on_lost(&mut self, end: EndId) {
        let state = self.mesh.end(end);
        let other_lives = state.other().is_some_and(|other| self.mesh.phase(other) == Phase::Open);
        let phase = self.mesh.phase(end);
        if phase == Phase::Closed || (phase == Phase::Open && other_lives) {
            return;
        }
        let (id, link) = (state.viewer, state.link);
        self.forget(end);
        self.rival_lost(id, link);
        self.feed(id, Input::LinkClosed { link });
    }

    /// An engine closes a link.
    pub(crate) fn close(&mut self, id: ViewerId, link: LinkId) {
        if self.forget_lost(id, link) {
            return;
        }
        let Some(end) = self.viewers[id.0 as usize].shell.links.get(link) else {
            return self.breach(id, || format!("closes {link:?}, which is closed"));
        };
        let trip = self.trip(end);
        if let Some(other) = self.forget(end) {
            self.timeline.after(trip, Event::Lost(other));
        }
        self.local.push_back((id, Local::LinkClosed(link)));
    }

    /// A viewer leaves; its neighbours notice soon, or, if it vanished, late.
    pub(crate) fn drop_links(&mut self, id: ViewerId, silently: bool) {
        let ends: Vec<EndId> = self.viewers[id.0 as usize].shell.links.iter().map(|(_, end)| end).collect();
        for end in ends {
            let notice = if silently { SILENCE } else { self.trip(end) };
            if let Some(other) = self.forget(end) {
                self.timeline.after(notice, Event::Lost(other));
            }
        }
    }

    pub(crate) fn forget(&mut self, end: EndId) -> Option<EndId> {
        let (id, link) = (self.mesh.end(end).viewer, self.mesh.end(end).link);
        let viewer = &mut self.viewers[id.0 as usize];
        viewer.shell.links.remove(link);
        viewer.access.leave_queue(end);
        self.mesh.close(end)
    }

    /// One way from an end's viewer to the other's.
    fn trip(&self, end: EndId) -> Duration {
        let here = self.mesh.end(end);
        let there = here.far.map_or(here.viewer, |far| far.viewer);
        let (here, there) = (&self.viewers[here.viewer.0 as usize], &self.viewers[there.0 as usize]);
        here.home.trip(&there.home, &self.scenario)
    }

    pub(crate) fn transmit(&mut self, id: ViewerId, link: LinkId, bytes: Vec<u8>) {
        if bytes.len() > protocol::limits::PEER_MESSAGE_BYTES_MAX {
            self.breach(id, || format!("sends a message of {} bytes", bytes.len()));
        }
        self.hand(id, link, Payload::control(bytes));
    }

    pub(crate) fn transmit_block(&mut self, id: ViewerId, link: LinkId, header: Vec<u8>, body: Body) {
        self.hand(id, link, Payload::Data(Box::new((header, body))));
    }

    fn hand(&mut self, id: ViewerId, link: LinkId, payload: Payload) {
        let viewer = &mut self.viewers[id.0 as usize];
        let end = viewer.shell.links.get(link);
        let Some(end) = end.filter(|end| self.mesh.phase(*end) == Phase::Open) else {
            if self.is_lost(id, link) {
                return;
            }
            return self.breach(id, || format!("sends on {link:?}, which is not open"));
        };
        viewer.account.messages += 1;
        let bytes = payload.bytes();
        if bytes < loss::PACKET_BYTES && self.mesh.end(end).is_idle() {
            let at = viewer.access.slip(self.timeline.now(), bytes);
            let message = self.mesh.slip(end, payload);
            self.launch(at, end, message);
        } else if self.mesh.hand(end, payload) {
            viewer.access.join_queue(end);
        }
    }

    /// The uplink goes on, if it can.
    pub(crate) fn pump(&mut self, id: ViewerId) {
        let now = self.now();
        let viewer = &mut self.viewers[id.0 as usize];
        let access = &mut viewer.access;
        if let Some(end) = access.turn() {
            let left = self.mesh.left(end);
            // Fair turns would let all of the rival's receivers time out together: it gets the kinder order.
            let at = if viewer.rival.is_some() {
                access.serve_all(now, end, left)
            } else {
                access.serve(now, end, left)
            };
            self.timeline.at(at, Event::Slice(id));
        }
    }

    pub(crate) fn on_slice(&mut self, id: ViewerId) {
        let now = self.now();
        let Some(slice) = self.viewers[id.0 as usize].access.served() else { return };
        let end = slice.end;
        if self.mesh.phase(end) != Phase::Open {
            return self.pump(id);
        }
        if let Some(message) = self.mesh.sent(end, slice.bytes) {
            self.launch(now, end, message);
            self.rival_push(end);
        }
        if !self.mesh.end(end).is_idle() {
            self.viewers[id.0 as usize].access.join_queue(end);
        }
        self.pump(id);
        // Only an empty buffer is news to an engine.
        if self.mesh.end(end).queued == 0 {
            self.on_buffered(end);
        }
    }

    /// The engine is told of what waits on a link, as soon as its page handles anything.
    pub(crate) fn on_buffered(&mut self, end: EndId) {
        if let Some(until) = self.frozen_until() {
            return self.timeline.at(until, Event::Buffered(end));
        }
        if self.mesh.phase(end) == Phase::Open {
            let state = self.mesh.end(end);
            let (id, link) = (state.viewer, state.link);
            let bytes = u32::try_from(state.queued).unwrap_or(u32::MAX);
            self.feed(id, Input::Buffered { link, bytes });
        }
    }

    /// A message's last byte has left the uplink.
    fn launch(&mut self, at: Instant, end: EndId, id: MessageId) {
        let Some(bytes) = self.mesh.messages.find(id).map(|message| message.payload.bytes()) else { return };
        let sending = self.viewers[self.mesh.end(end).viewer.0 as usize].access.up_span(bytes);
        self.repair_tails(at, end, bytes);
        let state = self.mesh.end_mut(end);
        let (trip, loss, jitter) = (state.trip, state.loss, state.jitter);
        let fate = state.congestion.send(&mut self.loss, bytes, trip * 2, loss, sending);
        if fate.tail_lost {
            self.mesh.lose_tail(end, id);
        }
        let jitter = Duration::from_micros(self.jitter.below(jitter.as_micros()));
        let arrives = self.leave_office(at, end, bytes) + trip + fate.late + jitter;
        if bytes < loss::PACKET_BYTES && !fate.tail_lost {
            // Nothing more can become of it: it needs no stop at the receiver's access.
            let late = self.draw_lag();
            self.timeline.at(arrives + late, Event::Delivered(id));
        } else if let Some(message) = self.mesh.messages.find_mut(id) {
            message.arrives = arrives;
            self.timeline.at(arrives, Event::Message(id));
        }
    }

    /// What leaves an office, and what enters one, shares its line.
    fn leave_office(&mut self, at: Instant, end: EndId, bytes: u64) -> Instant {
        let Some(gateway) = self.gateway.as_mut() else { return at };
        let in_office = |id: ViewerId| self.viewers[id.0 as usize].home.in_office;
        match (in_office(self.mesh.end(end).viewer), self.mesh.end(end).far.map(|far| in_office(far.viewer)))
        {
            (true, Some(false)) => gateway.send(at, bytes),
            (false, Some(true)) => gateway.receive(at, bytes),
            _ => at,
        }
    }

    /// Later packets on a link show the gaps that lost tails left.
    fn repair_tails(&mut self, now: Instant, end: EndId, bytes: u64) {
        let mut tails = self.mesh.take_tails(end);
        if tails.is_empty() {
            return;
        }
        let packets = u8::try_from(bytes.div_ceil(loss::PACKET_BYTES).max(1)).unwrap_or(u8::MAX);
        let trip = self.mesh.end(end).trip;
        let repaired = now + trip + loss::repaired(trip * 2);
        tails.retain_mut(|(id, shown)| {
            let Some(message) = self.mesh.messages.find_mut(*id) else { return false };
            *shown = shown.saturating_add(packets);
            if *shown >= GAP_REPORTS && repaired < message.arrives {
                message.arrives = repaired;
                self.timeline.at(repaired, Event::Message(*id));
            }
            *shown < GAP_REPORTS
        });
        self.mesh.keep_tails(end, tails);
    }

    pub(crate) fn on_message(&mut self, id: MessageId) {
        let now = self.now();
        let Some(message) = self.mesh.messages.find_mut(id).filter(|message| message.arrives <= now) else {
            return;
        };
        // A repaired tail has two events: the second finds nothing.
        message.arrives = Instant::NEVER;
        let ((_, receiver), bytes) = (message.to, message.payload.bytes());
        let at = self.viewers[receiver.0 as usize].access.receive(now, bytes);
        let at = self.turn_of(receiver, at);
        self.timeline.at(at, Event::Delivered(id));
    }

    fn hear(&mut self, id: ViewerId, link: LinkId, bytes: &[u8]) {
        let now = self.timeline.now();
        self.viewers[id.0 as usize].access.receive_small(now, bytes.len() as u64);
        self.feed(id, Input::Message { link, bytes });
    }

    pub(crate) fn on_delivered(&mut self, id: MessageId) {
        let Some(message) = self.mesh.messages.take(id) else { return };
        let ((to, id), link) = (message.to, message.link);
        if self.mesh.phase(to) != Phase::Open {
            return;
        }
        if self.viewers[id.0 as usize].rival.is_some() {
            return self.rival_message(to, &message.payload);
        }
        match message.payload {
            Payload::Short(length, bytes) => self.hear(id, link, &bytes[..usize::from(length)]),
            Payload::Control(bytes) => self.hear(id, link, &bytes),
            Payload::Data(data) => {
                let (header, body) = *data;
                let handle = self.viewers[id.0 as usize].hold(body, Some(to));
                self.feed(id, Input::Data { link, header: &header, handle, bytes: body.bytes });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use protocol::id::{Block, BlockKey, Rendition, Segment, SegmentKey};

    use super::*;
    use crate::scenario::{Network, Rate, named};
    use crate::stream::Stream;

    const BLOCK: Body = Body {
        block: BlockKey {
            segment: SegmentKey { segment: Segment(0), rendition: Rendition(0) },
            block: Block(0),
        },
        bytes: 61_440,
        corrupt: false,
    };
    const RATE: Rate = Rate(998_000);

    /// Two viewers without engines, linked, on the uplinks that were measured.
    fn pair(loss: u32) -> (World, [ViewerId; 2], LinkId) {
        let mut scenario = named("capped", Some(2), Some(20), 7).expect("known").control();
        scenario.network =
            Network { rtt_ms: (1, 2), uplink: RATE, downlink: Rate(100_000_000), loss, lag_ms: 0 };
        scenario.arrivals.doors = Instant::from_millis(1_000_000);
        let stream = Rc::new(Stream::new(scenario.stream, 7, Instant::ZERO));
        let mut world = World::new(scenario, stream);
        let (viewers, link) = ([ViewerId(0), ViewerId(1)], LinkId(0));
        let dialled = world.mesh.dial(viewers[0], link);
        let accepted = world.mesh.accept(viewers[1], link, &Mesh::sdp(dialled)).expect("offered");
        assert!(world.mesh.answered(dialled, &Mesh::sdp(accepted)));
        for (viewer, end) in viewers.iter().zip([dialled, accepted]) {
            world.mesh.enter(end, Phase::Waiting);
            world.viewers[viewer.0 as usize].shell.links.insert(link, end);
        }
        assert!(world.lay(dialled) && world.mesh.connect(dialled));
        (world, viewers, link)
    }

    /// Milliseconds that blocks take which `senders` send every `every`, sorted; with `probes` so many follow each.
    fn times(loss: u32, senders: usize, every: Duration, probes: u64) -> Vec<u64> {
        let (mut world, viewers, link) = pair(loss);
        let mut sent = Vec::new();
        let mut took = Vec::new();
        for round in 1..=100_u32 {
            let at = Instant::ZERO + every * round;
            for sender in &viewers[..senders] {
                run(&mut world, at, &sent, &mut took);
                world.transmit_block(*sender, link, vec![0; 10], BLOCK);
                let end = world.viewers[sender.0 as usize].shell.links.get(link).expect("linked");
                sent.push((*world.mesh.end(end).queue.back().expect("queued"), at));
                world.pump(*sender);
                for probe in 0..probes {
                    run(&mut world, at + Duration::from_millis(420 + probe * 25), &sent, &mut took);
                    world.transmit(*sender, link, vec![0; 2]);
                    world.pump(*sender);
                }
            }
        }
        run(&mut world, Instant::from_millis(300_000), &sent, &mut took);
        assert_eq!(took.len(), 100 * senders);
        took.sort_unstable();
        took
    }

    fn run(world: &mut World, until: Instant, sent: &[(MessageId, Instant)], took: &mut Vec<u64>) {
        // A viewer who has not come does nothing at a poll; time moves to it.
        world.timeline.at(until, Event::Poll(ViewerId(0)));
        while let Some(event) = world.timeline.next(until) {
            if let Event::Delivered(id) = event
                && let Some((_, at)) = sent.iter().find(|(sent, _)| *sent == id)
            {
                took.push(world.now().since(*at).as_millis());
            }
            world.handle(event);
        }
    }

    #[test]
    fn blocks_take_as_long_as_they_were_measured_to_take() {
        let (idle, three_quarters) = (Duration::from_secs(2), Duration::from_millis(657));
        // loss, senders, interval, probes → p50 and p95, measured 402/405, 417/476, 414/465, 435/489, 478/618
        let rows = [
            (0, 1, idle, 0, 395..=415, 395..=415),
            (20_000, 1, idle, 0, 405..=440, 420..=520),
            (20_000, 1, idle, 4, 405..=440, 420..=520),
            (20_000, 1, three_quarters, 0, 415..=455, 425..=540),
            (20_000, 2, three_quarters, 0, 450..=510, 500..=680),
        ];
        for (loss, senders, every, probes, p50, p95) in rows {
            let times = times(loss, senders, every, probes);
            let at = |percent: usize| times[times.len() * percent / 100];
            assert!(p50.contains(&at(50)), "{loss} {senders} {every:?} {probes}: p50 {}", at(50));
            assert!(p95.contains(&at(95)), "{loss} {senders} {every:?} {probes}: p95 {}", at(95));
        }
    }
}
