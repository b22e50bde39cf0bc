//! The browser modules, the engine, the stage of comments and the recorder: compiled for wasm32, bound by wasm-bindgen as
//! a library, and measured.
//!
//! wasm-bindgen's command-line tool must have exactly the version of the crate. Taken as a library, its version is the
//! one in `Cargo.lock`, and nothing has to be installed.

mod budget;
mod imports;
mod layout;
mod panics;

use std::fs;
use std::path::Path;

use walrus::passes;
use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Context, Outcome};
use crate::run::{cargo, passing};
use crate::stamp::Stamp;
use crate::{build, clock, install, say, tree};

const TARGET: &str = "wasm32-unknown-unknown";
/// Its own folder, so that it waits for no other cargo and none waits for it.
const TARGET_DIR: &str = "target/wasm-build";
/// What the modules are made of.
const INPUTS: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "client-wasm/Cargo.toml",
    "client-wasm/src",
    "danmaku",
    "protocol",
    "replay",
    "swarm",
    "xtask/src/wasm",
];
/// What rustc is told beside the profile.
const FLAGS: [&str; 2] = [
    "-Cllvm-args=-disable-lsr -enable-pre=0 -inline-threshold=8 -sink-common-insts=0",
    "-Clink-arg=-zstack-size=524288",
];
/// A bound module.
const MODULE: &str = "client_wasm_bg.wasm";
/// One package, built three times: its feature, and where the bound module goes.
const MODULES: [(&str, &str); 3] =
    [(ENGINE, tree::MODULE_DIR), ("comments", tree::COMMENTS_DIR), ("recorder", tree::RECORDER_DIR)];
/// The module that every page loads.
const ENGINE: &str = "engine";

/// What wasm-bindgen exports for objects and for aborts: the page calls the engine by glue of its own, which has neither
/// (`npm/src/internal/glue.ts`).
const UNCALLED: [&str; 4] =
    ["__abort_handler", "__instance_terminated", "__wbindgen_externrefs", "__wbindgen_start"];

/// Builds the module and the package, and holds both against the budget.
pub(crate) fn run() -> Outcome {
    let root = tree::root();
    build::package(&root)?;
    measured(&root)
}

/// Builds the module unless nothing that it is made of has changed.
pub(crate) fn fresh(root: &Path) -> Outcome {
    install::wasm_target(root)?;
    let outputs = MODULES.map(|(_, folder)| format!("{folder}/{MODULE}"));
    let outputs = outputs.each_ref().map(String::as_str);
    Stamp::of(root, "wasm", &INPUTS, &outputs)?.unless_fresh(|| modules(root))?;
    Ok(())
}

/// Holds what a page loads against the budget.
pub(crate) fn measured(root: &Path) -> Outcome {
    for (_, folder) in MODULES {
        imports::check(&fs::read(root.join(folder).join(MODULE)).context(MODULE)?)?;
    }
    budget::check(root)
}

fn modules(root: &Path) -> Outcome {
    let start = clock::now();
    say::step("building the browser modules (wasm32)");
    for (feature, folder) in MODULES {
        let mut build =
            cargo(root, ["build", "--package", "client-wasm", "--profile", "wasm", "--target", TARGET]);
        build.args(["--no-default-features", "--features", feature]);
        build.args(["--target-dir", TARGET_DIR]).env("CARGO_ENCODED_RUSTFLAGS", rust_flags());
        passing(build)?;
        let compiled = root.join(TARGET_DIR).join(TARGET).join("wasm/client_wasm.wasm");
        let compiled = fs::read(compiled).context("the compiled module")?;
        // The other one compares text with what Unicode's tables say, whose panics are worded and few.
        let engine = feature == ENGINE;
        let module = if engine { panics::silenced(&compiled)? } else { compiled };
        bind(module, if engine { &UNCALLED } else { &[] }, &root.join(folder))?;
        let bound = root.join(folder).join(MODULE);
        let module = layout::laid_out(&fs::read(&bound).context(MODULE)?)?;
        fs::write(bound, module).context(MODULE)?;
    }
    say::done(format!("browser modules built ({})", clock::elapsed(start)));
    Ok(())
}

/// The same bytes on every machine: panic locations hold paths, and paths of registries hold folders of people. And no
/// strength reduction of loops, no copies of partly redundant loads, less inlining and no merging of like instructions:
/// they trade size for speed, or alikeness for size, 3 % of the module (brotli). A stack of half a mebibyte, so that
/// addresses of constants take three bytes and not four.
fn rust_flags() -> String {
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
    let paths = home.map(|home| format!("--remap-path-prefix={home}/registry/src="));
    let flags = FLAGS.map(str::to_owned).into_iter().chain(paths);
    // How cargo wants several flags in one variable.
    flags.collect::<Vec<_>>().join("\x1f")
}

/// Binds a module; some of its exports are taken away again.
fn bind(module: Vec<u8>, uncalled: &[&str], folder: &Path) -> Outcome {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes("client_wasm", module)
        .typescript(true)
        // The page says where the module is; bundlers would look for the one that the glue names.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.web(true).context("wasm-bindgen")?;
    let mut bound = bindgen.generate_output().context("wasm-bindgen")?;
    // What wasm-bindgen read of it is done; a browser passes it.
    let module = bound.wasm_mut();
    module.customs.remove_raw("target_features");
    for name in uncalled {
        module.exports.remove(name).context("wasm-bindgen's exports")?;
    }
    passes::gc::run(module);
    bound.emit(folder).context("wasm-bindgen")
}
