//! The page `/status`, for people: how large, how busy, what is refused, who is accused. One look at one moment; it
//! asks to be loaded again every five seconds.
//!
//! Whoever knows a swarm's hash can join it, and a peer's id could be taken when it leaves: both are shown by their first bytes only.

use std::fmt::Write;

use super::hub::Hub;
use super::metrics;
use crate::registry::accusations::Row;

/// Swarms and peers in each list.
const ROWS_MAX: usize = 20;

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=5>\
<meta name=viewport content='width=device-width'><title>Shoal tracker</title><style>\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.15rem 1.2rem .15rem 0}\
td+td{font-variant-numeric:tabular-nums}code{font-size:.9em}</style><h1>Shoal tracker</h1>";

/// The whole page.
pub(super) fn render(hub: &Hub) -> String {
    let mut page = Page(HEAD.to_owned());
    let snapshot = hub.snapshot();
    let stats = &snapshot.registry;
    page.table("Now", &["", ""]);
    page.row(["Connections".to_owned(), snapshot.connections.to_string()]);
    page.row(["Swarms".to_owned(), stats.swarms.to_string()]);
    page.row(["Peers".to_owned(), stats.peers.to_string()]);
    page.row(["Trackers of this deployment".to_owned(), snapshot.nodes.to_string()]);
    page.row(["Bytes waiting for clients".to_owned(), snapshot.outgoing_bytes.to_string()]);
    let rates = hub.rates();
    page.table("Per second, over the last minute", &["", ""]);
    page.row(["Announces".to_owned(), format!("{:.1}", rates.announces)]);
    page.row(["Offers handed on".to_owned(), format!("{:.1}", rates.offers_relayed)]);
    page.row(["Answers handed on".to_owned(), format!("{:.1}", rates.answers_relayed)]);
    page.table("Introductions since the start, as viewers report", &["", ""]);
    page.row(["came to a link".to_owned(), stats.reached.to_string()]);
    page.row(["did not".to_owned(), stats.unreached.to_string()]);
    page.lists(hub);
    page.table("Refused and ended since the start", &["reason", "count"]);
    for (reason, count) in metrics::refused(stats, hub.counters()) {
        if count > 0 {
            page.row([reason.replace('_', " "), count.to_string()]);
        }
    }
    page.0.push_str("</table>");
    page.0
}

struct Page(String);

impl Page {
    fn lists(&mut self, hub: &Hub) {
        let (swarms, regions, accused, accusing) = hub.look(|registry| {
            let swarms = registry.largest(ROWS_MAX);
            let swarms = swarms.into_iter().map(|(hash, swarm)| (hash.0, swarm.len(), swarm.seeders()));
            let accusations = registry.accusations();
            let (accused, accusing) =
                (accusations.most_accused(ROWS_MAX), accusations.most_accusing(ROWS_MAX));
            (swarms.collect::<Vec<_>>(), registry.regions(ROWS_MAX), accused, accusing)
        });
        self.table("Largest swarms", &["swarm", "peers", "seeders"]);
        for (hash, peers, seeders) in swarms {
            self.row([short(&hash), peers.to_string(), seeders.to_string()]);
        }
        if !regions.is_empty() {
            self.table("Viewers by country or region", &["region", "viewers"]);
            regions.iter().for_each(|(region, count)| self.row([region.to_string(), count.to_string()]));
        }
        for (title, columns, rows) in [
            ("Accused of bad data", ["peer", "by so many", "from so many addresses"], accused),
            ("Accusing others", ["peer", "so many", "from so many addresses"], accusing),
        ] {
            if !rows.is_empty() {
                self.table(title, &columns);
                rows.iter().for_each(|Row { peer, others, addresses }| {
                    self.row([short(&peer.0), others.to_string(), addresses.to_string()]);
                });
            }
        }
    }

    /// Ends the table before, if there was one, and begins another.
    fn table(&mut self, title: &str, columns: &[&str]) {
        let columns: String = columns.iter().map(|column| format!("<th>{column}")).collect();
        // Writing to a String cannot fail.
        let _ = write!(self.0, "</table><h2>{title}</h2><table><tr>{columns}");
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}")).collect();
        let _ = write!(self.0, "<tr>{cells}");
    }
}

/// The first four bytes: enough to tell apart, too little to join.
fn short(id: &[u8; 20]) -> String {
    let digits: String = id[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<code>{digits}…</code>")
}
