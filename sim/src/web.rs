//! GETs: a viewer's browser, the origin, and the way between them.

use std::rc::Rc;

use protocol::time::{Duration, Instant};
use swarm::io::FetchId;
use swarm::{FetchFailure, Input};

use crate::event::{Event, GetId};
use crate::mesh::{Body, ViewerId};
use crate::origin::{Answer, Resource};
use crate::world::{Local, World};

/// Connections that a browser opens to one host over HTTP/1.1.
const CONNECTIONS_MAX: usize = 6;
/// After a failure a player tries again (hls.js, `fragLoadPolicy` and `playlistLoadPolicy`).
const RETRY: Duration = Duration::from_secs(1);

/// A GET.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Get {
    viewer: ViewerId,
    asker: Asker,
    resource: Resource,
    answer: Answer,
    /// When the origin answered: its state then is what comes.
    answered: Instant,
}

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// The engine.
    Engine(FetchId),
    /// The player itself: playlists, and segments where there is no engine or it gave up.
    Player,
    /// The rival, a segment for its cache.
    Rival(usize),
}

impl World {
    /// A viewer GETs something, as soon as one of its connections is free.
    pub(crate) fn get(&mut self, viewer: ViewerId, asker: Asker, resource: Resource) -> GetId {
        let answer = Answer::Failure(FetchFailure::Unreachable);
        let get = self.gets.put(Get { viewer, asker, resource, answer, answered: Instant::NEVER });
        let shell = &mut self.viewers[viewer.0 as usize].shell;
        if let Asker::Engine(fetch) = asker {
            shell.fetches.insert(fetch, get);
        }
        shell.http.waiting.push_back(get);
        self.next_get(viewer);
        get
    }

    fn next_get(&mut self, viewer: ViewerId) {
        let http = &mut self.viewers[viewer.0 as usize].shell.http;
        while http.active.len() < CONNECTIONS_MAX
            && let Some(get) = http.waiting.pop_front()
        {
            http.active.push(get);
            self.timeline.after(self.origin.delay(), Event::Asked(get));
        }
    }

    /// An engine aborts a GET.
    pub(crate) fn cancel(&mut self, viewer: ViewerId, fetch: FetchId) {
        let shell = &mut self.viewers[viewer.0 as usize].shell;
        let Some(get) = shell.fetches.remove(fetch) else {
            return self.breach(viewer, || format!("cancels {fetch:?}, which is not under way"));
        };
        self.abort(viewer, get);
    }

    /// A GET is over before its answer came.
    pub(crate) fn abort(&mut self, viewer: ViewerId, get: GetId) {
        self.viewers[viewer.0 as usize].shell.http.forget(get);
        self.gets.take(get);
        self.next_get(viewer);
    }

    /// A viewer leaves: its GETs are aborted.
    pub(crate) fn drop_gets(&mut self, viewer: ViewerId) {
        let http = std::mem::take(&mut self.viewers[viewer.0 as usize].shell.http);
        for get in http.active.into_iter().chain(http.waiting) {
            self.gets.take(get);
        }
    }

    /// A viewer's network is gone: whatever it asked for fails, which its page hears of at `at`.
    pub(crate) fn sever_gets(&mut self, viewer: ViewerId, at: Instant) {
        let http = std::mem::take(&mut self.viewers[viewer.0 as usize].shell.http);
        for get in http.active.into_iter().chain(http.waiting) {
            let Some(get) = self.gets.take(get) else { continue };
            let answer = Answer::Failure(FetchFailure::Unreachable);
            let severed = self.gets.put(Get { answer, ..get });
            let shell = &mut self.viewers[viewer.0 as usize].shell;
            if let Asker::Engine(fetch) = get.asker {
                shell.fetches.insert(fetch, severed);
            }
            shell.http.active.push(severed);
            self.timeline.at(at, Event::Brought(severed));
        }
    }

