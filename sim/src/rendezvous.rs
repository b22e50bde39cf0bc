//! The tracker: the true registry, behind connections that take their time and can break.

use std::collections::BTreeMap;

use protocol::id::PeerId;
use protocol::limits::TRACKER_FRAME_BYTES_MAX;
use protocol::time::{Duration, Instant};
use protocol::tracker::{ClientMessage, ServerMessage};
use swarm::Input;
use tracker::registry::{self, ConnectionId, Registry};

use crate::event::{Event, FrameId};
use crate::mesh::ViewerId;
use crate::random::{Purpose, Random};
use crate::scenario::{Scenario, Span};
use crate::slab::Slab;
use crate::world::World;

/// Opening a WebSocket takes this many trips: TCP, then HTTP's upgrade.
const OPENING_TRIPS: u32 = 4;

/// The tracker.
#[derive(Debug)]
pub(crate) struct Rendezvous {
    registry: Registry,
    down: Vec<Span>,
    trip: Duration,
    frames: Slab<Frame>,
    connections: BTreeMap<u64, ViewerId>,
    next_connection: u64,
    timer: Instant,
}

/// A frame on its way.
#[derive(Debug)]
struct Frame {
    viewer: ViewerId,
    connection: u64,
    bytes: Vec<u8>,
}

impl Rendezvous {
    /// A tracker that knows nobody.
    #[must_use]
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let seed = Random::new(scenario.seed, Purpose::Tracker, 0).next();
        Self {
            registry: Registry::new(registry::Config::new(seed)),
            down: scenario.tracker_down.clone(),
            trip: Duration::from_micros(scenario.origin.rtt_ms * 500),
            frames: Slab::default(),
            connections: BTreeMap::new(),
            next_connection: 0,
            timer: Instant::NEVER,
        }
    }

    fn is_down(&self, now: Instant) -> bool {
        self.down.iter().any(|span| span.holds(now))
    }
}

impl World {
    /// Whose peer id this is.
    #[must_use]
    pub(crate) fn viewer_of(&self, peer: PeerId) -> Option<ViewerId> {
        self.names.get(&peer).copied()
    }

    /// Nobody reaches the tracker now.
    pub(crate) fn tracker_is_down(&self) -> bool {
        self.rendezvous.is_down(self.now())
    }

    pub(crate) fn tracker_connect(&mut self, id: ViewerId) {
        self.drop_tracker(id);
        let rendezvous = &mut self.rendezvous;
        rendezvous.next_connection += 1;
        rendezvous.connections.insert(rendezvous.next_connection, id);
        self.viewers[id.0 as usize].shell.tracker = Some((rendezvous.next_connection, false));
        self.timeline.after(rendezvous.trip * OPENING_TRIPS, Event::TrackerOpen(id));
    }

    pub(crate) fn on_tracker_open(&mut self, id: ViewerId) {
        let down = self.rendezvous.is_down(self.now());
        let Some((_, open)) = self.viewers[id.0 as usize].shell.tracker.as_mut() else { return };
        if down {
            self.viewers[id.0 as usize].shell.tracker = None;
            return self.feed(id, Input::TrackerClosed);
        }
        *open = true;
        let connection =
            ConnectionId(self.viewers[id.0 as usize].shell.tracker.map_or(0, |(number, _)| number));
        let place = self.viewers[id.0 as usize].home.place(&self.scenario);
        self.registry_input(registry::Input::Opened { connection, place });
        self.feed(id, Input::TrackerOpen);
    }

    pub(crate) fn tracker_send(&mut self, id: ViewerId, bytes: Vec<u8>) {
        if bytes.len() > TRACKER_FRAME_BYTES_MAX {
            self.breach(id, || format!("sends the tracker a frame of {} bytes", bytes.len()));
        }
        match self.viewers[id.0 as usize].shell.tracker {
            Some((connection, true)) => {
                let frame = self.rendezvous.frames.put(Frame { viewer: id, connection, bytes });
                self.timeline.after(self.rendezvous.trip, Event::ToTracker(frame));
            }
            Some((_, false)) | None => self.breach(id, || "sends to a tracker that is not connected".into()),
        }
    }

    pub(crate) fn on_to_tracker(&mut self, frame: FrameId) {
        let now = self.now();
        let Some(frame) = self.rendezvous.frames.take(frame) else { return };
        if self.rendezvous.is_down(now) {
            return;
        }
        let connection = ConnectionId(frame.connection);
        match ClientMessage::decode(&frame.bytes) {
            Ok(message) => {
                self.registry_input(registry::Input::Message { connection, message });
            }
            Err(error) => {
                self.breach(frame.viewer, || format!("sends the tracker what is no message: {error:?}"))
            }
        }
    }

    pub(crate) fn on_tracker_timer(&mut self) {
        if self.now() >= self.rendezvous.timer {
            self.rendezvous.timer = Instant::NEVER;
            self.registry_input(registry::Input::Timeout);
        }
    }

    fn registry_input(&mut self, input: registry::Input) {
        let now = self.now();
        self.rendezvous.registry.handle_input(now, input);
        loop {
            match self.rendezvous.registry.poll_output() {
                registry::Output::Transmit { to, message } => self.tracker_reply(to, &message),
                // A viewer's old connection is dropped before its new one opens: nobody claims what a living one owns.
                registry::Output::Probe { .. } => {}
                registry::Output::Timeout(due) => {
                    if due < self.rendezvous.timer {
                        self.rendezvous.timer = due;
                        self.timeline.at(due, Event::TrackerTimer);
                    }
                    return;
                }
            }
        }
    }

    fn tracker_reply(&mut self, to: ConnectionId, message: &ServerMessage) {
        let Some(viewer) = self.rendezvous.connections.get(&to.0).copied() else { return };
        let frame = Frame { viewer, connection: to.0, bytes: message.encode() };
        let frame = self.rendezvous.frames.put(frame);
        self.timeline.after(self.rendezvous.trip, Event::FromTracker(frame));
    }

    pub(crate) fn on_from_tracker(&mut self, frame: FrameId) {
        let Some(frame) = self.rendezvous.frames.take(frame) else { return };
        if self.viewers[frame.viewer.0 as usize].shell.tracker == Some((frame.connection, true)) {
            self.feed(frame.viewer, Input::TrackerMessage(&frame.bytes));
        }
    }

    /// A viewer's connection ends.
    pub(crate) fn drop_tracker(&mut self, id: ViewerId) {
        let Some((connection, open)) = self.viewers[id.0 as usize].shell.tracker.take() else { return };
        self.rendezvous.connections.remove(&connection);
        if open {
            self.registry_input(registry::Input::Closed { connection: ConnectionId(connection) });
        }
    }

    /// The tracker goes down: what it knew is gone, and every connection breaks.
    pub(crate) fn on_tracker_down(&mut self) {
        let seed = Random::new(self.scenario.seed, Purpose::Tracker, self.now().0).next();
        self.rendezvous.registry = Registry::new(registry::Config::new(seed));
        self.rendezvous.timer = Instant::NEVER;
        self.rendezvous.connections.clear();
        for index in 0..self.viewers.len() {
            let id = crate::world::viewer_id(index);
            if matches!(self.viewers[index].shell.tracker, Some((_, true))) {
                self.viewers[index].shell.tracker = None;
                self.feed(id, Input::TrackerClosed);
            }
        }
    }
}
