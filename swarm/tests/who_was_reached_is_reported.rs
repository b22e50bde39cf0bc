//! The tracker hears with whom a link opened, and who answered an offer in vain; nothing of what may have other reasons.

mod mesh;

use mesh::{One, config, ms, peer_id};
use protocol::id::{OfferId, PeerId};
use protocol::tracker::{Announce, ClientMessage, Forwarded, Reply, ServerMessage};
use swarm::{Input, LinkId, Output};

/// A viewer at a tracker of a swarm of three.
struct Viewer {
    one: One,
    /// Its announces so far.
    announces: Vec<Announce>,
    /// What it was told to do since it was last asked.
    done: Vec<Output>,
}

impl Viewer {
    fn new() -> Self {
        let mut viewer = Self { one: One::new(), announces: Vec::new(), done: Vec::new() };
        viewer.pass(4_000);
        assert!(viewer.announces.len() >= 2, "the first one, and one with offers");
        viewer
    }

    /// So many milliseconds, while a shell and a tracker do their part.
    fn pass(&mut self, millis: u64) {
        for _ in 0..millis / 100 {
            self.one.pass(ms(100));
            self.settle();
        }
    }

    fn feed(&mut self, input: Input<'_>) {
        self.one.feed(input);
        self.settle();
    }

    fn settle(&mut self) {
        let mut due: Vec<Output> = self.one.outputs.drain(..).collect();
        while let Some(output) = due.pop() {
            match &output {
                Output::TrackerConnect { .. } => self.one.feed(Input::TrackerOpen),
                Output::Dial { link } => self.one.feed(Input::Offer { link: *link, sdp: "offer" }),
                Output::Tracker(frame) => self.on_frame(frame),
                _ => {}
            }
            due.append(&mut self.one.outputs);
            self.done.push(output);
        }
    }

    fn on_frame(&mut self, frame: &[u8]) {
        let Ok(ClientMessage::Announce(announce)) = ClientMessage::decode(frame) else { return };
        let info_hash = announce.info_hash;
        let reply = Reply { info_hash, interval_s: 30, complete: 0, incomplete: 3 };
        self.announces.push(announce);
        self.one.feed(Input::TrackerMessage(&ServerMessage::Reply(reply).encode()));
    }

    /// This peer answers an offer that nobody has answered yet: the attempt, where there is one.
    fn answered_by(&mut self, peer: PeerId) -> Option<LinkId> {
        let offers = self.announces.last().map(|announce| announce.offers.clone()).unwrap_or_default();
        offers.into_iter().find_map(|offer| {
            self.done.clear();
            let (info_hash, sdp) = (config(0).info_hash, "answer".into());
            let answer = Forwarded { info_hash, peer_id: peer, offer_id: offer.offer_id, sdp };
            self.feed(Input::TrackerMessage(&ServerMessage::Answer(answer).encode()));
            self.done.iter().find_map(|output| match output {
                Output::Answered { link, .. } => Some(*link),
                _ => None,
            })
        })
    }

    /// Whom it reported from now on, after so many milliseconds: who was reached, and who was not.
    fn reports(&mut self, millis: u64) -> (Vec<PeerId>, Vec<PeerId>) {
        self.announces.clear();
        self.pass(millis);
        let all = self.announces.drain(..).map(|announce| (announce.reached, announce.unreached));
        let (reached, unreached): (Vec<_>, Vec<_>) = all.unzip();
        (reached.concat(), unreached.concat())
    }
}

#[test]
fn a_link_that_opens_is_reported_once() {
    let mut viewer = Viewer::new();
    let link = viewer.answered_by(peer_id(1)).expect("an offer waits");
    viewer.feed(Input::LinkOpen { link });
    assert_eq!(viewer.reports(60_000), (vec![peer_id(1)], vec![]));
}

#[test]
fn an_answer_that_no_link_follows_within_its_time_is_reported_once() {
    let mut viewer = Viewer::new();
    viewer.answered_by(peer_id(1)).expect("an offer waits");
    assert_eq!(viewer.reports(60_000), (vec![], vec![peer_id(1)]));
}

#[test]
fn a_connection_that_fails_is_reported_at_once() {
    let mut viewer = Viewer::new();
    let link = viewer.answered_by(peer_id(1)).expect("an offer waits");
    viewer.feed(Input::LinkClosed { link });
    assert_eq!(viewer.reports(5_000), (vec![], vec![peer_id(1)]));
}

#[test]
fn an_attempt_beside_a_link_that_is_there_is_not_reported() {
    let mut viewer = Viewer::new();
    let peer = peer_id(1);
    let dialled = viewer.answered_by(peer).expect("an offer waits");
    let (info_hash, offer_id) = (config(0).info_hash, OfferId([7; 20]));
    // The other dialled too; then one of the two is given up.
    let offer = Forwarded { info_hash, peer_id: peer, offer_id, sdp: "offer".into() };
    viewer.feed(Input::TrackerMessage(&ServerMessage::Offer(offer).encode()));
    viewer.feed(Input::LinkOpen { link: dialled });
    assert_eq!(viewer.reports(60_000), (vec![peer], vec![]));
}

#[test]
fn who_accepts_an_offer_in_vain_reports_nothing() {
    let mut viewer = Viewer::new();
    let (info_hash, offer_id) = (config(0).info_hash, OfferId([7; 20]));
    let offer = Forwarded { info_hash, peer_id: peer_id(1), offer_id, sdp: "offer".into() };
    viewer.done.clear();
    viewer.feed(Input::TrackerMessage(&ServerMessage::Offer(offer).encode()));
    let accepted = viewer.done.iter().find_map(|output| match output {
        Output::Accept { link, .. } => Some(*link),
        _ => None,
    });
    viewer.feed(Input::Answer { link: accepted.expect("it accepts"), sdp: "answer" });
    assert_eq!(viewer.reports(60_000), (vec![], vec![]));
}
