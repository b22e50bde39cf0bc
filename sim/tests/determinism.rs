//! One seed gives one run, bit for bit: the state hash folds every input's time and every output of every engine.

use sim::scenario::named;

fn state(name: &str, seed: u64) -> Option<u64> {
    named(name, Some(6), Some(20), seed).map(|scenario| sim::run(&scenario).state.0)
}

#[test]
fn the_same_seed_gives_the_same_state_and_another_seed_another() {
    for name in ["clean", "capped", "churn-small"] {
        assert!(state(name, 7).is_some(), "{name} is known");
        assert_eq!(state(name, 7), state(name, 7), "{name}");
        assert_ne!(state(name, 7), state(name, 8), "{name}");
    }
}
