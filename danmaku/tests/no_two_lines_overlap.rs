//! Whatever comes, in whatever order and size, no two lines on the screen ever overlap, and every line is accounted for.

use danmaku::{Geometry, Kind, Line, LineId, Pixels, Settings, Shown, Stage};
use proptest::prelude::*;
use protocol::chat::Class;
use protocol::time::{Duration, Instant};

/// What a viewer and a room may do to a stage.
#[derive(Clone, Debug)]
enum Deed {
    Take { kind: Kind, class: Class, width_px: u32, age_ms: u64 },
    Pass(u64),
    Pause(bool),
    Resize { width_px: u32, height_px: u32, row_px: u32 },
    Speed(u16),
    Area(u8),
    Font(u32),
    Withdraw(u32),
    Clear,
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![4 => Just(Kind::Scroll), 1 => Just(Kind::Top), 1 => Just(Kind::Bottom), 1 => Just(Kind::Paid)]
}

fn classes() -> impl Strategy<Value = Class> {
    prop_oneof![1 => Just(Class::Paid), 1 => Just(Class::Own), 6 => Just(Class::Chat), 1 => Just(Class::Ambient)]
}

fn deeds() -> impl Strategy<Value = Deed> {
    let age = prop_oneof![9 => Just(0_u64), 1 => 1..9_000_u64];
    prop_oneof![
        20 => (kinds(), classes(), 1..900_u32, age)
            .prop_map(|(kind, class, width_px, age_ms)| Deed::Take { kind, class, width_px, age_ms }),
        12 => (0..700_u64).prop_map(Deed::Pass),
        1 => any::<bool>().prop_map(Deed::Pause),
        1 => (100..2_000_u32, 50..500_u32, 10..60_u32)
            .prop_map(|(width_px, height_px, row_px)| Deed::Resize { width_px, height_px, row_px }),
        1 => (10..500_u16).prop_map(Deed::Speed),
        1 => (0..120_u8).prop_map(Deed::Area),
        1 => (50..250_u32).prop_map(Deed::Font),
        1 => (0..200_u32).prop_map(Deed::Withdraw),
        1 => Just(Deed::Clear),
    ]
}

/// A stage and the shell around it, which knows how wide each line is.
struct Page {
    stage: Stage,
    now: Instant,
    widths: Vec<u32>,
    /// What the font makes of a width, in percent.
    font: u32,
    geometry: Geometry,
    settings: Settings,
}

impl Page {
    fn new() -> Self {
        let geometry = Geometry { width_px: 800, height_px: 300, row_px: 30 };
        let settings = Settings { area_percent: 100, ..Settings::default() };
        let now = Instant::from_millis(5_000);
        Self {
            stage: Stage::new(geometry, settings, now),
            now,
            widths: Vec::new(),
            font: 100,
            geometry,
            settings,
        }
    }

    fn width(&self, id: LineId) -> u32 {
        (self.widths[id.0 as usize] * self.font / 100).max(1)
    }

    fn arrange(&mut self) {
        let (widths, font) = (&self.widths, self.font);
        let width = |id: LineId| (widths[id.0 as usize] * font / 100).max(1);
        self.stage.arrange(self.geometry, self.settings, width, self.now);
    }

    fn carry_out(&mut self, deed: Deed) {
        match deed {
            Deed::Take { kind, class, width_px, age_ms } => {
                let id = LineId(u32::try_from(self.widths.len()).unwrap_or(u32::MAX));
                self.widths.push(width_px);
                let line = Line { id, kind, class, width_px: self.width(id), hold: Duration::from_secs(6) };
                self.stage.take(line, Duration::from_millis(age_ms), self.now);
            }
            Deed::Pass(ms) => {
                self.now = self.now + Duration::from_millis(ms);
                self.stage.advance(self.now);
            }
            Deed::Pause(paused) => self.stage.pause(paused, self.now),
            Deed::Resize { width_px, height_px, row_px } => {
                self.geometry = Geometry { width_px, height_px, row_px };
                self.arrange();
            }
            Deed::Speed(speed_percent) => {
                self.settings.speed_percent = speed_percent;
                self.arrange();
            }
            Deed::Area(area_percent) => {
                self.settings.area_percent = area_percent;
                self.arrange();
            }
            Deed::Font(percent) => {
                self.font = percent;
                self.arrange();
            }
            Deed::Withdraw(id) => self.stage.withdraw(LineId(id)),
            Deed::Clear => self.stage.clear(),
        }
    }

    fn check(&self) {
        let shown: Vec<Shown> = self.stage.shown().collect();
        for (at, one) in shown.iter().enumerate() {
            for other in &shown[at + 1..] {
                let apart = one.top_px != other.top_px
                    || self.right(one) <= other.left
                    || self.right(other) <= one.left;
                assert!(apart, "{one:?} and {other:?} overlap at {:?}", self.now);
            }
        }
        let counts = self.stage.counts();
        let elsewhere = counts.dropped_in_all() + self.stage.waiting() as u64;
        assert_eq!(counts.taken(), counts.shown() + elsewhere, "every line is accounted for");
    }

    fn right(&self, shown: &Shown) -> Pixels {
        // Widths change on the stage only when it is arranged, which the page does whenever the font does.
        shown.left + Pixels::whole(self.width(shown.id))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_two_lines_overlap_whatever_happens(deeds in prop::collection::vec(deeds(), 1..150)) {
        let mut page = Page::new();
        for deed in deeds {
            page.carry_out(deed);
            page.check();
        }
    }
}

#[test]
fn ten_thousand_lines_never_overlap_and_none_is_dropped_where_it_fits() {
    let mut page = Page::new();
    let mut seed = 7_u64;
    for _ in 0..10_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (width_px, pause) = (u32::try_from(seed >> 55).unwrap() + 20, (seed >> 40) % 120);
        page.carry_out(Deed::Take { kind: Kind::Scroll, class: Class::Ambient, width_px, age_ms: 0 });
        let shown = page.stage.shown().any(|one| one.id.0 as usize + 1 == page.widths.len());
        if !shown {
            assert!(page.is_full_for(width_px), "it would have fitted");
        }
        page.carry_out(Deed::Pass(pause));
        page.check();
    }
    assert!(page.stage.counts().dropped_in_all() > 0, "the room was busier than the stage");
}

impl Page {
    /// By another rule than the stage's: watches each row until the line would be gone.
    fn is_full_for(&self, width_px: u32) -> bool {
        let rows = self.geometry.height_px / self.geometry.row_px;
        (0..rows).all(|row| self.would_meet(row * self.geometry.row_px, f64::from(width_px)))
    }

    fn would_meet(&self, top_px: u32, width: f64) -> bool {
        let stage = f64::from(self.geometry.width_px);
        let speed = |width: f64| (stage + width).min(stage * 2.5) / 8.0;
        self.stage.shown().filter(|one| one.top_px == top_px).any(|one| {
            let (left, other) = (one.left.to_f64(), f64::from(self.width(one.id)));
            let end = (left + other) / speed(other);
            [0.0, end].iter().any(|at| {
                let right = left + other - speed(other) * at;
                // The stage's speeds are whole 2^-32 of a pixel in a microsecond: 0.002 px in 8 s.
                stage - speed(width) * at < right + 8.0 + 0.01
            })
        })
    }
}
