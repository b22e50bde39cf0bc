//! What a desk does by itself: decisions of other processes, records and messages whose time is over.

use std::sync::Arc;
use std::time::Duration;

use super::decide::Change;
use super::{Desk, now};
use crate::moderation::{CommentId, Key, Moment};
use crate::serve::hub::Hub;
use crate::store::Write;

/// How often a store that others write to is asked what they decided.
const LOOK: Duration = Duration::from_millis(500);
/// How far back each look goes: decisions are numbered by clocks, and transactions end in any order.
const OVERLAP_MS: u64 = 10_000;
/// Looks between two clean-ups: an hour.
const LOOKS_PER_SWEEP: u64 = 7_200;

/// For as long as the process runs.
pub(in crate::serve) async fn run(hub: Arc<Hub>) {
    let mut looks = 0_u64;
    loop {
        tokio::time::sleep(LOOK).await;
        if hub.desk.shared {
            hub.desk.follow(&hub).await;
        }
        if looks.is_multiple_of(LOOKS_PER_SWEEP) {
            hub.desk.sweep(&hub).await;
        }
        looks += 1;
    }
}

impl Desk {
    /// What other processes decided holds here too.
    async fn follow(&self, hub: &Arc<Hub>) {
        let since = CommentId::earliest(Moment(now().0.saturating_sub(OVERLAP_MS))).0;
        let Ok(changed) = self.ask(move |store| store.changed_since(since)).await else { return };
        for (key, record) in changed {
            let known = self.judge(|judge| judge.state.record(&key).cloned());
            match record {
                Some(record) if known.as_ref() != Some(&record) => self.enforce(hub, Change::Put(record)),
                None if known.is_some() => self.enforce(hub, Change::Remove(key)),
                _ => {}
            }
        }
    }

    /// What says nothing any more goes, from memory and from disk.
    async fn sweep(&self, hub: &Arc<Hub>) {
        let over: Vec<Key> = self.judge(|judge| judge.state.over(now()));
        if !over.is_empty() {
            let (done, told) = super::decide::waiting();
            self.keeper.commit(over.iter().cloned().map(Write::Remove).collect(), done);
            if matches!(told.await, Ok(Ok(()))) {
                let mut bench = self.bench();
                over.iter().for_each(|key| drop(bench.judge.state.remove(key)));
            }
        }
        let days = u64::from(hub.policy().config.retention_days);
        if days > 0 {
            let before = Moment(now().0.saturating_sub(days * 24 * 3_600 * 1_000));
            let _ = self.ask(move |store| store.forget_before(before)).await;
        }
    }
}
