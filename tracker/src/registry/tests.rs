//! Conversations with the registry: each test is a script of who says what over which connection, and what each
//! connection is told.

use super::*;
use protocol::id::{OfferId, PeerId};
use protocol::tracker::Forwarded;

const SWARM: u8 = 200;
const OTHER_SWARM: u8 = 201;

#[test]
fn the_first_announce_is_answered_with_a_swarm_of_one() {
    let mut world = World::new();
    assert_eq!(world.announce(0, 1, &[]), ["0: reply 0+1"]);
}

#[test]
fn an_offer_goes_to_the_other_peer_and_its_answer_comes_back() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+2", "0: offer 50 by 2"]);
    assert_eq!(world.answer(0, 1, 2, 50), ["1: answer 50 by 1"]);
}

#[test]
fn an_answer_gets_no_reply() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    world.announce(1, 2, &[50]);
    assert!(world.answer(0, 1, 2, 50).iter().all(|said| !said.contains("reply")));
}

#[test]
fn offers_of_a_lonely_peer_go_to_nobody() {
    let mut world = World::new();
    assert_eq!(world.announce(0, 1, &[50, 51]), ["0: reply 0+1"]);
    assert_eq!((world.registry.stats().offers, world.registry.stats().offers_relayed), (2, 0));
}

#[test]
fn offers_stay_in_their_swarm() {
    let mut world = World::new();
    world.say(0, announce(OTHER_SWARM, 1, Event::Started, &[]));
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+1"]);
}

#[test]
fn ten_offers_go_to_ten_peers_and_the_eleventh_to_nobody() {
    let mut world = World::new();
    for peer in 0..20 {
        world.announce(u64::from(peer), peer, &[]);
    }
    for (offers, relayed) in [(10, 10), (11, 10)] {
        let ids: Vec<u8> = (100..100 + offers).collect();
        let said = world.announce(30, 30, &ids);
        assert_eq!(said.iter().filter(|line| line.contains("offer")).count(), relayed, "{offers} offers");
    }
}

#[test]
fn what_a_peer_says_of_itself_decides_whether_it_counts_as_a_seeder() {
    let rows = [
        (None, Event::Update, "0: reply 0+1"),
        (Some(1), Event::Started, "0: reply 0+1"),
        (Some(0), Event::Update, "0: reply 1+0"),
        (None, Event::Completed, "0: reply 1+0"),
    ];
    for (left, event, told) in rows {
        let mut world = World::new();
        let mut message = announce(SWARM, 1, event, &[]);
        if let ClientMessage::Announce(announce) = &mut message {
            announce.left = left;
        }
        assert_eq!(world.say(0, message), [told], "left {left:?} {event:?}");
    }
}

#[test]
fn reports_are_counted_and_a_pair_that_failed_is_not_introduced_again() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    let mut message = announce(SWARM, 2, Event::Started, &[50]);
    if let ClientMessage::Announce(announce) = &mut message {
        // Peer 9 is not here.
        announce.unreached = vec![PeerId([1; 20]), PeerId([9; 20])];
    }
    assert_eq!(world.say(1, message.clone()), ["1: reply 0+2"]);
    assert_eq!(world.announce(0, 1, &[51]), ["0: reply 0+2"]);
    if let ClientMessage::Announce(announce) = &mut message {
        (announce.reached, announce.unreached) = (vec![PeerId([1; 20])], Vec::new());
    }
    assert_eq!(world.say(1, message), ["1: reply 0+2", "0: offer 50 by 2"]);
    let stats = world.registry.stats();
    assert_eq!((stats.reached, stats.unreached), (1, 1));
}

#[test]
fn a_peer_that_stops_leaves_without_a_reply_and_gets_no_more_offers() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    assert!(world.say(0, announce(SWARM, 1, Event::Stopped, &[50])).is_empty());
    assert_eq!(world.announce(1, 2, &[51]), ["1: reply 0+1"]);
}

#[test]
fn somebody_else_cannot_stop_a_peer() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    world.say(9, announce(SWARM, 1, Event::Stopped, &[]));
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+2", "0: offer 50 by 2"]);
}

