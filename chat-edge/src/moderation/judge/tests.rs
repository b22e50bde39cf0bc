//! Every refusal in its place, and what is spent on the way.

use proptest::prelude::*;

use super::*;
use crate::moderation::{Record, Rooms, Sanction, Scope, Settings};

const NOW: Moment = Moment(1_700_000_000_000);

fn room() -> RoomKey {
    RoomKey::parse("live://1").unwrap()
}

fn grant() -> Grant {
    Grant {
        user: UserId(7),
        name: "seven".into(),
        rooms: Rooms::All,
        role: Role::Viewer,
        level: 5,
        follows_since: Some(Moment(NOW.0 - 60_000)),
        id: "t".into(),
        issued: Moment(NOW.0 - 1_000),
        from: Moment(0),
        until: NOW.plus_ms(3_600_000),
        refresh_until: NOW.plus_ms(7_200_000),
    }
}

fn judge() -> Judge {
    Judge::new(Config::default(), State::default())
}

fn clean(_: &str) -> Found {
    Found::Clean
}

fn attempt<'a>(room: &'a RoomKey, grant: Option<&'a Grant>, text: &'a str) -> Attempt<'a> {
    Attempt { room, grant, connection: Some(1), address: [127, 0, 0, 1].into(), text }
}

fn say(judge: &mut Judge, now: Moment, grant: &Grant, text: &str) -> Ruling {
    judge.rule(now, attempt(&room(), Some(grant), text), clean)
}

fn sanctioned(kind: SanctionKind, until: Option<Moment>) -> Record {
    let sanction = Sanction { until, by: UserId(1), at: NOW, reason: String::new() };
    Record::Sanction(Scope::Room(room()), UserId(7), kind, sanction)
}

fn settings(settings: Settings) -> Record {
    Record::Settings(room(), settings)
}

fn slow_mode() -> Record {
    settings(Settings { slow_s: 30, ..Settings::default() })
}

/// Somebody for whom something is wrong.
struct Case {
    grant: Grant,
    judge: Judge,
    settings: Settings,
    text: &'static str,
}

/// Whatever is wrong further down, the first in the order of precedence is what is said.
#[test]
fn refusals_by_row_each_wins_over_all_below() {
    const LONG: &str = "01234567890123456789012345678901234567890123456789\
                        01234567890123456789012345678901234567890123456789x";
    type Wrong = fn(&mut Case);
    let rows: [(Refusal, Wrong); 14] = [
        (Refusal::TokenExpired, |case| case.grant.until = Moment(NOW.0 - 60_000)),
        (Refusal::TokenRevoked, |case| {
            case.judge.state.put(Record::TokenRevoked("t".into(), NOW.plus_ms(1)));
        }),
        (Refusal::OtherRoom, |case| case.grant.rooms = Rooms::These(Vec::new())),
        (Refusal::Banned(None), |case| {
            case.judge.state.put(sanctioned(SanctionKind::Ban, None));
        }),
        (Refusal::Muted(Some(NOW.plus_ms(5))), |case| {
            case.judge.state.put(sanctioned(SanctionKind::Mute, Some(NOW.plus_ms(5))));
        }),
        (Refusal::Closed, |case| case.settings.closed = true),
        (Refusal::LevelOnly(9), |case| case.settings.level_min = 9),
        (Refusal::FollowersOnly(99), |case| case.settings.followers_s = Some(99)),
        (Refusal::TooLong(100), |case| case.text = LONG),
        (Refusal::SlowMode(30_000), |case| {
            case.settings.slow_s = 30;
            case.judge.slow.spend(NOW, (UserId(7), room()), slow(30));
        }),
        (Refusal::ConnectionRate(10_000), |case| case.judge.config.connection_per_10s = 0),
        (Refusal::UserRate(10_000), |case| case.judge.config.user_per_10s = 0),
        (Refusal::AddressRate(10_000), |case| case.judge.config.address_per_10s = 0),
        (Refusal::RoomRate(10_000), |case| case.judge.config.room_per_10s = 0),
    ];
    for (index, (refusal, _)) in rows.iter().enumerate() {
        let mut case = Case { grant: grant(), judge: judge(), settings: Settings::default(), text: "bad" };
        rows[index..].iter().for_each(|(_, wrong)| wrong(&mut case));
        let Case { grant, mut judge, settings: of_room, text } = case;
        judge.state.put(settings(of_room));
        let block = |_: &str| Found::Rule(Action::Block, 0);
        let Ruling::Refuse(found) = judge.rule(NOW, attempt(&room(), Some(&grant), text), block) else {
            panic!("{refusal:?} is let through");
        };
        assert_eq!(found.code(), refusal.code());
        assert_eq!(found.retry_ms(NOW).is_some(), refusal.retry_ms(NOW).is_some(), "{refusal:?}");
    }
}

