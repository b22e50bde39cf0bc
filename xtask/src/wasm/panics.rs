//! Takes the words out of panics: in a browser nobody reads them, and what writes them is 2 KB of the module (brotli).
//!
//! Rust's functions for panicking become `unreachable`: the page still sees the same trap, a `WebAssembly.RuntimeError`.
//! With them goes std's formatting, which nothing else may call: that is checked, and holds the module to formatting
//! nothing.

use std::collections::BTreeSet;

use walrus::ir::{Call, Visitor, dfs_in_order};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module, ModuleConfig, passes};

use crate::failure::{Context, Failure, Outcome};

/// Functions that never return. What is generic or a closure of theirs has their name inside its own.
const PANICS: [&str; 14] = [
    "core::panicking::",
    "std::panicking::",
    "std::sys::backtrace::",
    "std::alloc::rust_oom",
    "std::alloc::default_alloc_error_hook",
    "__rustc::rust_begin_unwind",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::alloc::handle_alloc_error",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "slice_index_fail",
    "assert_failed",
];
/// Functions that write text; panics called them.
const FORMATTING: [&str; 2] = ["core::fmt::", "core::str::count::"];

/// The module without words.
pub(super) fn silenced(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut module = ModuleConfig::new().parse(module).context("the module")?;
    let panics = named(&module, &PANICS);
    let formatting: BTreeSet<_> = named(&module, &FORMATTING).difference(&panics).copied().collect();
    let gone: BTreeSet<_> = panics.union(&formatting).copied().collect();
    if let Some(caller) = caller(&module, &formatting, &gone) {
        return Err(Failure::new(format!("`{caller}` formats text: the module has no room for that")));
    }
    for function in gone {
        trap(&mut module, function);
    }
    passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

fn named(module: &Module, names: &[&str]) -> BTreeSet<FunctionId> {
    let is_one = |name: &str| names.iter().any(|part| name.contains(part));
    let functions = module.funcs.iter_local().map(|(id, _)| id);
    functions
        .filter(|id| module.funcs.get(*id).name.as_deref().map(plain).is_some_and(|name| is_one(&name)))
        .collect()
}

/// A function that stays and calls one of `callees`.
fn caller(module: &Module, callees: &BTreeSet<FunctionId>, gone: &BTreeSet<FunctionId>) -> Option<String> {
    let (id, _) = module.funcs.iter_local().find(|(id, function)| {
        let mut calls = Calls { callees, found: false };
        dfs_in_order(&mut calls, function, function.entry_block());
        calls.found && !gone.contains(id)
    })?;
    Some(module.funcs.get(id).name.as_deref().map_or_else(|| "a function without a name".to_owned(), plain))
}

struct Calls<'a> {
    callees: &'a BTreeSet<FunctionId>,
    found: bool,
}

impl<'instr> Visitor<'instr> for Calls<'_> {
    fn visit_call(&mut self, call: &Call) {
        self.found |= self.callees.contains(&call.func);
    }
}

fn trap(module: &mut Module, function: FunctionId) {
    let kind = module.types.get(module.funcs.get(function).ty());
    let (parameters, results) = (kind.params().to_vec(), kind.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    builder.func_body().unreachable();
    let arguments = parameters.iter().map(|parameter| module.locals.add(*parameter)).collect();
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(arguments));
}

fn plain(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
