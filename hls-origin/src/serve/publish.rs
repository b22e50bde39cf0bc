//! A publisher: a body, or a child's output, on its way into the core.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use protocol::descriptor::is_name;
use serde::Deserialize;
use tokio::time::timeout;

use super::app::App;
use super::entropy;
use super::live::Live;
use super::refusal::Refused;
use crate::ingest::{Event, Ingest};
use crate::stream::Counts;

/// Characters of a session's name: 40 random bits keep incarnations apart in every cache.
const SESSION_CHARACTERS: usize = 8;

/// The query of a publish.
#[derive(Debug, Deserialize)]
pub(super) struct KeyQuery {
    key: Option<String>,
}

/// `PUT` or `POST /publish/{stream}/{rendition}`.
pub(super) async fn publish(
    State(app): State<Arc<App>>,
    Path((stream, rendition)): Path<(String, String)>,
    Query(query): Query<KeyQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    if !is_name(&stream) || !is_name(&rendition) {
        return Err(Refused::bad_name());
    }
    let live = Arc::clone(app.stream(&stream)?);
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let key = bearer.or(query.key.as_deref()).unwrap_or_default();
    if !live.authorizes(key) {
        return Err(Refused::unauthorized());
    }
    let stopping = app.stopping.clone();
    let mut session = Session::begin(app, live, &rendition)?;
    tokio::select! {
        done = session.take_body(body) => {
            if let Err(refused) = &done {
                tracing::warn!(stream, rendition, reason = refused.message(), "publisher refused");
            }
            done.map(|()| Json(session.summary()).into_response())
        }
        () = stopping.cancelled() => Err(Refused::later("the origin is stopping; publish again")),
    }
}

/// One publisher; dropping it tells the core that it left.
#[derive(Debug)]
pub(super) struct Session {
    app: Arc<App>,
    live: Arc<Live>,
    rendition: String,
    index: usize,
    name: String,
    ingest: Ingest,
    inits: u32,
    counts: Counts,
}

impl Session {
    /// Takes the rendition.
    pub(super) fn begin(app: Arc<App>, live: Arc<Live>, rendition: &str) -> Result<Self, Refused> {
        let name =
            entropy::word::<SESSION_CHARACTERS>().map_err(|error| Refused::internal(&error.to_string()))?;
        let now = app.now();
        let index = live
            .act(now, |core| {
                let taken = core.on_publish(rendition, &name, now);
                let visible = taken.is_ok();
                (taken, visible)
            })
            .map_err(|refusal| Refused::busy(refusal.to_string()))?;
        tracing::info!(stream = live.name, rendition, session = name, "publisher connected");
        let (ingest, counts) = (Ingest::default(), live.core().counts_of(index));
        Ok(Self { app, live, rendition: rendition.to_owned(), index, name, ingest, inits: 0, counts })
    }

    /// Takes the next bytes.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.ingest.push(bytes);
        while let Some(event) =
            self.ingest.poll_event().map_err(|error| Refused::bad_media(error.to_string()))?
        {
            self.app.reserve(&self.live).await.map_err(|error| Refused::internal(&error.to_string()))?;
            self.on_event(event)?;
        }
        Ok(())
    }

    /// The body is over.
    pub(super) fn finish(&self) -> Result<(), Refused> {
        self.ingest.finish().map_err(|error| Refused::bad_media(error.to_string()))
    }

    async fn take_body(&mut self, mut body: Body) -> Result<(), Refused> {
        let limits = &self.app.config.limits;
        let idle = Duration::from_millis(limits.ingest_idle_ms);
        let mut patience = Duration::from_millis(limits.ingest_first_ms);
        loop {
            let frame = timeout(patience, body.frame()).await.map_err(|_| Refused::idle())?;
            match frame {
                None => return self.finish(),
                Some(Err(error)) => return Err(Refused::bad_media(format!("the body broke off: {error}"))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.push(&bytes).await?;
                    }
                }
            }
            patience = idle;
        }
    }

    fn on_event(&mut self, event: Event) -> Result<(), Refused> {
        let now = self.app.now();
        match event {
            Event::Init(init) => {
                self.inits += 1;
                let fresh = || {
                    entropy::word::<SESSION_CHARACTERS>()
                        .map_err(|error| Refused::internal(&error.to_string()))
                };
                let name = if self.inits == 1 { self.name.clone() } else { fresh()? };
                self.live.act(now, |core| (core.on_init(self.index, init, &name, now), true));
                Ok(())
            }
            Event::Fragment(fragment) => {
                let (done, counts) = self.live.act(now, |core| {
                    let done = core.on_fragment(self.index, &fragment, now);
                    let visible = done.as_ref().is_ok_and(|visible| *visible);
                    ((done, core.counts_of(self.index)), visible)
                });
                self.log(counts);
                done.map(|_| ()).map_err(|error| Refused::bad_media(error.to_string()))
            }
        }
    }

    /// One line a segment at DEBUG, one a misfortune at WARN.
    fn log(&mut self, counts: Counts) {
        let before = core::mem::replace(&mut self.counts, counts);
        let (stream, rendition) = (self.live.name.as_str(), self.rendition.as_str());
        if counts.segments > before.segments {
            tracing::debug!(
                stream,
                rendition,
                segments = counts.segments,
                bytes = counts.bytes,
                "segment listed"
            );
        }
        if counts.keyless_cuts > before.keyless_cuts && before.segments > 0 {
            tracing::warn!(
                stream,
                rendition,
                "cut without a keyframe: keyframes are further apart than the target duration (-g)"
            );
        }
        if counts.resyncs > before.resyncs && before.segments > 0 {
            tracing::warn!(stream, rendition, "the encoder's timestamps jumped: a discontinuity is declared");
        }
    }

    /// Whole segments of this rendition so far.
    pub(super) const fn segments(&self) -> u64 {
        self.counts.segments
    }

    fn summary(&self) -> serde_json::Value {
        serde_json::json!({ "segments": self.counts.segments, "bytes": self.counts.bytes })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let now = self.app.now();
        self.live.act(now, |core| (core.on_leave(self.index, now), true));
        tracing::info!(stream = self.live.name, rendition = self.rendition, "publisher gone");
    }
}
