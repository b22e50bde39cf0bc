//! What the tracker counts, and its text for Prometheus (exposition format 0.0.4). No label has values that a stranger
//! chooses.

use service::metrics::{Counter, Kind, Page};

use super::guard::Refused;
use super::policy::allowance::Excess;
use super::policy::token::Denial;
use crate::registry::accusations::Census;
use crate::registry::{Refusal, Stats};

/// What the shell counts itself.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Connections turned away because the house was full.
    pub(super) connections_refused: Counter,
    /// Connections turned away because their address had too many.
    pub(super) addresses_refused: Counter,
    /// Connections turned away because their page may not use the tracker.
    pub(super) origins_refused: Counter,
    /// Messages over a rate, by [`Excess`].
    pub(super) excess: [Counter; Excess::ALL.len()],
    /// Messages whose sender may not join, by [`Denial`].
    pub(super) denied: [Counter; Denial::ALL.len()],
    /// STUN requests answered.
    pub(super) stun: Counter,
    /// STUN requests over their rate.
    pub(super) stun_excess: Counter,
    /// Times that a page was lent servers for ICE.
    pub(super) ice_lent: Counter,
    /// Connections closed because their swarm lives at another node, which they were told.
    pub(super) redirects: Counter,
    /// Messages of our clients handed to the node that their swarm lives at.
    pub(super) node_sent: Counter,
    /// Messages for our clients that other nodes sent.
    pub(super) node_received: Counter,
    /// Connections to other nodes that were lost.
    pub(super) nodes_lost: Counter,
    /// Connections that other nodes opened here, each for one of their clients.
    pub(super) brought: Counter,
    /// Connections that did not finish their request in time.
    pub(super) handshakes_late: Counter,
    /// Requests and frames that are not what they should be.
    pub(super) malformed: Counter,
    /// Connections ended because they did not read.
    pub(super) slow_readers: Counter,
    /// Connections ended because they fell silent.
    pub(super) idle: Counter,
}

impl Counters {
    /// A message was refused.
    pub(super) fn refused(&self, refused: Refused) {
        match refused {
            Refused::Excess(excess) => self.excess[excess as usize].add(1),
            Refused::Denied(denial, _) => self.denied[denial as usize].add(1),
        }
    }

    /// All reasons to refuse, with their counts.
    fn reasons(&self) -> [(&'static str, &'static str, Counted); 2] {
        let excess =
            Excess::ALL.iter().zip(&self.excess).map(|(excess, count)| (excess.code(), count.value()));
        let denied =
            Denial::ALL.iter().zip(&self.denied).map(|(denial, count)| (denial.code(), count.value()));
        [
            ("excess_total", "Messages over a rate of their connection, by rate.", excess.collect()),
            ("tokens_refused_total", "Messages whose sender may not join, by reason.", denied.collect()),
        ]
    }
}

/// Reasons, and how often each was met.
pub(super) type Counted = Vec<(&'static str, u64)>;

/// Figures of one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The registry's.
    pub(super) registry: Stats,
    /// Open WebSocket connections.
    pub(super) connections: usize,
    /// Bytes waiting to be sent.
    pub(super) outgoing_bytes: usize,
    /// Who accused whom, in numbers.
    pub(super) accused: Census,
    /// Trackers of this deployment that are there, this one among them.
    pub(super) nodes: usize,
}

