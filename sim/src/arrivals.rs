//! Who comes and goes, and when: drawn before the world begins.

use protocol::time::{Duration, Instant};

use crate::event::Event;
use crate::home::Home;
use crate::lies::Lie;
use crate::mesh::ViewerId;
use crate::random::{Purpose, Random};
use crate::viewer::Viewer;
use crate::world::{PAGE, World, viewer_id};

/// Whoever takes a leaver's place comes within this time.
const REPLACED: Duration = Duration::from_secs(2);
/// A mass that leaves does so within this time: the final whistle.
const EXODUS: Duration = Duration::from_secs(3);
/// Into the background, and back: so long in each, on average.
const TAB: Duration = Duration::from_secs(30);

impl World {
    /// Draws where and when everybody comes and goes.
    pub(crate) fn plan_viewers(&mut self) {
        let scenario = self.scenario.clone();
        let mut arrival = Random::new(scenario.seed, Purpose::Arrival, 0);
        let in_time = scenario.viewers.saturating_sub(scenario.arrivals.late);
        let mut joined = Vec::new();
        for index in 0..scenario.viewers {
            let at = if index < in_time {
                scenario.arrivals.doors + draw(&mut arrival, scenario.arrivals.spread)
            } else {
                scenario.arrivals.late_from + draw(&mut arrival, scenario.arrivals.late_spread)
            };
            self.admit(at, self.lie_of(index));
            joined.push(at);
        }
        let mut behaviour = Random::new(scenario.seed, Purpose::Behaviour, 0);
        let window = scenario.window.until.since(scenario.window.from);
        for leaver in 0..scenario.crowd.turnover.min(in_time) {
            let at = scenario.window.from + draw(&mut behaviour, window);
            self.timeline.at(at, Event::Leave(ViewerId(leaver), behaviour.chance(500_000)));
            self.admit(at + draw(&mut behaviour, REPLACED), None);
        }
        if let Some(median) = scenario.crowd.stay {
            self.plan_stays(&mut behaviour, joined, median);
        }
        if let Some((at, permille, away)) = scenario.crowd.exodus {
            for index in 0..scenario.viewers {
                if behaviour.below(1_000) < u64::from(permille) {
                    let leaves = at + draw(&mut behaviour, EXODUS);
                    self.timeline.at(leaves, Event::Leave(ViewerId(index), behaviour.chance(500_000)));
                    self.admit(leaves + away + draw(&mut behaviour, away), None);
                }
            }
        }
        self.plan_switches(&mut behaviour);
        self.plan_sleep(&mut behaviour);
        for index in 0..self.viewers.len() {
            if behaviour.below(1_000) < u64::from(scenario.crowd.background_permille) {
                let at = scenario.window.from + draw(&mut behaviour, TAB);
                self.timeline.at(at, Event::Background(viewer_id(index), true));
            }
        }
    }

    /// Who changes the rendition, and when first; a stream of one rendition draws nothing.
    fn plan_switches(&mut self, behaviour: &mut Random) {
        let permille = u64::from(self.scenario.crowd.switching_permille);
        for index in (0..self.viewers.len()).filter(|_| permille > 0) {
            if behaviour.below(1_000) < permille {
                let at = self.scenario.window.from + draw(behaviour, TAB);
                self.timeline.at(at, Event::Switch(viewer_id(index)));
            }
        }
    }

    /// Whose phone sleeps, and when first; where none does, nothing is drawn.
    fn plan_sleep(&mut self, behaviour: &mut Random) {
        let permille = u64::from(self.scenario.crowd.sleeping_permille);
        for index in (0..self.viewers.len()).filter(|_| permille > 0) {
            if behaviour.below(1_000) < permille {
                let at = self.scenario.window.from + draw(behaviour, TAB);
                self.timeline.at(at, Event::Sleep(viewer_id(index)));
            }
        }
    }

    /// Everybody stays for a time that knows no past, and somebody else comes instead.
    fn plan_stays(&mut self, behaviour: &mut Random, mut joined: Vec<Instant>, median: Duration) {
        let mut index = 0;
        while let Some(at) = joined.get(index).copied() {
            let leaves = at + halvings(behaviour, median);
            if leaves < self.scenario.end() {
                self.timeline.at(leaves, Event::Leave(viewer_id(index), behaviour.chance(500_000)));
                let next = leaves + draw(behaviour, REPLACED);
                let lie = self.viewers[index].lie;
                self.admit(next, lie);
                joined.push(next);
            }
            index += 1;
        }
    }

    /// Which of the first viewers lie, and how: spread evenly over their numbers.
    fn lie_of(&self, index: u32) -> Option<Lie> {
        let crowd = &self.scenario.crowd;
        if index < crowd.liars {
            return Some(Lie::WrongBytes);
        }
        let lies = |index: u32| u64::from(index) * u64::from(crowd.lying_permille) / 1_000;
        let liar = lies(index + 1) > lies(index);
        let kinds = if crowd.conspiracy { &[Lie::Conspires][..] } else { &Lie::ALL[..] };
        let kind = usize::try_from(lies(index)).unwrap_or(0) % kinds.len();
        if liar { kinds.get(kind).copied() } else { None }
    }

    fn admit(&mut self, at: Instant, lie: Option<Lie>) {
        let id = viewer_id(self.viewers.len());
        let home = Home::draw(&self.scenario, id);
        let super_peer = id.0 < self.scenario.crowd.super_peers;
        let home = if super_peer { home.of_the_operator() } else { home };
        self.viewers.push(Viewer { super_peer, ..Viewer::new(&self.scenario, home, lie) });
        self.names.insert(crate::viewer::peer_id(self.scenario.seed, id), id);
        self.timeline.at(at + PAGE, Event::Join(id));
    }

    /// A tab goes to the background, or comes back.
    pub(crate) fn on_background(&mut self, id: ViewerId, background: bool) {
        let after = TAB / 2 + draw(&mut self.behaviour, TAB);
        self.timeline.after(after, Event::Background(id, !background));
        let viewer = &mut self.viewers[id.0 as usize];
        if viewer.present {
            viewer.shell.background = background;
            let upload = viewer.home.uploads;
            self.feed(id, swarm::Input::Conditions { background, upload });
        }
    }
}

/// A time of which half last longer than `median`, a quarter longer than twice that, and so on: exponential, to within
/// a tenth of the median, by integers alone so that every machine draws the same.
fn halvings(random: &mut Random, median: Duration) -> Duration {
    let drawn = random.next() | 1;
    let whole = drawn.leading_zeros();
    // Between two halvings the logarithm is taken as a straight line.
    let rest = u64::MAX.wrapping_sub((drawn << whole) << 1) >> 44;
    median * whole + Duration::from_micros((median.as_micros() * rest) >> 20)
}

fn draw(random: &mut Random, span: Duration) -> Duration {
    Duration::from_micros(random.below(span.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_all_stays_are_longer_than_the_median_and_a_quarter_longer_than_two() {
        let mut random = Random::new(7, Purpose::Behaviour, 0);
        let median = Duration::from_secs(240);
        let stays: Vec<_> = (0..10_000).map(|_| halvings(&mut random, median)).collect();
        for (halvings, expected) in [(1, 5_000), (2, 2_500), (3, 1_250)] {
            let longer = stays.iter().filter(|stay| **stay > median * halvings).count();
            assert!(longer.abs_diff(expected) < 200, "{longer} longer than {halvings} medians");
        }
        let mean: u64 = stays.iter().map(|stay| stay.as_millis()).sum::<u64>() / 10_000;
        assert!((330_000..370_000).contains(&mean), "{mean} ms; 346 s by the book");
    }
}
