//! What can be wrong with bytes from outside: one small copyable type, without text, for every codec of this package.

use core::fmt;

/// Why bytes are not what they should be, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Offset of the offending value's first byte.
    pub at: u32,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end inside a value, or before the last one.
    Truncated,
    /// Bytes are left after the last value.
    Trailing,
    /// A value of another form stands where this one belongs.
    Expected(Form),
    /// The value has a shorter encoding than the one used.
    NotSmallest,
    /// An array or map has another number of elements than the message has.
    Length,
    /// More bytes, elements or units than the named maximum allows, or fewer than the least.
    Limit,
    /// A `str` that is not UTF-8.
    NotUtf8,
    /// A version that this code does not know.
    Version,
    /// A kind of message, or a word of a fixed set, that this code does not know.
    Kind,
    /// A required key of a map is missing, or is there twice.
    Key,
    /// The values contradict one another.
    Contradiction,
}

/// A form of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An integer of 0 or more.
    Uint,
    /// true or false.
    Bool,
    /// UTF-8 text.
    Str,
    /// Bytes.
    Bin,
    /// A list.
    Array,
    /// Keys and values.
    Map,
}

impl Fault {
    /// This fault, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "the bytes end too early",
            Self::Trailing => "bytes are left over",
            Self::Expected(Form::Uint) => "an unsigned integer belongs here",
            Self::Expected(Form::Bool) => "a boolean belongs here",
            Self::Expected(Form::Str) => "a string belongs here",
            Self::Expected(Form::Bin) => "bytes belong here",
            Self::Expected(Form::Array) => "an array belongs here",
            Self::Expected(Form::Map) => "a map belongs here",
            Self::NotSmallest => "the value has a shorter encoding",
            Self::Length => "the number of elements is another",
            Self::Limit => "the value is outside its limits",
            Self::NotUtf8 => "the string is not UTF-8",
            Self::Version => "the version is unknown",
            Self::Kind => "the kind is unknown",
            Self::Key => "a required key is missing or doubled",
            Self::Contradiction => "the values contradict one another",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.fault.as_str(), self.at)
    }
}

impl core::error::Error for DecodeError {}
