//! The named maxima and periods of the engine: one place for every number of `docs/spec/market.md`.
//!
//! A number names its source: the rule it belongs to, or the measurement that gave it.

use protocol::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Segments known at once, of all renditions together: 30 kept, the window ahead, and two renditions in a switch.
pub const SEGMENTS_MAX: usize = 64;
/// Segments whose blocks are kept, at most: the field keeps 12 to 30.
pub const SEGMENTS_KEPT_MAX: usize = 30;
/// Wishes of the player open at once: a player loads one or two segments at a time.
pub const WANTS_MAX: usize = 16;
/// Stream time ahead of the picture that is fetched at most, in milliseconds: a viewer far behind live buys no more.
pub const AHEAD_MS_MAX: i64 = 30_000;

/// GETs open at the origin at once. A browser has six connections to one HTTP/1.1 host, and the player needs some.
pub const FETCHES_MAX: usize = 6;
/// GETs of lists open at once: those of the segments that the player needs next, and of the one that is being made.
pub const LISTS_MAX: usize = 4;
/// GETs of blocks open at once where the origin is slow: what more of them would bring sooner, others would get later.
pub const FETCHES_SLOW: usize = 2;
/// A block that takes so long from the origin comes too late when its deadline sends for it: the origin is slow.
pub const SLOW: Duration = ms(1_000);
/// A GET of a block that is open for so long: a neighbour that holds the block by now is asked for it as well.
pub const GET_LATE: Duration = ms(500);
/// How long a time that the origin took counts.
pub const PACE_KEPT: Duration = ms(10_000);
/// Times that the origin took, remembered at most.
pub const PACES_MAX: usize = 8;
/// Blocks asked for before the first list has said how many there are, while the player waits for its first frame.
pub const BLIND_BLOCKS: u16 = 4;
/// Bytes of one segment that the player loaded by itself, at most: what it did long ago buys no uploads now.
pub const LOADED_BYTES_MAX: u32 = 8 << 20;
/// The first patience with a GET; doubled at each try, so that a slow origin still gets through.
pub const FETCH_PATIENCE: Duration = ms(4_000);
/// The longest patience with a GET.
pub const FETCH_PATIENCE_MAX: Duration = ms(16_000);
/// The first pause after a GET that failed; doubled at each try.
pub const FETCH_RETRY: Duration = ms(250);
/// The longest pause after a GET that failed.
pub const FETCH_RETRY_MAX: Duration = ms(2_000);
/// Answers of 404 or 410 to a block that a signed list proves, after which the segment is the player's own affair.
pub const BLOCK_ABSENT_MAX: u8 = 2;
/// GETs of a list that may fail before the segment is given up.
pub const LIST_TRIES_MAX: u8 = 4;
/// How long past its due a segment is still tried for; then the player may try by itself.
pub const PAST_DUE_MAX: Duration = ms(8_000);
/// Checks of signatures open at once.
pub const CHECKS_MAX: usize = 32;

/// Before the block must be appended: blocks that nobody is sending come from the origin (rule 7).
pub const DEADLINE_UNSENT: Duration = ms(1_000);
/// Before the block must be appended: every block comes from the origin (rule 7).
pub const DEADLINE_ANYHOW: Duration = ms(400);
/// A segment without a list is given up this long before the player runs dry: a plain GET must still fit in.
pub const DEADLINE_LIST: Duration = ms(1_200);
/// What the second segment may take before the first frame: the player has nothing else to show by then.
pub const DUE_BEFORE_FIRST_FRAME: Duration = ms(2_000);

/// Promises kept for one block: one for each link that a desktop viewer has.
pub const PROMISES_MAX: usize = 16;
/// Segments of which a neighbour's holdings are remembered: what one `Window` message can tell, and some to come.
pub const HOLDINGS_MAX: usize = 40;