#[test]
fn nobody_without_a_token_speaks_and_nothing_that_nobody_sees_is_said() {
    let mut judge = judge();
    assert_eq!(judge.rule(NOW, attempt(&room(), None, ""), clean), Ruling::Refuse(Refusal::Guest));
    for text in ["", " \n", "\u{200B}\u{2800}"] {
        assert_eq!(say(&mut judge, NOW, &grant(), text), Ruling::Refuse(Refusal::Empty), "{text:?}");
    }
    let exactly = "长".repeat(100);
    assert_eq!(say(&mut judge, NOW, &grant(), &exactly), Ruling::Say(exactly.clone()));
    assert_eq!(say(&mut judge, NOW, &grant(), &(exactly + "长")), Ruling::Refuse(Refusal::TooLong(100)));
}

#[test]
fn moderators_and_streamers_are_above_modes_and_only_streamers_above_the_filter() {
    let rows = [
        (Role::Viewer, Ruling::Refuse(Refusal::Closed)),
        (Role::Moderator, Ruling::Refuse(Refusal::Filtered)),
    ];
    let all = Settings { closed: true, level_min: 99, followers_s: Some(9_999), slow_s: 30 };
    for (role, wanted) in rows.into_iter().chain([(Role::Streamer, Ruling::Say("bad".into()))]) {
        let mut judge = judge();
        judge.state.put(settings(all));
        let grant = Grant { role, ..grant() };
        let look = |_: &str| Found::Rule(Action::Block, 0);
        assert_eq!(judge.rule(NOW, attempt(&room(), Some(&grant), "bad"), look), wanted, "{role:?}");
    }
    let mut judge = judge();
    judge.state.put(settings(all));
    judge.state.put(Record::Role(room(), UserId(7), Role::Moderator));
    assert_eq!(say(&mut judge, NOW, &grant(), "made one"), Ruling::Say("made one".into()));
}

#[test]
fn nobody_in_a_room_silences_whose_room_it_is_and_an_operator_does() {
    let mut judge = judge();
    let streamer = Grant { role: Role::Streamer, ..grant() };
    judge.state.put(sanctioned(SanctionKind::Ban, None));
    assert_eq!(say(&mut judge, NOW, &streamer, "mine"), Ruling::Say("mine".into()));
    let Record::Sanction(_, user, kind, sanction) = sanctioned(SanctionKind::Mute, None) else {
        unreachable!()
    };
    judge.state.put(Record::Sanction(Scope::Everywhere, user, kind, sanction));
    assert_eq!(say(&mut judge, NOW, &streamer, "mine"), Ruling::Refuse(Refusal::Muted(None)));
}

#[test]
fn what_the_filter_found_is_done() {
    let rows = [
        (Found::Clean, Ruling::Say("text".into())),
        (Found::Masked("***".into(), 0), Ruling::Say("***".into())),
        (Found::Rule(Action::Shadow, 0), Ruling::Whisper("text".into())),
        (Found::Rule(Action::Hold, 0), Ruling::Hold),
        (Found::Rule(Action::Block, 0), Ruling::Refuse(Refusal::Filtered)),
    ];
    for (found, wanted) in rows {
        let mut judge = judge();
        assert_eq!(
            judge.rule(NOW, attempt(&room(), Some(&grant()), "text"), |_| found.clone()),
            wanted,
            "{found:?}"
        );
    }
    let mut judge = judge();
    judge.state.put(sanctioned(SanctionKind::Shadow, None));
    assert_eq!(say(&mut judge, NOW, &grant(), "text"), Ruling::Whisper("text".into()));
}

