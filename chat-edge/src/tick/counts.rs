//! Numbers of messages, by class.

use std::ops::{AddAssign, Sub, SubAssign};

use protocol::chat::Class;

/// So many messages of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Class::ALL.len()]);

impl Counts {
    /// None.
    pub const EMPTY: Self = Self([0; Class::ALL.len()]);

    /// So many more of this class.
    pub fn add(&mut self, class: Class, count: u64) {
        if let Some(slot) = self.0.get_mut(usize::from(class.number())) {
            *slot += count;
        }
    }

    /// So many less of this class.
    pub fn remove(&mut self, class: Class, count: u64) {
        if let Some(slot) = self.0.get_mut(usize::from(class.number())) {
            *slot -= count;
        }
    }

    /// So many of this class.
    #[must_use]
    pub fn of(&self, class: Class) -> u64 {
        self.0.get(usize::from(class.number())).copied().unwrap_or(0)
    }

    /// All classes together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// As many for each of so many members.
    #[must_use]
    pub fn times(self, members: u64) -> Self {
        Self(self.0.map(|count| count * members))
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(slot, count)| *slot += count);
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(slot, count)| *slot -= count);
    }
}

impl Sub for Counts {
    type Output = Self;
    fn sub(mut self, other: Self) -> Self {
        self -= other;
        self
    }
}
