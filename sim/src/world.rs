//! The world: viewers, an origin, a tracker, and time. It only routes; what a part does is in the part's own file.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use protocol::id::{Digest, PeerId, Rendition, SegmentKey};
use protocol::time::{Duration, Instant};
use swarm::io::{CheckId, Offence, Playhead, WantId};
use swarm::report::Reason;
use swarm::{Engine, Input, LinkId, Output};

use crate::books::{Books, Violations};
use crate::event::Event;
use crate::explain::Journal;
use crate::lies::Lie;
use crate::mesh::{Mesh, ViewerId};
use crate::office::Gateway;
use crate::origin::Origin;
use crate::random::{Fold, Purpose, Random};
use crate::rendezvous::Rendezvous;
use crate::scenario::{Delivery, Scenario};
use crate::slab::Slab;
use crate::stream::{self, Stream};
use crate::timeline::Timeline;
use crate::viewer::{self, Viewer};
use crate::web::Get;

/// Between two reports of a playhead.
pub(crate) const PLAYHEAD: Duration = Duration::from_millis(250);

/// From opening the page to the first GET of a media playlist: the page, the module, the multivariant playlist.
pub(crate) const PAGE: Duration = Duration::from_millis(200);

/// A world.
#[derive(Debug)]
pub struct World {
    /// What it is made from.
    pub scenario: Scenario,
    /// The encoder's work.
    pub stream: Rc<Stream>,
    /// Everybody who ever comes.
    pub viewers: Vec<Viewer>,
    /// Ground truth.
    pub books: Books,
    /// What went wrong.
    pub violations: Violations,
    /// Why engines did what they did, where that is wanted.
    pub journal: Option<Journal>,
    /// Who cut whom, and for what.
    pub banned: Vec<Cut>,
    /// Why honest engines bought blocks of the window, and how often.
    pub bought_for: BTreeMap<Reason, u64>,
    /// Events and outputs so far, folded into one number.
    pub state: Fold,
    /// Events handled.
    pub events: u64,
    pub(crate) timeline: Timeline<Event>,
    pub(crate) mesh: Mesh,
    pub(crate) origin: Origin,
    pub(crate) gets: Slab<Get>,
    pub(crate) rendezvous: Rendezvous,
    pub(crate) loss: Random,
    pub(crate) jitter: Random,
    pub(crate) negotiation: Random,
    pub(crate) lag: Random,
    pub(crate) behaviour: Random,
    pub(crate) names: BTreeMap<PeerId, ViewerId>,
    pub(crate) gateway: Option<Gateway>,
    pub(crate) outputs: Vec<Output>,
    /// Where outputs wait: lent to the engine that is being called.
    pub(crate) room: VecDeque<Output>,
    pub(crate) lent: bool,
    /// Outputs carried out.
    pub(crate) carried: u64,
    pub(crate) local: VecDeque<(ViewerId, Local)>,
}

/// A viewer was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// When.
    pub at: Instant,
    /// Who cut it.
    pub by: ViewerId,
    /// Who was cut.
    pub peer: PeerId,
    /// Who that is, where it is anybody.
    pub viewer: Option<ViewerId>,
    /// For what.
    pub offence: Offence,
}

/// What a shell tells its engine as soon as the engine is drained.
#[derive(Clone, Debug)]
pub(crate) enum Local {
    ListVerified(CheckId, bool, Digest),
    LinkClosed(LinkId),
    /// The player has loaded so many bytes by itself.
    Loaded(u32),
    /// The player is here.
    Playhead(Playhead),
    /// The player wants a segment.
    Wanted(WantId, SegmentKey),
    /// The player has turned to this rendition.
    Rendition(Rendition),
    /// A segment is in the player's buffer: it may want the next one.
    Appended,
    /// The engine gave up the segment at this place: the player loads it as plain HLS does.
    GaveUp(usize),
}