/// The die of rank r buys r of these after the lowest one could have (rule 4).
pub const RANK_PAUSE: Duration = ms(200);
/// What every rank but the lowest waits besides: a `Fetching` may be under way, over a link and through two event loops.
pub const RANK_GRACE: Duration = ms(150);
/// Seeders aimed at for each block of a large swarm, in tenths: s in the threshold s/N (rule 4). Whom the dice leave
/// without one, the doubling serves: with 3, 300 viewers buy 2.9 copies of a block, with 1.5 they buy 1.7 to 1.9.
pub const SEEDERS_TENTHS: u64 = 15;
/// The threshold of a large swarm doubles this often while nobody is known to fetch (rule 4).
/// A block needs about so long to be known to a swarm: what doubles sooner buys what is on its way.
pub const DOUBLING: Duration = ms(900);
/// Patience with a neighbour's promise for a block that exists (rule 4).
pub const PROMISE_NEAR: Duration = ms(500);
/// Patience with a rumour (rule 4).
pub const PROMISE_RUMOUR: Duration = ms(1_200);
/// The time to spread a block in a swarm of one, and for each doubling of it (rule 6): for 10,000 viewers 3.8 s.
pub const SPREAD_START: Duration = ms(500);
/// One hop: a request, a transmission, half a round trip.
pub const SPREAD_HOP: Duration = ms(250);

/// What is sent is smoothed to this share of the measured uplink (rule 8).
pub const SMOOTH_PERCENT: u32 = 85;
/// A waiting request gives way to one whose deadline is earlier by more than this.
pub const EARLIER: Duration = ms(50);
/// The period of the tail probe after a block's last byte: repairs a lost last packet in 414/465 ms (p50/p95) instead
/// of 434/773.
pub const PROBE_PERIOD: Duration = ms(25);
/// Probes for one block at most.
pub const PROBES_MAX: u8 = 20;
/// A receiver whose channel lets nothing in holds the wire for this long at least: SCTP waits 1 s for a lost packet.
pub const WIRE_TIME_MIN: Duration = ms(1_000);
/// A block that has been on the wire for so long counts as gone, whatever the buffer says.
pub const WIRE_TIME_MAX: Duration = ms(4_000);
/// The least time to come back that a refusal names, in milliseconds.
pub const BUSY_RETRY_MIN_MS: u16 = 10;
/// The longest.
pub const BUSY_RETRY_MAX_MS: u16 = 1_000;

/// Requests open at one neighbour: one on its wire, one waiting (rule 8).
pub const REQUESTS_PER_LINK_MAX: usize = 2;
/// Requests open at all neighbours together.
pub const REQUESTS_MAX: usize = 12;
/// The least patience with a request: an event loop may be busy for a frame or ten.
pub const REQUEST_TIME_MIN: Duration = ms(800);
/// The most, whatever the neighbour says of its pace.
pub const REQUEST_TIME_MAX: Duration = ms(4_000);
/// What a block is expected to take from a neighbour of whom nothing is known, in milliseconds: 61,440 bytes at
/// 1.6 Mbit/s.
pub const BLOCK_MS_UNKNOWN: u32 = 300;
/// Of those who lack a block, the one with the most spare budget asks first, the others so much later each: whoever
/// gets it first passes it on, and so uploads are spread. Measured with 8 viewers on a clean network: without it the
/// lowest upload ÷ download is 0.44 to 0.55.
pub const ASK_PAUSE: Duration = ms(10);
/// Only a block that is due later than this waits for others to ask first.
pub const ASK_PAUSE_LEAD: Duration = ms(2_500);
/// Requests given up whose data may still come, remembered for each neighbour.
pub const CANCELLED_MAX: usize = 16;
/// Times of blocks remembered for each neighbour.
pub const TIMES_KEPT: usize = 8;
/// Promises and requests that may time out before a neighbour is cut; a good block makes up for one.
pub const FAULTS_MAX: u8 = 8;
/// Data messages that were not asked for, before a neighbour is cut.
pub const UNASKED_MAX: u8 = 3;
/// Messages that a neighbour may send at once: its whole window's worth of news after a pause.
pub const MESSAGES_BURST: u32 = 400;
/// Messages that a neighbour may send in the long run; measured in a mesh of 16: under 20.
pub const MESSAGES_PER_SECOND: u32 = 150;

