//! Random conversations, held against a reference that remembers everything and finds it by looking through all of it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::id::{OfferId, PeerId};

use super::*;

/// Few names, so that peers meet, collide and fill their connections.
const NAMES: u8 = 6;
const PEERS_PER_CONNECTION_MAX: usize = 3;
const PEERS_MAX: usize = 12;

#[derive(Clone, Copy, Debug)]
enum Step {
    Announce { connection: u8, swarm: u8, peer: u8, event: Event, seeder: bool, offers: usize },
    Answer { connection: u8, swarm: u8, peer: u8, to: u8 },
    Close { connection: u8 },
}

/// Who is where: by swarm and peer, the connection and whether it seeds.
#[derive(Debug, Default)]
struct Model(BTreeMap<(u8, u8), (u8, bool)>);

impl Model {
    fn members(&self, swarm: u8) -> impl Iterator<Item = (u8, u8, bool)> {
        let here = self.0.iter().filter(move |((in_swarm, _), _)| *in_swarm == swarm);
        here.map(|((_, peer), (connection, seeder))| (*peer, *connection, *seeder))
    }

    fn held_by(&self, connection: u8) -> usize {
        self.0.values().filter(|(held_by, _)| *held_by == connection).count()
    }

    /// What an announce that is no `stopped` comes to.
    fn enter(&mut self, connection: u8, key: (u8, u8), seeder: bool) -> Result<(), Refusal> {
        match self.0.get(&key).map(|(owner, _)| *owner) {
            None if self.0.len() >= PEERS_MAX => return Err(Refusal::TrackerFull),
            None if self.held_by(connection) >= PEERS_PER_CONNECTION_MAX => {
                return Err(Refusal::TooManyPeersOnConnection);
            }
            Some(owner) if owner != connection => return Err(Refusal::PeerIdTaken),
            None | Some(_) => {}
        }
        self.0.insert(key, (connection, seeder));
        Ok(())
    }
}

proptest! {
    #[test]
    fn random_conversations_go_as_the_reference_says(steps in prop::collection::vec(step(), 1..200), seed: u64) {
        let limits = Config { peers_max: PEERS_MAX, peers_per_connection_max: PEERS_PER_CONNECTION_MAX, ..Config::new(seed) };
        let (mut registry, mut model) = (Registry::new(limits), Model::default());
        for step in steps {
            registry.handle_input(Instant::ZERO, input(step));
            let said = drain(&mut registry);
            match step {
                Step::Announce { connection, swarm, peer, event, seeder, offers } => {
                    check_announce(&mut model, &said, connection, (swarm, peer), (event, seeder), offers)?;
                }
                Step::Answer { connection, swarm, peer, to } => {
                    let (told, what) = check_one(&said)?;
                    prop_assert_eq!((told, what), answer_in_model(&model, connection, swarm, peer, to));
                }
                Step::Close { connection } => {
                    model.0.retain(|_, (held_by, _)| *held_by != connection);
                    prop_assert!(said.is_empty());
                }
            }
            prop_assert_eq!(registry.stats().peers, model.0.len());
            for swarm in 0..NAMES {
                prop_assert_eq!(registry.swarm_size(InfoHash([swarm; 20])), model.members(swarm).count());
            }
        }
    }
}

