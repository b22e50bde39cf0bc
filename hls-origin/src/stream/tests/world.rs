//! A stream with encoders and a clock that the test moves.

use m3u8_rs::{MediaPlaylist, Playlist};
use protocol::time::{Duration, Instant, StreamTime};

use crate::blocks::{Signer, SignerKey};
use crate::fixture::Encoder;
use crate::ingest::{Event, Ingest};
use crate::segment::History;
use crate::stream::{Error, Now, RenditionView, Settings, Stream};

/// When the clock starts: some day in 2026.
pub(super) const START_MS: u64 = 1_780_000_000_000;

pub(super) const SETTINGS: Settings = Settings {
    wanted_ms: 2_000,
    listed_max: 5,
    margin: Duration::from_secs(30),
    grace: Duration::from_secs(30),
    end: Duration::from_secs(60),
};

/// A stream and its clock.
#[derive(Debug)]
pub(super) struct World {
    pub(super) stream: Stream,
    pub(super) now_ms: u64,
    sessions: u32,
}

/// An encoder that is connected.
#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) index: usize,
    pub(super) encoder: Encoder,
    session: String,
    ingest: Ingest,
}

pub(super) fn signer() -> Signer {
    Signer::new(&SignerKey([3; 32]))
}

impl World {
    pub(super) fn new() -> Self {
        Self::continued(History { next_msn: 100, ..History::default() }, &[])
    }

    /// A stream after a restart of the process.
    pub(super) fn continued(history: History, renditions: &[String]) -> Self {
        let stream = Stream::new("main", SETTINGS, signer(), history, renditions);
        Self { stream, now_ms: 0, sessions: 0 }
    }

    pub(super) fn now(&self) -> Now {
        Now { instant: Instant::from_millis(self.now_ms), date: StreamTime(START_MS + self.now_ms) }
    }

    /// Connects an encoder.
    pub(super) fn publish(&mut self, rendition: &str, encoder: Encoder) -> Publisher {
        self.sessions += 1;
        let session = format!("s{}", self.sessions);
        let index = self.stream.on_publish(rendition, &session, self.now()).expect("nobody else publishes");
        let mut publisher = Publisher { index, encoder, session, ingest: Ingest::default() };
        let init = publisher.encoder.init();
        self.send(&mut publisher, &init).expect("an init is accepted");
        publisher
    }

    /// Hands bytes to the stream.
    pub(super) fn send(&mut self, publisher: &mut Publisher, bytes: &[u8]) -> Result<(), Error> {
        publisher.ingest.push(bytes);
        while let Some(event) = publisher.ingest.poll_event().expect("well formed") {
            match event {
                Event::Init(init) => {
                    self.stream.on_init(publisher.index, init, &publisher.session, self.now())
                }
                Event::Fragment(fragment) => {
                    self.stream.on_fragment(publisher.index, &fragment, self.now())?;
                }
            }
        }
        Ok(())
    }

    /// Real time goes by, and the encoder sends what it made in it, a fragment of five frames each 200 ms.
    pub(super) fn run(&mut self, publisher: &mut Publisher, ms: u64) {
        self.run_all(&mut [publisher], ms);
    }

    /// Likewise for several encoders, in this order within each 200 ms.
    pub(super) fn run_all(&mut self, publishers: &mut [&mut Publisher], ms: u64) {
        for _ in 0..ms / 200 {
            self.wait(200);
            for publisher in publishers.iter_mut() {
                let bytes = publisher.encoder.fragment(5);
                self.send(publisher, &bytes).expect("a fragment is accepted");
            }
        }
    }

    /// Real time goes by.
    pub(super) fn wait(&mut self, ms: u64) {
        self.now_ms += ms;
        self.stream.on_tick(self.now());
    }

    pub(super) fn leave(&mut self, publisher: &Publisher) {
        self.stream.on_leave(publisher.index, self.now());
    }

    pub(super) fn view(&self, index: usize) -> RenditionView {
        self.stream.views().swap_remove(index)
    }

    pub(super) fn text(&self, index: usize) -> String {
        self.view(index).playlist.expect("there is a playlist").to_string()
    }

    pub(super) fn playlist(&self, index: usize) -> MediaPlaylist {
        parse(&self.text(index))
    }
}

pub(super) fn parse(text: &str) -> MediaPlaylist {
    match m3u8_rs::parse_playlist_res(text.as_bytes()) {
        Ok(Playlist::MediaPlaylist(playlist)) => playlist,
        other => panic!("no media playlist: {other:?}\n{text}"),
    }
}

/// Durations of a playlist's segments, in milliseconds.
pub(super) fn durations(playlist: &MediaPlaylist) -> Vec<u32> {
    playlist.segments.iter().map(|segment| (segment.duration * 1_000.0).round() as u32).collect()
}

/// Start of each segment in milliseconds after the clock's start, with its number.
pub(super) fn starts(playlist: &MediaPlaylist) -> Vec<(u64, i64)> {
    let first = playlist.media_sequence;
    let date = |at: usize| playlist.segments[at].program_date_time.expect("dated").timestamp_millis();
    (0..playlist.segments.len()).map(|at| (first + at as u64, date(at) - START_MS.cast_signed())).collect()
}

/// Numbers of the segments behind a discontinuity.
pub(super) fn breaks(playlist: &MediaPlaylist) -> Vec<u64> {
    let numbered = (playlist.media_sequence..).zip(&playlist.segments);
    numbered.filter(|(_, segment)| segment.discontinuity).map(|(msn, _)| msn).collect()
}