/// A list that a neighbour asks for counts as so many of its messages: 1.5 lists a second, 51 KB of the largest.
pub const LIST_MESSAGES: u32 = 100;

/// Offers outstanding at once: each holds a peer connection open.
pub const OFFERS_MAX: usize = 5;
/// How long an offer is offered.
pub const OFFER_LIFE: Duration = ms(50_000);
/// How long a dial, an answer or a channel may take to be made.
pub const ATTEMPT_TIME: Duration = ms(15_000);
/// A neighbour says hello by then, or is cut.
pub const HELLO_TIME: Duration = ms(5_000);
/// Somebody whom no link was made with, though both tried, is left alone for so long: a machine may have been busy.
pub const VAIN_REST: Duration = ms(10_000);
/// It doubles with each further time, so many times at most: 640 s, in which networks change.
pub const VAIN_DOUBLINGS_MAX: u8 = 6;
/// Peers dialled in vain of whom the number of times is remembered.
pub const VAIN_MAX: usize = 64;
/// Peers remembered as banned, or as out of reach.
pub const BANS_MAX: usize = 256;
/// Exclusion of a neighbour for what may be clumsiness: floods, time-outs, malformed messages.
pub const BAN_SOFT: Duration = ms(60_000);
/// Exclusion for proven bad data: a session's length.
pub const BAN_HARD: Duration = ms(24 * 3_600_000);
/// Peers accused in one announce.
pub const ACCUSED_MAX: usize = 8;
/// Peers reached that one announce reports, and as many that were not.
pub const REPORTED_MAX: usize = 16;

/// The first pause before a tracker is connected to again; doubled at each failure, with full jitter.
pub const RECONNECT: Duration = ms(1_000);
/// The longest.
pub const RECONNECT_MAX: Duration = ms(30_000);
/// The first pause between announces that look for company; doubled each time.
pub const ANNOUNCE_SEARCH: Duration = ms(2_000);
/// The pause before the next announce of one who has nobody yet.
pub const ANNOUNCE_ALONE: Duration = ms(1_000);
/// Between announces until the tracker has told its interval, and while links are few.
pub const ANNOUNCE_UNTOLD: Duration = ms(30_000);
/// Bounds of what a tracker may tell.
pub const ANNOUNCE_INTERVAL_MIN: Duration = ms(10_000);
/// The longest interval that a tracker may tell.
pub const ANNOUNCE_INTERVAL_MAX: Duration = ms(600_000);
/// How long an announce waits for the shell to make its offers.
pub const OFFERS_WAIT: Duration = ms(1_500);

