//! What servers tell each other: events of rooms, letters, questions and answers, and who is there at all.
//!
//! Two carriers behind one type. [`Bus::memory`] is queues inside one process. [`Bus::nats`] is NATS between processes,
//! and between sites where its servers are joined as leaf nodes. Whoever uses a bus cannot tell which it is, but for
//! losses: memory loses nothing, NATS delivers at most once.
//!
//! | what | how |
//! |---|---|
//! | an event of a room, or a direct parcel | [`Bus::publish`], [`Bus::subscribe`], [`Subscription`] |
//! | a letter to everybody who listens on a [`Subject`] | [`Bus::post`], [`Bus::open`], [`Mailbox`] |
//! | a question to whoever listens there, and its answer | [`Bus::ask`] or [`Bus::question`], [`Bus::answer`] |
//! | who is there, and in which of its lives | [`presence`] |
//!
//! **Invariant:** what one publisher says on one subject (a room is a subject) reaches each listener in that order.
//! **Invariant:** whoever began to listen before asking hears everything after the answer: interest goes out before what
//! is posted later, and NATS keeps that order.
//! **Invariant:** a publisher is never made to wait. Where there is no room it is told ([`Full`]): in memory, when one
//! listener has none, and then nobody gets it; over NATS, when what waits for the network has reached its maximum.
//! **Invariant:** what is lost is counted ([`Counts`]).
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! use bus::{Bus, Subject};
//!
//! let bus = Bus::memory();
//! let numbers = Subject::parse("numbers").unwrap();
//! let mailbox = bus.open(8);
//! mailbox.listen(&numbers);
//! bus.post(&numbers, "seven").unwrap();
//! assert_eq!(mailbox.next().await.body, "seven");
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

mod carrier;
mod clock;
mod counts;
mod events;
mod exchange;
mod letter;
pub mod limits;
mod mailbox;
pub mod nats;
pub mod presence;
mod questions;
mod queue;
mod subject;
#[cfg(feature = "testing")]
pub mod testing;

pub use carrier::{Asked, Bus};
pub use counts::Counts;
pub use events::Subscription;
pub use letter::{Full, Letter, Unanswered};
pub use mailbox::Mailbox;
pub use subject::Subject;
