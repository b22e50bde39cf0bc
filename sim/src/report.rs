//! What a run reports, and how it compares with the same world without P2P.

use std::collections::BTreeMap;

use protocol::id::Rendition;
use serde::Serialize;
use swarm::report::Stats;

use crate::books::{Books, Sheet, seconds};
use crate::home::Home;
use crate::nat::Nat;
use crate::scenario::{Delivery, Scenario, bitrate};
use crate::stream::Made;
use crate::viewer::Viewer;
use crate::world::{Cut, PAGE, World};

/// Honest viewers that were cut are told up to this number.
const WRONGED_MAX: usize = 40;

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: &'static str,
    /// How many viewers came.
    pub viewers: usize,
    /// The seed.
    pub seed: u64,
    /// For how many seconds of the stream it was judged.
    pub seconds: u64,
    /// What happened in it.
    pub about: &'static str,
    /// The command that runs it again.
    pub replay: String,
    /// Blocks travelled between viewers.
    pub p2p: bool,
    /// 1 − (the origin's bytes + what viewers did not get) ÷ what each viewer loading everything would have cost, over
    /// segments published in the window: what nobody got was not offloaded.
    pub offload: f64,
    /// The most that any market could reach here.
    pub ceiling: f64,
    /// The one over the other.
    pub offload_over_ceiling: f64,
    /// The ceiling where an uplink counts for what it carries of blocks, beside headers and acknowledgements of what its
    /// viewer receives.
    pub ceiling_of_payload: f64,
    /// How often the origin sent each block.
    pub copies: Quantiles,
    /// Purchases of a block for each reason, in copies of a block.
    pub bought_for: BTreeMap<String, f64>,
    /// Viewers that stalled, as a share.
    pub stalled_share: f64,
    /// Stalls of all viewers.
    pub stalls: u32,
    /// Seconds of stall in an hour of watching.
    pub stall_s_per_hour: f64,
    /// From coming to the first frame, in milliseconds.
    pub first_frame_ms: Quantiles,
    /// From the encoder to the screen, in seconds.
    pub behind_s: Quantiles,
    /// Upload ÷ download, over viewers.
    pub upload_over_download: Quantiles,
    /// The largest share of the origin's bytes that one viewer fetched, in means.
    pub largest_origin_share: f64,
    /// Bytes moved that nobody needed, as a share of all moved.
    pub wasted: f64,
    /// Of all verified bytes: what came twice, and what came after it was given up, as engines count it.
    pub twice: f64,
    /// See `twice`.
    pub late: f64,
    /// What reached honest viewers and was of no use to them.
    pub wasted_bytes: WastedBytes,
    /// Open links of a viewer at the end.
    pub links: f64,
    /// Of what viewers got from each other, the share from the same network, from the same region, and what these would
    /// be if nobody minded.
    pub near: Near,
    /// Of what viewers got, the share from the operator's own peers.
    pub super_peer_share: f64,
    /// What viewers uploaded of what their uplinks carry and their downloads allow: those that could pass on all that
    /// they get, and those that could not.
    pub used_uplinks: UsedUplinks,
    /// Parts that the graph of links falls into at the end; viewers whom nobody can reach are left out.
    pub pieces: usize,
    /// Of the offers that were answered, those between two who find no way to each other.
    pub dials_in_vain: f64,
    /// Messages for each block that a viewer verified.
    pub messages_per_block: f64,
    /// Blocks bought because their deadline was near, as a share of all verified blocks.
    pub deadline_share: f64,
    /// Segments given up to plain HLS.
    pub given_up: u64,
    /// Wrong blocks that were played or passed on: any other number than 0 ends the run as a failure.
    pub bad_blocks_played: u64,
    /// Rules broken.
    pub violations: u64,
    /// The first of them.
    pub broken: Vec<String>,
    /// Viewers cut for an offence.
    pub banned: usize,
    /// The first of those cut though they were honest: who, by whom, when and for what.
    pub wronged: Vec<String>,
    /// Everything that happened, as one number.
    pub state: String,
    /// How many things happened.
    pub events: u64,
}

/// A distribution.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Quantiles {
    /// The mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// Half are no more.
    pub p50: f64,
    /// 95 in a hundred are no more.
    pub p95: f64,
    /// 99 in a hundred are no more.
    pub p99: f64,
    /// The most.
    pub max: f64,
}

/// Bytes of blocks that reached a viewer for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WastedBytes {
    /// It had them already.
    pub twice: u64,
    /// It had given them up.
    pub late: u64,
    /// They were wrong.
    pub bad: u64,
}

/// How near those are whom viewers get blocks from.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Near {
    /// Of the same network.
    pub network: f64,
    /// Of the same region.
    pub region: f64,
    /// Of the same network, drawn by lot.
    pub network_by_lot: f64,
    /// Of the same region, drawn by lot.
    pub region_by_lot: f64,
}