/// The whole page.
pub(super) fn render(snapshot: &Snapshot, counters: &Counters) -> String {
    let mut page = Page::new("shoal_tracker");
    let stats = &snapshot.registry;
    page.gauge("connections", "Open WebSocket connections.", snapshot.connections);
    page.gauge("swarms", "Swarms with at least one peer.", stats.swarms);
    page.gauge("peers", "Peers of all swarms together.", stats.peers);
    page.gauge("outgoing_bytes", "Bytes waiting to be sent to clients.", snapshot.outgoing_bytes);
    page.counter("announces_total", "Announces received.", stats.announces);
    page.counter("offers_total", "Offers received.", stats.offers);
    page.counter("offers_relayed_total", "Offers handed to another peer.", stats.offers_relayed);
    page.counter(
        "offers_again_total",
        "Offers handed to another, whose first peer had left.",
        stats.offers_again,
    );
    page.counter("probes_total", "Claims to the peer id of a living connection.", stats.probes);
    page.counter("answers_total", "Answers received.", stats.answers);
    page.counter("answers_relayed_total", "Answers handed to their offerer.", stats.answers_relayed);
    page.counter("scrapes_total", "Scrapes received.", stats.scrapes);
    page.counter("peers_expired_total", "Peers forgotten because they fell silent.", stats.expired);
    page.counter("accusations_total", "Accusations of proven bad data.", stats.accusations);
    page.counter("malformed_total", "Requests and frames that were malformed.", counters.malformed.value());
    page.counter("slow_readers_total", "Connections ended for not reading.", counters.slow_readers.value());
    page.counter("idle_total", "Connections ended for falling silent.", counters.idle.value());
    page.counter("handshakes_late_total", "Requests that came too slowly.", counters.handshakes_late.value());
    page.counter("stun_total", "STUN requests answered.", counters.stun.value());
    page.counter("stun_excess_total", "STUN requests over their rate.", counters.stun_excess.value());
    page.counter("ice_lent_total", "Times that a page was lent servers for ICE.", counters.ice_lent.value());
    let refused = counters.connections_refused.value();
    page.counter("connections_refused_total", "Connections turned away at the cap.", refused);
    let refused = counters.addresses_refused.value();
    page.counter("addresses_refused_total", "Connections turned away at their address's cap.", refused);
    let refused = counters.origins_refused.value();
    page.counter("origins_refused_total", "Connections of pages that may not use the tracker.", refused);
    let accused = snapshot.accused;
    page.gauge("accused_peers", "Peers accused of proven bad data.", accused.accused);
    page.gauge("accused_peers_by_several", "Peers accused from three or more addresses.", accused.by_several);
    page.gauge("accusing_peers", "Peers that accused somebody.", accused.accusers);
    let introductions = [("opened", stats.reached), ("failed", stats.unreached)]
        .map(|(outcome, count)| ([("outcome", outcome)], count));
    let help = "Introductions that came to a link, or did not, as viewers report.";
    page.samples(Kind::Counter, "introductions_reported_total", help, introductions);
    nodes(&mut page, snapshot, counters);
    let refusals = Refusal::ALL.iter().map(|refusal| refusal.code()).zip(stats.refusals);
    reasons(&mut page, "refusals_total", "Messages refused, by reason.", refusals);
    for (name, help, counts) in counters.reasons() {
        reasons(&mut page, name, help, counts.into_iter());
    }
    page.into_text()
}

fn nodes(page: &mut Page, snapshot: &Snapshot, counters: &Counters) {
    page.gauge("nodes", "Trackers of this deployment that are there.", snapshot.nodes);
    page.counter("redirects_total", "Clients sent to their swarm's node.", counters.redirects.value());
    let messages = [("sent", counters.node_sent.value()), ("received", counters.node_received.value())]
        .map(|(direction, count)| ([("direction", direction)], count));
    let help = "Messages passed on between clients here and their swarms' nodes.";
    page.samples(Kind::Counter, "node_messages_total", help, messages);
    let brought = counters.brought.value();
    page.counter("brought_total", "Connections that other nodes opened for clients of theirs.", brought);
    page.counter(
        "nodes_lost_total",
        "Connections to other nodes that were lost.",
        counters.nodes_lost.value(),
    );
}

fn reasons(page: &mut Page, name: &str, help: &str, counts: impl Iterator<Item = (&'static str, u64)>) {
    page.samples(Kind::Counter, name, help, counts.map(|(reason, count)| ([("reason", reason)], count)));
}

/// Everything that was refused or ended, by its name: what the status page lists.
pub(super) fn refused(stats: &Stats, counters: &Counters) -> Counted {
    let mut all = vec![
        ("connections_past_the_cap", counters.connections_refused.value()),
        ("connections_past_their_address's_cap", counters.addresses_refused.value()),
        ("pages_that_may_not", counters.origins_refused.value()),
        ("late_handshakes", counters.handshakes_late.value()),
        ("malformed", counters.malformed.value()),
        ("slow_readers", counters.slow_readers.value()),
        ("silent", counters.idle.value()),
    ];
    all.extend(Refusal::ALL.iter().map(|refusal| refusal.code()).zip(stats.refusals));
    all.extend(counters.reasons().into_iter().flat_map(|(_, _, counts)| counts));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_on_the_page() {
        let counters = Counters::default();
        counters.slow_readers.add(3);
        let registry = Stats { peers: 7, ..Stats::default() };
        let accused = Census::default();
        let snapshot = Snapshot { registry, connections: 5, outgoing_bytes: 0, accused, nodes: 1 };
        let page = render(&snapshot, &counters);
        assert!(page.contains("# TYPE shoal_tracker_peers gauge\nshoal_tracker_peers 7\n"));
        assert!(page.contains(
            "# TYPE shoal_tracker_slow_readers_total counter\nshoal_tracker_slow_readers_total 3\n"
        ));
        assert!(page.contains("shoal_tracker_refusals_total{reason=\"tracker_full\"} 0\n"));
    }
}
