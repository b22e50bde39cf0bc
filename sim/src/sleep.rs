//! Phones in pockets: a page that stands still for minutes with its network gone, and then goes on where it was.
//!
//! Neighbours miss it as they miss one who vanished. Its picture is paused. When it wakes it finds its links, its connection
//! to the tracker and its GETs broken, all at once, and its timers minutes late; it is the same viewer as before.

use protocol::time::{Duration, Instant};
use swarm::{Input, LinkId};

use crate::event::Event;
use crate::mesh::ViewerId;
use crate::scenario::Span;
use crate::world::{Local, World};

/// Asleep for so long, on average, and at least half of it.
const ASLEEP: Duration = Duration::from_secs(120);
/// Awake for so long, likewise.
const AWAKE: Duration = Duration::from_secs(60);
/// What was published so shortly before it fell asleep it may not have loaded.
const UNLOADED: Duration = Duration::from_secs(10);

/// What a page has to hear when it wakes.
#[derive(Clone, Debug)]
pub struct Sleep {
    until: Instant,
    links: Vec<LinkId>,
    tracker: bool,
}

impl World {
    /// Until when the page that this happens to is asleep, where it is.
    pub(crate) fn asleep_until(&self, event: Event) -> Option<Instant> {
        let viewer = event.of_viewer().filter(|_| self.scenario.crowd.sleeping_permille > 0)?;
        Some(self.viewers[viewer.0 as usize].shell.asleep.as_ref()?.until)
    }

    pub(crate) fn on_sleep(&mut self, id: ViewerId) {
        let now = self.now();
        if !self.viewers[id.0 as usize].present {
            return;
        }
        let until = now + self.about(ASLEEP);
        // It is the first to happen then: the page hears what is lost before anything else.
        self.timeline.at(until, Event::Wake(id));
        let viewer = &mut self.viewers[id.0 as usize];
        viewer.player.pause(now);
        let links = viewer.shell.links.iter().map(|(link, _)| link).collect();
        let tracker = viewer.shell.tracker.is_some();
        viewer.account.asleep.push(Span { from: now.before(UNLOADED), until });
        viewer.shell.asleep = Some(Box::new(Sleep { until, links, tracker }));
        self.drop_links(id, true);
        self.drop_tracker(id);
        self.sever_gets(id, until);
    }

    pub(crate) fn on_wake(&mut self, id: ViewerId) {
        let viewer = &mut self.viewers[id.0 as usize];
        // Who left in its sleep does not wake.
        let Some(sleep) = viewer.shell.asleep.as_ref() else { return };
        let (until, tracker) = (sleep.until, sleep.tracker);
        viewer.player.resume(until);
        viewer.shell.handled = viewer.shell.handled.max(until);
        if tracker {
            self.feed(id, Input::TrackerClosed);
        }
        while let Some(link) = self.next_lost(id) {
            self.rival_lost(id, link);
            self.feed(id, Input::LinkClosed { link });
        }
        self.viewers[id.0 as usize].shell.asleep = None;
        let again = self.about(AWAKE);
        self.timeline.after(again, Event::Sleep(id));
    }

    fn next_lost(&mut self, id: ViewerId) -> Option<LinkId> {
        let sleep = self.viewers[id.0 as usize].shell.asleep.as_mut()?;
        (!sleep.links.is_empty()).then(|| sleep.links.remove(0))
    }

    /// The link broke while its page slept, which its engine has still to hear: what it sends there goes nowhere.
    pub(crate) fn is_lost(&self, id: ViewerId, link: LinkId) -> bool {
        let sleep = self.viewers[id.0 as usize].shell.asleep.as_ref();
        sleep.is_some_and(|sleep| sleep.links.contains(&link))
    }

    /// It closes, or is done with, such a link: that is the end of it.
    pub(crate) fn forget_lost(&mut self, id: ViewerId, link: LinkId) -> bool {
        let lost = self.is_lost(id, link);
        if let Some(sleep) = self.viewers[id.0 as usize].shell.asleep.as_mut().filter(|_| lost) {
            sleep.links.retain(|other| *other != link);
            self.local.push_back((id, Local::LinkClosed(link)));
        }
        lost
    }

    fn about(&mut self, span: Duration) -> Duration {
        span / 2 + Duration::from_micros(self.behaviour.below(span.as_micros()))
    }
}
