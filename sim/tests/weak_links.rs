//! Uplinks that barely carry the stream, and links that lose packets: the market gives what they carry, and buys the
//! rest in time.

use sim::scenario::named;

#[test]
fn capped_and_lossy_uplinks_still_carry_most_of_the_stream() {
    let comparison = sim::compare(&named("capped", Some(8), Some(90), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload >= 0.72, "{}", comparison.run.offload);
    assert!(comparison.run.wasted <= 0.05, "{}", comparison.run.wasted);
}

#[test]
fn households_that_lose_one_packet_in_a_hundred_share_as_if_they_did_not() {
    let comparison = sim::compare(&named("lossy", Some(8), Some(60), 7).expect("known"));
    assert_eq!(comparison.run.broken, Vec::<String>::new());
    assert_eq!(comparison.harms(), Vec::<String>::new());
    assert!(comparison.run.offload >= 0.84, "{}", comparison.run.offload);
}
