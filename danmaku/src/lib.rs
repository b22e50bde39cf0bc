//! Where and when a comment is drawn over the video. No canvas, no clock, no text: the shell measures and draws.
//!
//! A viewer's page hands in lines ([`Line`]) as they come from the room and tells the time; the [`Stage`] says what is on
//! the screen now, and where. In the order of a line's way:
//!
//! 1. [`Order`] puts the room's sequence right: what is old, what is missing and must be fetched from the history.
//! 2. [`Rules`] are the viewer's own: blocked words and people, kinds that are switched off.
//! 3. [`Repeats`] merges a line that says again what another said a moment ago.
//! 4. [`Stage`] finds a row where the line meets no other for as long as it is there ([`Span::meets`]), lets it wait
//!    for one a while, or drops it by its class, and counts what it dropped.
//!
//! Unlike the other machines here the stage is asked, not drained: a picture is wanted sixty times a second, whatever
//! happened in between.
//!
//! **Invariant:** no two lines on the screen overlap, at any moment, whatever their kinds, also after a resize, another
//! font or another speed.
//! **Invariant:** lines taken = shown + waiting + dropped, by class and reason ([`Counts`]).
//! **Invariant:** every queue has a maximum named in [`limits`].

mod counts;
pub mod limits;
mod line;
mod order;
mod repeats;
mod row;
mod rules;
mod settings;
mod span;
mod stage;
mod waiting;

pub use counts::{Counts, REASONS, Reason};
pub use line::{Kind, Line, LineId};
pub use order::{Missing, Order, Verdict};
pub use repeats::Repeats;
pub use rules::Rules;
pub use settings::{Geometry, Settings};
pub use span::{Pixels, Span};
pub use stage::{Shown, Stage};
