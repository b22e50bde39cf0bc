//! Where a segment ends: the cut rule, and the timeline that gives all renditions of a stream the same numbers.
//!
//! **The rule.** A segment ends at the first keyframe at or after the target, or at an earlier one where the next is
//! expected past the limit. Where no keyframe comes in time, it ends at a fragment without one, and that is counted;
//! the target duration is never raised (RFC 8216 §6.2.1). The target duration is learnt once, from the first two
//! keyframes of a stream's life.
//!
//! **Numbers.** A media sequence number is a cut of the stream's [`Timeline`], made by whichever rendition reaches it
//! first; the others cut at their own keyframe at the same time, so one number means the same content everywhere.
//! Renditions share a clock when their encoders' timestamps run together (one ffmpeg with two outputs): a publisher
//! whose first timestamp is within [`SHARED_CLOCK_US`] of what another live rendition has reached is taken to share
//! its clock; any other is placed by its arrival.

mod cutter;
mod timeline;

pub use self::cutter::{Cutter, Joining, Step, TooLong};
pub use self::timeline::{Cut, History, Timeline};

/// How far apart two renditions' keyframes may be and still be the same cut, in microseconds: a tenth of a second
/// covers frame rates down to 10 and the rounding of both clocks.
pub const ALIGNED_US: i64 = 100_000;
/// How far a publisher's first timestamp may be from another's latest for both to have one clock, in microseconds:
/// the outputs of one encoder connect within a second, independent ones rarely agree to three.
pub const SHARED_CLOCK_US: i64 = 3_000_000;
/// How much earlier than the target a keyframe still counts as at it, in microseconds: half a frame at 25 per second.
pub const SLACK_US: i64 = 20_000;
/// The longest target duration that is learnt, in seconds: keyframes further apart are cut between.
pub const TARGET_MAX_S: u32 = 10;