/// A newcomer's die has no weight for so long after its first link: until its other links are made, it and its
/// neighbours would disagree about who is lowest, and buy twice.
pub const SETTLE_TIME: Duration = ms(1_500);
/// The weight of a die while the uplink is not measured.
pub const WEIGHT_UNKNOWN: u8 = 4;
/// A viewer further behind live than this, in milliseconds, does not buy for others.
pub const NEAR_LIVE_MS: i64 = AHEAD_MS_MAX - 5_000;
/// The budget is told at most this often: a quarter of that costs 2.3 messages a block more, and gains nothing.
pub const BUDGET_PERIOD: Duration = ms(1_000);
/// Blocks past the list that may be promised or asked for in advance.
pub const AHEAD_BLOCKS_MAX: usize = 8;
/// Segments past the newest known of which anything is believed.
pub const AHEAD_SEGMENTS_MAX: u64 = 2;
/// GETs that wait at the origin for what does not exist yet, past which no further block is asked for in advance; the lists
/// that such blocks need come besides, of the few that may be asked for at once.
pub const AHEAD_FETCHES_MAX: usize = 4;
/// By the encoder's clock, a block may be asked for this long before it exists (rule 9).
pub const AHEAD_TIME: Duration = ms(500);
/// A promise that must be renewed is renewed this long before it ends.
pub const RENEW_BEFORE: Duration = ms(150);
/// One who got so much more than this many times what it gave is served last, whatever it says of itself (rule 8).
pub const UNFAIR_BYTES: u64 = 5 * protocol::limits::BLOCK_BYTES as u64;
/// What a budget holds back from them: in a swarm where everybody uploads what it downloads, what takers get givers lack.
pub const UNFAIR_RESERVE: u64 = 8 * protocol::limits::BLOCK_BYTES as u64;
/// Honest viewers give unevenly: the least upload ÷ download of 8 on capped uplinks is 0.7, and a link’s is far less.
pub const UNFAIR_RATIO: u64 = 8;
/// When to ask again one whose budget is spent, in milliseconds.
pub const BUDGET_RETRY_MS: u16 = 250;
/// A neighbour whose answer did not come in time is not asked for so long.
pub const LATE_RETRY: Duration = ms(500);
/// It doubles with each further fault, so many times at most: 16 s.
pub const LATE_DOUBLINGS_MAX: u8 = 5;
/// A timer that comes later than this says that this page stood still; nobody else is at fault then.
pub const FROZEN: Duration = ms(400);
/// What piled up while the page stood still is worked off in so long.
pub const LENIENCE: Duration = ms(1_500);
/// With fewer neighbours than this a viewer goes on announcing every 30 s.
pub const LINKS_FEW: usize = 3;
/// Links at fault: the announce that asks for one more comes after so long.
pub const SEARCH_SOON: Duration = ms(1_000);
/// How late the timers of a page in the background may be: browsers align them to full seconds.
pub const THROTTLE: Duration = ms(1_000);
/// A viewer that has just come waits so long for company before it counts as alone.
pub const JOIN_TIME: Duration = ms(3_000);
/// Patience with a neighbour that was asked for a list.
pub const LIST_WANTED_TIME: Duration = ms(300);
/// Segments whose deadline fallbacks do not count, after joining and after a turn to another rendition (rule 5).
pub const EARLY_SEGMENTS_FREE: u32 = 5;
/// Less likely early purchases are none, in thousandths: a block late now and then is a liar's doing or an accident, and
/// in a swarm of thousands each thousandth would be copies; where uplinks are short it is one in three (rule 5).
pub const EARLY_PERMILLE_MIN: u32 = 100;
/// A timer is never set closer than this: a rule that waits for nothing new must not spin.
pub const PAUSE_MIN: Duration = ms(5);
/// A receipt that comes sooner measures a local link, in microseconds: 61,440 bytes in 1 ms are 491 Mbit/s.
pub const RECEIPT_MICROS_MIN: u64 = 1_000;
/// No timer is closer than this: whatever a rule forgets, the engine never spins.
pub const TIMER_MIN: Duration = ms(1);
/// A neighbour's news is never believed to be later than this.
pub const LAG_MAX: Duration = ms(1_000);
/// Rates of receipts remembered.
pub const RATES_KEPT: usize = 8;
/// No more than this of a receipt's time is taken for the round trip.
pub const ROUND_TRIP_MAX: Duration = ms(60);
/// A deadline nearer than this is served by deadline; before it, the rarer block goes first.
pub const NEAR: Duration = ms(1_500);
/// Blocks over which a viewer's share of the purchases is looked at.
pub const SHARE_BLOCKS: u32 = 96;
/// Purchases above the fair share, and above a quarter more of it, at which a viewer's weight is halved.
pub const SHARE_EXCESS: u32 = 2;

/// A block of which nothing is heard is decided about this often at least: a player may jump, links may change.
pub const QUIET_MAX: Duration = ms(250);
/// How long a new viewer waits for its first frame before it looks for others.
pub const LINKS_AFTER: Duration = ms(800);
