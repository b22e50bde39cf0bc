//! The commented default configuration of the whole stack: the servers' own, each in its section.

use chat_edge::serve as chat;
use hls_origin::serve as origin;
use service::config::Settings;
use tracker::serve as tracker_server;

use crate::config::STATE_DIR;

/// Keys of the origin whose default is another here (`shoal::config`), or that the stack fills in.
const NOT_THE_ORIGINS: [&str; 3] = ["ops_listen", "state_dir", "trackers"];

/// What `--print-config` writes.
#[must_use]
pub fn commented_default() -> String {
    let head = format!(
        "# Shoal, all servers in one process. Every key may be left out; flags and environment win over this file.\n\n\
         # Where numbers and keys survive a restart.\nstate_dir = {STATE_DIR:?}\n\
         # The tracker as viewers address it; ws:// and its own address where absent.\n\
         # tracker_url = \"wss://tracker.example/\"\n"
    );
    let origin = origin::Config::commented_default();
    let origin: String = origin.lines().map(|line| in_section(line, "origin") + "\n").collect();
    let (tracker, chat) = (tracker_server::Config::commented_default(), chat::Config::commented_default());
    format!("{head}\n[tracker]\n{tracker}\n[chat]\n{chat}\n[origin]\n{origin}")
}

/// A line of a server's own file, as it reads in a section: tables get the section's name in front, and keys that are
/// not the server's to set become comments.
fn in_section(line: &str, section: &str) -> String {
    let (comment, rest) = line.strip_prefix("# ").map_or(("", line), |rest| ("# ", rest));
    if let Some(table) = rest.strip_prefix("[[") {
        format!("{comment}[[{section}.{table}")
    } else if let Some(table) = rest.strip_prefix('[') {
        format!("{comment}[{section}.{table}")
    } else if NOT_THE_ORIGINS.iter().any(|key| line.starts_with(&format!("{key} ="))) {
        format!("# {line}")
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment, Flags};

    #[test]
    fn the_printed_default_is_the_default() {
        let merge = |file: &str| Config::merge(&Flags::default(), Environment::default(), file).unwrap();
        assert_eq!(format!("{:?}", merge(&commented_default())), format!("{:?}", merge("")));
    }

    #[test]
    fn tables_and_foreign_keys_change_in_a_section_and_nothing_else_does() {
        let rows = [
            ("[limits]", "[origin.limits]"),
            ("# [[sources]]", "# [[origin.sources]]"),
            ("ops_listen = \"x\"", "# ops_listen = \"x\""),
            ("listen = \"x\"", "listen = \"x\""),
            ("# Words [and brackets].", "# Words [and brackets]."),
            ("", ""),
        ];
        for (line, expected) in rows {
            assert_eq!(in_section(line, "origin"), expected);
        }
    }
}
