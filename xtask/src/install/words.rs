//! What a person is told to install, word for word: for this system, as this user.

/// The oldest Node that the npm packages are built and tested with.
pub(super) const NODE_MAJOR_MIN: u32 = 20;
/// The target of the browser module.
pub(super) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program, under any of its names, and the packages that have it.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    /// As it may be called on the path.
    pub(crate) names: &'static [&'static str],
    /// Debian's package.
    pub(crate) package: &'static str,
    /// Fedora's, Arch's and Homebrew's; `None` where there is none that we know.
    pub(crate) elsewhere: [Option<&'static str>; 3],
}

/// Who installs packages here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

impl Manager {
    /// In the order in which they are looked for: a machine may have Homebrew beside its own.
    pub(super) const ALL: [Self; 4] = [Self::Apt, Self::Dnf, Self::Pacman, Self::Brew];

    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Brew => "brew",
        }
    }

    const fn install(self) -> &'static str {
        match self {
            Self::Apt => "apt-get install -y",
            Self::Dnf => "dnf install -y",
            Self::Pacman => "pacman -S --needed",
            Self::Brew => "brew install",
        }
    }

    const fn package(self, program: &Program) -> Option<&'static str> {
        let [dnf, pacman, brew] = program.elsewhere;
        match self {
            Self::Apt => Some(program.package),
            Self::Dnf => dnf,
            Self::Pacman => pacman,
            Self::Brew => brew,
        }
    }
}

/// What matters of a system when something is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct System {
    pub(super) manager: Option<Manager>,
    pub(super) is_root: bool,
}

impl System {
    /// Whether we may install by ourselves: Debian's packages, as root. Elsewhere we only say what to do.
    pub(super) fn is_ours(self) -> bool {
        self.is_root && self.manager == Some(Manager::Apt)
    }

    /// The command that installs these packages.
    fn command(self, manager: Manager, packages: &[&str]) -> String {
        // Homebrew refuses to run as root.
        let sudo = if self.is_root || manager == Manager::Brew { "" } else { "sudo " };
        format!("{sudo}{} {}", manager.install(), packages.join(" "))
    }
}

/// What to say of programs that are missing.
pub(super) fn programs(missing: &[Program], system: System) -> String {
    let names: Vec<&str> = missing.iter().filter_map(|program| program.names.first().copied()).collect();
    let mut text = format!("missing on this machine: {}. Install, then try again:", names.join(", "));
    let package = |program: &Program| system.manager.and_then(|manager| manager.package(program));
    let known: Vec<&str> = missing.iter().filter_map(package).collect();
    if let Some(manager) = system.manager.filter(|_| !known.is_empty()) {
        text += &format!("\n    {}", system.command(manager, &known));
    }
    for program in missing.iter().filter(|program| package(program).is_none()) {
        let names = program.names.join("` or `");
        text += &format!("\n    a package that has `{names}` (in Debian: {})", program.package);
    }
    text
}

/// What to say where Node is absent (`None`) or says a version that is too old.
pub(super) fn node(found: Option<&str>, system: System) -> String {
    let found = found.map_or_else(
        || "`node` or `npm` is not on the path".to_owned(),
        |version| format!("`node --version` says {version}"),
    );
    let how = match system.manager {
        Some(manager @ Manager::Apt) => {
            let command = system.command(manager, &["nodejs", "npm"]);
            format!("{command}    (Debian 13 or newer; for an older one see https://nodejs.org/en/download)")
        }
        Some(manager @ Manager::Dnf) => system.command(manager, &["nodejs", "nodejs-npm"]),
        Some(manager @ Manager::Pacman) => system.command(manager, &["nodejs", "npm"]),
        Some(manager @ Manager::Brew) => system.command(manager, &["node"]),
        None => "the package of https://nodejs.org/en/download".to_owned(),
    };
    format!(
        "Node {NODE_MAJOR_MIN} or newer with npm is needed, and {found}. Install, then try again:\n    {how}"
    )
}

/// What to say where the compiler cannot build the module and there is no rustup to mend that.
pub(super) fn rustup() -> String {
    format!(
        "the compiler lacks the target {WASM_TARGET}, and there is no rustup to add it. Install, then try again:\n    \
         rustup, from https://rustup.rs, and with it the target: rustup target add {WASM_TARGET}"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{BROWSERS, FFMPEG, NATS};
    use super::*;

    const fn system(manager: Option<Manager>, is_root: bool) -> System {
        System { manager, is_root }
    }

    #[test]
    fn each_system_is_told_its_own_command_for_each_missing_program() {
        let [_, firefox, ip] = BROWSERS;
        let rows: [(&[Program], System, &[&str]); 8] = [
            (
                &[FFMPEG],
                system(Some(Manager::Apt), false),
                &["ffmpeg.", "\n    sudo apt-get install -y ffmpeg"],
            ),
            (
                &BROWSERS,
                system(Some(Manager::Apt), false),
                &["\n    sudo apt-get install -y chromium firefox-esr iproute2"],
            ),
            (&[FFMPEG], system(Some(Manager::Apt), true), &["\n    apt-get install -y ffmpeg"]),
            (
                &[firefox, ip],
                system(Some(Manager::Dnf), false),
                &["\n    sudo dnf install -y firefox iproute"],
            ),
            (
                &[firefox, ip],
                system(Some(Manager::Pacman), true),
                &["\n    pacman -S --needed firefox iproute2"],
            ),
            (&[FFMPEG, NATS], system(Some(Manager::Brew), false), &["\n    brew install ffmpeg nats-server"]),
            (
                &[FFMPEG, ip],
                system(Some(Manager::Brew), false),
                &["brew install ffmpeg\n    a package that has `ip` (in Debian: iproute2)"],
            ),
            (
                &[firefox],
                system(None, false),
                &[
                    "missing on this machine: firefox-esr.",
                    "`firefox-esr` or `firefox` (in Debian: firefox-esr)",
                ],
            ),
        ];
        for (missing, system, wanted) in rows {
            let told = programs(missing, system);
            for words in wanted {
                assert!(told.contains(words), "{system:?}: {told}");
            }
        }
    }

    #[test]
    fn only_root_on_debian_is_spared_the_command() {
        let rows = [
            (Some(Manager::Apt), true, true),
            (Some(Manager::Apt), false, false),
            (Some(Manager::Dnf), true, false),
            (None, true, false),
        ];
        for (manager, is_root, ours) in rows {
            assert_eq!(system(manager, is_root).is_ours(), ours, "{manager:?} {is_root}");
        }
    }

    #[test]
    fn a_missing_or_old_node_comes_with_where_to_get_one() {
        let rows = [
            (
                None,
                Some(Manager::Apt),
                "not on the path. Install, then try again:\n    sudo apt-get install -y nodejs npm",
            ),
            (Some("v18.19.0"), Some(Manager::Apt), "says v18.19.0. Install"),
            (None, Some(Manager::Brew), "\n    brew install node"),
            (None, None, "https://nodejs.org/"),
        ];
        for (found, manager, words) in rows {
            let told = node(found, system(manager, false));
            assert!(told.starts_with("Node 20 or newer") && told.contains(words), "{told}");
        }
    }

    #[test]
    fn a_compiler_without_the_target_and_without_rustup_comes_with_both_commands() {
        let told = rustup();
        assert!(
            told.contains("https://rustup.rs") && told.contains("rustup target add wasm32-unknown-unknown"),
            "{told}"
        );
    }
}