    pub(crate) fn on_asked(&mut self, id: GetId) {
        let now = self.now();
        let Some(get) = self.gets.find_mut(id) else { return };
        let (at, answer) = self.origin.answer(&self.stream, now, get.resource);
        (get.answer, get.answered) = (answer, at);
        self.timeline.at(at, Event::Answered(id));
    }

    pub(crate) fn on_answered(&mut self, id: GetId) {
        let Some(get) = self.gets.find(id) else { return };
        match get.answer {
            Answer::Failure(_) => self.timeline.after(self.origin.delay(), Event::Came(id)),
            Answer::Body(_) => {
                self.origin.queue.push_back(id);
                self.send_next();
            }
        }
    }

    /// The origin sends the next body that somebody still waits for: from here on its bytes are spent.
    fn send_next(&mut self) {
        while self.origin.sending.is_none()
            && let Some(id) = self.origin.queue.pop_front()
        {
            let Some(get) = self.gets.find(id).copied() else { continue };
            let Answer::Body(bytes) = get.answer else { continue };
            if !self.is_behind_gateway(get.viewer) {
                self.spend(&get, bytes);
            }
            let takes = self.origin.sending_time(self.now(), bytes);
            if takes == Duration::ZERO {
                self.timeline.after(self.origin.delay(), Event::Came(id));
            } else {
                self.origin.sending = Some(id);
                self.timeline.after(takes, Event::Left(id));
            }
        }
    }

    pub(crate) fn on_left(&mut self, id: GetId) {
        self.origin.sending = None;
        self.timeline.after(self.origin.delay(), Event::Came(id));
        self.send_next();
    }

    fn spend(&mut self, get: &Get, bytes: u64) {
        let liar = self.viewers[get.viewer.0 as usize].lie.is_some();
        let judged = match get.resource {
            Resource::Block(block) => {
                if let Some(journal) = self.journal.as_mut() {
                    journal.bought(self.timeline.now(), get.viewer, block);
                }
                // In hostile worlds the honest are judged; liars may spend what they like.
                if liar { 0 } else { self.books.spend(&self.stream, block, bytes) }
            }
            Resource::Segment(_) | Resource::Rest(..) if liar => 0,
            Resource::Rest(place, from) => self.books.spend_rest(&self.stream, place, from),
            Resource::Segment(place) => self.books.spend_segment(&self.stream, place),
            Resource::Playlist | Resource::List(..) => 0,
        };
        let account = &mut self.viewers[get.viewer.0 as usize].account;
        account.judged_bytes += judged;
        match (get.resource, get.asker) {
            (Resource::Block(_) | Resource::Rest(..), _) => account.spent_bytes += bytes,
            // What a player loads itself is used as it comes.
            (Resource::Segment(_) | Resource::Playlist | Resource::List(..), _) => {}
        }
    }

    pub(crate) fn on_came(&mut self, id: GetId) {
        let now = self.now();
        let Some(get) = self.gets.find(id).copied() else { return };
        let at = match get.answer {
            Answer::Failure(_) => now,
            Answer::Body(_) if self.is_behind_gateway(get.viewer) => {
                if let Some(gateway) = self.gateway.as_mut() {
                    gateway.queue.push_back(id);
                }
                return self.carry_next();
            }
            Answer::Body(bytes) => self.viewers[get.viewer.0 as usize].access.receive_plain(now, bytes),
        };
        let at = self.turn_of(get.viewer, at);
        self.timeline.at(at, Event::Brought(id));
    }

    fn is_behind_gateway(&self, viewer: ViewerId) -> bool {
        self.gateway.is_some() && self.viewers[viewer.0 as usize].home.in_office
    }

