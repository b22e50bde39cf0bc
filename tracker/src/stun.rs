//! STUN (RFC 8489), as much of it as a viewer needs to learn its address from outside: a binding request gets a binding
//! response. No authentication, no TURN, no state.
//!
//! A request's FINGERPRINT is checked, and one that is wrong is no STUN (§7.3); the answer to a request that has one has
//! one, too (§14.7). MESSAGE-INTEGRITY of ICE agents is passed over: a binding request needs no credentials here (§5).
//!
//! **Invariant:** an answer is at most 28 bytes longer than its request, and goes to unicast addresses only, so nobody
//! gains by having us answer others.

use std::net::{IpAddr, SocketAddr};

/// Bytes of a header: type, length, magic cookie, transaction.
const HEADER_BYTES: usize = 20;
/// RFC 8489 §5: in every message of this protocol; older ones (RFC 3489) had none.
const MAGIC_COOKIE: u32 = 0x2112_A442;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_RESPONSE: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
const FINGERPRINT: u16 = 0x8028;
/// What the CRC-32 of a fingerprint is changed by, so that it is none of a protocol inside (§14.7).
const FINGERPRINT_XOR: u32 = 0x5354_554E;
/// Bytes of the attribute.
const FINGERPRINT_BYTES: usize = 8;
/// Attributes below this must be understood, or the request is refused (§14).
const MAY_BE_IGNORED: u16 = 0x8000;
/// Attributes that ICE agents may send with a request, and that change nothing here: USERNAME, MESSAGE-INTEGRITY,
/// MESSAGE-INTEGRITY-SHA256, PRIORITY, USE-CANDIDATE.
const KNOWN: [u16; 5] = [0x0006, 0x0008, 0x001C, 0x0024, 0x0025];
/// Unknown attributes that an error names; a request with more is nobody's mistake.
const UNKNOWN_MAX: usize = 4;

/// Bytes of the largest request that is read: a datagram that fits every path.
pub const REQUEST_BYTES_MAX: usize = 1_280;

/// The response to a datagram that came from `sender`; nothing where it is no binding request.
#[must_use]
pub fn answer(datagram: &[u8], sender: SocketAddr) -> Option<Vec<u8>> {
    let (header, attributes) = datagram.split_at_checked(HEADER_BYTES)?;
    let sound = u16_at(header, 0)? == BINDING_REQUEST
        && usize::from(u16_at(header, 2)?) == attributes.len()
        && header[4..8] == MAGIC_COOKIE.to_be_bytes();
    if !sound {
        return None;
    }
    let address = sender.ip().to_canonical();
    if address.is_unspecified() || address.is_multicast() || is_broadcast(address) || sender.port() == 0 {
        return None;
    }
    let transaction = &header[4..];
    let Read { unknown, fingerprint } = read(datagram, attributes)?;
    let (kind, mut attributes) = if unknown.is_empty() {
        (BINDING_RESPONSE, mapped(sender, transaction))
    } else {
        (BINDING_ERROR, refusal(&unknown))
    };
    if fingerprint {
        // The fingerprint covers a header that counts it.
        let room = [attributes.as_slice(), &[0; FINGERPRINT_BYTES]].concat();
        let whole = message(kind, transaction, &room);
        attributes
            .extend(attribute(FINGERPRINT, &crc(&whole[..whole.len() - FINGERPRINT_BYTES]).to_be_bytes()));
    }
    Some(message(kind, transaction, &attributes))
}

/// §14.8, §14.9: 420, and what was not understood.
fn refusal(unknown: &[u16]) -> Vec<u8> {
    let mut refusal = attribute(ERROR_CODE, &[0, 0, 4, 20]);
    let named: Vec<u8> = unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
    refusal.extend(attribute(UNKNOWN_ATTRIBUTES, &named));
    refusal
}

