//! Is it clean: words and expressions over a text as readers see it, not as it is spelled.
//!
//! A text is folded first ([`normal`]): width, case, marks, letters that look alike (UTS #39), what nobody sees, and
//! repetition go away, in the text and in the rules alike. Then one automaton looks for all words at once, where a text
//! has anything that begins as one of them (`sieve`), and one for all expressions; the time is linear in the text, whatever the rules are.
//!
//! [`Rules`] is a list as people write it; [`Filter`] is what it was compiled to. A filter never changes: a changed list
//! makes another one, and whoever checks takes it with the next text.

mod compiled;
mod fold;
pub mod normal;
pub mod rule;
mod sieve;

pub use compiled::{Fault, Filter, Found, Scratch};
pub use rule::{Action, Rule, Rules};

#[cfg(test)]
mod tests;
