//! Behind what kind of NAT a viewer is, as its session descriptions report it.
//!
//! A NAT that gives one socket another port for each destination ("symmetric"; RFC 4787 §4.1: a mapping that depends on
//! the endpoint) cannot be reached by a viewer behind another such NAT: neither knows the port that the other will use.
//! ICE shows it: one socket asked two STUN ports, and two server-reflexive candidates came of it (RFC 8445 §5.1.1.2
//! drops the second where it is the same). Only who asks two learns it, which is why the tracker has two STUN ports.

use memchr::memmem;

/// What is known of a viewer's NAT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nat {
    /// Nothing: treated as [`Self::Open`].
    #[default]
    Unknown,
    /// Reachable: by an address of its own, or by a relay.
    Open,
    /// Its port changes with the destination, and it has no relay.
    Symmetric,
}

/// Candidates looked at: browsers make about two for each interface and server.
const CANDIDATES_MAX: usize = 32;

const CANDIDATE: &[u8] = b"a=candidate:";

/// One server-reflexive candidate: the socket that it is of, and its port outside.
#[derive(PartialEq, Eq)]
struct Reflexive<'a> {
    foundation: &'a str,
    component: &'a str,
    address: &'a str,
    base_port: &'a str,
    port: &'a str,
}

impl Nat {
    /// As this description reports it.
    #[must_use]
    pub fn of(sdp: &str) -> Self {
        // A description has fifty lines, and a handful of them are candidates.
        let found = memmem::find_iter(sdp.as_bytes(), CANDIDATE);
        let candidates = found.filter(|at| *at == 0 || sdp.as_bytes().get(at - 1) == Some(&b'\n'));
        let candidates = candidates.filter_map(|at| sdp.get(at + CANDIDATE.len()..)?.lines().next());
        let mut reflexive: Vec<Reflexive<'_>> = Vec::new();
        let mut open = false;
        for candidate in candidates.take(CANDIDATES_MAX) {
            match Candidate::parse(candidate) {
                Some(Candidate::Relay) => return Self::Open,
                Some(Candidate::Public) => open = true,
                Some(Candidate::Reflexive(seen)) => reflexive.push(seen),
                None => {}
            }
        }
        let changes = |one: &Reflexive<'_>| {
            reflexive.iter().any(|other| one.is_same_socket(other) && one.port != other.port)
        };
        match (open, reflexive.iter().any(changes)) {
            (true, _) => Self::Open,
            (false, true) => Self::Symmetric,
            (false, false) => Self::Unknown,
        }
    }

    /// What is known after another report: what it does not tell stays.
    #[must_use]
    pub const fn then(self, report: Self) -> Self {
        match report {
            Self::Unknown => self,
            Self::Open | Self::Symmetric => report,
        }
    }
}

impl Reflexive<'_> {
    /// One socket of the viewer: browsers hide its port or not, and write equal foundations for equal bases (RFC 8445
    /// §5.1.1.3).
    fn is_same_socket(&self, other: &Self) -> bool {
        self.foundation == other.foundation
            && self.component == other.component
            && self.address == other.address
            && self.base_port == other.base_port
    }
}

enum Candidate<'a> {
    /// A TURN server forwards.
    Relay,
    /// An address that the Internet knows, without a NAT.
    Public,
    Reflexive(Reflexive<'a>),
}

impl<'a> Candidate<'a> {
    /// RFC 8839 §5.1: foundation, component, transport, priority, address, port, `typ`, type, then pairs.
    fn parse(candidate: &'a str) -> Option<Self> {
        let mut words = candidate.split_ascii_whitespace();
        let (foundation, component, transport) = (words.next()?, words.next()?, words.next()?);
        let (address, port) = (words.nth(1)?, words.next()?);
        let kind = words.nth(1)?;
        if !transport.eq_ignore_ascii_case("udp") {
            return (kind == "relay").then_some(Self::Relay);
        }
        match kind {
            "relay" => Some(Self::Relay),
            "host" => is_public(address).then_some(Self::Public),
            "srflx" => {
                let base_port = words.skip_while(|word| *word != "rport").nth(1).unwrap_or_default();
                Some(Self::Reflexive(Reflexive { foundation, component, address, base_port, port }))
            }
            _ => None,
        }
    }
}