impl World {
    /// The world that a scenario describes, before anybody came.
    #[must_use]
    pub fn new(scenario: Scenario, stream: Rc<Stream>) -> Self {
        let mut world = Self {
            books: Books::new(&stream, scenario.window),
            origin: Origin::new(scenario.origin.clone()),
            rendezvous: Rendezvous::new(&scenario),
            loss: Random::new(scenario.seed, Purpose::Loss, 0),
            jitter: Random::new(scenario.seed, Purpose::Jitter, 0),
            negotiation: Random::new(scenario.seed, Purpose::Negotiation, 0),
            lag: Random::new(scenario.seed, Purpose::Lag, 0),
            behaviour: Random::new(scenario.seed, Purpose::Behaviour, 1),
            names: BTreeMap::new(),
            gateway: scenario.office.as_ref().map(Gateway::new),
            stream,
            viewers: Vec::new(),
            violations: Violations::default(),
            journal: None,
            banned: Vec::new(),
            bought_for: BTreeMap::new(),
            state: Fold(scenario.seed),
            events: 0,
            timeline: Timeline::new(),
            mesh: Mesh::default(),
            gets: Slab::default(),
            outputs: Vec::new(),
            room: VecDeque::new(),
            lent: false,
            carried: 0,
            local: VecDeque::new(),
            scenario,
        };
        world.plan_viewers();
        world.plan_stream();
        for down in world.scenario.tracker_down.clone() {
            world.timeline.at(down.from, Event::TrackerDown);
        }
        world
    }

    /// Runs to the scenario's end.
    pub fn run(&mut self) {
        let end = self.scenario.end();
        while let Some(event) = self.timeline.next(end) {
            self.events += 1;
            self.handle(event);
        }
        for index in 0..self.viewers.len() {
            self.leave_nothing(viewer_id(index));
        }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.timeline.now()
    }

    /// Viewers that do not lie, the operator's peers left out.
    pub fn honest(&self) -> impl Iterator<Item = &Viewer> {
        self.viewers.iter().filter(|viewer| viewer.is_judged())
    }

    fn plan_stream(&mut self) {
        for (place, made) in self.stream.segments().iter().enumerate() {
            self.timeline.at(made.closed, Event::Published(place));
        }
    }

    pub(crate) fn handle(&mut self, event: Event) {
        if event.is_of_a_page()
            && let Some(until) = self.frozen_until()
        {
            return self.timeline.at(until, event);
        }
        if let Some(until) = self.asleep_until(event) {
            return self.timeline.at(until, event);
        }
        match event {
            Event::Join(viewer) => self.on_join(viewer),
            Event::Leave(viewer, silently) => self.on_leave(viewer, silently),
            Event::Background(viewer, background) => self.on_background(viewer, background),
            Event::Switch(viewer) => self.on_switch(viewer),
            Event::Sleep(viewer) => self.on_sleep(viewer),
            Event::Wake(viewer) => self.on_wake(viewer),
            Event::Timer(viewer) => self.on_timer(viewer),
            Event::Playhead(viewer) => self.on_playhead(viewer),
            Event::Poll(viewer) => self.on_poll(viewer),
            Event::Retry(viewer) => self.on_retry(viewer),
            Event::Published(place) => {
                let rendition = self.stream.segments()[place].key.rendition;
                let watches = |viewer: &&Viewer| viewer.is_watching() && viewer.rendition == rendition;
                let present = self.honest().filter(watches).count();
                let present = u32::try_from(present).unwrap_or(u32::MAX);
                self.books.publish(self.timeline.now(), place, present);
            }
            Event::Asked(get) => self.on_asked(get),
            Event::Answered(get) => self.on_answered(get),
            Event::Left(get) => self.on_left(get),
            Event::Through(get) => self.on_through(get),
            Event::Came(get) => self.on_came(get),
            Event::Brought(get) => self.on_brought(get),
            Event::Hashed(viewer, handle) => self.on_hashed(viewer, handle),
            Event::Slice(viewer) => self.on_slice(viewer),
            Event::Message(message) => self.on_message(message),
            Event::Delivered(message) => self.on_delivered(message),
            Event::Buffered(end) => self.on_buffered(end),
            Event::Gathered(end) => self.on_gathered(end),
            Event::Connected(end) => self.on_connected(end),
            Event::Lost(end) => self.on_lost(end),
            Event::TrackerOpen(viewer) => self.on_tracker_open(viewer),
            Event::ToTracker(frame) => self.on_to_tracker(frame),
            Event::FromTracker(frame) => self.on_from_tracker(frame),
            Event::TrackerTimer => self.on_tracker_timer(),
            Event::TrackerDown => self.on_tracker_down(),
            Event::Announce(viewer) => self.on_announce(viewer),
            Event::Random(viewer) => self.on_random(viewer),
        }
    }