/// Which part of what uplinks could give was given.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct UsedUplinks {
    /// Those that carry the bitrate.
    pub strong: f64,
    /// Those that do not.
    pub weak: f64,
}

/// A run and its control.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The run.
    #[serde(flatten)]
    pub run: Report,
    /// The same world without P2P.
    pub control: Report,
    /// The same world with the rival's players, where that was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rival: Option<Report>,
}

impl Quantiles {
    /// The distribution of some values.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let (Some(min), Some(max)) = (values.first().copied(), values.last().copied()) else {
            return Self::default();
        };
        let at = |percent: usize| values[(values.len() * percent).div_ceil(100).max(1) - 1];
        let mean = values.iter().sum::<f64>() / count(values.len());
        Self { mean, min, p50: at(50), p95: at(95), p99: at(99), max }
    }
}

impl Comparison {
    /// What P2P made worse than it is without, in words; the bounds are the product's promise.
    #[must_use]
    pub fn harms(&self) -> Vec<String> {
        let (run, control) = (&self.run, &self.control);
        let rows = [
            ("share of viewers that stalled", run.stalled_share, control.stalled_share + 0.001),
            ("stall, seconds an hour", run.stall_s_per_hour, control.stall_s_per_hour * 1.05 + 1.0),
            ("first frame p95, ms", run.first_frame_ms.p95, control.first_frame_ms.p95 * 1.05),
            ("behind live p95, s", run.behind_s.p95, control.behind_s.p95 + 0.1),
        ];
        let worse = rows.into_iter().filter(|(_, figure, bound)| figure > bound);
        worse
            .map(|(name, figure, bound)| format!("{name}: {figure:.3}, at most {bound:.3} allowed"))
            .collect()
    }
}

impl Report {
    /// What a finished world has to tell.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let scenario = &world.scenario;
        let offload = offload(world);
        let ceiling_by =
            |carried| if scenario.delivery == Delivery::Market { ceiling(world, carried) } else { 0.0 };
        let ceiling = ceiling_by(|uplink, _| uplink);
        let viewers = &world.viewers;
        let honest = || world.honest();
        let verified: f64 = viewers.iter().map(|viewer| blocks(scenario, viewer)).sum();
        let messages: u64 = viewers.iter().map(|viewer| viewer.account.messages).sum();
        let stats: Vec<_> = viewers.iter().filter_map(Viewer::stats).collect();
        let links: Vec<_> =
            viewers.iter().filter_map(|viewer| Some(viewer.engine.as_ref()?.stats().links)).collect();
        let deadline: u64 = stats.iter().map(|stats| stats.deadline_blocks).sum();
        let took: u64 = stats.iter().map(|stats| stats.origin_blocks + stats.peer_blocks).sum();
        Self {
            scenario: scenario.name,
            viewers: viewers.len(),
            seed: scenario.seed,
            seconds: scenario.seconds(),
            about: scenario.about,
            replay: scenario.replay(),
            p2p: scenario.delivery != Delivery::Plain,
            offload,
            ceiling,
            ceiling_of_payload: ceiling_by(payload),
            offload_over_ceiling: if ceiling > 0.0 { offload / ceiling } else { 0.0 },
            copies: copies(&world.books),
            bought_for: bought_for(world),
            stalled_share: ratio(
                honest().filter(|viewer| stalls(world, viewer) > 0).count(),
                honest().count(),
            ),
            stalls: honest().map(|viewer| stalls(world, viewer)).sum(),
            stall_s_per_hour: stall_s_per_hour(world),
            first_frame_ms: Quantiles::of(first_frames_of(world)),
            behind_s: Quantiles::of(
                world.books.behind_ms.iter().map(|ms| f64::from(*ms) / 1_000.0).collect(),
            ),
            upload_over_download: Quantiles::of(viewers.iter().filter_map(upload_over_download).collect()),
            largest_origin_share: largest_share(viewers),
            wasted: wasted(viewers),
            twice: share(&stats, |stats| stats.duplicate_bytes),
            late: share(&stats, |stats| stats.late_bytes),
            wasted_bytes: wasted_bytes(world),
            links: links.iter().map(|links| f64::from(*links)).sum::<f64>() / count(links.len()).max(1.0),
            near: crate::nearness::near(world),
            super_peer_share: {
                let got = |of: fn(&Viewer) -> u64| honest().map(of).sum::<u64>();
                let all = got(|viewer| viewer.account.origin_bytes + viewer.account.peer_bytes);
                real(got(|viewer| viewer.account.super_peer_bytes)) / real(all.max(1))
            },
            used_uplinks: used_uplinks(world),
            pieces: crate::nearness::pieces(world),
            dials_in_vain: real(world.mesh.in_vain) / real(world.mesh.tried.max(1)),
            messages_per_block: real(messages) / verified.max(1.0),
            deadline_share: real(deadline) / real(took.max(1)),
            given_up: stats.iter().map(|stats| stats.segments_given_up).sum(),
            bad_blocks_played: world.violations.bad_blocks,
            violations: world.violations.count,
            broken: world.violations.first.clone(),
            banned: world.banned.len(),
            wronged: wronged(world),
            state: format!("{:016x}", world.state.0),
            events: world.events,
        }
    }
}

