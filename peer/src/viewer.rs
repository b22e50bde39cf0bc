//! One viewer: an engine, the hands that do what it says, and a task in which everything meets.

mod hands;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use protocol::id::{Digest, PeerId, SegmentKey};
use protocol::peer::{DATA_HEADER_BYTES_MAX, parse_data_header};
use protocol::time::{Duration, Instant};
use replay::{Recorder, Row};
use service::clock::Clock;
use swarm::io::{CheckId, FetchId, Listed, WantId};
use swarm::{Config as EngineConfig, Engine, FetchFailure, Handle, Input, LinkId, Output};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use url::Url;

use crate::http::Http;
use crate::limits::{DESCRIPTOR_AGAIN, EVENTS_MAX, PLAYHEAD_PERIOD, SEGMENTS_MAX};
use crate::links::{LinkNews, Links, Setup};
use crate::origin::{Origin, Store, What};
use crate::player::Player;
use crate::playlist::{self, Loaded};
use crate::report::{Desk, Snapshot};
use crate::tracker::{Tracker, TrackerNews};
use crate::{Config, Stream};

/// What the hands tell the engine's task.
#[derive(Debug)]
pub(crate) enum Event {
    /// Of a link.
    Link(LinkId, LinkNews),
    /// Of the tracker's connection with this number.
    Tracker(u32, TrackerNews),
    /// A GET is over.
    Fetched {
        /// Which.
        fetch: FetchId,
        /// What it was for.
        what: What,
        /// The body, or why there is none.
        outcome: Result<Bytes, FetchFailure>,
    },
    /// A segment was loaded plainly, or not.
    Plain {
        /// The wish.
        want: WantId,
        /// Its bytes.
        bytes: Option<usize>,
    },
    /// The playlist was loaded.
    Playlist(Loaded),
    /// The stream was looked at again.
    Stream(Box<Stream>),
}

/// What follows from an output, to be handed in once the outputs are drained.
#[derive(Debug)]
enum Later {
    Verified { handle: Handle, digest: Digest },
    ListVerified { check: CheckId, valid: bool, digest: Digest },
    LinkClosed(LinkId),
}

/// What all viewers of a process have in common.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) http: Http,
    pub(crate) links: Arc<Setup>,
    pub(crate) clock: Clock,
}

/// A viewer.
#[derive(Debug)]
pub(crate) struct Viewer {
    engine: Engine,
    recorder: Option<Recorder>,
    clock: Clock,
    began: Instant,
    deadline: Instant,
    stream: Arc<Stream>,
    store: Store,
    links: Links,
    tracker: Tracker,
    origin: Origin,
    player: Player,
    /// Segments that the playlist lists, with their URLs.
    listed: BTreeMap<SegmentKey, (Listed, Option<Url>)>,
    /// The last segment that the engine was told of.
    told: Option<SegmentKey>,
    wish: Option<(WantId, Listed)>,
    wishes: u32,
    later: VecDeque<Later>,
    plain_bytes: u64,
    /// A segment was given up since the descriptor was last looked at.
    is_plain: bool,
    /// When that was.
    looked: Instant,
    /// It names other keys now: another engine must go on.
    renewed: Option<Arc<Stream>>,
}

/// What came of a viewer's watching.
#[derive(Debug)]
struct Watched {
    recording: Option<Vec<u8>>,
    renewed: Option<Arc<Stream>>,
}

/// Watches until `stop` turns true, with another engine where the stream has other keys; answers the recording of the
/// last one, where one was wanted.
pub(crate) async fn watch(
    mut shared: Shared,
    engine: EngineConfig,
    recorded: bool,
    desk: Arc<Desk>,
    stop: watch::Receiver<bool>,
) -> Option<Vec<u8>> {
    let (seed, peer_id) = (engine.seed, engine.peer_id);
    loop {
        let engine = engine_config(&shared, seed, peer_id);
        let watched = Viewer::watch(shared.clone(), engine, recorded, &desk, stop.clone()).await;
        let Some(stream) = watched.renewed else { return watched.recording };
        tracing::info!("the stream has other keys: another engine goes on");
        desk.turn();
        shared.stream = stream;
    }
}

impl Viewer {
    async fn watch(
        shared: Shared,
        engine: EngineConfig,
        recorded: bool,
        desk: &Desk,
        mut stop: watch::Receiver<bool>,
    ) -> Watched {
        let (events, mut inbox) = mpsc::channel(EVENTS_MAX);
        let playlist = playlist::follow(
            shared.http.clone(),
            shared.stream.playlist.clone(),
            shared.stream.rendition,
            events.clone(),
        );
        let drain = std::time::Duration::from_millis(shared.config.drain_timeout_ms);
        let mut viewer = Self::new(&shared, engine, recorded, &events);
        viewer.begin();
        let mut ticks = interval(PLAYHEAD_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let wait = viewer.deadline.since(viewer.clock.now());
            tokio::select! {
                // A sender that is gone wants an end, too.
                _ = stop.wait_for(|stop| *stop) => break,
                event = inbox.recv() => match event {
                    Some(event) => viewer.on_event(event),
                    None => break,
                },
                () = sleep(wait.into()) => viewer.give(Input::Timeout),
                _ = ticks.tick() => {
                    viewer.tell_playhead();
                    desk.leave(viewer.snapshot());
                }
            }
            if viewer.wants_keys() {
                look(&shared, &events);
            }
            if viewer.renewed.is_some() {
                break;
            }
        }
        playlist.abort();
        viewer.give(Input::Leave);
        desk.leave(viewer.snapshot());
        // Nobody reads what links still have to tell: they wait for no one.
        drop(inbox);
        let gone = async {
            viewer.links.ended().await;
            viewer.tracker.ended().await;
        };
        if timeout(drain, gone).await.is_err() {
            tracing::debug!("a viewer did not leave in time");
        }
        let recording = viewer.recorder.take().map(Recorder::finish);
        Watched { recording, renewed: viewer.renewed.take() }
    }

