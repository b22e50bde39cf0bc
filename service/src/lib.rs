//! The shell that every server shares, and nothing that only one of them needs.
//!
//! [`program::run`] is a server's `main`: it reads the command line, lays the layers of the configuration over each
//! other ([`config`]), starts the [`log`], raises the limit of [`open_files`], listens for [`signals`], and hands a
//! [`program::Launch`] to the server. [`metrics`] writes the text that Prometheus reads; [`clock`] is the clock; [`token`]
//! reads what others sign.
//!
//! **Invariant:** no server is known here: what differs between them is a [`config::Settings`].

pub mod clock;
pub mod config;
pub mod log;
pub mod metrics;
pub mod open_files;
pub mod program;
pub mod reload;
pub mod signals;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;
pub mod token;
