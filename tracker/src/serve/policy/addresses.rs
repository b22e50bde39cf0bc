//! How many connections each address has open.
//!
//! An address stands here only while it has one, so the table is as bounded as the connections. IPv6 is counted by /64:
//! that much belongs to one customer (RFC 6177), who could else come from as many addresses as there are stars.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;

/// The connections of every address that has any.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    open: Mutex<IndexMap<IpAddr, usize>>,
}

/// One connection's place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    addresses: Arc<Addresses>,
    subscriber: IpAddr,
    over: bool,
}

/// Connections past an address's maximum that are still told so; further ones are dropped without a word.
const TOLD_AT_ONCE_MAX: usize = 4;

impl Addresses {
    /// A place for one more connection; one that [`Place::is_over`] where the address has `max` already, none where it
    /// has even more.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr, max: usize) -> Option<Place> {
        let subscriber = subscriber(address);
        let mut open = self.lock();
        let count = open.entry(subscriber).or_insert(0);
        if *count >= max + TOLD_AT_ONCE_MAX {
            return None;
        }
        let over = *count >= max;
        *count += 1;
        drop(open);
        Some(Place { addresses: Arc::clone(self), subscriber, over })
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It is past the maximum, and only good for being told so.
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.addresses.lock();
        if let Some(count) = open.get_mut(&self.subscriber) {
            *count -= 1;
            if *count == 0 {
                open.swap_remove(&self.subscriber);
            }
        }
    }
}

/// Who is counted: an IPv4 address, also one that came mapped into IPv6, or the network of an IPv6 one.
pub(crate) fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_maximum_and_nobody_pays_for_a_neighbour() {
        let addresses = Arc::new(Addresses::default());
        let take =
            |address: &str| addresses.take(address.parse().unwrap(), 2).filter(|place| !place.is_over());
        let first = take("192.0.2.1");
        let _second = take("::ffff:192.0.2.1");
        assert!(first.is_some() && take("192.0.2.1").is_none() && take("192.0.2.2").is_some());
        drop(first);
        assert!(take("192.0.2.1").is_some());
    }

    #[test]
    fn a_few_past_the_maximum_are_told_and_the_others_are_not_even_that() {
        let addresses = Arc::new(Addresses::default());
        let places: Vec<_> = (0..9).map(|_| addresses.take("192.0.2.1".parse().unwrap(), 3)).collect();
        let over: Vec<_> = places.iter().map(|place| place.as_ref().map(Place::is_over)).collect();
        let (in_time, told) = ([Some(false); 3], [Some(true); 4]);
        assert_eq!(over, [&in_time[..], &told[..], &[None; 2]].concat());
    }

    #[test]
    fn ipv6_is_counted_by_its_first_half() {
        let addresses = Arc::new(Addresses::default());
        let take =
            |address: &str| addresses.take(address.parse().unwrap(), 1).filter(|place| !place.is_over());
        let _one = take("2001:db8::1");
        assert!(take("2001:db8::2").is_none() && take("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn nobody_is_remembered_who_has_left() {
        let addresses = Arc::new(Addresses::default());
        drop(addresses.take("192.0.2.1".parse().unwrap(), 1));
        assert!(addresses.lock().is_empty());
    }
}