/// An IPv4 address of the Internet. One of IPv6 is public too, and says nothing of the NAT on the IPv4 side.
fn is_public(address: &str) -> bool {
    address.parse::<core::net::Ipv4Addr>().is_ok_and(|address| {
        let [first, second, ..] = address.octets();
        let shared = first == 100 && (64..128).contains(&second);
        !(address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_unspecified()
            || shared)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "a=candidate:1 1 udp 2122260223 2f5b.local 50000 typ host generation 0";
    const FIRST: &str =
        "a=candidate:2 1 udp 1686052607 203.0.113.5 40000 typ srflx raddr 0.0.0.0 rport 0 generation 0";
    const SECOND: &str =
        "a=candidate:2 1 UDP 1686052606 203.0.113.5 40001 typ srflx raddr 0.0.0.0 rport 0 generation 0";

    #[test]
    fn the_kind_of_nat_by_candidates() {
        let relay = "a=candidate:3 1 udp 41885439 198.51.100.1 60000 typ relay raddr 203.0.113.5 rport 40000";
        let public = "a=candidate:1 1 udp 2122260223 198.51.100.7 50000 typ host";
        let private = "a=candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host";
        let tcp = "a=candidate:2 1 tcp 1 203.0.113.5 40002 typ srflx raddr 0.0.0.0 rport 0 tcptype active";
        let other_base = &SECOND.replace("candidate:2", "candidate:7");
        let (of_4000, of_4001) =
            (&FIRST.replace("rport 0", "rport 4000"), &SECOND.replace("rport 0", "rport 4001"));
        let rows: [(&[&str], Nat); 12] = [
            (&[], Nat::Unknown),
            (&[HOST], Nat::Unknown),
            (&[HOST, FIRST], Nat::Unknown),
            (&[HOST, FIRST, FIRST], Nat::Unknown),
            (&[HOST, FIRST, SECOND], Nat::Symmetric),
            (&[private, FIRST, SECOND], Nat::Symmetric),
            (&[FIRST, other_base], Nat::Unknown),
            (&[of_4000, of_4001], Nat::Unknown),
            (&[FIRST, tcp], Nat::Unknown),
            (&[FIRST, SECOND, relay], Nat::Open),
            (&[public, FIRST, SECOND], Nat::Open),
            (&["a=candidate:", "a=candidate:1 1 udp", "a=candidate:é 1 udp 1 x y typ"], Nat::Unknown),
        ];
        for (lines, wanted) in rows {
            assert_eq!(Nat::of(&format!("v=0\r\n{}\r\n", lines.join("\r\n"))), wanted, "{lines:?}");
        }
    }

    #[test]
    fn what_a_report_does_not_tell_stays() {
        assert_eq!(Nat::Symmetric.then(Nat::Unknown), Nat::Symmetric);
        assert_eq!(Nat::Symmetric.then(Nat::Open), Nat::Open);
        assert_eq!(Nat::Unknown.then(Nat::Symmetric), Nat::Symmetric);
    }

    #[test]
    fn a_description_full_of_candidates_is_read_to_its_bound() {
        let many = format!("{HOST}\r\n").repeat(CANDIDATES_MAX);
        assert_eq!(Nat::of(&format!("{many}{FIRST}\r\n{SECOND}")), Nat::Unknown);
        let fewer = format!("{HOST}\r\n").repeat(CANDIDATES_MAX - 2);
        assert_eq!(Nat::of(&format!("{fewer}{FIRST}\r\n{SECOND}")), Nat::Symmetric);
    }
}