/// §14.7: over everything before the attribute.
fn crc(before: &[u8]) -> u32 {
    crc32fast::hash(before) ^ FINGERPRINT_XOR
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

/// What the attributes of a request say.
struct Read {
    /// Kinds that must be understood and are not.
    unknown: Vec<u16>,
    /// It ended with a fingerprint, which is right.
    fingerprint: bool,
}

/// Nothing where the attributes do not add up, or the fingerprint is wrong or not the last of them.
fn read(datagram: &[u8], mut attributes: &[u8]) -> Option<Read> {
    let mut unknown = Vec::new();
    let mut fingerprint = false;
    while !attributes.is_empty() {
        if fingerprint {
            return None;
        }
        let (kind, length) = (u16_at(attributes, 0)?, usize::from(u16_at(attributes, 2)?));
        if kind == FINGERPRINT {
            let told: [u8; 4] = attributes.get(4..4 + length)?.try_into().ok()?;
            let before = datagram.get(..datagram.len() - attributes.len())?;
            fingerprint = u32::from_be_bytes(told) == crc(before);
            if !fingerprint {
                return None;
            }
        }
        attributes = attributes.get(4 + length.next_multiple_of(4)..)?;
        if kind < MAY_BE_IGNORED && !KNOWN.contains(&kind) && unknown.len() < UNKNOWN_MAX {
            unknown.push(kind);
        }
    }
    Some(Read { unknown, fingerprint })
}

/// §14.2: the sender's address, changed by the cookie and the transaction, so that no router rewrites it on its way.
fn mapped(sender: SocketAddr, transaction: &[u8]) -> Vec<u8> {
    let address = match sender.ip().to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let family = if address.len() == 4 { 1 } else { 2 };
    let mut value = vec![0, family];
    let port = sender.port().to_be_bytes();
    value.extend(
        port.iter().chain(&address).zip(transaction[..2].iter().chain(transaction)).map(|(a, b)| a ^ b),
    );
    attribute(XOR_MAPPED_ADDRESS, &value)
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn message(kind: u16, transaction: &[u8], attributes: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(attributes.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(transaction);
    bytes.extend(attributes);
    bytes
}

fn u16_at(bytes: &[u8], place: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(place..place + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The transaction of RFC 5769 §2, with the cookie in front.
    const TRANSACTION: [u8; 16] = *b"\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    fn request(attributes: &[u8]) -> Vec<u8> {
        message(BINDING_REQUEST, &TRANSACTION, attributes)
    }

    fn answered(datagram: &[u8], sender: &str) -> Option<Vec<u8>> {
        answer(datagram, sender.parse().unwrap())
    }

    /// The addresses of RFC 5769 §2.2 and §2.3, whose encodings stand there.
    #[test]
    fn the_addresses_of_the_test_vectors_are_encoded_as_there() {
        let v4 = b"\x01\x01\x00\x0c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
                   \x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43";
        assert_eq!(answered(&request(&[]), "192.0.2.1:32853").unwrap(), v4);
        assert_eq!(answered(&request(&[]), "[::ffff:192.0.2.1]:32853").unwrap(), v4);
        let v6 = b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        let answer = answered(&request(&[]), "[2001:db8:1234:5678:11:2233:4455:6677]:32853").unwrap();
        assert_eq!(&answer[HEADER_BYTES..], v6);
    }

    #[test]
    fn attributes_that_change_nothing_are_passed_and_unknown_ones_are_named() {
        let software = attribute(0x8022, b"test client");
        let user = attribute(0x0006, b"a:b");
        let answer = answered(&request(&[software, user].concat()), "192.0.2.1:1").unwrap();
        assert_eq!(answer[..2], BINDING_RESPONSE.to_be_bytes());
        // CHANGE-REQUEST (RFC 5780): this server has one address only.
        let answer = answered(&request(&attribute(0x0003, &[0, 0, 0, 6])), "192.0.2.1:1").unwrap();
        assert_eq!(answer[..2], BINDING_ERROR.to_be_bytes());
        assert_eq!(
            answer[HEADER_BYTES..],
            *b"\x00\x09\x00\x04\x00\x00\x04\x14\x00\x0a\x00\x02\x00\x03\x00\x00"
        );
    }

    /// The sample request of RFC 5769 §2.1: user name, integrity and fingerprint as an ICE agent sends them.
    const SAMPLE: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\
        \x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\
        \x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\
        \x80\x28\x00\x04\xe5\x7a\x3b\xcf";

    #[test]
    fn a_fingerprint_is_answered_with_one_and_a_wrong_one_with_nothing() {
        let answer = answered(SAMPLE, "192.0.2.1:32853").unwrap();
        assert_eq!(answer.len(), 20 + 12 + 8);
        assert_eq!(usize::from(u16_at(&answer, 2).unwrap()), answer.len() - HEADER_BYTES);
        assert_eq!(answer[32..36], *b"\x80\x28\x00\x04");
        let told = u32::from_be_bytes(answer[36..].try_into().unwrap());
        assert_eq!(told, crc32fast::hash(&answer[..32]) ^ 0x5354_554E);
        for place in [25, SAMPLE.len() - 1] {
            let mut bad = SAMPLE.to_vec();
            bad[place] ^= 1;
            assert_eq!(answered(&bad, "192.0.2.1:32853"), None, "{place}");
        }
        // It is the last attribute, or no fingerprint.
        let mut longer = [SAMPLE, &attribute(0x8022, b"more")].concat();
        longer[3] += 8;
        assert_eq!(answered(&longer, "192.0.2.1:32853"), None);
    }

    #[test]
    fn nobody_is_answered_who_cannot_have_asked() {
        for sender in [
            "0.0.0.0:1",
            "224.0.0.1:1",
            "255.255.255.255:1",
            "[ff02::1]:1",
            "192.0.2.1:0",
            "[::ffff:224.0.0.1]:1",
        ] {
            assert_eq!(answered(&request(&[]), sender), None, "{sender}");
        }
    }

    #[test]
    fn what_is_no_binding_request_gets_nothing() {
        let good = request(&attribute(0x0006, b"abcd"));
        let rows: [(usize, u8); 5] = [(0, 0x40), (1, 0x11), (1, 0x02), (3, 0x09), (4, 0x22)];
        for (place, byte) in rows {
            let mut bad = good.clone();
            bad[place] = byte;
            assert_eq!(answered(&bad, "192.0.2.1:1"), None, "{place}");
        }
        for length in 0..good.len() {
            assert_eq!(answered(&good[..length], "192.0.2.1:1"), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_datagram_gets_an_answer_much_longer_than_itself(
            noise in prop::collection::vec(any::<u8>(), 0..200),
            is_request in any::<bool>(),
        ) {
            let datagram = if is_request { request(&noise) } else { noise };
            let answer = answer(&datagram, "[2001:db8::1]:9".parse().unwrap());
            prop_assert!(answer.is_none_or(|answer| answer.len() <= datagram.len() + 28));
        }
    }
}
