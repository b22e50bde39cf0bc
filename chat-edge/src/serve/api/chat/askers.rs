//! How often those may ask who show no token.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::moderation::rates::{Rate, Rates};
use crate::moderation::{Refusal, household};
use crate::serve::desk::now;

/// Addresses that are known at once.
const ADDRESSES_MAX: usize = 100_000;
/// Questions about the past in ten seconds from one address, which may be a school's.
const PAST_PER_10S: u32 = 200;
/// Questions about the past that are with the store at once: comments wait for it too.
const STORE_PLACES: usize = 4;

/// Who asks how often.
#[derive(Debug)]
pub(in crate::serve) struct Askers {
    past: Mutex<Rates<IpAddr>>,
    guests: Mutex<Rates<IpAddr>>,
    places: Semaphore,
}

impl Default for Askers {
    fn default() -> Self {
        let rates = || Mutex::new(Rates::new(ADDRESSES_MAX));
        Self { past: rates(), guests: rates(), places: Semaphore::new(STORE_PLACES) }
    }
}

impl Askers {
    /// Somebody asks about the past.
    ///
    /// # Errors
    /// Where that is too often.
    pub(super) fn past(&self, address: IpAddr) -> Result<(), Refusal> {
        counted(&self.past, address, PAST_PER_10S)
    }

    /// Somebody wants to be a guest.
    ///
    /// # Errors
    /// Where that is too often.
    pub(super) fn guest(&self, address: IpAddr, per_10s: u32) -> Result<(), Refusal> {
        counted(&self.guests, address, per_10s)
    }

    /// A place at the store; none where all are taken.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }
}

fn counted(rates: &Mutex<Rates<IpAddr>>, address: IpAddr, per_10s: u32) -> Result<(), Refusal> {
    let (mut rates, now): (MutexGuard<'_, _>, _) =
        (rates.lock().unwrap_or_else(PoisonError::into_inner), now());
    let (address, rate) = (household(address), Rate::per_window(per_10s));
    rates.check(now, &address, rate).map_err(Refusal::AddressRate)?;
    rates.spend(now, address, rate);
    Ok(())
}
