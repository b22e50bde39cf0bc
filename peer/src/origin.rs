//! GETs to the origin: blocks, lists and whole segments, each abortable. How long one may take is the engine's business.

use std::collections::BTreeMap;

use bytes::Bytes;
use protocol::limits::{BLOCK_BYTES, HASH_LIST_BYTES_MAX};
use swarm::FetchFailure;
use swarm::io::{FetchId, WantId};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use crate::http::Http;
use crate::limits::SEGMENT_BYTES_MAX;
use crate::viewer::Event;

/// What a GET is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A block.
    Block,
    /// A list.
    List,
}

/// The open GETs of one viewer; the engine bounds their number.
#[derive(Debug)]
pub(crate) struct Origin {
    http: Http,
    events: mpsc::Sender<Event>,
    open: BTreeMap<FetchId, JoinHandle<()>>,
    plain: Option<JoinHandle<()>>,
}

impl Origin {
    pub(crate) fn new(http: Http, events: mpsc::Sender<Event>) -> Self {
        Self { http, events, open: BTreeMap::new(), plain: None }
    }

    /// Begins a GET; one without a URL is absent.
    pub(crate) fn fetch(&mut self, fetch: FetchId, what: What, url: Option<Url>) {
        let (http, events) = (self.http.clone(), self.events.clone());
        let bytes_max = match what {
            What::Block => BLOCK_BYTES as usize,
            What::List => HASH_LIST_BYTES_MAX,
        };
        let task = tokio::spawn(async move {
            let outcome = match url {
                Some(url) => {
                    http.get(&url, bytes_max).await.map(|answer| answer.body).map_err(FetchFailure::from)
                }
                None => Err(FetchFailure::Absent),
            };
            // A viewer that is gone wants to know nothing.
            let _ = events.send(Event::Fetched { fetch, what, outcome }).await;
        });
        self.open.insert(fetch, task);
    }

    /// A whole segment, as a player without us loads it.
    pub(crate) fn plainly(&mut self, want: WantId, url: Option<Url>) {
        let (http, events) = (self.http.clone(), self.events.clone());
        self.plain = Some(tokio::spawn(async move {
            let bytes = match url {
                Some(url) => http.get(&url, SEGMENT_BYTES_MAX).await.map(|answer| answer.body.len()).ok(),
                None => None,
            };
            let _ = events.send(Event::Plain { want, bytes }).await;
        }));
    }

    /// Whether an answer to this GET is still wanted; it is over then.
    pub(crate) fn take(&mut self, fetch: FetchId) -> bool {
        self.open.remove(&fetch).is_some()
    }

    /// Aborts a GET.
    pub(crate) fn cancel(&mut self, fetch: FetchId) {
        if let Some(task) = self.open.remove(&fetch) {
            task.abort();
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.open.values().chain(&self.plain).for_each(JoinHandle::abort);
    }
}

/// The bodies that a viewer holds, by the engine's handles.
#[derive(Debug, Default)]
pub(crate) struct Store {
    bodies: BTreeMap<swarm::Handle, Bytes>,
    next: u32,
}

impl Store {
    pub(crate) fn put(&mut self, body: Bytes) -> swarm::Handle {
        self.next = self.next.checked_add(1).unwrap_or(1);
        self.bodies.insert(swarm::Handle(self.next), body);
        swarm::Handle(self.next)
    }

    pub(crate) fn body(&self, handle: swarm::Handle) -> Option<&Bytes> {
        self.bodies.get(&handle)
    }

    pub(crate) fn release(&mut self, handle: swarm::Handle) {
        self.bodies.remove(&handle);
    }

    /// Bytes of the bodies with these handles; `None` where one is unknown.
    pub(crate) fn len(&self, handles: &[swarm::Handle]) -> Option<usize> {
        handles.iter().map(|handle| self.body(*handle).map(Bytes::len)).sum()
    }
}
