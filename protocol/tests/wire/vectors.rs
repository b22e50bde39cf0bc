//! Reads the golden vectors of `protocol/vectors/`, which TypeScript reads too.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A vector file.
pub(crate) fn read<T: DeserializeOwned>(file: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let json = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Bytes in hexadecimal.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hexadecimal")
}

/// Exactly `N` bytes in hexadecimal.
pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().expect("the right number of bytes")
}

/// A string.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// A list.
pub(crate) fn rows(value: &Value) -> &[Value] {
    let rows = value.as_array().expect("a list");
    assert!(!rows.is_empty(), "a list of vectors that is empty tests nothing");
    rows
}

/// A number, or a decimal string where it may have 64 bits.
pub(crate) fn number<T: TryFrom<u64>>(value: &Value) -> T {
    let number = match value {
        Value::String(digits) => digits.parse().ok(),
        other => other.as_u64(),
    };
    number.and_then(|number| T::try_from(number).ok()).unwrap_or_else(|| panic!("no such number: {value}"))
}

/// true or false.
pub(crate) fn flag(value: &Value) -> bool {
    value.as_bool().expect("true or false")
}
