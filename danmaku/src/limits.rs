//! The named maxima of a viewer's comments.

use protocol::time::Duration;

/// Lines on the screen at once. 500 is more than anybody reads; twice that is never drawn.
pub const LINES_SHOWN_MAX: usize = 1_000;

/// Lines that wait for a free row.
pub const LINES_WAITING_MAX: usize = 128;

/// Rows of the stage: a screen of 4,320 pixels in rows of 34.
pub const ROWS_MAX: usize = 128;

/// Rows at the foot of the area that only paid lines use, while there are any.
pub const PAID_ROWS_MAX: usize = 4;

/// How long a line crosses the stage at speed 1, in stage time: what the field's players start with.
pub const CROSSING: Duration = Duration::from_secs(8);

/// How long a line at the top or the bottom stays.
pub const HOLD: Duration = Duration::from_secs(4);

/// The longest that a paid line stays.
pub const HOLD_MAX: Duration = Duration::from_secs(30);

/// A long line moves this much faster than a short one at most, in percent.
pub const HASTE_PERCENT_MAX: u32 = 250;

/// Between two lines of a row, in pixels.
pub const GAP_PX: u32 = 8;

/// The widest line, in pixels; the shell cuts longer text.
pub const WIDTH_PX_MAX: u32 = 8_192;

/// The widest and the highest stage, in pixels.
pub const STAGE_PX_MAX: u32 = 16_384;

/// How long a viewer's own line waits for a row.
pub const OWN_PATIENCE: Duration = Duration::from_secs(5);

/// How long a paid line waits: it was paid for.
pub const PAID_PATIENCE: Duration = Duration::from_secs(60);

/// How long anybody's line waits: later, it answers a picture that is gone.
pub const CHAT_PATIENCE: Duration = Duration::from_millis(1_000);

/// Words and people that a viewer blocks, each.
pub const BLOCKED_MAX: usize = 1_000;

/// Characters of a blocked word.
pub const WORD_CHARS_MAX: usize = 64;

/// Texts that repeats are looked for among.
pub const REPEATS_MAX: usize = 256;

/// How long a text is remembered.
pub const REPEAT_WITHIN: Duration = Duration::from_secs(10);

/// Gaps of the room's sequence that are asked for at a time.
pub const GAPS_MAX: usize = 16;

/// Messages of one gap that are asked for: an edge keeps no more.
pub const GAP_MESSAGES_MAX: u64 = 512;