#[test]
fn a_closed_connection_takes_all_its_peers_out_of_all_their_swarms() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    world.announce(0, 2, &[]);
    world.say(0, announce(OTHER_SWARM, 1, Event::Started, &[]));
    assert_eq!((world.registry.stats().peers, world.registry.stats().swarms), (3, 2));
    world.close(0);
    assert_eq!((world.registry.stats().peers, world.registry.stats().swarms), (0, 0));
}

#[test]
fn a_peer_id_that_a_living_connection_owns_is_refused_and_its_owner_asked_whether_it_lives() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    let refused = [format!("5: failure {}", Refusal::PeerIdTaken.reason()), "0: probe".to_owned()];
    for _ in 0..2 {
        let mut said = world.announce(5, 1, &[60]);
        said.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(said, refused);
    }
    // The owner is reached as before, and nobody answers or leaves in its name.
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+2", "0: offer 50 by 2"]);
    assert!(world.answer(5, 1, 2, 50)[0].ends_with(Refusal::AnswerFromStranger.reason()));
    world.say(5, announce(SWARM, 1, Event::Stopped, &[]));
    world.close(5);
    assert_eq!(world.registry.stats().peers, 2);
    assert_eq!(world.registry.stats().probes, 2);
}

#[test]
fn a_viewer_whose_old_connection_is_gone_comes_back_with_its_id() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    assert!(world.announce(5, 1, &[]).iter().any(|said| said == "0: probe"));
    world.close(0);
    assert_eq!(world.announce(5, 1, &[]), ["5: reply 0+1"]);
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+2", "5: offer 50 by 2"]);
}

#[test]
fn the_same_id_in_another_swarm_is_another_peer() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    assert_eq!(world.say(5, announce(OTHER_SWARM, 1, Event::Started, &[])), ["5: reply 0+1"]);
}

#[test]
fn an_offer_that_reaches_nobody_goes_to_another_while_its_maker_is_here() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    world.announce(1, 2, &[]);
    let offer = |by| Forwarded {
        info_hash: InfoHash([SWARM; 20]),
        peer_id: PeerId([by; 20]),
        offer_id: OfferId([50; 20]),
        sdp: "v=0".to_owned(),
    };
    // The connection that did not take it is closed first, so it is not chosen again.
    assert_eq!(world.input(Input::Undelivered(offer(1))), ["1: offer 50 by 1"]);
    world.close(1);
    assert!(world.input(Input::Undelivered(offer(1))).is_empty(), "there is nobody else");
    assert!(world.input(Input::Undelivered(offer(2))).is_empty(), "its maker has left");
    assert_eq!(world.registry.stats().offers_again, 1);
}

#[test]
fn newcomers_past_the_rate_are_told_their_turn_and_who_is_here_is_not_held_up() {
    let mut world = World::with(Config { joins_per_s: 2, ..Config::new(1) });
    for peer in 0..2 {
        assert_eq!(world.announce(u64::from(peer), peer, &[]).len(), 1);
        assert_eq!(world.registry.stats().peers, usize::from(peer) + 1);
    }
    let late = format!("9: failure {}", Refusal::TooManyNewcomers.reason());
    assert_eq!(world.announce(9, 9, &[]), [late]);
    assert_eq!(world.announce(0, 0, &[60]), ["0: reply 0+2", "1: offer 60 by 0"]);
    let told = |wait| Refusal::TooManyNewcomers.to_failure(None, 0, wait).retry_in_s;
    assert_eq!((told(Duration::from_millis(1_500)), told(Duration::from_secs(2))), (Some(2), Some(2)));
    world.now = world.now + Duration::from_secs(2);
    assert_eq!(world.announce(9, 9, &[]), ["9: reply 0+3"]);
}

