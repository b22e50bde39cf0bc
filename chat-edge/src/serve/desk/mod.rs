//! The desk where comments and decisions arrive, from sockets and over HTTP: it asks the judge, keeps what must be kept,
//! and sends on what everybody is to see.
//!
//! A decision holds when it is on disk, in the order of the disk: the store's thread puts it in place before whoever asked
//! is told. Locks: the desk's judge, then the hub's (`serve`), never the other way round; nothing is awaited under one.

mod decide;
pub(super) mod filters;
mod speak;
pub(super) mod token;
mod upkeep;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use protocol::chat::RoomKey;
use tokio::sync::oneshot;

use crate::filter::Scratch;
use crate::moderation::{
    Attempt, CommentId, CommentIds, Grant, Judge, Moment, Refusal, Ruling, Scope, State,
};
use crate::serve::config::Config;
use crate::store::keeper::{Keeper, Unavailable};
use crate::store::{Error, Loaded, Place, Store, WINDOW_MESSAGES_MAX};
use filters::{Filters, RulesError};
use token::Tokens;

pub(super) use decide::{Change, Decision, Undecided, waiting};
pub(super) use speak::{Line, Receipt, Speaker, Unsaid, clipped};
pub(super) use upkeep::run as run_upkeep;

/// What a desk is made of.
#[derive(Debug)]
pub(super) struct Desk {
    judge: Mutex<Bench>,
    pub(super) filters: Filters,
    tokens: ArcSwap<Tokens>,
    /// The file of rules, as it is configured now.
    filter_file: ArcSwap<String>,
    /// The secret of a desk whose operator named no key.
    secret: Vec<u8>,
    pub(super) keeper: Keeper,
    shared: bool,
}

/// The judge, and what lies on the bench.
#[derive(Debug)]
struct Bench {
    judge: Judge,
    scratch: Scratch,
    ids: CommentIds,
}

/// Why a desk does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store cannot be used.
    #[error("store {place}: {cause}")]
    Store {
        /// The store as it is configured, without its password.
        place: String,
        /// Why.
        cause: Error,
    },
    /// Rules cannot be used.
    #[error("filter: {0}")]
    Rules(#[from] RulesError),
    /// The system gives no thread.
    #[error("the system gives no thread: {0}")]
    Thread(std::io::Error),
}

impl Desk {
    /// Opens the store and reads what was decided, the rooms and their last messages. `process` tells this process from
    /// others that name comments.
    pub(super) fn open(
        config: &Config,
        process: u32,
    ) -> Result<(Self, Loaded, std::thread::JoinHandle<()>), OpenError> {
        let place = Place::parse(&config.store).unwrap_or(Place::Memory);
        let failed = |cause: Error| OpenError::Store { place: place.to_string(), cause };
        let mut store = Store::open(&place).map_err(failed)?;
        let window = Moment(now().0.saturating_sub(config.history_window_s.saturating_mul(1_000)));
        let mut loaded = store.load(window, WINDOW_MESSAGES_MAX).map_err(failed)?;
        let secret = store.secret(fresh_secret()).map_err(failed)?;
        let shared = store.shared();
        let mut state = State::default();
        for record in std::mem::take(&mut loaded.records) {
            state.put(record);
        }
        let filters = Filters::new(&filters::read_file(&config.filter_file)?, &state)?;
        let (keeper, thread) = Keeper::start(store).map_err(OpenError::Thread)?;
        let bench = Bench {
            judge: Judge::new(config.judge(), state),
            scratch: Scratch::default(),
            ids: CommentIds::new(process),
        };
        let tokens = ArcSwap::from_pointee(tokens(config, &secret));
        let filter_file = ArcSwap::from_pointee(config.filter_file.clone());
        let desk = Self { judge: Mutex::new(bench), filters, tokens, filter_file, secret, keeper, shared };
        Ok((desk, loaded, thread))
    }

