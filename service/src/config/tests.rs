//! The merge, with settings of every kind.

use serde::Deserialize;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Sample {
    peers_max: u32,
    listen: std::net::SocketAddr,
    proxies: Vec<String>,
    loud: bool,
    page: Option<String>,
}

impl Default for Sample {
    fn default() -> Self {
        let listen = "127.0.0.1:1".parse().unwrap();
        Self { peers_max: 5, listen, proxies: Vec::new(), loud: false, page: None }
    }
}

impl Settings for Sample {
    const PROGRAM: &'static str = "sample";
    const ABOUT: &'static str = "Tests";
    const OWNER: &'static str = "sample";
    const ENVIRONMENT_PREFIX: &'static str = "SHOAL_SAMPLE_";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("peers_max", "Peers at most"),
        ("listen", "Where"),
        ("proxies", "Proxies"),
        ("loud", "Whether"),
        ("page", "A page"),
    ];
    const ALIASES: &'static [(&'static str, &'static str)] = &[("proxy", "proxies")];

    fn rules(&self) -> impl IntoIterator<Item = Rule> {
        [(self.peers_max > 0, "peers_max", "must be at least 1")]
    }
}

fn parse(arguments: &[&str]) -> Result<CommandLine, Error> {
    let arguments = std::iter::once(&"sample").chain(arguments);
    CommandLine::of::<Sample>(&layers::command::<Sample>().try_get_matches_from(arguments).unwrap())
}

fn flags(arguments: &[&str]) -> Sample {
    Sample::from_layers([parse(arguments).unwrap().layer]).unwrap()
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let variables =
        [("SHOAL_SAMPLE_PEERS_MAX", "20"), ("SHOAL_SAMPLE_PAGE", "20"), ("SHOAL_SAMPLE_TYPO", "x")];
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let file = file("peers_max = 10\npage = '10'\nproxies = ['10']").unwrap();
    let environment = environment::<Sample>(variable).unwrap();
    let flags = parse(&["--peers-max", "30", "--listen=[::1]:1"]).unwrap();
    let config = Sample::from_layers([file, environment, flags.layer]).unwrap();
    let expected = Sample {
        peers_max: 30,
        listen: "[::1]:1".parse().unwrap(),
        proxies: vec!["10".to_owned()],
        loud: false,
        page: Some("20".to_owned()),
    };
    assert_eq!(config, expected);
    assert_eq!(Sample::from_layers([]), Ok(Sample::default()));
}

#[test]
fn a_switch_needs_no_value_and_may_have_one() {
    let rows: [(&[&str], bool, u32); 4] = [
        (&["--loud"], true, 5),
        (&["--loud", "--peers-max", "7"], true, 7),
        (&["--loud", "false"], false, 5),
        (&["--loud=true"], true, 5),
    ];
    for (arguments, loud, peers_max) in rows {
        let told = flags(arguments);
        assert_eq!((told.loud, told.peers_max), (loud, peers_max), "{arguments:?}");
    }
}

#[test]
fn a_list_is_written_with_commas_or_again_and_again_and_may_be_empty() {
    let rows: [(&[&str], &[&str]); 4] = [
        (&["--proxies", "a, b"], &["a", "b"]),
        (&["--proxies", "a", "--proxies", "b"], &["a", "b"]),
        (&["--proxy", "a"], &["a"]),
        (&["--proxies="], &[]),
    ];
    for (arguments, expected) in rows {
        assert_eq!(flags(arguments).proxies, expected, "{arguments:?}");
    }
    assert!(flags(&["--loud", "true"]).loud);
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let grammar = layers::command::<Sample>().try_get_matches_from(["sample", "--peer-max", "1"]);
    assert!(grammar.is_err());
    for (arguments, words) in
        [(["--peers-max", "many"], "peers_max: \"many\""), (["--loud", "yes"], "loud: \"yes\"")]
    {
        let error = parse(&arguments).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
    let rows = [
        ("peer_max = 1", "peers_max"),
        ("peers_max = 0", "peers_max: must be at least 1"),
        ("peers_max = 'x'", "peers_max"),
        ("= 1", "TOML"),
    ];
    for (text, words) in rows {
        let error = file(text).and_then(|layer| Sample::from_layers([layer])).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_file_is_read_when_asked_and_named_where_it_cannot_be() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample.toml");
    let line = CommandLine { file: Some(path.clone()), ..CommandLine::default() };
    assert!(line.merged::<Sample>().unwrap_err().to_string().contains("sample.toml"));
    for peers_max in [1, 2] {
        std::fs::write(&path, format!("peers_max = {peers_max}")).unwrap();
        assert_eq!(line.merged::<Sample>().unwrap().peers_max, peers_max);
    }
}

#[test]
fn the_printed_default_is_the_default_and_the_grammar_is_sound() {
    layers::command::<Sample>().debug_assert();
    let printed = Sample::commented_default();
    assert!(printed.starts_with("# The sample's configuration."), "{printed}");
    assert!(printed.contains("\n# Peers at most.\npeers_max = 5\n"), "{printed}");
    assert_eq!(file(&printed).unwrap(), Sample::defaults());
}