fn offload(world: &World) -> f64 {
    let books = &world.books;
    let spent: u64 = books.judged_sheets().flat_map(|sheet| &sheet.spent).sum();
    let cost: u64 =
        books.judged_sheets().map(|sheet| sheet.bytes * u64::from(sheet.present.unwrap_or(0))).sum();
    1.0 - real(spent + unplayed(world)) / real(cost.max(1))
}

/// Bytes of judged segments that viewers who were there when they were published, and still are, have not got.
fn unplayed(world: &World) -> u64 {
    let judged = world.stream.segments().iter().zip(0..);
    let judged = judged.filter(|(made, _)| world.books.window().holds(made.closed));
    let renditions = world.stream.plan().renditions.len();
    let beside = |place: usize| {
        (0..).map(Rendition).take(renditions).map(move |other| world.stream.beside(place, other))
    };
    let lacking = |(made, place): (&Made, usize)| {
        let lacks = |viewer: &&Viewer| {
            let slept = viewer.account.asleep.iter().any(|span| span.holds(made.closed));
            let expects = viewer.present && !slept && viewer.rendition == made.key.rendition;
            let came = viewer.account.joined + PAGE;
            expects && came <= made.closed && !beside(place).any(|place| viewer.account.has(place))
        };
        u64::from(made.bytes) * world.honest().filter(lacks).count() as u64
    };
    judged.map(lacking).sum()
}

/// Some honest viewer must buy each block; nobody gives more than its uplink carries, or than it receives; and who cannot
/// be reached gets nothing.
fn ceiling(world: &World, carries: fn(u64, u64) -> u64) -> f64 {
    let rate = bitrate(&world.scenario.stream).0.max(1);
    let homes: Vec<&Home> = world.honest().map(|viewer| &viewer.home).collect();
    let gives = |home: &&&Home| home.gives();
    let carried: u64 = homes.iter().filter(gives).map(|home| carries(home.uplink.0, rate).min(rate)).sum();
    // The operator's own peers give whatever they can.
    let supers = world.viewers.iter().filter(|viewer| viewer.super_peer);
    let carried = carried + supers.map(|viewer| carries(viewer.home.uplink.0, rate)).sum::<u64>();
    let reached = homes.iter().filter(|home| home.in_office || home.nat != Nat::Blocked).count();
    let all = count(homes.len()).max(1.0);
    let sheets: Vec<f64> = world
        .books
        .judged_sheets()
        .filter_map(|sheet| sheet.present.filter(|present| *present > 0))
        .map(f64::from)
        .collect();
    let present = (sheets.iter().sum::<f64>() / count(sheets.len()).max(1.0)).max(1.0);
    ((present - 1.0) / present).min(real(carried) / real(rate) / all).min(count(reached) / all)
}

fn copies(books: &Books) -> Quantiles {
    Quantiles::of(copies_of(books))
}

/// What an uplink carries of blocks while its viewer receives `rate`: as measured (`access`), 1.08 bytes of wire for each
/// byte, and acknowledgements of 8 % of what comes in.
fn payload(uplink: u64, rate: u64) -> u64 {
    uplink.saturating_sub(rate * 8 / 100) * 100 / 108
}

fn used_uplinks(world: &World) -> UsedUplinks {
    let rate = bitrate(&world.scenario.stream).0.max(1);
    let used = |strong: bool| {
        let of =
            |viewer: &&Viewer| viewer.home.gives() && (payload(viewer.home.uplink.0, rate) >= rate) == strong;
        let sent: u64 = world.honest().filter(of).map(|viewer| viewer.account.sent_bytes).sum();
        let could = world.honest().filter(of).map(|viewer| {
            let got = viewer.account.got_bytes();
            real(got) * real(payload(viewer.home.uplink.0, rate).min(rate)) / real(rate)
        });
        real(sent) / could.sum::<f64>().max(1.0)
    };
    UsedUplinks { strong: used(true), weak: used(false) }
}

fn bought_for(world: &World) -> BTreeMap<String, f64> {
    let blocks: usize = world.books.judged_sheets().map(|sheet| sheet.sizes.len()).sum();
    let each = world.bought_for.iter();
    each.map(|(reason, bought)| (format!("{reason:?}"), real(*bought) / count(blocks.max(1)))).collect()
}

