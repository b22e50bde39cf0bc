//! A store whose places are used again, and whose keys are not: an event that names what is gone finds nothing.

/// The key of one value; never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    place: u32,
    stamp: u32,
}

/// Values by key.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Keeps a value.
    pub fn put(&mut self, value: T) -> Key {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let (stamp, slot) = &mut self.slots[place as usize];
        *stamp += 1;
        *slot = Some(value);
        Key { place, stamp: *stamp }
    }

    /// The value.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<&T> {
        let (stamp, value) = self.slots.get(key.place as usize)?;
        value.as_ref().filter(|_| *stamp == key.stamp)
    }

    /// The value, to be changed.
    pub fn find_mut(&mut self, key: Key) -> Option<&mut T> {
        let (stamp, value) = self.slots.get_mut(key.place as usize)?;
        value.as_mut().filter(|_| *stamp == key.stamp)
    }

    /// Takes the value out.
    pub fn take(&mut self, key: Key) -> Option<T> {
        self.find(key)?;
        self.free.push(key.place);
        self.slots[key.place as usize].1.take()
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_but_its_old_key_finds_nothing() {
        let mut slab = Slab::default();
        let first = slab.put('a');
        assert_eq!(slab.take(first), Some('a'));
        let second = slab.put('b');
        assert_eq!((slab.find(first), slab.find(second)), (None, Some(&'b')));
        assert_eq!(slab.take(first), None);
        assert_eq!(slab.len(), 1);
    }
}
