//! The size budget: all JS and wasm of ours that a page with `<shoal-player>` loads, against a file in git; and the same for
//! what only some pages load.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::failure::{Context, Failure, Outcome};
use crate::run::{command, output};
use crate::{say, tree};

/// Where the budget stands; it changes in the commit that moves the size.
const BUDGET: &str = "client-wasm/npm/size-budget.json";
/// Follows the imports of the entry points and compresses each file; node has brotli, and is here anyway.
const MEASURE: &str = include_str!("measure.mjs");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// What the page loads first, relative to the package; what these import is found.
    entries: Vec<String>,
    /// Bytes of brotli that the sum may have now.
    brotli_bytes: u64,
    /// Bytes of brotli that the sum shall stay below: what the package's nearest equivalent has.
    aim_brotli_bytes: u64,
    /// Bytes of brotli that no budget may exceed.
    never_brotli_bytes: u64,
    /// What only some pages load, by its entry, and the bytes of brotli that it may have with all that it loads.
    on_demand: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
struct Size {
    file: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Prints a table of sizes and fails past the budget.
pub(super) fn check(root: &Path) -> Outcome {
    let budget: Budget = serde_json::from_str(&tree::text(root, BUDGET)?).context(BUDGET)?;
    for (entry, most) in &budget.on_demand {
        let brotli = sum(&measured(root, std::slice::from_ref(entry))?).brotli;
        say::note(format!("{entry} and what it loads: {brotli} of {most} bytes of brotli"));
        if brotli > *most {
            return Err(Failure::new(format!(
                "{entry}: {brotli} bytes of brotli are over the {most} of {BUDGET}"
            )));
        }
    }
    let sizes = measured(root, &budget.entries)?;
    say::note(format!("{:<44} {:>9} {:>9} {:>9}", "what a page loads, bytes", "raw", "gzip -9", "brotli 11"));
    for size in sizes.iter().chain([&sum(&sizes)]) {
        say::note(format!("{:<44} {:>9} {:>9} {:>9}", size.file, size.raw, size.gzip, size.brotli));
    }
    verdict(&budget, sum(&sizes).brotli).map(say::done)
}

/// The files that these entries load.
fn measured(root: &Path, entries: &[String]) -> Outcome<Vec<Size>> {
    let package = root.join("client-wasm/npm");
    let mut measure = command(&package, "node", ["--input-type=module", "--eval", MEASURE, "--"]);
    measure.args(entries);
    serde_json::from_str(&output(measure)?).context("the sizes")
}

fn sum(sizes: &[Size]) -> Size {
    let of = |bytes: fn(&Size) -> u64| sizes.iter().map(bytes).sum();
    Size { file: "sum".into(), raw: of(|s| s.raw), gzip: of(|s| s.gzip), brotli: of(|s| s.brotli) }
}

fn verdict(budget: &Budget, brotli: u64) -> Outcome<String> {
    let Budget { brotli_bytes, aim_brotli_bytes, never_brotli_bytes, .. } = *budget;
    if brotli_bytes > never_brotli_bytes {
        return Err(Failure::new(format!(
            "{BUDGET}: a budget over {never_brotli_bytes} bytes is never right"
        )));
    }
    if brotli > brotli_bytes {
        return Err(Failure::new(format!(
            "{brotli} bytes of brotli are over the budget of {brotli_bytes} ({BUDGET})"
        )));
    }
    let aim = if brotli <= aim_brotli_bytes { "below" } else { "above" };
    Ok(format!(
        "{brotli} bytes of brotli: within the budget of {brotli_bytes}, {aim} the aim of {aim_brotli_bytes}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_accepted_at_the_budget_and_refused_one_past_it() {
        let budget = |brotli_bytes: u64| Budget {
            entries: Vec::new(),
            brotli_bytes,
            aim_brotli_bytes: 10,
            never_brotli_bytes: 20,
            on_demand: BTreeMap::new(),
        };
        // budget, size → accepted
        let rows = [(10, 10, true), (10, 11, false), (20, 20, true), (21, 1, false)];
        for (bytes, size, accepted) in rows {
            assert_eq!(verdict(&budget(bytes), size).is_ok(), accepted, "{bytes} {size}");
        }
    }
}