    /// Other limits, keys and words from now on.
    pub(super) fn reload(&self, config: &Config) -> Result<(), RulesError> {
        let file = filters::read_file(&config.filter_file)?;
        // Nobody waits while words compile.
        let decided = self.judge(|judge| judge.state.rules(&Scope::Everywhere).to_owned());
        let list = filters::joined(&file, &decided);
        let filter = filters::compile(&list, 2 * filters::RULES_BYTES_MAX)?;
        self.bench().judge.set_config(config.judge());
        self.filter_file.store(Arc::new(config.filter_file.clone()));
        self.tokens.store(Arc::new(tokens(config, &self.secret)));
        self.filters.put(&Scope::Everywhere, filter);
        Ok(())
    }

    /// Whose token this is, where it counts now.
    pub(super) fn grant(&self, token: &str) -> Result<Grant, Refusal> {
        let grant = self.tokens.load().read(token)?;
        self.bench().judge.accept(now(), &grant)?;
        Ok(grant)
    }

    /// The same, where its time may be over: for an exchange.
    pub(super) fn refreshable(&self, token: &str) -> Result<Grant, Refusal> {
        let now = now();
        let grant = self.tokens.load().read(token)?;
        let alive = Grant { until: grant.until.max(grant.refresh_until), ..grant.clone() };
        self.bench().judge.accept(now, &alive)?;
        if now > grant.refresh_until { Err(Refusal::TokenExpired) } else { Ok(grant) }
    }

    /// A token that says this; `None` where no key can sign.
    pub(super) fn sign(&self, grant: &Grant) -> Option<String> {
        self.tokens.load().write(grant)
    }

    /// Whether the holder may be in the room.
    pub(super) fn admit(&self, grant: &Grant, room: &RoomKey) -> Result<(), Refusal> {
        self.bench().judge.admit(now(), grant, room)
    }

    /// Whether the holder may report something now.
    pub(super) fn may_report(&self, grant: &Grant, room: &RoomKey) -> Result<(), Refusal> {
        self.bench().judge.may_report(now(), room, grant)
    }

    /// Whether other processes write to the same store.
    pub(super) const fn is_shared(&self) -> bool {
        self.shared
    }

    /// Reads what holds.
    pub(super) fn judge<T>(&self, look: impl FnOnce(&Judge) -> T) -> T {
        look(&self.bench().judge)
    }

    /// Asks the store, after everything that was handed in before.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (told, tell) = oneshot::channel();
        self.keeper.ask(Box::new(move |store| drop(told.send(ask(store)))))?;
        match tell.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => {
                tracing::error!(%error, "the store does not answer");
                Err(Unavailable)
            }
            Err(_) => Err(Unavailable),
        }
    }

    /// A name for a comment or a decision.
    pub(super) fn name(&self) -> CommentId {
        self.bench().ids.next(now())
    }

    fn rule(&self, attempt: Attempt<'_>) -> (Ruling, CommentId) {
        let mut bench = self.bench();
        let Bench { judge, scratch, ids } = &mut *bench;
        let now = now();
        let ruling = judge.rule(now, attempt, |text| self.filters.check(attempt.room, text, scratch));
        (ruling, ids.next(now))
    }

    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wall clock.
pub(super) fn now() -> Moment {
    Moment(service::clock::since_1970().as_millis())
}

fn tokens(config: &Config, secret: &[u8]) -> Tokens {
    let own = [super::config::TokenKey::Plain(service::token::Key::Hs256(secret.to_vec()))];
    let keys = config.token_keys.as_slice();
    Tokens::new(if keys.is_empty() { &own } else { keys }, &config.token_issuer, &config.token_audience)
}

/// For a store that has none yet.
fn fresh_secret() -> Vec<u8> {
    let mut secret = vec![0; 32];
    // A system without entropy was refused before.
    let _ = getrandom::fill(&mut secret);
    secret
}
