//! The Range header: one range of bytes (RFC 9110 §14.2); several are answered with the whole, which is allowed.

/// A part of an object, in bytes.
pub(super) type Range = core::ops::Range<usize>;

/// What a Range header asks of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything: the header is none that we must obey.
    Whole,
    /// A part, not empty.
    Part(Range),
    /// A part that the object does not have.
    Unsatisfiable,
}

/// Understands a Range header for an object of `len` bytes.
pub(super) fn asked(header: &[u8], len: usize) -> Asked {
    // Names of units are compared without case (RFC 9110 §14.1).
    let one = core::str::from_utf8(header)
        .ok()
        .and_then(|text| text.trim().split_once('='))
        .and_then(|(unit, ranges)| unit.eq_ignore_ascii_case("bytes").then_some(ranges));
    let Some((first, last)) =
        one.filter(|range| !range.contains(',')).and_then(|range| range.split_once('-'))
    else {
        return Asked::Whole;
    };
    let (first, last) = (number(first), number(last));
    let part = match (first, last) {
        (Some(Some(first)), Some(Some(last))) if first <= last => first..last.saturating_add(1).min(len),
        (Some(Some(first)), Some(None)) => first..len,
        (Some(None), Some(Some(suffix))) => len.saturating_sub(suffix)..len,
        _ => return Asked::Whole,
    };
    if part.start < part.end { Asked::Part(part) } else { Asked::Unsatisfiable }
}

/// A number, or its absence; `None` where it is neither. Numbers past `usize` are past every object.
fn number(text: &str) -> Option<Option<usize>> {
    match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Some(digits.parse().unwrap_or(usize::MAX)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_everything_else_is_the_whole() {
        let rows = [
            ("bytes=0-0", Asked::Part(0..1)),
            ("Bytes=2-5", Asked::Part(2..6)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("bytes=9-99", Asked::Part(9..10)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=99999999999999999999999-", Asked::Unsatisfiable),
            ("bytes=5-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("items=0-1", Asked::Whole),
        ];
        for (header, expected) in rows {
            assert_eq!(asked(header.as_bytes(), 10), expected, "{header}");
        }
    }
}
