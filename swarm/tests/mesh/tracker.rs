//! The tracker: hands each offer to another viewer in turn, and each answer to the offerer.

use protocol::tracker::{ClientMessage, Event, Forwarded, Reply, ServerMessage};

use super::{Later, World, ms};

impl World {
    pub(super) fn tell_tracker(&mut self, viewer: usize, bytes: &[u8]) {
        let message = ClientMessage::decode(bytes).expect("the engine speaks the tracker's language");
        if !self.tracker_up {
            return;
        }
        match message {
            ClientMessage::Announce(announce) if announce.event == Event::Stopped => {}
            ClientMessage::Announce(announce) => {
                let present: Vec<usize> =
                    (0..self.viewers.len()).filter(|other| !self.viewers[*other].gone).collect();
                let incomplete = u32::try_from(present.len()).expect("few viewers");
                let info_hash = announce.info_hash;
                let reply = Reply { info_hash, interval_s: 120, complete: 0, incomplete };
                self.tell(viewer, &ServerMessage::Reply(reply));
                let others: Vec<usize> = present.into_iter().filter(|other| *other != viewer).collect();
                for (place, offer) in announce.offers.into_iter().enumerate().take(others.len()) {
                    let to = others[(place + self.now.0 as usize / 1_000) % others.len()];
                    let (peer_id, offer_id, sdp) = (announce.peer_id, offer.offer_id, offer.sdp);
                    self.tell(to, &ServerMessage::Offer(Forwarded { info_hash, peer_id, offer_id, sdp }));
                }
            }
            ClientMessage::Answer(answer) => {
                let to = self.viewers.iter().position(|known| known.id == answer.to_peer_id);
                let (info_hash, peer_id) = (answer.info_hash, answer.peer_id);
                let (offer_id, sdp) = (answer.offer_id, answer.sdp);
                let message = ServerMessage::Answer(Forwarded { info_hash, peer_id, offer_id, sdp });
                self.tell(to.expect("a viewer that offered"), &message);
            }
            ClientMessage::Scrape(_) => {}
        }
    }

    fn tell(&mut self, viewer: usize, message: &ServerMessage) {
        self.later(ms(5), Later::Tracker(viewer, message.encode()));
    }
}
