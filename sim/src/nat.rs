//! Who can reach whom: kinds of NAT after RFC 4787, as far as they decide whether ICE with STUN finds a way.
//!
//! What decides is whether a mapping is the same for all destinations (§4.1), and whom it lets in (§5). Two hosts behind
//! the same router meet on their own network. A relay (TURN) is nobody's here: what does not connect stays apart. An idle
//! mapping expires after two minutes or more (§4.3, REQ-5); ICE asks for consent every five seconds (RFC 7675), so that
//! none ever does while its link is open. [`router`] has it packet by packet, and its tests hold this table to it.

pub mod router;

/// What stands between a viewer and the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nat {
    /// Nothing, or a router that lets in whatever comes to a mapping (endpoint-independent mapping and filtering).
    #[default]
    Open,
    /// One mapping for all; only hosts that were spoken to get in (address-dependent filtering).
    Address,
    /// One mapping for all; only hosts and ports that were spoken to get in (address- and port-dependent filtering).
    Port,
    /// A mapping for each destination, filtered by address and port: "symmetric".
    Symmetric,
    /// No UDP at all: some companies' networks.
    Blocked,
}

impl Nat {
    /// Every kind, in the order of a class's shares.
    pub const ALL: [Self; 5] = [Self::Open, Self::Address, Self::Port, Self::Symmetric, Self::Blocked];

    /// ICE with STUN finds a way between the two.
    #[must_use]
    pub const fn reaches(self, other: Self) -> bool {
        match (self, other) {
            (Self::Blocked, _) | (_, Self::Blocked) => false,
            // The port that STUN showed is not the one that the other side sees, and a filter by ports minds.
            (Self::Symmetric, Self::Symmetric | Self::Port) | (Self::Port, Self::Symmetric) => false,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Nat::{Address, Blocked, Open, Port, Symmetric};
    use super::*;

    #[test]
    fn who_reaches_whom_is_as_the_field_knows_it_and_mutual() {
        let apart = [(Symmetric, Symmetric), (Symmetric, Port), (Blocked, Open), (Blocked, Blocked)];
        for one in Nat::ALL {
            for other in Nat::ALL {
                let expected = !apart.contains(&(one, other))
                    && !apart.contains(&(other, one))
                    && one != Blocked
                    && other != Blocked;
                assert_eq!(one.reaches(other), expected, "{one:?} {other:?}");
                assert_eq!(one.reaches(other), other.reaches(one));
            }
        }
        assert!(Address.reaches(Symmetric) && Port.reaches(Port));
    }
}