#[test]
fn a_viewer_s_place_and_nat_decide_whom_it_meets() {
    let mut world = World::new();
    let region = Region::parse("DE");
    for connection in 0..2 {
        world.input(Input::Opened {
            connection: ConnectionId(connection),
            place: Place { region, ..Place::default() },
        });
    }
    let symmetric = "a=candidate:2 1 udp 1 203.0.113.5 40000 typ srflx raddr 0.0.0.0 rport 0\r\n\
                     a=candidate:2 1 udp 1 203.0.113.5 40001 typ srflx raddr 0.0.0.0 rport 0\r\n";
    let offering = |peer| {
        let mut message = announce(SWARM, peer, Event::Update, &[50]);
        let ClientMessage::Announce(announce) = &mut message else { unreachable!() };
        symmetric.clone_into(&mut announce.offers[0].sdp);
        message
    };
    world.say(0, offering(1));
    assert_eq!(world.say(1, offering(2)), ["1: reply 0+2"], "two symmetric NATs are not introduced");
    world.announce(2, 3, &[]);
    assert_eq!(world.say(1, offering(2)), ["1: reply 0+3", "2: offer 50 by 2"]);
    assert_eq!(world.registry.regions(9), [(Region::parse("DE").unwrap(), 2)]);
    // An answer reports, too.
    let mut message = answer(SWARM, 3, 2);
    if let ClientMessage::Answer(answer) = &mut message {
        symmetric.clone_into(&mut answer.sdp);
    }
    world.say(2, message);
    assert_eq!(world.say(1, offering(2)), ["1: reply 0+3"]);
}

#[test]
fn a_million_swarms_are_refused_at_the_maximum_of_peers_and_the_others_are_served_on() {
    let peers_max = 20_000;
    let mut world = World::with(Config { peers_max, joins_per_s: 0, ..Config::new(1) });
    world.announce(0, 1, &[]);
    let full = format!("failure {}", Refusal::TrackerFull.reason());
    let mut refused = 0;
    for name in 0..1_000_000_u32 {
        let mut message = announce(0, 1, Event::Started, &[]);
        if let ClientMessage::Announce(announce) = &mut message {
            announce.info_hash.0[..4].copy_from_slice(&name.to_be_bytes());
        }
        let said = world.say(1 + u64::from(name / 16), message);
        refused += usize::from(said[0].ends_with(&full));
    }
    assert_eq!((world.registry.stats().swarms, refused), (peers_max, 1_000_001 - peers_max));
    assert_eq!(world.announce(0, 1, &[]), ["0: reply 0+1"]);
}

#[test]
fn refusals_by_reason() {
    let rows: [(&str, Input, Refusal); 8] = [
        ("an answer by a stranger", said(7, answer(SWARM, 9, 1)), Refusal::AnswerFromStranger),
        ("an answer in another's name", said(7, answer(SWARM, 2, 1)), Refusal::AnswerFromStranger),
        ("an answer into an unknown swarm", said(1, answer(77, 2, 1)), Refusal::AnswerFromStranger),
        ("an answer across swarms", said(1, answer(SWARM, 2, 3)), Refusal::OffererLeft),
        ("an answer to nobody", said(1, answer(SWARM, 2, 99)), Refusal::OffererLeft),
        ("an answer to oneself", said(1, answer(SWARM, 2, 2)), Refusal::OffererLeft),
        ("a scrape of everything", said(1, ClientMessage::Scrape(Vec::new())), Refusal::ScrapeOfEverything),
        ("one swarm too many", said(1, scrape(SCRAPE_HASHES_MAX + 1)), Refusal::ScrapeTooLong),
    ];
    for (what, input, refusal) in rows {
        let mut world = World::new();
        world.announce(0, 1, &[]);
        world.announce(1, 2, &[]);
        world.say(3, announce(OTHER_SWARM, 3, Event::Started, &[]));
        let said = world.input(input);
        assert_eq!(said.len(), 1, "{what}");
        assert!(said[0].ends_with(refusal.reason()), "{what}: {said:?}");
        assert_eq!(world.registry.stats().refusals[refusal.index()], 1, "{what}");
    }
}

#[test]
fn refusals_are_numbered_in_their_order() {
    for (index, refusal) in Refusal::ALL.into_iter().enumerate() {
        assert_eq!(refusal.index(), index, "{}", refusal.code());
    }
}