#[test]
fn each_rate_stands_for_itself_and_refused_words_count() {
    let tight = |config: Config| Judge::new(config, State::default());
    let config = Config::default();
    let rows = [
        (Config { connection_per_10s: 1, ..config }, Refusal::ConnectionRate(10_000)),
        (Config { user_per_10s: 1, ..config }, Refusal::UserRate(10_000)),
        (Config { address_per_10s: 1, ..config }, Refusal::AddressRate(10_000)),
        (Config { room_per_10s: 1, ..config }, Refusal::RoomRate(10_000)),
    ];
    for (config, refusal) in rows {
        let mut judge = tight(config);
        let block = |_: &str| Found::Rule(Action::Block, 0);
        let first = judge.rule(NOW, attempt(&room(), Some(&grant()), "a"), block);
        assert_eq!(first, Ruling::Refuse(Refusal::Filtered));
        assert_eq!(say(&mut judge, NOW, &grant(), "a"), Ruling::Refuse(refusal));
        assert_eq!(say(&mut judge, NOW.plus_ms(10_000), &grant(), "a"), Ruling::Say("a".into()));
    }
}

#[test]
fn slow_mode_counts_what_was_said_and_not_what_was_refused() {
    let mut judge = judge();
    judge.state.put(slow_mode());
    let block = |_: &str| Found::Rule(Action::Block, 0);
    let refused = judge.rule(NOW, attempt(&room(), Some(&grant()), "a"), block);
    assert_eq!(refused, Ruling::Refuse(Refusal::Filtered));
    assert_eq!(say(&mut judge, NOW, &grant(), "a"), Ruling::Say("a".into()));
    assert_eq!(say(&mut judge, NOW.plus_ms(29_999), &grant(), "a"), Ruling::Refuse(Refusal::SlowMode(1)));
    assert_eq!(say(&mut judge, NOW.plus_ms(30_000), &grant(), "a"), Ruling::Say("a".into()));
}

#[test]
fn neighbours_in_one_ipv6_network_are_one_address() {
    let rows = [("2001:db8::1", "2001:db8::ffff", true), ("2001:db8::1", "2001:db8:0:1::1", false)];
    for (one, other, same) in rows {
        assert_eq!(household(one.parse().unwrap()) == household(other.parse().unwrap()), same);
    }
    assert_eq!(household("::ffff:10.0.0.1".parse().unwrap()), household("10.0.0.1".parse().unwrap()));
}

proptest! {
    /// Whatever happened before, a banned or muted person is never heard, and nobody is heard more often than the rate.
    #[test]
    fn nobody_is_heard_who_may_not(
        steps in prop::collection::vec((0..3_000_u64, 0..4_u8, any::<bool>()), 1..120)
    ) {
        let mut judge = judge();
        let (mut now, mut said) = (NOW, Vec::new());
        for (gap, change, until) in steps {
            now = now.plus_ms(gap);
            let until = until.then(|| now.plus_ms(2_000));
            match change {
                0 => drop(judge.state.put(sanctioned(SanctionKind::Mute, until))),
                1 => drop(judge.state.put(sanctioned(SanctionKind::Ban, until))),
                2 => {
                    for kind in SanctionKind::ALL {
                        let Record::Sanction(scope, user, ..) = sanctioned(kind, None) else { unreachable!() };
                        judge.state.remove(&crate::moderation::Key::Sanction(scope, user, kind));
                    }
                }
                _ => {}
            }
            let silenced = [SanctionKind::Mute, SanctionKind::Ban].into_iter()
                .any(|kind| judge.state.sanction(now, &room(), UserId(7), kind).is_some());
            let ruling = say(&mut judge, now, &grant(), "a");
            prop_assert!(!silenced || matches!(ruling, Ruling::Refuse(_)));
            if ruling == Ruling::Say("a".into()) {
                said.push(now);
                let recent = said.iter().filter(|then| now.since_ms(**then) < 10_000).count();
                prop_assert!(recent <= 14, "{}", recent);
            }
        }
    }
}
