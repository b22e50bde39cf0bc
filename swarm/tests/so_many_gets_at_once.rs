//! A viewer that lacks many segments, as after a stall: what it asks the origin for at once has a maximum, lists too.

mod mesh;

use mesh::{One, ms};
use protocol::time::StreamTime;
use swarm::io::{FetchFailure, FetchId, Playhead, WantId};
use swarm::limits::LISTS_MAX;
use swarm::{Input, Output};

fn lists_asked(one: &One) -> Vec<FetchId> {
    let asked = one.outputs.iter().filter_map(|output| match output {
        Output::FetchList { fetch, .. } => Some(*fetch),
        _ => None,
    });
    asked.collect()
}

#[test]
fn so_many_lists_are_asked_for_at_once_and_not_one_more() {
    let mut one = One::new();
    let listed: Vec<_> = (8..8 + LISTS_MAX as u64 + 4).map(mesh::listed).collect();
    let at = listed[0].start;
    let playhead = Playhead { at, buffered_until: StreamTime(at.0 + 1), playing: true };
    one.feed(Input::Playhead(playhead));
    one.feed(Input::Playlist { segments: &listed, ended: false });
    one.feed(Input::Want { want: WantId(1), segment: mesh::key(8) });
    let mut open = lists_asked(&one);
    for _ in 0..3 {
        one.pass(ms(5));
        open.extend(lists_asked(&one));
    }
    assert_eq!(open.len(), LISTS_MAX);
    one.feed(Input::FetchFailed { fetch: open[0], failure: FetchFailure::Unreachable });
    assert_eq!(lists_asked(&one).len(), 1, "one that ends makes room for the next");
}
