//! The walls between packages: who may use whom, and what a pure package's manifest may name (`ARCHITECTURE.md`).

use super::Tree;
use super::manifest::{self, Dependency, Manifest};

/// A package's place; servers stand beside each other and never use each other.
struct Place {
    package: &'static str,
    /// Packages of ours that it may use: always of a lower level.
    uses: &'static [&'static str],
    /// Everything else that a pure package may name; `None` where the package is not pure.
    pure: Option<&'static [&'static str]>,
}

/// The table of `ARCHITECTURE.md`, lowest level first; a package may only use what stands above it here.
const PLACES: [Place; 21] = [
    Place { package: "protocol", uses: &[], pure: Some(&["rmp", "rmp-serde", "serde", "serde_json"]) },
    Place { package: "swarm", uses: &["protocol"], pure: Some(&[]) },
    Place { package: "danmaku", uses: &["protocol"], pure: Some(&[]) },
    Place { package: "replay", uses: &["protocol", "swarm"], pure: Some(&[]) },
    Place { package: "bus", uses: &["protocol"], pure: None },
    Place { package: "service", uses: &["protocol"], pure: None },
    Place { package: "tracker", uses: &["protocol", "bus", "service"], pure: None },
    Place { package: "chat-edge", uses: &["protocol", "bus", "service"], pure: None },
    Place { package: "hls-origin", uses: &["protocol", "bus", "service"], pure: None },
    Place {
        package: "client-wasm",
        uses: &["swarm", "danmaku", "replay", "protocol"],
        pure: Some(&["rlsf", "wasm-bindgen"]),
    },
    Place { package: "sim", uses: &["protocol", "swarm", "replay", "tracker", "chat-edge"], pure: Some(SIM) },
    Place {
        package: "peer",
        // Servers for its tests alone: they run in the test's own process.
        uses: &["protocol", "swarm", "replay", "service", "tracker", "hls-origin"],
        pure: None,
    },
    Place {
        package: "shoal",
        uses: &["protocol", "bus", "service", "tracker", "chat-edge", "hls-origin"],
        pure: None,
    },
    Place { package: "fuzz", uses: &["protocol", "hls-origin", "tracker", "chat-edge"], pure: None },
    Place { package: "measure", uses: &[], pure: None },
    Place { package: "network", uses: &["protocol", "sim", "measure"], pure: None },
    Place { package: "origin-load", uses: &["protocol", "service", "measure", "hls-origin"], pure: None },
    Place { package: "peer-load", uses: &["service", "measure"], pure: None },
    Place { package: "tracker-load", uses: &["protocol", "service", "measure", "tracker"], pure: None },
    Place { package: "chat-load", uses: &["protocol", "service", "measure"], pure: None },
    Place { package: "xtask", uses: &[], pure: None },
];

/// The simulator signs and verifies, draws from one seed, prints a table and has an allocator of its own: still no clock, no
/// socket, no entropy.
const SIM: &[&str] =
    &["clap", "ed25519-dalek", "mimalloc", "rand_core", "rand_pcg", "serde", "serde_json", "sha2"];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    manifest::all(tree).iter().flat_map(check_one).collect()
}

fn check_one(manifest: &Manifest) -> Vec<String> {
    let path = format!("{}/Cargo.toml", manifest.folder);
    let mut findings = Vec::new();
    if manifest.folder.rsplit('/').next() != Some(&manifest.name) {
        findings
            .push(format!("{path}: the package is called `{}`: folder and name are the same", manifest.name));
    }
    if !manifest.lints {
        findings.push(format!("{path}: add `[lints] workspace = true`"));
    }
    for dependency in foreign(manifest).filter(|dependency| !dependency.inherited) {
        findings.push(format!("{path}: `{}`: versions stand once, in the root manifest", dependency.name));
    }
    match PLACES.iter().find(|place| place.package == manifest.name) {
        None => {
            findings.push(format!("{path}: give `{}` its level in tidy's table of places", manifest.name))
        }
        Some(place) => findings.extend(breaches(manifest, place).map(|breach| format!("{path}: {breach}"))),
    }
    findings
}

fn breaches<'a>(manifest: &'a Manifest, place: &'a Place) -> impl Iterator<Item = String> + 'a {
    foreign(manifest).filter_map(move |dependency| {
        let name = dependency.name.as_str();
        if PLACES.iter().any(|other| other.package == name) {
            return (!place.uses.contains(&name))
                .then(|| format!("`{name}`: no arrow leads there; arrows point down"));
        }
        let pure = place.pure.filter(|_| !dependency.dev)?;
        (!pure.contains(&name))
            .then(|| format!("`{name}`: a pure package names no runtime, clock, socket or entropy"))
    })
}

/// All but the package itself, which its tests may name to turn on a feature.
fn foreign(manifest: &Manifest) -> impl Iterator<Item = &Dependency> {
    manifest.dependencies.iter().filter(|dependency| !(dependency.dev && dependency.name == manifest.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_manifest(folder: &str, body: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{folder}\"\n{body}\n[lints]\nworkspace = true\n");
        check(&Tree::sample(&[(&format!("{folder}/Cargo.toml"), &text)]))
    }

    #[test]
    fn arrows_point_down_and_pure_packages_stay_pure() {
        let w = "{ workspace = true }";
        let rows = [
            ("swarm", format!("[dependencies]\nprotocol = {w}"), 0),
            ("protocol", format!("[dependencies]\nswarm = {w}"), 1),
            ("swarm", format!("[dependencies]\ntokio = {w}"), 1),
            ("swarm", format!("[dependencies]\ngetrandom = {w}"), 1),
            ("swarm", format!("[dev-dependencies]\nproptest = {w}"), 0),
            ("swarm", format!("[dev-dependencies]\nsim = {w}"), 1),
            ("swarm", "[dev-dependencies]\nswarm = { path = \".\" }".to_owned(), 0),
            ("tracker", format!("[dependencies]\ntokio = {w}"), 0),
            ("tracker", format!("[dependencies]\nhls-origin = {w}"), 1),
            ("tracker", "[dependencies]\ntokio = \"1\"".to_owned(), 1),
            ("stranger", String::new(), 1),
        ];
        for (folder, body, findings) in rows {
            assert_eq!(check_manifest(folder, &body).len(), findings, "{folder} {body}");
        }
    }

    #[test]
    fn the_table_itself_points_down() {
        for (level, place) in PLACES.iter().enumerate() {
            for used in place.uses {
                let below = PLACES[..level].iter().any(|lower| lower.package == *used);
                assert!(below, "{} uses {used}", place.package);
            }
        }
    }
}
