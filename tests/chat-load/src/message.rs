//! What is published: bodies that carry their number in the room and when they were due, so that whoever gets one knows
//! whether it is the next and how late it is.

use std::time::Duration;

use memchr::memmem;

const BEFORE_NUMBER: &str = "{\"cmd\":\"LOAD\",\"n\":\"";
const NUMBER_DIGITS: usize = 10;
const BEFORE_TIME: &str = "\",\"t\":\"";
const TIME_DIGITS: usize = 16;

/// A message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// From 1, in its room.
    pub(crate) number: u64,
    /// When it was due.
    pub(crate) due: Duration,
}

/// A body of so many bytes, or more where it needs them: an event that every dialect carries.
pub(crate) fn body(message: Message, bytes: usize) -> String {
    let Message { number, due } = message;
    let mut body = format!("{BEFORE_NUMBER}{number:010}{BEFORE_TIME}{:016}\",\"p\":\"", due.as_micros());
    while body.len() + 2 < bytes {
        body.push('x');
    }
    body + "\"}"
}

/// The message in a body.
pub(crate) fn parse(body: &[u8]) -> Option<Message> {
    let rest = body.strip_prefix(BEFORE_NUMBER.as_bytes())?;
    let (number, rest) = rest.split_at_checked(NUMBER_DIGITS)?;
    let time = rest.strip_prefix(BEFORE_TIME.as_bytes())?.get(..TIME_DIGITS)?;
    Some(Message { number: digits(number)?, due: Duration::from_micros(digits(time)?) })
}

/// Every message in bytes of whatever dialect, in order.
pub(crate) fn find(bytes: &[u8], mut found: impl FnMut(Message)) {
    for start in memmem::find_iter(bytes, BEFORE_NUMBER.as_bytes()) {
        if let Some(message) = bytes.get(start..).and_then(parse) {
            found(message);
        }
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |number: u64, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(number * 10 + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_what_it_is_whatever_lies_around_it() {
        let one = Message { number: 7, due: Duration::from_micros(123_456) };
        let two = Message { number: 8, ..one };
        assert_eq!(parse(body(one, 100).as_bytes()), Some(one));
        assert_eq!(body(one, 100).len(), 100);
        let around = format!("MSG a 1 100\r\n{}\r\nMSG a 1 100\r\n{}\r\n{{}}", body(one, 100), body(two, 0));
        let mut found = Vec::new();
        find(around.as_bytes(), |message| found.push(message));
        assert_eq!(found, [one, two]);
        assert_eq!(parse(b"{\"cmd\":\"LOAD\",\"n\":\"00000x0000"), None);
    }
}
