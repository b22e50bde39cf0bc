//! What an operator can set: one merge of the layers of a configuration, the same for every server.
//!
//! Flags over environment over file over defaults. Each layer is a TOML table; [`Settings::from_layers`] lays one over
//! the other, refuses keys that it does not know, and returns a configuration that cannot be wrong. `layers` makes the
//! tables, `print` the commented default.

mod layers;
mod print;

use serde::Serialize;
use serde::de::DeserializeOwned;
pub use toml::Table;

pub use layers::{CommandLine, environment, file, read};

/// A server's configuration: its values are the fields, what is said of them is here.
pub trait Settings: Default + DeserializeOwned + Serialize {
    /// The program's name, as its command line gives it.
    const PROGRAM: &'static str;
    /// What the program is for, in a sentence or two.
    const ABOUT: &'static str;
    /// Whom the configuration belongs to, as in "The {owner}'s configuration".
    const OWNER: &'static str;
    /// What the name of every variable of the environment starts with, such as `SHOAL_TRACKER_`.
    const ENVIRONMENT_PREFIX: &'static str;
    /// The keys that have a flag and a variable (`announce_min_s` has `--announce-min-s`), in the order of their
    /// printing, and what each means to an operator.
    const KEYS: &'static [(&'static str, &'static str)];
    /// Second names of flags: the name, without dashes before it, and the key.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];

    /// The rules that values must keep, the first breach of which is told.
    fn rules(&self) -> impl IntoIterator<Item = Rule>;

    /// The defaults under these layers, the later over the earlier.
    ///
    /// # Errors
    /// Where a key is unknown or a value cannot be meant.
    fn from_layers(layers: impl IntoIterator<Item = Table>) -> Result<Self, Error> {
        let mut merged = Table::new();
        for layer in layers {
            merged.extend(layer);
        }
        let config: Self = merged.try_into().map_err(|error: toml::de::Error| Error::layer(&error))?;
        config.check()?;
        Ok(config)
    }

    /// Whether every rule is kept.
    ///
    /// # Errors
    /// The first breach.
    fn check(&self) -> Result<(), Error> {
        match self.rules().into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, problem)) => Err(Error::Value { key, problem }),
            None => Ok(()),
        }
    }

    /// The defaults as a table.
    fn defaults() -> Table {
        Table::try_from(Self::default()).unwrap_or_default()
    }

    /// The default configuration as TOML, each key under its meaning.
    fn commented_default() -> String {
        print::commented_default::<Self>()
    }
}

/// Whether it is kept, the key, and what its value must be.
pub type Rule = (bool, &'static str, &'static str);

/// Why a configuration is refused; the text names the key and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    File {
        /// Which one.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// A layer is no TOML, or has a key or a value that is none of ours.
    #[error("{0}")]
    Layer(String),
    /// A value that cannot be meant.
    #[error("{key}: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        problem: &'static str,
    },
}

impl Error {
    /// What TOML says of a layer.
    #[must_use]
    pub fn layer(error: &toml::de::Error) -> Self {
        Self::Layer(error.to_string().trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
