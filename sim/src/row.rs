//! Values by ascending key, side by side in memory: a world of thousands looks into its viewers' maps all the time, and
//! each node of a tree is one more line of memory to wait for.

use std::collections::VecDeque;

use swarm::Handle;

/// A handful of values by key.
#[derive(Debug)]
pub struct Row<K, V>(Vec<(K, V)>);

impl<K, V> Default for Row<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Copy, V: Copy> Row<K, V> {
    /// The value.
    #[must_use]
    pub fn get(&self, key: K) -> Option<V> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Keeps a value.
    pub fn insert(&mut self, key: K, value: V) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(place) => self.0[place] = (key, value),
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Forgets a value.
    pub fn remove(&mut self, key: K) -> Option<V> {
        let place = self.0.iter().position(|(known, _)| *known == key)?;
        Some(self.0.remove(place).1)
    }

    /// All of them, by key.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> {
        self.0.iter().copied()
    }
}

/// A shelf grows by so many places: were its room to double, half of the largest would be empty.
const ROOM: usize = 32;

/// Values under handles that are given out in order, and given back in about the same order.
#[derive(Debug)]
pub struct Shelf<V> {
    first: u32,
    slots: VecDeque<Option<V>>,
    held: usize,
}

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        Self { first: 0, slots: VecDeque::new(), held: 0 }
    }
}

impl<V: Copy> Shelf<V> {
    /// Keeps a value under the next handle.
    pub fn put(&mut self, value: V) -> Handle {
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(ROOM);
        }
        self.slots.push_back(Some(value));
        self.held += 1;
        Handle(self.first + u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX))
    }

    /// The value.
    #[must_use]
    pub fn get(&self, handle: Handle) -> Option<V> {
        *self.slots.get(handle.0.checked_sub(self.first)? as usize)?
    }

    /// Forgets a value.
    pub fn take(&mut self, handle: Handle) -> Option<V> {
        let taken = self.slots.get_mut(handle.0.checked_sub(self.first)? as usize)?.take();
        self.held -= usize::from(taken.is_some());
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        taken
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_finds_what_was_put_in_and_keeps_it_in_order() {
        let mut row = Row::default();
        for key in [5, 1, 3, 5] {
            row.insert(key, key * 10);
        }
        assert_eq!(row.iter().collect::<Vec<_>>(), [(1, 10), (3, 30), (5, 50)]);
        assert_eq!((row.get(3), row.get(4)), (Some(30), None));
        assert_eq!((row.remove(3), row.remove(3)), (Some(30), None));
    }

    #[test]
    fn a_shelf_never_gives_a_handle_twice_and_forgets_what_was_taken() {
        let mut shelf = Shelf::default();
        let handles = ['a', 'b', 'c'].map(|value| shelf.put(value));
        assert_eq!(handles, [Handle(0), Handle(1), Handle(2)]);
        assert_eq!((shelf.take(handles[1]), shelf.take(handles[1])), (Some('b'), None));
        assert_eq!((shelf.get(handles[0]), shelf.len()), (Some('a'), 2));
        shelf.take(handles[0]);
        assert_eq!((shelf.get(handles[0]), shelf.get(handles[2])), (None, Some('c')));
        assert_eq!(shelf.put('d'), Handle(3));
    }
}
