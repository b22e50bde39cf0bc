//! A stream as the process holds it: the core behind a lock that only publishers and the tick take, and a picture of
//! it that requests read without one.

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use protocol::descriptor::{self, Descriptor, Parts, RenditionParts, SWARM_DOMAIN, Template};
use protocol::id::{Digest, InfoHash};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use super::config::StreamKey;
use super::spend::Accounts;
use super::state::Saved;
use crate::blocks::Signer;
use crate::stream::{Now, RenditionView, Stream};

/// Playlists shorter than this are not worth compressing, in bytes.
const GZIP_FROM: usize = 256;

/// A stream.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) name: String,
    pub(super) accounts: Accounts,
    pub(super) saved: Mutex<Saved>,
    pub(super) changed: watch::Sender<u64>,
    /// The key was made in this start.
    pub(super) has_new_key: bool,
    key: StreamKey,
    about: About,
    core: Mutex<Stream>,
    picture: ArcSwap<Picture>,
}

/// What the descriptor says that does not change.
#[derive(Debug)]
pub(super) struct About {
    pub(super) swarm: InfoHash,
    pub(super) signer: Signer,
    pub(super) trackers: Vec<String>,
    pub(super) target_ms: u32,
}

/// What can be served now.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) multivariant: Option<Document>,
    pub(super) descriptor: Option<Document>,
    pub(super) renditions: Vec<(RenditionView, Option<Document>)>,
    /// How long waiting for a block is sensible: one target duration, in milliseconds.
    pub(super) target_ms: u32,
}

/// A text, rendered and compressed once for each of its versions.
#[derive(Clone, Debug)]
pub(super) struct Document {
    text: Arc<str>,
    pub(super) plain: (Bytes, Digest),
    pub(super) gzip: Option<(Bytes, Digest)>,
}

impl About {
    /// The swarm of a stream id: whoever serves the descriptor computes it.
    pub(super) fn swarm(id: &str) -> InfoHash {
        let hash: [u8; 32] = Sha256::new().chain_update(SWARM_DOMAIN).chain_update(id).finalize().into();
        let mut swarm = [0; 20];
        swarm.copy_from_slice(&hash[..20]);
        InfoHash(swarm)
    }
}

impl Live {
    /// The stream; with its key, whether that is new.
    pub(super) fn new(core: Stream, key: (StreamKey, bool), about: About, saved: Saved) -> Self {
        Self {
            name: core.name().to_owned(),
            accounts: Accounts::default(),
            saved: Mutex::new(saved),
            changed: watch::Sender::new(0),
            has_new_key: key.1,
            key: key.0,
            about,
            core: Mutex::new(core),
            picture: ArcSwap::default(),
        }
    }

    /// Whether this is the stream's key, in a time that does not depend on how much of it is right.
    pub(super) fn authorizes(&self, key: &str) -> bool {
        let hash = |text: &str| Sha256::digest(text.as_bytes());
        hash(key).ct_eq(&hash(&self.key.0)).into()
    }

    pub(super) const fn key(&self) -> &StreamKey {
        &self.key
    }

    pub(super) fn picture(&self) -> Arc<Picture> {
        self.picture.load_full()
    }

    pub(super) fn core(&self) -> MutexGuard<'_, Stream> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts on the core and shows what it is now; where the act says so, wakes who waits.
    pub(super) fn act<T>(&self, now: Now, act: impl FnOnce(&mut Stream) -> (T, bool)) -> T {
        let mut core = self.core();
        let (value, wakes) = act(&mut core);
        self.show(&core, now);
        drop(core);
        if wakes {
            self.changed.send_modify(|version| *version += 1);
        }
        value
    }

    /// Renders what is visible; under the core's lock, so that an older picture never replaces a newer.
    fn show(&self, core: &Stream, now: Now) {
        let old = self.picture.load();
        let history = core.checkpoint().0;
        let target_ms = history.target_s.map_or(self.about.target_ms, |seconds| seconds * 1_000);
        let views = core.views();
        for (index, view) in views.iter().enumerate() {
            self.account(index, view, now);
        }
        let known = |index: usize| old.renditions.get(index).and_then(|(_, document)| document.as_ref());
        let renditions = views.into_iter().enumerate().map(|(index, view)| {
            let document = view.playlist.clone().map(|text| Document::new(text, known(index)));
            (view, document)
        });
        let renditions = renditions.collect::<Vec<(RenditionView, Option<Document>)>>();
        let multivariant =
            core.multivariant(now).map(|text| Document::new(text.into(), old.multivariant.as_ref()));
        let descriptor = self
            .descriptor(&renditions, target_ms)
            .map(|text| Document::new(text.into(), old.descriptor.as_ref()));
        self.picture.store(Arc::new(Picture { multivariant, descriptor, renditions, target_ms }));
    }

    fn account(&self, index: usize, view: &RenditionView, now: Now) {
        if let Some(growing) = &view.growing {
            self.accounts.open((index, &view.name), growing.msn, growing.start, now.instant);
        }
        let newest =
            view.segments.last().and_then(|segment| segment.body.as_ref().map(|body| (segment, body)));
        if let Some((segment, body)) = newest {
            let account = self.accounts.open((index, &view.name), segment.msn, segment.start, now.instant);
            account.set_size(u64::from(body.whole.bytes));
        }
    }

    fn descriptor(
        &self,
        renditions: &[(RenditionView, Option<Document>)],
        target_duration_ms: u32,
    ) -> Option<String> {
        let rendition = |(view, _): &(RenditionView, Option<Document>)| RenditionParts {
            name: view.name.to_string(),
            playlist: format!("{}/index.m3u8", view.name),
        };
        let signer = &self.about.signer;
        let parts = Parts {
            stream: self.name.clone(),
            swarm: self.about.swarm,
            trackers: self.about.trackers.clone(),
            keys: vec![descriptor::Key { id: signer.id(), ed25519: signer.public_key() }],
            renditions: renditions.iter().map(rendition).collect(),
            blocks: Template(String::from("{rendition}/{segment}/blocks/{block}")),
            hashes: Template(String::from("{rendition}/{segment}/hashes")),
            target_duration_ms,
        };
        Descriptor::new(parts).ok().map(|descriptor| descriptor.to_json())
    }
}

impl Picture {
    /// The rendition of that name, with its index.
    pub(super) fn rendition(&self, name: &str) -> Option<(usize, &RenditionView, Option<&Document>)> {
        let mut renditions = self.renditions.iter().enumerate();
        let (index, (view, document)) = renditions.find(|(_, (view, _))| &*view.name == name)?;
        Some((index, view, document.as_ref()))
    }
}

impl Document {
    /// The document of a text; `old` is returned where it is the same text.
    fn new(text: Arc<str>, old: Option<&Self>) -> Self {
        if let Some(old) = old.filter(|old| Arc::ptr_eq(&old.text, &text) || old.text == text) {
            return old.clone();
        }
        let digested = |bytes: Bytes| {
            let digest = Digest(Sha256::digest(&bytes).into());
            (bytes, digest)
        };
        let gzip = (text.len() >= GZIP_FROM).then(|| gzip(text.as_bytes())).flatten().map(digested);
        Self { plain: digested(Bytes::copy_from_slice(text.as_bytes())), gzip, text }
    }
}

fn gzip(text: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::new(6));
    encoder.write_all(text).ok()?;
    encoder.finish().ok().map(Bytes::from)
}
