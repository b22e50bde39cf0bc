//! The layers of a configuration as TOML tables: a file, the environment, the command line.
//!
//! Keys and their types come from the defaults, names from the key: `announce_min_s` is `--announce-min-s` and
//! `SHOAL_TRACKER_ANNOUNCE_MIN_S`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

use super::print::DOCS;
use super::{Config, Error};

/// What every variable's name starts with.
pub const ENVIRONMENT_PREFIX: &str = "SHOAL_TRACKER_";

/// What the command line says.
#[derive(Debug)]
pub struct CommandLine {
    /// The file to read, if any.
    pub file: Option<PathBuf>,
    /// Write the commented default and end.
    pub print_config: bool,
    /// Log lines as JSON.
    pub log_json: bool,
    /// The uppermost layer.
    pub layer: Table,
}

/// The command line's grammar: one flag for each key of the configuration.
#[must_use]
pub fn command() -> Command {
    let file =
        Arg::new("config").long("config").value_name("FILE").help("A TOML file with any of these keys");
    let print = Arg::new("print_config")
        .long("print-config")
        .action(ArgAction::SetTrue)
        .help("Write the commented default configuration and end");
    let log_json = Arg::new("log_json")
        .long("log-json")
        .env("SHOAL_TRACKER_LOG_JSON")
        .action(ArgAction::SetTrue)
        .help("Log lines as JSON");
    let keys = DOCS.iter().map(|(key, doc)| {
        let environment = format!("{ENVIRONMENT_PREFIX}{}", key.to_uppercase());
        Arg::new(*key)
            .long(key.replace('_', "-"))
            .value_name("VALUE")
            .help(format!("{doc} [env: {environment}]"))
    });
    Command::new("tracker")
        .about("Introduces the viewers of a live stream to each other")
        .args([file, print, log_json])
        .args(keys)
}

/// Reads what [`command`] parsed.
///
/// # Errors
/// Where a value is not of its key's type.
pub fn command_line(matches: &ArgMatches) -> Result<CommandLine, Error> {
    let flag = |key: &str| matches.get_one::<String>(key).cloned();
    Ok(CommandLine {
        file: flag("config").map(PathBuf::from),
        print_config: matches.get_flag("print_config"),
        log_json: matches.get_flag("log_json"),
        layer: layer(|key| flag(key))?,
    })
}

/// The layer of the environment: the variables of our keys; others with our prefix are left alone, because container
/// platforms make such names from the names of services.
///
/// # Errors
/// Where a value is not of its key's type.
pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Result<Table, Error> {
    layer(|key| variable(&format!("{ENVIRONMENT_PREFIX}{}", key.to_uppercase())))
}

/// The layer of a file's text.
///
/// # Errors
/// Where it is no TOML.
pub fn file(text: &str) -> Result<Table, Error> {
    text.parse::<Table>().map_err(|error| Error::Layer(error.to_string().trim().to_owned()))
}

/// Every key's value, where `text` has one, read as the type of its default.
fn layer(text: impl Fn(&str) -> Option<String>) -> Result<Table, Error> {
    let mut layer = Table::new();
    for (key, default) in defaults() {
        let Some(text) = text(&key) else { continue };
        let value = match default {
            Value::Integer(_) => text
                .parse()
                .map(Value::Integer)
                .map_err(|_| Error::Layer(format!("{key}: {text:?} is no whole number")))?,
            Value::Array(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            _ => Value::String(text),
        };
        layer.insert(key, value);
    }
    Ok(layer)
}

/// The defaults as a table.
pub(super) fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> CommandLine {
        let arguments = std::iter::once(&"tracker").chain(arguments);
        command_line(&command().try_get_matches_from(arguments).unwrap()).unwrap()
    }

    #[test]
    fn flags_win_over_environment_over_file_over_defaults() {
        let variables = [("SHOAL_TRACKER_PEERS_MAX", "20"), ("SHOAL_TRACKER_CONNECTIONS_MAX", "20")];
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let flags = parse(&["--connections-max", "30", "--listen=[::1]:1"]);
        let file = file("announce_min_s = 10\npeers_max = 10\nconnections_max = 10").unwrap();
        let config = Config::from_layers([file, environment(variable).unwrap(), flags.layer]).unwrap();
        let listen = "[::1]:1".parse().unwrap();
        let expected =
            Config { announce_min_s: 10, peers_max: 20, connections_max: 30, listen, ..Config::default() };
        assert_eq!(config, expected);
    }

    #[test]
    fn a_list_is_written_with_commas() {
        let flags = parse(&["--trusted-proxies", "10.0.0.0/8, ::1/128"]);
        let config = Config::from_layers([flags.layer]).unwrap();
        assert_eq!(config.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let none = Config::from_layers([parse(&["--status-networks="]).layer]).unwrap();
        assert!(none.status_networks.is_empty());
    }

    #[test]
    fn unknown_flags_and_values_of_another_type_are_refused() {
        assert!(command().try_get_matches_from(["tracker", "--peer-max", "1"]).is_err());
        let matches = command().try_get_matches_from(["tracker", "--peers-max", "many"]).unwrap();
        let error = command_line(&matches).unwrap_err().to_string();
        assert!(error.contains("peers_max") && error.contains("many"), "{error}");
    }

    #[test]
    fn the_grammar_is_sound() {
        command().debug_assert();
    }
}
