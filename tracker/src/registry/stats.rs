//! What the registry counts: plain numbers, for metrics and for simulators.

use super::io::Refusal;

/// Figures of now (`swarms`, `peers`) and counts since the start (all others).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Swarms with at least one peer.
    pub swarms: usize,
    /// Peers of all swarms together.
    pub peers: usize,
    /// Announces, `stopped` included.
    pub announces: u64,
    /// Offers that came with them.
    pub offers: u64,
    /// Offers handed to another peer; the rest found nobody.
    pub offers_relayed: u64,
    /// Offers that did not reach whom they were handed to, and went to another.
    pub offers_again: u64,
    /// Answers.
    pub answers: u64,
    /// Answers handed on.
    pub answers_relayed: u64,
    /// Scrapes.
    pub scrapes: u64,
    /// Peers forgotten because they fell silent.
    pub expired: u64,
    /// Connections asked whether they live, because another one claimed their peer id.
    pub probes: u64,
    /// Accusations of proven bad data; counted, believed from none alone.
    pub accusations: u64,
    /// Introductions that came to a link, as viewers report.
    pub reached: u64,
    /// Introductions that did not, as viewers report.
    pub unreached: u64,
    /// Refusals, by [`Refusal::index`].
    pub refusals: [u64; Refusal::ALL.len()],
}