/// How often the origin sent each judged block.
pub(crate) fn copies_of(books: &Books) -> Vec<f64> {
    let of = |sheet: &Sheet| -> Vec<f64> {
        sheet
            .spent
            .iter()
            .zip(&sheet.sizes)
            .map(|(spent, size)| real(*spent) / real((*size).max(1)))
            .collect()
    };
    // What nobody watched when it was made is no part of the market.
    books.judged_sheets().filter(|sheet| sheet.present != Some(0)).flat_map(of).collect()
}

fn stalls(world: &World, viewer: &Viewer) -> u32 {
    viewer.player.life(world.now()).stalls
}

fn stall_s_per_hour(world: &World) -> f64 {
    let stalled = world.honest().map(|viewer| viewer.player.life(world.now()).stalled.as_secs_f64());
    let watched = world.honest().map(|viewer| viewer.account.watched.as_secs_f64());
    stalled.sum::<f64>() * 3_600.0 / watched.sum::<f64>().max(1.0)
}

/// From coming to the first frame, in milliseconds, of every honest viewer that got so far.
pub(crate) fn first_frames_of(world: &World) -> Vec<f64> {
    let took = world.honest().filter_map(|viewer| {
        let first = viewer.player.life(world.now()).first_frame?;
        Some(first.since(viewer.account.joined).as_secs_f64() * 1_000.0)
    });
    took.collect()
}

pub(crate) fn upload_over_download(viewer: &Viewer) -> Option<f64> {
    let account = &viewer.account;
    let got = account.got_bytes();
    (got > 0 && viewer.is_judged()).then(|| real(account.sent_bytes) / real(got))
}

fn largest_share(viewers: &[Viewer]) -> f64 {
    let bought = viewers.iter().map(|viewer| viewer.account.judged_bytes);
    let (most, all) = (bought.clone().max().unwrap_or(0), bought.sum::<u64>());
    real(most) * count(viewers.len()) / real(all.max(1))
}

fn wasted(viewers: &[Viewer]) -> f64 {
    let moved: u64 =
        viewers.iter().map(|viewer| viewer.account.sent_bytes + viewer.account.spent_bytes).sum();
    let used: u64 =
        viewers.iter().map(|viewer| viewer.account.origin_bytes + viewer.account.peer_bytes).sum();
    real(moved.saturating_sub(used)) / real(moved.max(1))
}

fn wasted_bytes(world: &World) -> WastedBytes {
    let of = |wasted: WastedBytes, viewer: &Viewer| {
        let stats = viewer.stats().unwrap_or_default();
        WastedBytes {
            twice: wasted.twice + stats.duplicate_bytes,
            late: wasted.late + stats.late_bytes,
            bad: wasted.bad + viewer.account.bad_bytes,
        }
    };
    world.honest().fold(WastedBytes::default(), of)
}

fn share(stats: &[Stats], of: fn(&Stats) -> u64) -> f64 {
    let got: u64 = stats.iter().map(|stats| stats.origin_bytes + stats.peer_bytes).sum();
    real(stats.iter().map(of).sum()) / real(got.max(1))
}

fn blocks(scenario: &Scenario, viewer: &Viewer) -> f64 {
    let per_segment = f64::from(scenario.stream.segment_bytes.div_ceil(protocol::limits::BLOCK_BYTES));
    let got = real(viewer.account.origin_bytes + viewer.account.peer_bytes);
    got * per_segment / f64::from(scenario.stream.segment_bytes.max(1))
}

fn wronged(world: &World) -> Vec<String> {
    let honest = |cut: &&Cut| cut.viewer.is_none_or(|viewer| world.viewers[viewer.0 as usize].lie.is_none());
    let tell = |cut: &Cut| {
        let at = seconds(cut.at);
        format!(
            "{at:.3} s, viewer {} cuts {:?} for {:?}",
            cut.by.0,
            cut.viewer.map(|viewer| viewer.0),
            cut.offence
        )
    };
    world.banned.iter().filter(honest).take(WRONGED_MAX).map(tell).collect()
}

fn ratio(part: usize, whole: usize) -> f64 {
    count(part) / count(whole).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people; 2^53 bytes are enough")]
pub(crate) fn real(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "figures for people; 2^53 viewers are enough")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_there() {
        let quantiles = Quantiles::of((1..=100).map(f64::from).collect());
        assert_eq!((quantiles.p50, quantiles.p95, quantiles.max), (50.0, 95.0, 100.0));
        assert_eq!(Quantiles::of(Vec::new()).max, 0.0);
        assert_eq!(Quantiles::of(vec![3.0]).p99, 3.0);
    }
}
