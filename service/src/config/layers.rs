//! The layers of a configuration as TOML tables: a file, the environment, the command line.
//!
//! Keys are those of [`Settings::KEYS`], their types those of the defaults, names come from the key: `announce_min_s`
//! of the tracker is `--announce-min-s` and `SHOAL_TRACKER_ANNOUNCE_MIN_S`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

use super::{Error, Settings};

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// The file to read, if any.
    pub file: Option<PathBuf>,
    /// Write the commented default and end.
    pub print_config: bool,
    /// Read the configuration, say whether it is right, and end.
    pub check_config: bool,
    /// Log lines as JSON.
    pub log_json: bool,
    /// The uppermost layer.
    pub layer: Table,
}

impl CommandLine {
    /// Reads these arguments, the program's name first. Help and mistakes of grammar are clap's to tell.
    ///
    /// # Errors
    /// Where a value is not of its key's type.
    pub fn parse<S: Settings>(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        Self::of::<S>(&command::<S>().get_matches_from(arguments))
    }

    pub(super) fn of<S: Settings>(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self {
            file: matches.get_one::<String>("config").map(PathBuf::from),
            print_config: matches.get_flag("print_config"),
            check_config: matches.get_flag("check_config"),
            log_json: matches.get_flag("log_json"),
            layer: layer::<S>(|key| {
                let values: Vec<&str> = matches.get_many::<String>(key)?.map(String::as_str).collect();
                Some(values.join(","))
            })?,
        })
    }

    /// All layers, read now.
    ///
    /// # Errors
    /// Where the file cannot be read, a key is unknown, or a value cannot be meant.
    pub fn merged<S: Settings>(&self) -> Result<S, Error> {
        let file = self.file.as_deref().map(read).transpose()?.unwrap_or_default();
        let environment = environment::<S>(|name| std::env::var(name).ok())?;
        S::from_layers([file, environment, self.layer.clone()])
    }
}

/// The command line's grammar: a flag for each key.
pub(super) fn command<S: Settings>() -> Command {
    let defaults = S::defaults();
    let variable = |key: &str| format!("{}{}", S::ENVIRONMENT_PREFIX, key.to_uppercase());
    let file = Arg::new("config").value_name("FILE").help("A TOML file with any of these keys");
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name.replace('_', "-")).action(ArgAction::SetTrue).help(help)
    };
    let keys = S::KEYS.iter().map(|&(key, doc)| {
        let is_list = defaults.get(key).is_some_and(Value::is_array);
        let is_switch = defaults.get(key).is_some_and(Value::is_bool);
        let aliases = S::ALIASES.iter().filter(|(_, of)| *of == key).map(|(alias, _)| *alias);
        Arg::new(key)
            .long(key.replace('_', "-"))
            .visible_aliases(aliases.collect::<Vec<_>>())
            .value_name("VALUE")
            .action(if is_list { ArgAction::Append } else { ArgAction::Set })
            .num_args(if is_switch { 0..=1 } else { 1..=1 })
            .default_missing_value("true")
            .help(format!("{doc} [env: {}]", variable(key)))
    });
    Command::new(S::PROGRAM)
        .about(S::ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .arg(file.long("config").env(variable("config")))
        .arg(switch("print_config", "Write the commented default configuration and end"))
        .arg(switch("check_config", "Read the configuration, say whether it is right, and end"))
        .arg(switch("log_json", "Log lines as JSON").env(variable("log_json")))
        .args(keys)
}

/// The layer of the environment: the variables of our keys; others with our prefix are left alone, because container
/// platforms make such names from the names of services.
///
/// # Errors
/// Where a value is not of its key's type.
pub fn environment<S: Settings>(variable: impl Fn(&str) -> Option<String>) -> Result<Table, Error> {
    layer::<S>(|key| variable(&format!("{}{}", S::ENVIRONMENT_PREFIX, key.to_uppercase())))
}

/// The layer of a file's text.
///
/// # Errors
/// Where it is no TOML.
pub fn file(text: &str) -> Result<Table, Error> {
    text.parse().map_err(|error| Error::layer(&error))
}

/// The layer of a file.
///
/// # Errors
/// Where it cannot be read or is no TOML.
pub fn read(path: &Path) -> Result<Table, Error> {
    let shown = || path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::File { path: shown(), cause: cause.to_string() })?;
    file(&text)
}

/// Every key's value, where `text` has one, read as the type of its default; a key without a default is text.
fn layer<S: Settings>(text: impl Fn(&str) -> Option<String>) -> Result<Table, Error> {
    let defaults = S::defaults();
    let mut layer = Table::new();
    for &(key, _) in S::KEYS {
        let Some(text) = text(key) else { continue };
        let value = match defaults.get(key) {
            Some(Value::Integer(_)) => text
                .parse()
                .map(Value::Integer)
                .map_err(|_| Error::Layer(format!("{key}: {text:?} is no whole number")))?,
            Some(Value::Boolean(_)) => text
                .parse()
                .map(Value::Boolean)
                .map_err(|_| Error::Layer(format!("{key}: {text:?} is neither true nor false")))?,
            Some(Value::Array(_)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            _ => Value::String(text),
        };
        layer.insert(key.to_owned(), value);
    }
    Ok(layer)
}
