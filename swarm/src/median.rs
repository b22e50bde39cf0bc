//! The middle of a handful of values, without std's sort: that is 2 KB of the browser's module for each type sorted.

/// The median, the upper one of two; `None` of nothing.
pub(crate) fn median(values: &mut dyn Iterator<Item = u32>) -> Option<u32> {
    let mut sorted = Vec::new();
    for value in values {
        sorted.insert(sorted.partition_point(|earlier| *earlier < value), value);
    }
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        let rows: [(&[u32], Option<u32>); 4] =
            [(&[], None), (&[7], Some(7)), (&[9, 1, 5], Some(5)), (&[4, 4, 1, 9], Some(4))];
        for (values, middle) in rows {
            assert_eq!(median(&mut values.iter().copied()), middle, "{values:?}");
        }
    }
}