#[test]
fn a_scrape_tells_the_size_of_known_and_unknown_swarms_up_to_its_maximum() {
    let mut world = World::new();
    world.say(0, announce(0, 1, Event::Completed, &[]));
    world.say(1, announce(0, 2, Event::Started, &[]));
    assert_eq!(world.say(1, scrape(2)), ["1: scrape 1+1/1 0+0/0"]);
    assert_eq!(world.say(1, scrape(SCRAPE_HASHES_MAX)).len(), 1);
    assert_eq!(world.registry.stats().refusals.iter().sum::<u64>(), 0);
}

#[test]
fn a_connection_speaks_for_sixteen_peers_and_not_for_seventeen() {
    let mut world = World::new();
    let max = u8::try_from(limits::PEERS_PER_CONNECTION_MAX).unwrap();
    for swarm in 0..max {
        assert_eq!(world.say(0, announce(swarm, 1, Event::Started, &[])), ["0: reply 0+1"], "swarm {swarm}");
    }
    let refused = world.say(0, announce(max, 1, Event::Started, &[]));
    assert_eq!(refused, [format!("0: failure {}", Refusal::TooManyPeersOnConnection.reason())]);
    assert_eq!(world.say(0, announce(0, 1, Event::Update, &[])), ["0: reply 0+1"]);
    world.say(0, announce(0, 1, Event::Stopped, &[]));
    assert_eq!(world.say(0, announce(max, 1, Event::Started, &[])), ["0: reply 0+1"]);
}

#[test]
fn a_full_tracker_refuses_newcomers_with_a_time_to_retry_and_keeps_its_own() {
    let mut world = World::with(Config { peers_max: 2, ..Config::new(1) });
    world.announce(0, 1, &[]);
    assert_eq!(world.announce(1, 2, &[]), ["1: reply 0+2"]);
    assert_eq!(world.announce(2, 3, &[]), [format!("2: failure {}", Refusal::TrackerFull.reason())]);
    for (nth, retry_s) in [(0, 30), (1, 31), (30, 60), (31, 30)] {
        let failure = Refusal::TrackerFull.to_failure(None, nth, Duration::ZERO);
        assert_eq!(failure.retry_in_s, Some(retry_s), "{nth}");
    }
    assert_eq!(world.announce(0, 1, &[]), ["0: reply 0+2"]);
    world.close(1);
    assert_eq!(world.announce(2, 3, &[]), ["2: reply 0+2"]);
}

#[test]
fn a_silent_peer_is_forgotten_after_its_lifetime_and_a_talking_one_is_not() {
    let mut world = World::new();
    world.announce(0, 1, &[]);
    world.announce(1, 2, &[]);
    world.run_until(Duration::from_secs(100));
    world.announce(1, 2, &[]);
    world.run_until(limits::PEER_LIFETIME);
    assert_eq!(world.registry.stats().peers, 2, "at its lifetime a peer is still here");
    world.run_until(limits::PEER_LIFETIME + limits::SWEEP_ROUND + limits::SWEEP_STEP);
    assert_eq!(world.announce(1, 2, &[50]), ["1: reply 0+1"]);
    assert_eq!(world.registry.stats().expired, 1);
}

#[test]
fn a_sweep_round_finds_every_silent_peer_of_many_swarms_and_then_rests() {
    let mut world = World::new();
    for connection in 0..1_000_u64 {
        let (swarm, peer) = (connection % 7, connection / 7);
        let message =
            announce(u8::try_from(swarm).unwrap(), u8::try_from(peer).unwrap(), Event::Started, &[]);
        world.say(connection, message);
    }
    assert_eq!(world.registry.stats().peers, 1_000);
    world.run_until(limits::PEER_LIFETIME + limits::SWEEP_ROUND * 2);
    assert_eq!((world.registry.stats().peers, world.registry.stats().swarms), (0, 0));
    world.run_until(limits::PEER_LIFETIME + limits::SWEEP_ROUND * 3);
    assert_eq!(world.registry.poll_output(), Output::Timeout(Instant::NEVER));
}

