//! Every door is shown its samples: as they are, cut short at every length, and with a bit turned at every place.

// Helpers outside test functions may panic too: `cfg(test)` tells clippy so.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use fuzz::{DOORS, Door};

/// Damaged variants of one sample at most: enough for every byte of most samples, and still seconds in all.
const DAMAGED_MAX: usize = 512;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn samples(door: &Door) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = corpus().join(door.name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn every_door_has_samples_and_every_folder_a_door() {
    let folders: BTreeSet<String> = std::fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, DOORS.iter().map(|door| door.name.to_owned()).collect());
    for door in DOORS {
        assert!(samples(&door).len() >= 3, "{}", door.name);
    }
}

#[test]
fn samples_go_through_their_door_whole_cut_short_and_damaged() {
    for door in DOORS {
        for (path, bytes) in samples(&door) {
            println!("{}", path.display());
            (door.enter)(&bytes);
            let step = bytes.len().div_ceil(DAMAGED_MAX).max(1);
            for at in (0..bytes.len()).step_by(step) {
                (door.enter)(&bytes[..at]);
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << (at % 8);
                (door.enter)(&damaged);
            }
        }
    }
}