    /// Until when every page stands still, where they do now.
    pub(crate) fn frozen_until(&self) -> Option<Instant> {
        self.scenario.frozen.iter().find(|span| span.holds(self.now())).map(|span| span.until)
    }

    fn on_join(&mut self, id: ViewerId) {
        let now = self.now();
        let viewer = &mut self.viewers[id.0 as usize];
        viewer.present = true;
        viewer.account.joined = now.before(PAGE);
        let uploads = viewer.home.uploads && viewer.lie != Some(Lie::Freeloads);
        match self.scenario.delivery {
            Delivery::Market => {
                viewer.engine = Some(Engine::new(viewer::config(&self.scenario, id, uploads), now));
                self.settle(id);
                self.feed(id, Input::Rendition(stream::RENDITION));
            }
            Delivery::Rival => self.rival_join(id),
            Delivery::Plain => {}
        }
        self.on_poll(id);
        self.timeline.after(PLAYHEAD, Event::Playhead(id));
    }

    /// The page is closed; with `silently` even its packets stop.
    fn on_leave(&mut self, id: ViewerId, silently: bool) {
        if !self.viewers[id.0 as usize].present {
            return;
        }
        self.drop_links(id, silently);
        self.drop_tracker(id);
        self.drop_gets(id);
        let viewer = &mut self.viewers[id.0 as usize];
        viewer.present = false;
        viewer.account.told = viewer.stats().map(Box::new);
        viewer.engine = None;
        viewer.rival = None;
        viewer.shell = viewer::Shell::default();
    }

    /// Plans the next report of a playhead.
    pub(crate) fn plan_playhead(&mut self, id: ViewerId) {
        self.timeline.after(PLAYHEAD, Event::Playhead(id));
    }
}

/// The viewer at `index`.
#[must_use]
pub(crate) fn viewer_id(index: usize) -> ViewerId {
    ViewerId(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::named;

    /// Long after anything that somebody who left could still wait for.
    const LATER: Duration = Duration::from_secs(900);

    #[test]
    fn when_everybody_has_left_nothing_waits_and_nothing_is_held() {
        for name in [
            "clean",
            "churn-small",
            "liar",
            "hostile",
            "tracker-lost",
            "origin-fails",
            "switching",
            "sleepers",
        ] {
            let scenario = named(name, Some(8), Some(10), 7).expect("known");
            let until = scenario.end() + LATER;
            let stream = Rc::new(Stream::new(scenario.stream, scenario.seed, scenario.end()));
            let mut world = World::new(scenario, stream);
            world.run();
            (0..world.viewers.len()).for_each(|index| world.on_leave(viewer_id(index), index % 2 == 0));
            // Whoever changes renditions does so again, there or not.
            let again = |event: Event| matches!(event, Event::Switch(_));
            while let Some(event) = world.timeline.next(until) {
                if !again(event) {
                    world.handle(event);
                }
            }
            assert!(world.timeline.is_empty(), "{name}: {} events wait", world.timeline.len());
            assert!(world.mesh.messages.is_empty() && world.gets.is_empty(), "{name}");
            assert_eq!(world.violations.first, Vec::<String>::new(), "{name}");
        }
    }
}
