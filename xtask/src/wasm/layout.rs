//! Writes a module anew so that it compresses better, 2 % of it (brotli). What it does stays what it was: each of these is
//! a choice that the format leaves to whoever writes it.
//!
//! - The alignment that a load or store says it has is a hint, which engines do not need: it is always 1.
//! - Of each type, the local that is named most often comes first.
//! - Functions with equally many locals stand together, for their instructions name the same locals; among these, those of
//!   one type, and those that begin alike.

use std::cmp::Reverse;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, MemArg, ValType};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, Payload, TypeRef,
};

use crate::failure::{Context, Outcome};

/// The same module, laid out.
pub(super) fn laid_out(module: &[u8]) -> Outcome<Vec<u8>> {
    let read = Read::module(module).context("the module's functions")?;
    let mut layout = Layout::new(&read).context("the module's functions")?;
    let mut written = wasm_encoder::Module::new();
    layout.parse_core_module(&mut written, Parser::new(0), module).context("the module")?;
    Ok(written.finish())
}

type Result<T> = std::result::Result<T, Error<Infallible>>;

/// What a module says of its functions.
#[derive(Default)]
struct Read<'a> {
    /// How many parameters each type has.
    parameters: Vec<usize>,
    /// How many functions are imported: those of the module count on from there.
    imported: usize,
    /// The type of each function, and its instructions.
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Read<'a> {
    fn module(module: &'a [u8]) -> Result<Self> {
        let mut read = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for kind in types.into_iter_err_on_gc_types() {
                        read.parameters.push(kind?.params().len());
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        read.imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(types) => {
                    read.types = types.into_iter().collect::<std::result::Result<_, _>>()?
                }
                Payload::CodeSectionEntry(body) => read.bodies.push(body),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// One function's locals.
struct Locals {
    /// By their old number, parameters included: the new one.
    numbers: Vec<u32>,
    /// The types of those that are no parameters.
    types: Vec<ValType>,
}

/// Where functions and locals go.
struct Layout {
    /// By its old number: the new number of a function.
    functions: Vec<u32>,
    /// The functions of the new module, by their place in the old one's sections.
    order: Vec<usize>,
    /// By place in the old sections: the locals of a function.
    locals: Vec<Locals>,
    /// The function that is being written, by its place in the old sections.
    place: usize,
}

impl Layout {
    fn new(read: &Read<'_>) -> Result<Self> {
        let every = read.types.iter().zip(&read.bodies);
        let locals = every.map(|(kind, body)| Locals::of(read.parameters[*kind as usize], body));
        let locals = locals.collect::<Result<Vec<_>>>()?;
        let functions = (0..).take(read.imported + read.bodies.len()).collect();
        let mut layout = Self { functions, order: (0..read.bodies.len()).collect(), locals, place: 0 };
        let written = read.bodies.iter().enumerate();
        let written = written
            .map(|(place, body)| Ok(layout.instructions(place, body, Function::new([]))?.into_raw_body()));
        let written = written.collect::<Result<Vec<_>>>()?;
        layout
            .order
            .sort_by_key(|place| (layout.locals[*place].numbers.len(), read.types[*place], &written[*place]));
        for (new, place) in (0..).skip(read.imported).zip(&layout.order) {
            layout.functions[read.imported + place] = new;
        }
        Ok(layout)
    }

    fn function(&mut self, place: usize, body: &FunctionBody<'_>) -> Result<Function> {
        let locals = self.locals[place].types.iter().copied();
        self.instructions(place, body, Function::new_with_locals_types(locals))
    }

    fn instructions(
        &mut self,
        place: usize,
        body: &FunctionBody<'_>,
        mut function: Function,
    ) -> Result<Function> {
        self.place = place;
        let mut instructions = body.get_operators_reader()?;
        while !instructions.eof() {
            function.instruction(&self.parse_instruction(&mut instructions)?);
        }
        Ok(function)
    }

    fn local(&self, number: u32) -> u32 {
        self.locals[self.place].numbers[number as usize]
    }
}

impl Locals {
    /// Parameters stay where they are; of the others, the most often named of each type comes first.
    fn of(parameters: usize, body: &FunctionBody<'_>) -> Result<Self> {
        let mut types = Vec::new();
        for declared in body.get_locals_reader()? {
            let (count, kind) = declared?;
            let kind = RoundtripReencoder.val_type(kind)?;
            types.extend(std::iter::repeat_n(kind, count as usize));
        }
        let mut named = vec![0_u32; parameters + types.len()];
        for operator in body.get_operators_reader()? {
            if let Some(number) = local(&operator?) {
                named[number as usize] += 1;
            }
        }
        let mut order: Vec<_> = (parameters..named.len()).collect();
        order.sort_by_key(|old| (types[old - parameters], Reverse(named[*old])));
        let mut numbers: Vec<_> = (0..).take(named.len()).collect();
        for (new, old) in (0..).skip(parameters).zip(&order) {
            numbers[*old] = new;
        }
        types.sort();
        Ok(Self { numbers, types })
    }
}

/// The local that an instruction names.
fn local(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::LocalGet { local_index }
        | Operator::LocalSet { local_index }
        | Operator::LocalTee { local_index } => Some(*local_index),
        _ => None,
    }
}

impl Reencode for Layout {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32> {
        Ok(self.functions[function as usize])
    }

    fn mem_arg(&mut self, arg: wasmparser::MemArg) -> Result<MemArg> {
        utils::mem_arg(self, wasmparser::MemArg { align: 0, ..arg })
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>> {
        Ok(match operator {
            Operator::LocalGet { local_index } => Instruction::LocalGet(self.local(local_index)),
            Operator::LocalSet { local_index } => Instruction::LocalSet(self.local(local_index)),
            Operator::LocalTee { local_index } => Instruction::LocalTee(self.local(local_index)),
            other => utils::instruction(self, other)?,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<()> {
        let types = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for place in &self.order {
            functions.function(types[*place]);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<()> {
        let bodies = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for place in self.order.clone() {
            code.function(&self.function(place, &bodies[place])?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, TypeSection,
    };

    use super::*;

    /// A module with a memory and functions that take and give one number, exported as `a`, `b`, and so on.
    fn module(functions: &[(&[ValType], &[Instruction<'_>])]) -> Vec<u8> {
        let (mut types, mut kinds, mut exports) =
            (TypeSection::new(), FunctionSection::new(), ExportSection::new());
        let (mut memories, mut code, mut data) =
            (MemorySection::new(), CodeSection::new(), DataSection::new());
        types.ty().function([ValType::I32], [ValType::I32]);
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        data.active(0, &ConstExpr::i32_const(8), *b"data");
        for ((locals, instructions), (name, index)) in
            functions.iter().zip(["a", "b", "c"].into_iter().zip(0..))
        {
            kinds.function(0);
            exports.export(name, ExportKind::Func, index);
            let mut function = Function::new_with_locals_types(locals.iter().copied());
            for instruction in *instructions {
                function.instruction(instruction);
            }
            function.instruction(&Instruction::End);
            code.function(&function);
        }
        let mut module = wasm_encoder::Module::new();
        module
            .section(&types)
            .section(&kinds)
            .section(&memories)
            .section(&exports)
            .section(&code)
            .section(&data);
        module.finish()
    }

    #[test]
    fn locals_functions_and_hints_are_written_in_the_order_that_compresses() {
        let load = |align| Instruction::I32Load(MemArg { offset: 4, align, memory_index: 0 });
        let get = Instruction::LocalGet;
        // One with four locals that calls its neighbours with one, of which the second comes first by its bytes.
        let scattered = [
            get(0),
            Instruction::LocalSet(3),
            get(3),
            Instruction::Call(1),
            Instruction::LocalTee(3),
            Instruction::Call(2),
            load(2),
        ];
        let ordered = [
            get(0),
            Instruction::LocalSet(1),
            get(1),
            Instruction::Call(1),
            Instruction::LocalTee(1),
            Instruction::Call(0),
            load(0),
        ];
        let before = module(&[
            (&[ValType::F64, ValType::I32, ValType::I32], &scattered),
            (&[], &[get(0), load(2), load(2)]),
            (&[], &[get(0), load(1)]),
        ]);
        let after = laid_out(&before).expect("a module");
        let same = module(&[
            (&[], &[get(0), load(0)]),
            (&[], &[get(0), load(0), load(0)]),
            (&[ValType::I32, ValType::I32, ValType::F64], &ordered),
        ]);
        let sections = |module: &[u8]| {
            let read = Read::module(module).expect("a module");
            read.bodies.iter().map(|body| body.as_bytes().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(sections(&after), sections(&same));
        let exports: Vec<_> = exports(&after).collect();
        assert_eq!(exports, [2, 1, 0]);
    }

    #[test]
    fn what_is_laid_out_stays_so() {
        let load = Instruction::I32Load(MemArg { offset: 4, align: 2, memory_index: 0 });
        let once = laid_out(&module(&[
            (&[ValType::I64, ValType::I32], &[Instruction::LocalGet(0), Instruction::LocalTee(2), load]),
            (&[], &[Instruction::LocalGet(0)]),
        ]));
        let once = once.expect("a module");
        assert_eq!(laid_out(&once).expect("a module"), once);
    }

    #[test]
    fn a_truncated_module_is_refused_and_never_panics() {
        let whole = module(&[(&[ValType::I64], &[Instruction::LocalGet(0)])]);
        for length in 0..whole.len() {
            let module = laid_out(&whole[..length]);
            assert!(module.is_err() || module.is_ok_and(|module| module.len() < whole.len()), "{length}");
        }
    }

    fn exports(module: &[u8]) -> impl Iterator<Item = u32> {
        let sections = Parser::new(0).parse_all(module);
        let exports = sections.filter_map(|section| match section.expect("a module") {
            Payload::ExportSection(exports) => Some(exports),
            _ => None,
        });
        exports.flatten().map(|export| export.expect("an export").index)
    }
}
