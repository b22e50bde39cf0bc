//! Takes the words out of panics: in a browser nobody reads them, and what writes them is 2 KB of the module (brotli).
//!
//! Rust's functions for panicking become `unreachable`: the page still sees the same trap, a `WebAssembly.RuntimeError`.
//! With them goes std's formatting, which nothing else may call: that is checked, and holds the module to formatting
//! nothing. The arguments of panics go too; the places in the source that they name, and their words, become zeros.

use std::collections::BTreeSet;
use std::ops::Range;

use walrus::ir::{
    Call, Const, Instr, InstrSeq, Load, Store, Unreachable, Value, Visitor, VisitorMut, dfs_in_order,
    dfs_pre_order_mut,
};
use walrus::{
    ConstExpr, Data, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module, ModuleConfig, passes,
};

use crate::failure::{Context, Failure, Outcome};

/// Functions that never return. What is generic or a closure of theirs has their name inside its own.
const PANICS: [&str; 18] = [
    "core::panicking::",
    "std::panicking::",
    "std::thread::local::panic_access_error",
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
    "wasm_bindgen::__wbindgen_throw",
    "wasm_bindgen::__rt::throw_null",
    "wasm_bindgen::__rt::borrow_fail",
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
    for (_, function) in module.funcs.iter_local_mut() {
        let entry = function.entry_block();
        dfs_pre_order_mut(&mut Cut { gone: &gone }, function, entry);
    }
    for function in gone {
        trap(&mut module, function);
    }
    passes::gc::run(&mut module);
    let used = addresses(&module);
    let data: Vec<_> = module.data.iter().map(Data::id).collect();
    for data in data {
        let data = module.data.get_mut(data);
        blank_locations(data);
        blank_words(data, &used);
    }
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

/// Ends each sequence of instructions where it panics, without the words: only what has an effect stays in front.
struct Cut<'a> {
    gone: &'a BTreeSet<FunctionId>,
}

impl VisitorMut for Cut<'_> {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        let panics = |(instruction, _): &(Instr, _)| matches!(instruction, Instr::Call(call) if self.gone.contains(&call.func));
        let Some(at) = sequence.instrs.iter().position(panics) else { return };
        let place = sequence.instrs[at].1;
        sequence.instrs.truncate(at);
        // What is left on the stack in front of `unreachable` is nobody's (WebAssembly core specification §3.3).
        while matches!(sequence.instrs.last(), Some((Instr::Const(_) | Instr::LocalGet(_), _))) {
            sequence.instrs.pop();
        }
        sequence.instrs.push((Instr::Unreachable(Unreachable {}), place));
    }
}

/// `core::panic::Location`: pointer and length of the file's name, line, column, 4 bytes each.
const LOCATION_BYTES: usize = 16;
/// How the name of a file of Rust ends.
const SUFFIX: &[u8] = b".rs";

/// Panics were all that read a location: zeros compress to nothing.
fn blank_locations(data: &mut Data) {
    let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { return };
    let found: Vec<_> = (0..data.value.len())
        .step_by(4)
        .filter_map(|at| file_name(&data.value, base, at).map(|name| [name, at..at + LOCATION_BYTES]))
        .collect();
    for range in found.into_iter().flatten() {
        data.value[range].fill(0);
    }
}

/// Where the file's name is, if a location begins at `at`.
fn file_name(data: &[u8], base: i32, at: usize) -> Option<Range<usize>> {
    let location = data.get(at..at + LOCATION_BYTES)?;
    let word =
        |at: usize| i32::from_le_bytes([location[at], location[at + 1], location[at + 2], location[at + 3]]);
    let start = usize::try_from(word(0).checked_sub(base)?).ok()?;
    let end = start.checked_add(usize::try_from(word(4)).ok()?)?;
    data.get(start..end)?.ends_with(SUFFIX).then_some(start..end)
}

/// What panics say, and what formatting writes numbers with: those of them that this compiler does not have are not found.
const WORDS: [&str; 13] = [
    "cannot access a Thread Local Storage value during or after destruction: ",
    "AccessError",
    "capacity overflow",
    "range start index ",
    "range end index ",
    " out of range for slice of length ",
    "`at` split index (is ",
    "insertion index (is ",
    "removal index (is ",
    "swap_remove index (is ",
    ") should be <= len (is ",
    ") should be < len (is ",
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
     5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899",
];

/// Words that no instruction has the address of become zeros, wherever they stand.
fn blank_words(data: &mut Data, used: &BTreeSet<i64>) {
    let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { return };
    for word in WORDS.map(str::as_bytes) {
        let places: Vec<_> = (0..data.value.len()).filter(|at| data.value[*at..].starts_with(word)).collect();
        for at in places {
            let address = i64::from(base) + at as i64;
            if used.range(address..address + word.len() as i64).next().is_none() {
                data.value[at..at + word.len()].fill(0);
            }
        }
    }
}

/// Every number that may be an address: constants, and the offsets of what is read and written.
fn addresses(module: &Module) -> BTreeSet<i64> {
    let mut addresses = Addresses::default();
    for (_, function) in module.funcs.iter_local() {
        dfs_in_order(&mut addresses, function, function.entry_block());
    }
    addresses.0
}

#[derive(Default)]
struct Addresses(BTreeSet<i64>);

impl<'instr> Visitor<'instr> for Addresses {
    fn visit_const(&mut self, constant: &Const) {
        if let Value::I32(value) = constant.value {
            self.0.insert(value.into());
        }
    }

    fn visit_load(&mut self, load: &Load) {
        self.0.extend(i64::try_from(load.arg.offset));
    }

    fn visit_store(&mut self, store: &Store) {
        self.0.extend(i64::try_from(store.arg.offset));
    }
}

fn plain(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_known_by_the_name_of_its_file() {
        let name = b"pack.rs\0";
        let location = |start: u32, length: u32| [start, length, 3, 4].map(u32::to_le_bytes).concat();
        // Pointer, length -> found.
        for (start, length, found) in [(100, 7, true), (100, 8, false), (99, 7, false), (100, 700, false)] {
            let data = [name.to_vec(), location(start, length)].concat();
            assert_eq!(file_name(&data, 100, name.len()).is_some(), found, "{start} {length}");
        }
    }
    #[test]
    fn words_that_an_instruction_may_read_stay() {
        let word = b"capacity overflow";
        // An address that is used -> the words stay.
        for (used, stays) in [(1_002, false), (1_003, true), (1_019, true), (1_020, false)] {
            let mut module = Module::default();
            let memory = module.memories.add_local(false, false, 1, None, None);
            let kind = DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(1_000)) };
            let id = module.data.add(kind, [b"...", word.as_slice(), b"..."].concat());
            blank_words(module.data.get_mut(id), &BTreeSet::from([used]));
            assert_eq!(module.data.get(id).value[3..20] == *word, stays, "{used}");
            assert_eq!(module.data.get(id).value[20..], *b"...");
        }
    }
}
