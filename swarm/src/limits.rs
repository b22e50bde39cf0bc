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
/// Blocks asked for before the first list has said how many there are, while the player waits for its first frame.
pub const BLIND_BLOCKS: u16 = 2;
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
pub const DUE_BEFORE_FIRST_FRAME: Duration = ms(1_000);

/// Promises kept for one block: one for each link that a desktop viewer has.
pub const PROMISES_MAX: usize = 16;
