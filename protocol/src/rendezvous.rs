//! Where something lives among equals that each know all others: with the one whose weight for it is the highest
//! (rendezvous hashing, also called highest random weight: Thaler and Ravishankar, "Using name-based mappings to increase hit
//! rates", IEEE/ACM Transactions on Networking 6(1), 1998).
//!
//! One more or less of them moves only what that one has. The weight is part of the wire (`docs/spec/tracker.md`,
//! `docs/spec/bus.md`): processes of different versions must agree on it.

/// A node's weight for a key: [`mixed`] over its name, a zero and the key.
#[must_use]
pub fn weight(name: &str, key: &[u8]) -> u64 {
    mixed(name.bytes().chain([0]).chain(key.iter().copied()))
}

/// FNV-1a (Fowler, Noll, Vo; 64 bits), finished as `SplitMix64` does (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014), because FNV's high bits mix poorly.
#[must_use]
pub fn mixed(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let hash = bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_what_the_specification_says() {
        assert_eq!(weight("a", &[0; 20]), 0x966d_c4ad_c2f8_262d);
        let mut swarm = [0; 20];
        swarm[..2].copy_from_slice(&[0x12, 0x34]);
        assert_eq!(weight("tracker-1", &swarm), 0x936c_9f99_eba0_7f8d);
    }
}