    fn new(shared: &Shared, engine: EngineConfig, recorded: bool, events: &mpsc::Sender<Event>) -> Self {
        let (clock, stream) = (shared.clock, Arc::clone(&shared.stream));
        let now = clock.now();
        let config = &shared.config;
        let bytes_max = usize::try_from(config.record_bytes_max).unwrap_or(usize::MAX);
        let behind =
            if config.super_peer { crate::player::START_BEHIND_SUPER } else { swarm::picture::START_BEHIND };
        Self {
            recorder: recorded.then(|| Recorder::new(&engine, now, bytes_max)),
            engine: Engine::new(engine, now),
            clock,
            began: now,
            deadline: Instant::NEVER,
            store: Store::default(),
            links: Links::new(Arc::clone(&shared.links), events.clone()),
            tracker: Tracker::new(
                stream.trackers.clone(),
                config.token.clone(),
                shared.http.tls(),
                events.clone(),
            ),
            origin: Origin::new(shared.http.clone(), events.clone()),
            player: Player::new(now, behind),
            listed: BTreeMap::new(),
            told: None,
            wish: None,
            wishes: 0,
            later: VecDeque::new(),
            plain_bytes: 0,
            is_plain: false,
            looked: now,
            renewed: None,
            stream,
        }
    }

    fn begin(&mut self) {
        self.drain();
        self.give(Input::Rendition(self.stream.rendition));
    }

    /// Hands in what happened, does what comes of it, and hands in what comes of that.
    fn give(&mut self, input: Input<'_>) {
        self.give_one(input);
        while let Some(later) = self.later.pop_front() {
            self.give_one(match later {
                Later::Verified { handle, digest } => Input::Verified { handle, digest },
                Later::ListVerified { check, valid, digest } => Input::ListVerified { check, valid, digest },
                Later::LinkClosed(link) => Input::LinkClosed { link },
            });
        }
        self.wish();
    }

