//! The module asks its page for nothing but its own glue: an import from `env` means that something of a C library or
//! of std's unsupported parts was linked in, and that the module will not start.

use crate::failure::{Failure, Outcome};

/// `\0asm`, then the version (WebAssembly core specification §5.5.16).
const PREAMBLE_BYTES: usize = 8;
/// The id of the import section (§5.5.5).
const IMPORT_SECTION: u8 = 2;

/// Fails if the module imports from anything that is no file of the glue.
pub(super) fn check(module: &[u8]) -> Outcome {
    let names =
        import_modules(module).ok_or_else(|| Failure::new("the module's import section cannot be read"))?;
    match names.iter().find(|name| !name.starts_with("./") && *name != "wbg") {
        None => Ok(()),
        Some(name) => Err(Failure::new(format!(
            "the module imports from `{name}`: something not for browsers is in it"
        ))),
    }
}

/// The names of the modules that are imported from; `None` where the bytes are no module.
fn import_modules(module: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader { bytes: module.get(PREAMBLE_BYTES..)? };
    while !reader.bytes.is_empty() {
        let id = reader.byte()?;
        let size = reader.number()?;
        let mut section = Reader { bytes: reader.take(size)? };
        if id == IMPORT_SECTION {
            let count = section.number()?;
            return (0..count).map(|_| section.import()).collect();
        }
    }
    Some(Vec::new())
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// Unsigned LEB128 (§5.2.2), at most 32 bits.
    fn number(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<String> {
        let size = self.number()?;
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }

    /// One import: module, name, and what it is; only the module's name is of interest.
    fn import(&mut self) -> Option<String> {
        let module = self.name()?;
        self.name()?;
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                self.reference()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => {
                self.reference()?;
                self.byte()?;
            }
            4 => {
                self.byte()?;
                self.number()?;
            }
            _ => return None,
        }
        Some(module)
    }

    /// A value or reference type; typed references carry one more number.
    fn reference(&mut self) -> Option<()> {
        if matches!(self.byte()?, 0x63 | 0x64) {
            self.number()?;
        }
        Some(())
    }

    fn limits(&mut self) -> Option<()> {
        let bounded = self.byte()? & 1 == 1;
        self.number()?;
        if bounded {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports one function, named `f`, from each of `names`.
    fn module(names: &[&str]) -> Vec<u8> {
        let mut section = vec![u8::try_from(names.len()).expect("few")];
        for name in names {
            section.push(u8::try_from(name.len()).expect("short"));
            section.extend(name.as_bytes());
            section.extend([1, b'f', 0, 0]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 1, 0]);
        module.extend([IMPORT_SECTION, u8::try_from(section.len()).expect("short")]);
        module.extend(section);
        module
    }

    #[test]
    fn a_module_may_import_its_glue_and_nothing_else() {
        let rows: [(&[&str], bool); 4] =
            [(&[], true), (&["./a_bg.js"], true), (&["wbg", "./a.js"], true), (&["./a.js", "env"], false)];
        for (names, accepted) in rows {
            assert_eq!(check(&module(names)).is_ok(), accepted, "{names:?}");
        }
    }

    #[test]
    fn a_truncated_module_is_refused_and_never_panics() {
        let whole = module(&["./a.js", "env"]);
        for length in 0..whole.len() {
            let names = import_modules(&whole[..length]);
            assert!(names.is_none_or(|names| names.is_empty()), "{length}");
        }
    }
}
