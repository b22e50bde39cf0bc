//! The stage of comments, seen from a page: lines in, places out. Its own module, loaded when comments are on.
//!
//! Owns the translation between `danmaku`'s types and what JavaScript can say, and nothing else. Times are milliseconds of
//! `performance.now()`, lengths are pixels of the page, names of lines are whole numbers that the page chooses.
//! **Invariant:** a number that names nothing (a kind, a class) is taken as the plainest there is, never a panic.

use danmaku::{
    Geometry, Kind, Line, LineId, Missing, Order, Pixels, Repeats, Rules, Settings, Stage, Verdict,
};
use protocol::chat::Class;
use protocol::time::{Duration, Instant};
use wasm_bindgen::prelude::wasm_bindgen;

/// What decides about the comments of one room in one page.
#[wasm_bindgen]
pub struct Comments {
    stage: Stage,
    order: Order,
    repeats: Repeats,
    merge: bool,
}

#[wasm_bindgen]
impl Comments {
    /// An empty stage. `numbers`: width, height, height of a row; area and speed in percent, lines at once; 0 or 1 for each
    /// of scroll, top, bottom, paid, merge.
    #[wasm_bindgen(constructor)]
    pub fn new(numbers: &[f64], now_ms: f64) -> Comments {
        let (geometry, settings) = arrangement(numbers);
        Comments {
            stage: Stage::new(geometry, settings, instant(now_ms)),
            order: Order::default(),
            repeats: Repeats::default(),
            merge: settings.merge,
        }
    }

    /// Another size or other choices; `widths` are the widths of lines as the page measures them now: id, width, id, width,
    /// ordered by id. A line that is not among them is taken back.
    pub fn arrange(&mut self, numbers: &[f64], widths: &[u32], now_ms: f64) {
        let (geometry, settings) = arrangement(numbers);
        let (pairs, _) = widths.as_chunks::<2>();
        let width = |id: LineId| {
            let found = pairs.binary_search_by_key(&id.0, |[other, _]| *other);
            found.ok().and_then(|at| pairs.get(at)).map_or(1, |[_, width]| *width)
        };
        self.merge = settings.merge;
        self.stage.arrange(geometry, settings, width, instant(now_ms));
    }

    /// What the room's number makes of a message: 0 new, 1 late (it fills a gap), 2 seen before.
    pub fn order(&mut self, epoch: u32, sequence: f64) -> u8 {
        match self.order.take(epoch, sequence as u64) {
            Verdict::New => 0,
            Verdict::Late => 1,
            Verdict::Old => 2,
        }
    }

    /// A gap to ask the history for, once: epoch, first, last; empty where there is none.
    pub fn missing(&mut self) -> Vec<f64> {
        let gap = self.order.poll_missing();
        gap.map(|gap| vec![f64::from(gap.epoch), gap.first as f64, gap.last as f64]).unwrap_or_default()
    }

    /// The history has no more of a gap.
    #[wasm_bindgen(js_name = giveUp)]
    pub fn give_up(&mut self, epoch: u32, first: f64, last: f64) {
        self.order.give_up(Missing { epoch, first: first as u64, last: last as u64 });
    }

    /// Where to resume: epoch and sequence; empty before the first message.
    pub fn resume(&self) -> Vec<f64> {
        self.order
            .resume()
            .map(|(epoch, sequence)| vec![f64::from(epoch), sequence as f64])
            .unwrap_or_default()
    }

    /// Which line this text repeats, and how often it was said by now; empty where it is new, or where repeats are shown.
    pub fn repeats(&mut self, text: &str, id: u32, now_ms: f64) -> Vec<u32> {
        if !self.merge {
            return Vec::new();
        }
        let found = self.repeats.take(text, LineId(id), instant(now_ms));
        found.map(|(line, times)| vec![line.0, times]).unwrap_or_default()
    }

    /// Takes a line: kind 0 scroll, 1 top, 2 bottom, 3 paid; class 0 to 4 as on the wire; how long a paid line stays; how
    /// long ago the line was said, after a seek.
    pub fn take(
        &mut self,
        id: u32,
        kind: u8,
        class: u8,
        width_px: u32,
        hold_ms: f64,
        age_ms: f64,
        now_ms: f64,
    ) {
        let line = Line {
            id: LineId(id),
            kind: kind_of(kind),
            class: class_of(class),
            width_px,
            hold: span(hold_ms),
        };
        self.stage.take(line, span(age_ms), instant(now_ms));
    }

