//! How each form is written: a number behind a leading byte (the MessagePack specification, "Formats").
//!
//! Integers, and the lengths of everything else, are written alike: small ones inside the leading byte, larger ones
//! big-endian after it, in the narrowest width that holds them. So one reader and one writer serve all forms.

use super::error::Form;

/// nil.
pub(super) const NIL: u8 = 0xC0;
/// The one leading byte without a meaning.
pub(super) const RESERVED: u8 = 0xC1;
/// false; true is the next.
pub(super) const FALSE: u8 = 0xC2;
/// true.
pub(super) const TRUE: u8 = 0xC3;

/// Where the numbers of one form are.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) form: Form,
    /// The leading byte that holds 0; those of the next numbers follow it.
    pub(super) short: u8,
    /// How many numbers a leading byte can hold.
    pub(super) shorts: u8,
    /// The leading byte of the narrowest number after it; each further one is of twice the width.
    pub(super) wide: u8,
    /// Bytes of that number.
    pub(super) width: u8,
    /// How many widths there are.
    pub(super) widths: u8,
}

/// An integer of 0 or more.
pub(super) const UINT: Shape =
    Shape { form: Form::Uint, short: 0x00, shorts: 0x80, wide: 0xCC, width: 1, widths: 4 };
/// The length of text.
pub(super) const STR: Shape =
    Shape { form: Form::Str, short: 0xA0, shorts: 32, wide: 0xD9, width: 1, widths: 3 };
/// The length of bytes.
pub(super) const BIN: Shape =
    Shape { form: Form::Bin, short: 0x00, shorts: 0, wide: 0xC4, width: 1, widths: 3 };
/// The elements of a list.
pub(super) const ARRAY: Shape =
    Shape { form: Form::Array, short: 0x90, shorts: 16, wide: 0xDC, width: 2, widths: 2 };
/// The entries of a map.
pub(super) const MAP: Shape =
    Shape { form: Form::Map, short: 0x80, shorts: 16, wide: 0xDE, width: 2, widths: 2 };