fn check_announce(
    model: &mut Model,
    said: &[(u8, ServerMessage)],
    connection: u8,
    key: (u8, u8),
    (event, seeder): (Event, bool),
    offers: usize,
) -> Result<(), TestCaseError> {
    let (swarm, peer) = key;
    if event == Event::Stopped {
        if model.0.get(&key).is_some_and(|(owner, _)| *owner == connection) {
            model.0.remove(&key);
        }
        prop_assert!(said.is_empty());
        return Ok(());
    }
    if let Err(refusal) = model.enter(connection, key, seeder || event == Event::Completed) {
        prop_assert_eq!(check_one(said)?, (connection, What::Refused(refusal.reason().to_owned())));
        return Ok(());
    }
    let ((told, reply), relayed) = said.split_first().expect("an announce is answered");
    let ServerMessage::Reply(reply) = reply else { return Err(TestCaseError::fail("no reply")) };
    let seeders = model.members(swarm).filter(|(_, _, seeder)| *seeder).count();
    prop_assert_eq!(*told, connection);
    prop_assert_eq!(reply.complete as usize, seeders);
    prop_assert_eq!(reply.incomplete as usize, model.members(swarm).count() - seeders);

    let others: Vec<u8> = model
        .members(swarm)
        .filter(|(other, ..)| *other != peer)
        .map(|(_, connection, _)| connection)
        .collect();
    prop_assert_eq!(relayed.len(), offers.min(others.len()).min(OFFERS_PER_ANNOUNCE_MAX));
    for (to, message) in relayed {
        let ServerMessage::Offer(offer) = message else { return Err(TestCaseError::fail("no offer")) };
        prop_assert_eq!(offer.peer_id, PeerId([peer; 20]));
        let there = others.iter().filter(|connection| *connection == to).count();
        let handed = relayed.iter().filter(|(connection, _)| connection == to).count();
        prop_assert!(handed <= there, "a connection got more offers than it has other peers");
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Answered(PeerId),
    Refused(String),
}

fn answer_in_model(model: &Model, connection: u8, swarm: u8, peer: u8, to: u8) -> (u8, What) {
    let refused = |refusal: Refusal| (connection, What::Refused(refusal.reason().to_owned()));
    if model.0.get(&(swarm, peer)).is_none_or(|(owner, _)| *owner != connection) {
        return refused(Refusal::AnswerFromStranger);
    }
    match model.0.get(&(swarm, to)) {
        Some((owner, _)) if to != peer => (*owner, What::Answered(PeerId([peer; 20]))),
        _ => refused(Refusal::OffererLeft),
    }
}

fn check_one(said: &[(u8, ServerMessage)]) -> Result<(u8, What), TestCaseError> {
    match said {
        [(to, ServerMessage::Answer(answer))] => Ok((*to, What::Answered(answer.peer_id))),
        [(to, ServerMessage::Failure(failure))] => Ok((*to, What::Refused(failure.reason.clone()))),
        other => Err(TestCaseError::fail(format!("neither one answer nor one refusal: {other:?}"))),
    }
}

fn drain(registry: &mut Registry) -> Vec<(u8, ServerMessage)> {
    let mut said = Vec::new();
    loop {
        match registry.poll_output() {
            Output::Transmit { to, message } => {
                said.push((u8::try_from(to.0).expect("a connection of ours"), message));
            }
            Output::Probe { .. } => {}
            Output::Timeout(_) => return said,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        4 => Just(Event::Update),
        4 => Just(Event::Started),
        1 => Just(Event::Completed),
        2 => Just(Event::Stopped)
    ];
    let announce = (0..NAMES, 0..NAMES, 0..NAMES, event, any::<bool>(), 0..12_usize).prop_map(
        |(connection, swarm, peer, event, seeder, offers)| Step::Announce {
            connection,
            swarm: swarm / 2,
            peer,
            event,
            seeder,
            offers,
        },
    );
    let answer = (0..NAMES, 0..NAMES, 0..NAMES, 0..NAMES)
        .prop_map(|(connection, swarm, peer, to)| Step::Answer { connection, swarm: swarm / 2, peer, to });
    prop_oneof![6 => announce, 3 => answer, 1 => (0..NAMES).prop_map(|connection| Step::Close { connection })]
}

fn input(step: Step) -> Input {
    let (connection, message) = match step {
        Step::Close { connection } => {
            return Input::Closed { connection: ConnectionId(u64::from(connection)) };
        }
        Step::Announce { connection, swarm, peer, event, seeder, offers } => {
            let offer = Offer { offer_id: OfferId([0; 20]), sdp: String::new() };
            let announce = Announce {
                offers: vec![offer; offers],
                left: seeder.then_some(0),
                ..Announce::new(InfoHash([swarm; 20]), PeerId([peer; 20]), event)
            };
            (connection, ClientMessage::Announce(announce))
        }
        Step::Answer { connection, swarm, peer, to } => {
            let answer = ClientAnswer {
                info_hash: InfoHash([swarm; 20]),
                peer_id: PeerId([peer; 20]),
                to_peer_id: PeerId([to; 20]),
                offer_id: OfferId([0; 20]),
                sdp: String::new(),
            };
            (connection, ClientMessage::Answer(answer))
        }
    };
    Input::Message { connection: ConnectionId(u64::from(connection)), message }
}
