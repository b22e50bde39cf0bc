//! Who is in: connections by address, so that one machine cannot take them all, and what the listener refused.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A listener's counts.
#[derive(Debug, Default)]
pub(super) struct Door {
    inside: Mutex<BTreeMap<IpAddr, usize>>,
    slow_readers: AtomicU64,
    addresses_refused: AtomicU64,
}

/// One connection's place; dropping it makes room.
#[derive(Debug)]
pub(super) struct Place {
    door: Arc<Door>,
    household: IpAddr,
}

impl Door {
    /// Lets a connection in unless its address has `most` already; 0 is no bound.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let household = household(address);
        let mut inside = self.inside();
        let count = inside.entry(household).or_default();
        if most > 0 && *count >= most {
            self.addresses_refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        *count += 1;
        drop(inside);
        Some(Place { door: Arc::clone(self), household })
    }

    /// Connections that are open now.
    pub(super) fn connections(&self) -> usize {
        self.inside().values().sum()
    }

    pub(super) fn count_slow_reader(&self) {
        self.slow_readers.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections closed because their readers took next to nothing.
    pub(super) fn slow_readers(&self) -> u64 {
        self.slow_readers.load(Ordering::Relaxed)
    }

    /// Connections refused because their address had too many.
    pub(super) fn addresses_refused(&self) -> u64 {
        self.addresses_refused.load(Ordering::Relaxed)
    }

    fn inside(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside();
        if let Some(count) = inside.get_mut(&self.household) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.household);
            }
        }
    }
}

/// What counts as one address: of IPv6 its /64, which is what one subscriber gets (RFC 6177).
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_gets_so_many_places_and_those_back_that_it_leaves() {
        let door = Arc::new(Door::default());
        let first = door.enter(address("192.0.2.1"), 2).expect("room");
        let _second = door.enter(address("::ffff:192.0.2.1"), 2).expect("room");
        assert!(door.enter(address("192.0.2.1"), 2).is_none());
        let _other = door.enter(address("192.0.2.2"), 2).expect("room for others");
        assert_eq!((door.connections(), door.addresses_refused()), (3, 1));
        drop(first);
        let again = door.enter(address("192.0.2.1"), 2);
        assert!(again.is_some());
    }

    #[test]
    fn a_network_of_64_bits_is_one_address_and_nothing_is_kept_of_who_left() {
        let door = Arc::new(Door::default());
        let place = door.enter(address("2001:db8::1"), 1).expect("room");
        assert!(door.enter(address("2001:db8::2"), 1).is_none());
        assert!(door.enter(address("2001:db8:0:1::1"), 1).is_some());
        drop(place);
        assert!(door.inside().is_empty());
    }

    #[test]
    fn without_a_bound_everybody_enters() {
        let door = Arc::new(Door::default());
        let places = (0..100).filter_map(|_| door.enter(address("192.0.2.1"), 0)).collect::<Vec<Place>>();
        assert_eq!((places.len(), door.connections()), (100, 100));
    }
}
