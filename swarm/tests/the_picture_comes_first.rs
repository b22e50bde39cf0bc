//! A viewer that has just come: its first frame before its links, and its links without delay after that.

use protocol::id::InfoHash;
use protocol::time::{Instant, StreamTime};
use protocol::tracker::{Reply, ServerMessage};
use swarm::io::{Listed, Playhead, WantId};
use swarm::limits::{BLIND_BLOCKS, LINKS_AFTER};
use swarm::{Engine, Input, Output};

mod mesh;

use mesh::config;

/// A page's clock begins when the page does.
fn newcomer() -> (Engine, Instant) {
    let now = Instant::from_millis(120);
    let mut engine = Engine::new(config(0), now);
    drain(&mut engine);
    (engine, now)
}

fn drain(engine: &mut Engine) -> Vec<Output> {
    let mut outputs = Vec::new();
    loop {
        match engine.poll_output() {
            Output::Timeout(_) => return outputs,
            output => outputs.push(output),
        }
    }
}

fn feed(engine: &mut Engine, now: Instant, input: Input<'_>) -> Vec<Output> {
    engine.handle_input(now, input);
    drain(engine)
}

fn connects(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::TrackerConnect { .. }))
}

const PLAYING: Playhead = Playhead { at: StreamTime(10), buffered_until: StreamTime(2_000), playing: true };

#[test]
fn nobody_is_looked_for_before_the_first_frame() {
    let (mut engine, now) = newcomer();
    let later = now + mesh::ms(400);
    assert!(!connects(&feed(&mut engine, later, Input::Timeout)));
    assert!(connects(&feed(&mut engine, later, Input::Playhead(PLAYING))));
}

#[test]
fn a_picture_that_does_not_come_is_waited_for_no_longer_than_that() {
    let (mut engine, now) = newcomer();
    assert!(!connects(&feed(&mut engine, Instant((now + LINKS_AFTER).0 - 1), Input::Timeout)));
    assert!(connects(&feed(&mut engine, now + LINKS_AFTER, Input::Timeout)));
}

/// What is bought at once for the first segment that the player wishes for.
fn bought_at_once(buffered_until: StreamTime) -> usize {
    let (mut engine, now) = newcomer();
    let segment = mesh::key(0);
    let listed = Listed { segment, start: StreamTime(2_000), duration_ms: 2_000 };
    feed(&mut engine, now, Input::Playlist { segments: &[listed], ended: false });
    feed(&mut engine, now, Input::Playhead(Playhead { at: StreamTime(10), buffered_until, playing: false }));
    let outputs = feed(&mut engine, now, Input::Want { want: WantId(1), segment });
    outputs.iter().filter(|output| matches!(output, Output::Fetch { .. })).count()
}

#[test]
fn a_player_that_has_something_to_show_is_in_no_haste() {
    assert_eq!(bought_at_once(StreamTime(10)), usize::from(BLIND_BLOCKS));
    assert_eq!(bought_at_once(StreamTime(2_000)), 0, "the first segment came by itself");
}

#[test]
fn the_first_reply_that_names_company_is_answered_by_a_dial_at_once() {
    let (mut engine, now) = newcomer();
    feed(&mut engine, now, Input::Playhead(PLAYING));
    feed(&mut engine, now, Input::TrackerOpen);
    let reply = Reply { info_hash: InfoHash([9; 20]), interval_s: 60, complete: 0, incomplete: 3 };
    let reply = ServerMessage::Reply(reply);
    let outputs = feed(&mut engine, now + mesh::ms(10), Input::TrackerMessage(&reply.encode()));
    let dials = outputs.iter().filter(|output| matches!(output, Output::Dial { .. })).count();
    assert_eq!(dials, 2, "to everybody else");
}