    /// Counts a line that the page kept away: 0 blocked, 1 merged.
    pub fn refuse(&mut self, class: u8, reason: u8) {
        let reason = if reason == 0 { danmaku::Reason::Blocked } else { danmaku::Reason::Merged };
        self.stage.refuse(class_of(class), reason);
    }

    /// Takes a line back.
    pub fn withdraw(&mut self, id: u32) {
        self.stage.withdraw(LineId(id));
    }

    /// Takes all lines back.
    pub fn clear(&mut self) {
        self.stage.clear();
        self.repeats = Repeats::default();
    }

    /// Stops the lines, or lets them go on.
    pub fn pause(&mut self, paused: bool, now_ms: f64) {
        self.stage.pause(paused, instant(now_ms));
    }

    /// What is on the screen now: id, left edge, upper edge, for each line.
    pub fn frame(&mut self, now_ms: f64) -> Vec<f64> {
        self.stage.advance(instant(now_ms));
        let shown = self.stage.shown();
        shown.flat_map(|line| [f64::from(line.id.0), line.left.to_f64(), f64::from(line.top_px)]).collect()
    }

    /// The line at a point; -1 where there is none.
    pub fn hit(&self, x: u32, y: u32) -> f64 {
        self.stage.hit(Pixels::whole(x), y).map_or(-1.0, |id| f64::from(id.0))
    }

    /// Lines that are over since the last call, for the page to forget.
    pub fn gone(&mut self) -> Vec<u32> {
        let mut gone = Vec::new();
        while let Some(id) = self.stage.poll_gone() {
            self.repeats.forget(id);
            gone.push(id.0);
        }
        gone
    }

    /// Whether nothing on the screen moves or ends: no frame is needed until something happens.
    #[wasm_bindgen(js_name = isStill)]
    pub fn is_still(&self) -> bool {
        self.stage.is_still()
    }

    /// What became of the lines: taken, shown, cut short, waiting; then for each class (0 to 4) the dropped by reason, in the
    /// order of `danmaku::Reason`.
    pub fn counts(&self) -> Vec<f64> {
        let counts = self.stage.counts();
        let mut numbers = vec![
            counts.taken() as f64,
            counts.shown() as f64,
            counts.cut_short() as f64,
            self.stage.waiting() as f64,
        ];
        for class in CLASSES {
            numbers.extend(danmaku::REASONS.map(|reason| counts.dropped(class, reason) as f64));
        }
        numbers
    }
}

/// What the viewer does not want to read: words and people. For the stage and for lists beside it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Filter {
    rules: Rules,
}

#[wasm_bindgen]
impl Filter {
    /// One that lets everything through.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Filter {
        Filter::default()
    }

    /// Whether the viewer wants to read this line of this person.
    pub fn allows(&self, text: &str, person: f64) -> bool {
        self.rules.allow(text, person as u64)
    }

    /// Forgets the viewer's lists.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Blocks a word; false where it is empty, too long, or one too many.
    #[wasm_bindgen(js_name = blockWord)]
    pub fn block_word(&mut self, word: &str) -> bool {
        self.rules.block_word(word)
    }

    /// Blocks a person; false where it is one too many.
    #[wasm_bindgen(js_name = blockPerson)]
    pub fn block_person(&mut self, person: f64) -> bool {
        self.rules.block_person(person as u64)
    }
}

/// By their number on the wire.
const CLASSES: [Class; 5] = [Class::Control, Class::Paid, Class::Own, Class::Chat, Class::Ambient];

fn class_of(class: u8) -> Class {
    CLASSES.get(usize::from(class)).copied().unwrap_or(Class::Chat)
}

const fn kind_of(kind: u8) -> Kind {
    match kind {
        1 => Kind::Top,
        2 => Kind::Bottom,
        3 => Kind::Paid,
        _ => Kind::Scroll,
    }
}

fn arrangement(numbers: &[f64]) -> (Geometry, Settings) {
    let number = |at: usize| numbers.get(at).copied().unwrap_or_default();
    let on = |at: usize| number(at) != 0.0;
    let geometry =
        Geometry { width_px: number(0) as u32, height_px: number(1) as u32, row_px: number(2) as u32 };
    let settings = Settings {
        area_percent: number(3) as u8,
        speed_percent: number(4) as u16,
        lines_max: number(5) as u16,
        scroll: on(6),
        top: on(7),
        bottom: on(8),
        paid: on(9),
        merge: on(10),
    };
    (geometry, settings)
}

fn instant(ms: f64) -> Instant {
    Instant((ms * 1_000.0) as u64)
}

fn span(ms: f64) -> Duration {
    Duration::from_micros((ms * 1_000.0) as u64)
}
