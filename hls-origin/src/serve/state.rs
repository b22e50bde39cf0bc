//! What survives a restart: keys, ids and numbers, in one small file.
//!
//! A file and not a database: there is one writer, the record has a few hundred bytes, and nothing queries it. It is
//! replaced whole (written beside, synced, renamed, the directory synced), so that a crash leaves the old or the new.
//!
//! Media sequence numbers are reserved ahead, [`RESERVED`] at a time, so that the file is written once in so many
//! segments and yet a crash never rewinds them; an orderly stop writes the exact ones.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Error, entropy};
use crate::segment::History;

/// Sequence numbers reserved by one write.
const RESERVED: u64 = 8;
/// Discontinuities reserved by one write.
const RESERVED_BREAKS: u64 = 2;
const FILE: &str = "origin.json";

/// The file's content.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// The Ed25519 secret that signs hash lists, in hexadecimal.
    signing_key: String,
    /// By name.
    pub(super) streams: BTreeMap<String, Saved>,
}

/// One stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    /// The unguessable id that names the swarm.
    pub(super) id: String,
    /// The publishing key, where the configuration has none.
    pub(super) key: Option<String>,
    /// No segment has had this number, nor a higher one.
    pub(super) next_msn: u64,
    /// No discontinuity has had a higher number.
    pub(super) dsn: u64,
    /// The target duration of the playlist that may still be open.
    pub(super) target_s: Option<u32>,
    /// Something was published.
    pub(super) continued: bool,
    /// The renditions, in the order of their indices.
    pub(super) renditions: Vec<String>,
}

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Store {
    directory: PathBuf,
}

impl Saved {
    /// What the next start goes on from.
    pub(super) const fn history(&self) -> History {
        let Self { next_msn, dsn, target_s, continued, .. } = self;
        History { next_msn: *next_msn, dsn: *dsn, target_s: *target_s, continued: *continued }
    }

    /// Whether this record already covers what is live, with room for the next fragment.
    pub(super) fn covers(&self, live: &History, renditions: &[String]) -> bool {
        self.next_msn >= live.next_msn + 2
            && self.dsn > live.dsn
            && self.target_s == live.target_s
            && self.continued
            && self.renditions == renditions
    }

    /// The record that covers what is live; `ahead` reserves numbers for a crash.
    pub(super) fn record(&mut self, live: &History, renditions: Vec<String>, ahead: bool) {
        self.next_msn = live.next_msn + if ahead { RESERVED } else { 0 };
        self.dsn = live.dsn + if ahead { RESERVED_BREAKS } else { 0 };
        self.target_s = live.target_s;
        self.continued = ahead || live.continued;
        self.renditions = renditions;
    }
}

impl State {
    fn fresh() -> Result<Self, Error> {
        Ok(Self { signing_key: hex::encode(entropy::bytes::<32>()?), streams: BTreeMap::new() })
    }

    pub(super) fn signing_key(&self) -> Option<[u8; 32]> {
        hex::decode(&self.signing_key).ok()?.try_into().ok()
    }
}

impl Store {
    /// Opens the directory, making it where it is absent (mode 0700: it holds keys), and reads the state.
    pub(super) fn open(directory: &Path) -> Result<(Self, State), Error> {
        let failed = |cause| Error::State { path: directory.to_owned(), cause };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let store = Self { directory: directory.to_owned() };
        let path = store.path();
        let state = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<State>(&bytes)
                .ok()
                .filter(|state| state.signing_key().is_some())
                .ok_or(Error::Damaged { path })?,
            Err(cause) if cause.kind() == ErrorKind::NotFound => State::fresh()?,
            Err(cause) => return Err(Error::State { path, cause }),
        };
        Ok((store, state))
    }

    /// Replaces the file, durably.
    pub(super) fn write(&self, state: &State) -> Result<(), Error> {
        let path = self.path();
        let text = serde_json::to_vec_pretty(state).unwrap_or_default();
        self.replace(&text).map_err(|cause| Error::State { path, cause })
    }

    fn replace(&self, text: &[u8]) -> std::io::Result<()> {
        let beside = self.directory.join("origin.json.new");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(&beside, self.path())?;
        File::open(&self.directory)?.sync_all()
    }

    fn path(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(next_msn: u64, dsn: u64) -> History {
        History { next_msn, dsn, target_s: Some(2), continued: true }
    }

    #[test]
    fn a_record_covers_what_is_live_until_its_reserve_runs_out() {
        let mut saved = Saved::default();
        saved.record(&live(100, 3), Vec::new(), true);
        let rows = [(100, 3, true), (106, 3, true), (107, 3, false), (100, 4, true), (100, 5, false)];
        for (next_msn, dsn, covered) in rows {
            assert_eq!(saved.covers(&live(next_msn, dsn), &[]), covered, "{next_msn} {dsn}");
        }
        assert!(!saved.covers(&live(100, 3), &[String::from("360p")]));
    }

    #[test]
    fn what_was_written_is_read_and_only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let (store, mut state) = Store::open(directory.path()).expect("opened");
        state.streams.insert(String::from("main"), Saved { next_msn: 7, ..Saved::default() });
        store.write(&state).expect("written");
        let (_, read) = Store::open(directory.path()).expect("opened again");
        assert_eq!(read, state);
        let mode = std::fs::metadata(store.path()).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_and_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join(FILE), "{").expect("written");
        assert!(matches!(Store::open(directory.path()), Err(Error::Damaged { .. })));
        assert_eq!(std::fs::read_to_string(directory.path().join(FILE)).expect("there"), "{");
    }
}