#[test]
fn the_same_seed_chooses_the_same_receivers_and_another_seed_others() {
    let run = |seed| {
        let mut world = World::with(Config::new(seed));
        (0..60).flat_map(|peer| world.announce(u64::from(peer), peer, &[100, 101, 102])).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

/// A registry, a clock, and words for what it says.
struct World {
    registry: Registry,
    now: Instant,
}

impl World {
    fn new() -> Self {
        Self::with(Config::new(1))
    }

    fn with(config: Config) -> Self {
        Self { registry: Registry::new(config), now: Instant::ZERO }
    }

    fn announce(&mut self, connection: u64, peer: u8, offers: &[u8]) -> Vec<String> {
        self.say(connection, announce(SWARM, peer, Event::Update, offers))
    }

    fn answer(&mut self, connection: u64, from: u8, to: u8, offer: u8) -> Vec<String> {
        let mut message = answer(SWARM, from, to);
        if let ClientMessage::Answer(answer) = &mut message {
            answer.offer_id = OfferId([offer; 20]);
        }
        self.say(connection, message)
    }

    fn say(&mut self, connection: u64, message: ClientMessage) -> Vec<String> {
        self.input(said(connection, message))
    }

    fn close(&mut self, connection: u64) {
        assert!(self.input(Input::Closed { connection: ConnectionId(connection) }).is_empty());
    }

    fn input(&mut self, input: Input) -> Vec<String> {
        self.registry.handle_input(self.now, input);
        self.drain().0
    }

    fn drain(&mut self) -> (Vec<String>, Instant) {
        let mut said = Vec::new();
        loop {
            match self.registry.poll_output() {
                Output::Transmit { to, message } => said.push(format!("{}: {}", to.0, in_words(&message))),
                Output::Probe { connection } => said.push(format!("{}: probe", connection.0)),
                Output::Timeout(due) => return (said, due),
            }
        }
    }

    /// Fires every time-out up to `end` after the start.
    fn run_until(&mut self, end: Duration) {
        let end = Instant::ZERO + end;
        loop {
            let (said, due) = self.drain();
            assert!(said.is_empty());
            if due > end {
                break;
            }
            self.now = due;
            self.registry.handle_input(self.now, Input::Timeout);
        }
        self.now = end;
    }
}

fn said(connection: u64, message: ClientMessage) -> Input {
    Input::Message { connection: ConnectionId(connection), message }
}

fn announce(swarm: u8, peer: u8, event: Event, offers: &[u8]) -> ClientMessage {
    let offer = |id: &u8| Offer { offer_id: OfferId([*id; 20]), sdp: "v=0".to_owned() };
    ClientMessage::Announce(Announce {
        offers: offers.iter().map(offer).collect(),
        ..Announce::new(InfoHash([swarm; 20]), PeerId([peer; 20]), event)
    })
}

fn answer(swarm: u8, from: u8, to: u8) -> ClientMessage {
    ClientMessage::Answer(ClientAnswer {
        info_hash: InfoHash([swarm; 20]),
        peer_id: PeerId([from; 20]),
        to_peer_id: PeerId([to; 20]),
        offer_id: OfferId([50; 20]),
        sdp: "v=0".to_owned(),
    })
}

fn scrape(swarms: usize) -> ClientMessage {
    ClientMessage::Scrape((0..swarms).map(|swarm| InfoHash([u8::try_from(swarm).unwrap(); 20])).collect())
}

fn in_words(message: &ServerMessage) -> String {
    match message {
        ServerMessage::Reply(reply) => format!("reply {}+{}", reply.complete, reply.incomplete),
        ServerMessage::Offer(offer) => format!("offer {} by {}", offer.offer_id.0[0], offer.peer_id.0[0]),
        ServerMessage::Answer(answer) => {
            format!("answer {} by {}", answer.offer_id.0[0], answer.peer_id.0[0])
        }
        ServerMessage::Scrape(entries) => {
            let sizes = entries.iter().map(|e| format!(" {}+{}/{}", e.complete, e.incomplete, e.downloaded));
            format!("scrape{}", sizes.collect::<String>())
        }
        ServerMessage::Failure(failure) => format!("failure {}", failure.reason),
    }
}
