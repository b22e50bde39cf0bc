//! Watching: how a viewer's player and its engine, where it has one, live together.

use std::rc::Rc;

use protocol::id::Rendition;
use protocol::time::{Duration, Instant};
use swarm::Input;
use swarm::io::WantId;

use crate::event::Event;
use crate::mesh::ViewerId;
use crate::origin::Resource;
use crate::web::Asker;
use crate::world::{Local, World};

/// A viewer who changes the rendition does so every so often, on average.
const SWITCHES: Duration = Duration::from_secs(30);

impl World {
    pub(crate) fn on_poll(&mut self, id: ViewerId) {
        let viewer = &self.viewers[id.0 as usize];
        if viewer.present && viewer.shell.poll_at <= self.now() {
            self.get(id, Asker::Player, Resource::Playlist);
        }
    }

    pub(crate) fn on_retry(&mut self, id: ViewerId) {
        if self.viewers[id.0 as usize].present {
            self.want(id);
            self.settle(id);
        }
    }

    /// The playlist came, as the origin wrote it at `written`.
    pub(crate) fn on_playlist(&mut self, id: ViewerId, written: Instant) {
        let now = self.now();
        let stream = Rc::clone(&self.stream);
        let viewer = &mut self.viewers[id.0 as usize];
        let listed = stream.playlist(viewer.rendition, written);
        let start = stream.listed(listed.start).map_or_else(Default::default, |first| first.start);
        let interval = viewer.player.on_playlist(now, listed.clone(), start);
        // A player polls by the clock: the round trip that the answer took is part of the interval.
        let elapsed = self.origin.delay() * 2;
        let poll_at = now + interval.saturating_sub(elapsed);
        viewer.shell.poll_at = poll_at;
        self.timeline.at(poll_at, Event::Poll(id));
        let told = viewer.shell.told.entry(viewer.rendition).or_insert(listed.start);
        let first_told = (*told).max(listed.start);
        *told = listed.end.max(first_told);
        let told = first_told;
        let segments: Vec<_> = (told..listed.end).filter_map(|place| stream.listed(place)).collect();
        self.feed(id, Input::Playlist { segments: &segments, ended: false });
        self.rival_listed(id);
        self.want(id);
        self.settle(id);
    }

    /// The player loads the next segment, if it wants one.
    pub(crate) fn want(&mut self, id: ViewerId) {
        self.turn(id);
        let now = self.now();
        let viewer = &mut self.viewers[id.0 as usize];
        let Some(place) = viewer.player.poll_want() else { return };
        if viewer.rival.is_some() {
            return self.rival_want(id, place);
        }
        // A page asks for its first segment before its engine is ready: that one is loaded as without us.
        if viewer.engine.is_none() || viewer.player.life(now).first_frame.is_none() {
            self.count_first(id, place);
            self.get(id, Asker::Player, Resource::Segment(place));
            return;
        }
        if std::mem::replace(&mut viewer.shell.rendition, viewer.rendition) != viewer.rendition {
            self.local.push_back((id, Local::Rendition(viewer.rendition)));
        }
        let want = WantId(viewer.shell.next_want);
        viewer.shell.next_want += 1;
        viewer.shell.want = Some((want, place));
        viewer.player.advance(now);
        let segment = self.stream.segments()[place].key;
        self.local.push_back((id, Local::Playhead(viewer.player.playhead())));
        self.local.push_back((id, Local::Wanted(want, segment)));
    }

    /// A viewer changes the rendition, from the next segment on, and will again.
    pub(crate) fn on_switch(&mut self, id: ViewerId) {
        let after = SWITCHES / 2 + Duration::from_micros(self.behaviour.below(SWITCHES.as_micros()));
        self.timeline.after(after, Event::Switch(id));
        if self.viewers[id.0 as usize].present {
            self.viewers[id.0 as usize].switches = true;
            self.want(id);
            self.settle(id);
        }
    }

    /// The player turns to the next rendition, if it is to and nothing is on its way: it polls that one's playlist.
    fn turn(&mut self, id: ViewerId) {
        let now = self.now();
        let renditions = u8::try_from(self.stream.plan().renditions.len()).unwrap_or(1);
        let viewer = &mut self.viewers[id.0 as usize];
        if !viewer.switches || viewer.player.is_loading() || viewer.player.life(now).first_frame.is_none() {
            return;
        }
        viewer.switches = false;
        viewer.rendition = Rendition((viewer.rendition.0 + 1) % renditions.max(1));
        let (stream, rendition) = (Rc::clone(&self.stream), viewer.rendition);
        viewer.player.turn(|place| stream.beside(place, rendition));
        self.get(id, Asker::Player, Resource::Playlist);
    }

    /// A segment is in the player's buffer.
    pub(crate) fn appended(&mut self, id: ViewerId, place: usize) {
        let now = self.now();
        let start = self.stream.start(self.stream.segments()[place].key);
        let viewer = &mut self.viewers[id.0 as usize];
        viewer.player.on_segment(now, place, start);
        viewer.account.got(place);
        self.local.push_back((id, Local::Appended));
    }

    pub(crate) fn on_playhead(&mut self, id: ViewerId) {
        let now = self.now();
        if !self.viewers[id.0 as usize].present {
            return;
        }
        self.plan_playhead(id);
        let player = &mut self.viewers[id.0 as usize].player;
        player.advance(now);
        let playhead = player.playhead();
        if self.books.window().holds(now) && playhead.playing {
            let behind = self.stream.filmed(now).millis_since(playhead.at);
            self.books.behind_ms.push(u32::try_from(behind).unwrap_or(0));
        }
        if self.books.window().holds(now) {
            self.viewers[id.0 as usize].account.watched += Duration::from_millis(250);
        }
        if self.viewers[id.0 as usize].player.next() > 0 {
            self.feed(id, Input::Playhead(playhead));
        }
        self.rival_playhead(id);
        self.tell_lies(id);
        self.audit(id);
    }
}