    /// The office's line carries the next body that somebody still waits for: from here on its bytes are spent.
    fn carry_next(&mut self) {
        while let Some(gateway) = self.gateway.as_mut()
            && gateway.carrying.is_none()
            && let Some(id) = gateway.queue.pop_front()
        {
            let Some(get) = self.gets.find(id).copied() else { continue };
            let Answer::Body(bytes) = get.answer else { continue };
            gateway.carrying = Some(id);
            let there = gateway.receive(self.timeline.now(), bytes);
            self.spend(&get, bytes);
            self.timeline.at(there, Event::Through(id));
        }
    }

    pub(crate) fn on_through(&mut self, id: GetId) {
        let now = self.now();
        if let Some(gateway) = self.gateway.as_mut() {
            gateway.carrying = None;
        }
        if let Some(get) = self.gets.find(id).copied()
            && let Answer::Body(bytes) = get.answer
        {
            let at = self.viewers[get.viewer.0 as usize].access.receive_plain(now, bytes);
            let at = self.turn_of(get.viewer, at);
            self.timeline.at(at, Event::Brought(id));
        }
        self.carry_next();
    }

    pub(crate) fn on_brought(&mut self, id: GetId) {
        let Some(get) = self.gets.take(id) else { return };
        let shell = &mut self.viewers[get.viewer.0 as usize].shell;
        shell.http.forget(id);
        match get.asker {
            Asker::Engine(fetch) => {
                shell.fetches.remove(fetch);
                self.next_get(get.viewer);
                self.brought_engine(&get, fetch);
            }
            Asker::Player => {
                self.next_get(get.viewer);
                self.brought_player(&get);
            }
            Asker::Rival(place) => {
                self.next_get(get.viewer);
                let bytes = match get.answer {
                    Answer::Body(bytes) => Some(bytes),
                    Answer::Failure(_) => None,
                };
                self.rival_brought(get.viewer, place, bytes);
            }
        }
    }

    fn brought_engine(&mut self, get: &Get, fetch: FetchId) {
        let viewer = get.viewer;
        match (get.answer, get.resource) {
            (Answer::Failure(failure), _) => self.feed(viewer, Input::FetchFailed { fetch, failure }),
            (Answer::Body(_), Resource::Block(block)) => {
                let bytes =
                    self.stream.segment(block.segment).map_or(0, |made| made.block_bytes(block.block));
                let body = Body { block, bytes, corrupt: false };
                let handle = self.viewers[viewer.0 as usize].hold(body, None);
                self.feed(viewer, Input::Fetched { fetch, handle, bytes });
            }
            (Answer::Body(_), Resource::List(segment, _)) => {
                let stream = Rc::clone(&self.stream);
                let list = stream.segment(segment).and_then(|made| made.list(get.answered));
                let failure = FetchFailure::Absent;
                match list {
                    Some(bytes) => self.feed(viewer, Input::FetchedList { fetch, bytes }),
                    None => self.feed(viewer, Input::FetchFailed { fetch, failure }),
                }
            }
            (Answer::Body(_), Resource::Playlist | Resource::Segment(_) | Resource::Rest(..)) => {}
        }
    }

    fn brought_player(&mut self, get: &Get) {
        match (get.answer, get.resource) {
            (Answer::Body(_), Resource::Playlist) => self.on_playlist(get.viewer, get.answered),
            (Answer::Body(bytes), Resource::Segment(place)) => {
                let account = &mut self.viewers[get.viewer.0 as usize].account;
                account.plain_bytes += bytes;
                let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
                self.local.push_back((get.viewer, Local::Loaded(bytes)));
                self.appended(get.viewer, place);
                self.settle(get.viewer);
            }
            (Answer::Failure(_), Resource::Playlist) => self.timeline.after(RETRY, Event::Poll(get.viewer)),
            (Answer::Failure(_), Resource::Segment(_)) => {
                self.viewers[get.viewer.0 as usize].player.on_failure();
                self.timeline.after(RETRY, Event::Retry(get.viewer));
            }
            (_, Resource::Block(_) | Resource::List(..) | Resource::Rest(..)) => {}
        }
    }
}
