//! Who is in: connections and waiting requests by address, so that one machine cannot take them all, and what the
//! listener refused.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use service::metrics::Counter;

/// A listener's counts.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// Open connections.
    pub(super) connections: Arc<Crowd>,
    /// Those of them that took a place kept for publishers.
    pub(super) in_reserve: Arc<Crowd>,
    /// Requests that wait for a block or a hash list.
    pub(super) waiting: Arc<Crowd>,
    /// Connections closed because their readers took next to nothing.
    pub(super) slow_readers: Counter,
    /// Connections refused because their address had too many.
    pub(super) addresses_refused: Counter,
    /// Requests refused because every place was taken, and they were no publisher's.
    pub(super) full: Counter,
}

/// How many of something each address has.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<BTreeMap<IpAddr, usize>>);

/// One of them; dropping it makes room.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    household: IpAddr,
}

impl Crowd {
    /// One more, unless its address has `most` already; 0 is no bound.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let household = household(address);
        let mut inside = self.inside();
        let count = inside.entry(household).or_default();
        if most > 0 && *count >= most {
            return None;
        }
        *count += 1;
        drop(inside);
        Some(Place { crowd: Arc::clone(self), household })
    }

    /// All of them.
    pub(super) fn count(&self) -> usize {
        self.inside().values().sum()
    }

    fn inside(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.crowd.inside();
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
        let crowd = Arc::new(Crowd::default());
        let first = crowd.enter(address("192.0.2.1"), 2).expect("room");
        let _second = crowd.enter(address("::ffff:192.0.2.1"), 2).expect("room");
        assert!(crowd.enter(address("192.0.2.1"), 2).is_none());
        let _other = crowd.enter(address("192.0.2.2"), 2).expect("room for others");
        assert_eq!(crowd.count(), 3);
        drop(first);
        let again = crowd.enter(address("192.0.2.1"), 2);
        assert!(again.is_some());
    }

    #[test]
    fn a_network_of_64_bits_is_one_address_and_nothing_is_kept_of_who_left() {
        let crowd = Arc::new(Crowd::default());
        let place = crowd.enter(address("2001:db8::1"), 1).expect("room");
        assert!(crowd.enter(address("2001:db8::2"), 1).is_none());
        assert!(crowd.enter(address("2001:db8:0:1::1"), 1).is_some());
        drop(place);
        assert!(crowd.inside().is_empty());
    }

    #[test]
    fn without_a_bound_everybody_enters() {
        let crowd = Arc::new(Crowd::default());
        let places = (0..100).filter_map(|_| crowd.enter(address("192.0.2.1"), 0)).collect::<Vec<Place>>();
        assert_eq!((places.len(), crowd.count()), (100, 100));
    }
}
