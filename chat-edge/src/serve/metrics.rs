//! What the chat edge counts, and its text for Prometheus (exposition format 0.0.4). No label has values that a stranger
//! chooses.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use protocol::chat::Class;
use service::metrics::{Counter, Kind, Page};

use super::comet::Census;
use crate::ring::Drop;
use crate::store::keeper::Figures;
use crate::tick::Counts;

/// What the shell counts itself.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connections: Counter,
    pub(super) connections_ended: Counter,
    pub(super) connections_refused: Counter,
    pub(super) handshakes_refused: Counter,
    pub(super) authenticated: Counter,
    pub(super) handshakes_late: Counter,
    pub(super) silent: Counter,
    pub(super) slow_readers: Counter,
    pub(super) superseded: Counter,
    pub(super) heartbeats: Counter,
    pub(super) upstream_ignored: Counter,
    pub(super) pushes: Counter,
    pub(super) pushes_refused: Counter,
    pub(super) direct_sent: Counter,
    pub(super) direct_slow: Counter,
    pub(super) direct_unreadable: Counter,
    pub(super) direct_absent: Counter,
    pub(super) orders_refused: Counter,
    pub(super) drafts_refused: Counter,
    pub(super) drafts_lost: Counter,
    pub(super) pasts_unanswered: Counter,
    pub(super) comments: Counter,
    pub(super) evicted: Counter,
    pub(super) history_lost: Counter,
    pub(super) announcements_lost: Counter,
    /// By the refusal's code: few, and our own words.
    refusals: Mutex<BTreeMap<&'static str, u64>>,
    /// By the fault's code: few, and our own words.
    faults: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    /// A connection was ended for this.
    pub(super) fn fault(&self, code: &'static str) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        *faults.entry(code).or_default() += 1;
    }

    /// A comment was refused for this.
    pub(super) fn refusal(&self, code: &'static str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        *refusals.entry(code).or_default() += 1;
    }

    fn refusals(&self) -> BTreeMap<&'static str, u64> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn faults(&self) -> BTreeMap<&'static str, u64> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn named(&self) -> [(&'static str, &'static str, &Counter); 25] {
        [
            ("connections_total", "Connections accepted.", &self.connections),
            ("connections_ended_total", "Connections that are over.", &self.connections_ended),
            ("connections_refused_total", "Connections turned away at the cap.", &self.connections_refused),
            (
                "handshakes_refused_total",
                "Connections turned away because others of their address have yet to say who they are.",
                &self.handshakes_refused,
            ),
            ("authenticated_total", "Connections that said who they are.", &self.authenticated),
            ("handshakes_late_total", "Connections ended because they said nothing.", &self.handshakes_late),
            ("silent_total", "Connections ended because heartbeats failed to come.", &self.silent),
            ("slow_readers_total", "Connections ended for not reading.", &self.slow_readers),
            ("superseded_total", "Connections ended because another has their key.", &self.superseded),
            ("heartbeats_total", "Heartbeats answered.", &self.heartbeats),
            (
                "upstream_ignored_total",
                "Messages of guests upstream, which go nowhere.",
                &self.upstream_ignored,
            ),
            ("pushes_total", "Messages taken from the push API.", &self.pushes),
            ("pushes_refused_total", "Messages not taken from the push API.", &self.pushes_refused),
            ("direct_sent_total", "Messages outside rooms given to a connection.", &self.direct_sent),
            ("direct_slow_total", "The same, not given because it reads too slowly.", &self.direct_slow),
            (
                "direct_unreadable_total",
                "The same, not given because it has only events.",
                &self.direct_unreadable,
            ),
            (
                "orders_refused_total",
                "Direct messages that a busy thread had no room for.",
                &self.orders_refused,
            ),
            (
                "direct_absent_total",
                "Messages outside rooms for somebody whom no edge holds.",
                &self.direct_absent,
            ),
            (
                "drafts_lost_total",
                "Messages that the node that numbers their room did not take in time.",
                &self.drafts_lost,
            ),
            (
                "drafts_refused_total",
                "Messages of other nodes that could not be sent on.",
                &self.drafts_refused,
            ),
            (
                "pasts_unanswered_total",
                "Questions for a room's past that its home did not answer in time.",
                &self.pasts_unanswered,
            ),
            ("comments_total", "Comments taken from viewers.", &self.comments),
            ("evicted_total", "Connections ended because their user was banned.", &self.evicted),
            (
                "history_lost_total",
                "Messages that everybody got and the store had no room for.",
                &self.history_lost,
            ),
            (
                "announcements_lost_total",
                "Decisions that hold and of which a room could not be told.",
                &self.announcements_lost,
            ),
        ]
    }
}

/// The whole page.
pub(super) fn render(census: &Census, counters: &Counters, store: Figures) -> String {
    let mut page = Page::new("shoal_chat");
    page.gauge("connections", "Open connections.", census.connections);
    page.gauge("connections_live", "Open connections that said who they are.", census.live);
    page.gauge("rooms", "Rooms with a member.", census.rooms.len());
    for (name, help, counter) in counters.named() {
        page.counter(name, help, counter.value());
    }
    page.gauge("store_waiting", "Writes and questions that wait for the store.", store.waiting);
    page.counter("store_commits_total", "Transactions of the store.", store.commits);
    page.counter("store_written_total", "Messages and decisions that are on disk.", store.written);
    page.counter("store_failures_total", "Transactions that failed.", store.failures);
    let refusals = counters.refusals();
    let refusals = refusals.iter().map(|(reason, count)| ([("reason", *reason)], *count));
    page.samples(Kind::Counter, "comments_refused_total", "Comments not taken, by reason.", refusals);
    let faults = counters.faults();
    let faults = faults.iter().map(|(reason, count)| ([("reason", *reason)], *count));
    page.samples(
        Kind::Counter,
        "faults_total",
        "Connections ended for breaking the rules, by reason.",
        faults,
    );
    let account = &census.account;
    by_class(&mut page, "published_total", "Room messages times members.", account.published_so_far());
    let delivered = account.delivered_so_far();
    by_class(&mut page, "delivered_total", "Room messages that a member's socket took.", delivered);
    page.counter("ticks_delivered_total", "Ticks that a member's socket took.", account.ticks());
    let dropped = Drop::ALL.into_iter().flat_map(|why| {
        let counts = account.dropped_so_far(why);
        Class::ALL.map(|class| ([("class", class.name()), ("reason", why.name())], counts.of(class)))
    });
    page.samples(Kind::Counter, "dropped_total", "Room messages that a member did not get.", dropped);
    page.into_text()
}

fn by_class(page: &mut Page, name: &str, help: &str, counts: Counts) {
    let rows = Class::ALL.map(|class| ([("class", class.name())], counts.of(class)));
    page.samples(Kind::Counter, name, help, rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_on_the_page() {
        let counters = Counters::default();
        counters.slow_readers.add(3);
        counters.fault("body");
        let page = render(&Census { connections: 5, ..Census::default() }, &counters, Figures::default());
        assert!(page.contains("# TYPE shoal_chat_connections gauge\nshoal_chat_connections 5\n"));
        assert!(
            page.contains("# TYPE shoal_chat_slow_readers_total counter\nshoal_chat_slow_readers_total 3\n")
        );
        assert!(page.contains("shoal_chat_faults_total{reason=\"body\"} 1\n"));
        assert!(page.contains("shoal_chat_dropped_total{class=\"paid\",reason=\"quota\"} 0\n"));
    }
}