    fn give_one(&mut self, input: Input<'_>) {
        let now = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.input(now, Row::from(&input));
        }
        self.engine.handle_input(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let output = self.engine.poll_output();
            if let Some(recorder) = &mut self.recorder {
                recorder.output(Row::from(&output));
            }
            if let Output::Timeout(at) = output {
                self.deadline = at;
                return;
            }
            self.act(output);
        }
    }

    /// The player's next wish, if it has one.
    fn wish(&mut self) {
        if self.wish.is_some() {
            return;
        }
        let Some(listed) = self.player.poll_want(self.clock.now()) else { return };
        self.wishes += 1;
        let want = WantId(self.wishes);
        self.wish = Some((want, listed));
        self.tell_playhead();
        self.give(Input::Want { want, segment: listed.segment });
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Link(link, news) => self.on_link(link, news),
            Event::Tracker(generation, news) => {
                if self.tracker.is_news(generation, &news) {
                    self.on_tracker(news);
                }
            }
            Event::Fetched { fetch, what, outcome } => {
                if self.origin.take(fetch) {
                    self.on_fetched(fetch, what, outcome);
                }
            }
            Event::Plain { want, bytes } => self.on_plain(want, bytes),
            Event::Playlist(loaded) => self.on_playlist(&loaded),
            Event::Stream(stream) => {
                let ids = |stream: &Stream| stream.descriptor.parts().keys.clone();
                self.renewed = (ids(&stream) != ids(&self.stream)).then(|| Arc::new(*stream));
            }
        }
    }

    fn on_link(&mut self, link: LinkId, news: LinkNews) {
        match news {
            LinkNews::Offer(sdp) => self.give(Input::Offer { link, sdp: &sdp }),
            LinkNews::Answer(sdp) => self.give(Input::Answer { link, sdp: &sdp }),
            LinkNews::Open => self.give(Input::LinkOpen { link }),
            LinkNews::Message(bytes) => self.on_message(link, &bytes),
            LinkNews::Buffered(bytes) => self.give(Input::Buffered { link, bytes }),
            LinkNews::Closed => {
                // One that the engine closed was told then.
                if self.links.close(link) {
                    self.give(Input::LinkClosed { link });
                }
            }
        }
    }

    /// Of a data message the engine sees the header only: the body stays where it is.
    fn on_message(&mut self, link: LinkId, bytes: &Bytes) {
        let prefix = bytes.get(..DATA_HEADER_BYTES_MAX.min(bytes.len())).unwrap_or(&[]);
        let Some((_, header)) = parse_data_header(prefix, bytes.len()) else {
            self.give(Input::Message { link, bytes });
            return;
        };
        let body = bytes.slice(header..);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let handle = self.store.put(body);
        let header = bytes.get(..header).unwrap_or(&[]);
        self.give(Input::Data { link, header, handle, bytes: length });
    }

    fn on_tracker(&mut self, news: TrackerNews) {
        match news {
            TrackerNews::Open => self.give(Input::TrackerOpen),
            TrackerNews::Message(bytes) => self.give(Input::TrackerMessage(&bytes)),
            TrackerNews::Ice(servers) => self.links.lend(&servers),
            TrackerNews::Closed(_) => self.give(Input::TrackerClosed),
        }
    }

    fn on_fetched(&mut self, fetch: FetchId, what: What, outcome: Result<Bytes, FetchFailure>) {
        match (outcome, what) {
            (Ok(body), What::Block) => {
                let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
                let handle = self.store.put(body);
                self.give(Input::Fetched { fetch, handle, bytes });
            }
            (Ok(body), What::List) => self.give(Input::FetchedList { fetch, bytes: &body }),
            (Err(failure), _) => self.give(Input::FetchFailed { fetch, failure }),
        }
    }

    fn on_plain(&mut self, want: WantId, bytes: Option<usize>) {
        let Some((_, listed)) = self.wish.take_if(|(wish, _)| *wish == want) else { return };
        match bytes {
            Some(bytes) => {
                self.plain_bytes += bytes as u64;
                self.player.on_segment(self.clock.now(), &listed);
            }
            None => self.player.on_failure(self.clock.now()),
        }
        self.tell_playhead();
    }

    fn on_playlist(&mut self, loaded: &Loaded) {
        let news: Vec<Listed> = loaded.segments.iter().map(|(listed, _)| *listed).collect();
        self.player.on_playlist(self.clock.now(), &news, loaded.ended);
        let fresh: Vec<Listed> =
            news.into_iter().filter(|listed| self.told.is_none_or(|told| listed.segment > told)).collect();
        for (listed, url) in &loaded.segments {
            self.listed.insert(listed.segment, (*listed, url.clone()));
        }
        while self.listed.len() > SEGMENTS_MAX {
            self.listed.pop_first();
        }
        self.told = self.told.max(fresh.last().map(|listed| listed.segment));
        if !fresh.is_empty() || loaded.ended {
            self.give(Input::Playlist { segments: &fresh, ended: loaded.ended });
        }
        self.tell_playhead();
    }

    /// Whether the descriptor is to be looked at: a segment had no valid list, so that there may be another key by now.
    fn wants_keys(&mut self) -> bool {
        let (now, again) = (self.clock.now(), Duration::from(DESCRIPTOR_AGAIN));
        let due = self.is_plain && now.since(self.looked) >= again;
        if due {
            (self.looked, self.is_plain) = (now, false);
        }
        due
    }

    fn tell_playhead(&mut self) {
        self.player.advance(self.clock.now());
        if let Some(playhead) = self.player.playhead() {
            self.give(Input::Playhead(playhead));
        }
    }

    fn snapshot(&self) -> Snapshot {
        let now = self.clock.now();
        Snapshot {
            stats: self.engine.stats(),
            tally: self.player.tally(now),
            plain_bytes: self.plain_bytes,
            behind_ms: self.player.behind_ms(now),
            playing: self.player.is_playing(),
            watched_ms: now.since(self.began).as_millis(),
        }
    }
}

/// Looks at the descriptor once more, beside everything else.
fn look(shared: &Shared, events: &mpsc::Sender<Event>) {
    let (shared, events) = (shared.clone(), events.clone());
    tokio::spawn(async move {
        if let Ok(stream) = Stream::load(&shared.config, &shared.http).await {
            // A viewer that is gone wants to know nothing.
            let _ = events.send(Event::Stream(Box::new(stream))).await;
        }
    });
}

/// An engine of this viewer.
pub(crate) fn engine_config(shared: &Shared, seed: u64, peer_id: PeerId) -> EngineConfig {
    let (config, parts) = (&shared.config, shared.stream.descriptor.parts());
    EngineConfig {
        seed,
        peer_id,
        info_hash: parts.swarm,
        stream: parts.stream.clone(),
        keys: parts.keys.iter().map(|key| key.id).collect(),
        target_duration_ms: parts.target_duration_ms,
        trackers: u8::try_from(shared.stream.trackers.len()).unwrap_or(u8::MAX),
        p2p: config.p2p,
        upload: config.upload,
        super_peer: config.super_peer,
        links: config.links(),
        cache_bytes_max: config.cache_bytes_max,
    }
}

/// How long a process has run.
pub(crate) fn seconds(since: Duration) -> f64 {
    since.as_secs_f64()
}
