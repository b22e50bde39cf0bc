//! The stage: rows of lines, and the lines that wait for one.

use protocol::chat::Class;
use protocol::time::{Duration, Instant};

use crate::counts::{Counts, Reason};
use crate::limits::{CROSSING, HASTE_PERCENT_MAX, HOLD, HOLD_MAX, LINES_SHOWN_MAX, WIDTH_PX_MAX};
use crate::line::{Kind, Line, LineId};
use crate::row::{GAP, Placed, Row};
use crate::settings::{Geometry, Settings, paid_rows};
use crate::span::{Pixels, Span};
use crate::waiting::{Waiting, patience};

/// Between two attempts to place lines that wait.
const RETRY: Duration = Duration::from_millis(50);

/// A line on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub id: LineId,
    /// Its left edge.
    pub left: Pixels,
    /// Its upper edge, in pixels.
    pub top_px: u32,
}

/// What is on the screen, and where. The crate's documentation says how it is used.
#[derive(Debug)]
pub struct Stage {
    geometry: Geometry,
    settings: Settings,
    rows: Vec<Row>,
    waiting: Waiting,
    /// Names that the shell may forget; [`Stage::poll_gone`] hands them out.
    gone: Vec<LineId>,
    counts: Counts,
    shown: usize,
    /// The stage's own time: it stands while the picture does.
    time: Instant,
    /// When that was, on the shell's clock.
    told: Instant,
    paused: bool,
    retry_at: Instant,
}

impl Stage {
    /// An empty stage.
    #[must_use]
    pub fn new(geometry: Geometry, settings: Settings, now: Instant) -> Self {
        let mut stage = Self {
            geometry,
            settings,
            rows: Vec::new(),
            waiting: Waiting::default(),
            gone: Vec::new(),
            counts: Counts::default(),
            shown: 0,
            time: Instant::ZERO,
            told: now,
            paused: false,
            retry_at: Instant::ZERO,
        };
        stage.rows.resize_with(geometry.rows(settings.area_percent), Row::default);
        stage
    }

    /// Takes a line. One of a moment that is past, after a seek, has been crossing the stage for `age` already.
    pub fn take(&mut self, line: Line, age: Duration, now: Instant) {
        self.advance(now);
        self.counts.take();
        let line = Line { width_px: line.width_px.clamp(1, WIDTH_PX_MAX), ..line };
        if !self.settings.wants(line.kind) {
            self.drop(line, Reason::Unwanted);
        } else if !self.place(line, self.time.before(age)) {
            if age > Duration::ZERO {
                self.drop(line, Reason::Full);
            } else {
                self.wait(line);
            }
        }
    }

    /// Counts a line that never came here: the viewer's rules or a repeat kept it away.
    pub const fn refuse(&mut self, class: Class, reason: Reason) {
        self.counts.take();
        self.counts.drop(class, reason);
    }

    /// Takes a line back, wherever it is.
    pub fn withdraw(&mut self, id: LineId) {
        if let Some(line) = self.waiting.remove(id) {
            self.drop(line, Reason::Withdrawn);
        } else if self.rows.iter_mut().any(|row| row.remove(id)) {
            self.cut(id);
        }
    }

    /// Takes everything back: another moment, another room.
    pub fn clear(&mut self) {
        while let Some(line) = self.waiting.pop() {
            self.drop(line, Reason::Withdrawn);
        }
        for place in 0..self.rows.len() {
            for placed in core::mem::take(&mut self.rows[place]).lines() {
                self.cut(placed.id);
            }
        }
    }

    /// Stops the lines where they are, or lets them go on.
    pub fn pause(&mut self, paused: bool, now: Instant) {
        self.advance(now);
        self.paused = paused;
    }

    /// Moves the time on: lines end, others find a row.
    pub fn advance(&mut self, now: Instant) {
        if !self.paused {
            self.time = self.time + now.since(self.told);
        }
        self.told = self.told.max(now);
        let Self { rows, gone, shown, time, .. } = self;
        for row in rows {
            row.end(*time, |id| {
                *shown -= 1;
                gone.push(id);
            });
        }
        while let Some(line) = self.waiting.pop_impatient(self.time) {
            self.drop(line, Reason::Full);
        }
        if self.time >= self.retry_at {
            self.retry_at = self.time + RETRY;
            self.place_waiting();
        }
    }

    /// Another size, font or choice. Lines on the screen go on from where they are, as wide as `width_px` says they are now;
    /// where one has no room any more it moves to another row, falls back, or goes.
    pub fn arrange(
        &mut self,
        geometry: Geometry,
        settings: Settings,
        mut width_px: impl FnMut(LineId) -> u32,
        now: Instant,
    ) {
        self.advance(now);
        let speed_up = (settings.speed(), self.settings.speed());
        (self.geometry, self.settings) = (geometry, settings);
        let before = core::mem::take(&mut self.rows);
        self.rows.resize_with(geometry.rows(settings.area_percent), Row::default);
        let mut lines: Vec<(usize, Placed)> = Vec::with_capacity(self.shown);
        for (row, placed) in
            before.iter().enumerate().flat_map(|(at, row)| row.lines().iter().map(move |line| (at, *line)))
        {
            let left = |placed: &Placed| placed.span.left(self.time);
            let place = lines.partition_point(|(_, other)| left(other) <= left(&placed));
            lines.insert(place, (row, placed));
        }
        for (row, placed) in lines {
            let width = Pixels::whole(width_px(placed.id).clamp(1, WIDTH_PX_MAX));
            let span = match placed.kind {
                Kind::Top | Kind::Bottom => placed.span.moved_to(self.centred(width), width, self.time),
                Kind::Scroll | Kind::Paid => placed.span.resumed(self.time, width),
            };
            self.rearrange(row, Placed { span: span.at_speed(speed_up.0, speed_up.1), ..placed });
        }
        for line in self.waiting.iter_mut() {
            line.width_px = width_px(line.id).clamp(1, WIDTH_PX_MAX);
        }
        self.place_waiting();
    }

    /// What is on the screen, in no order that matters.
    pub fn shown(&self) -> impl Iterator<Item = Shown> {
        let rows = (0..).zip(&self.rows);
        rows.flat_map(move |(place, row)| {
            let top_px = self.top_px(place);
            let lines = row.lines().iter();
            lines.map(move |placed| Shown { id: placed.id, left: placed.span.left(self.time), top_px })
        })
    }

    /// The line at a point of the stage, if there is one.
    #[must_use]
    pub fn hit(&self, x: Pixels, y_px: u32) -> Option<LineId> {
        let row = self.rows.get((y_px / self.geometry.row_px.max(1)) as usize)?;
        let over = |span: &Span| span.left(self.time) <= x && x < span.right(self.time);
        row.lines().iter().find(|placed| over(&placed.span)).map(|placed| placed.id)
    }

    /// The name of a line that is over, once; the shell forgets it.
    pub fn poll_gone(&mut self) -> Option<LineId> {
        self.gone.pop()
    }

    /// What became of the lines.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Lines that wait for a row.
    #[must_use]
    pub const fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the picture stands still: nothing on the screen moves or ends.
    #[must_use]
    pub const fn is_still(&self) -> bool {
        self.paused || (self.shown == 0 && self.waiting.len() == 0)
    }

    fn wait(&mut self, line: Line) {
        if patience(line.class) == Duration::ZERO {
            self.drop(line, Reason::Full);
        } else if let Some(out) = self.waiting.push(line, self.time) {
            self.drop(out, Reason::Crowded);
        }
    }

    fn place_waiting(&mut self) {
        let mut at = 0;
        while let Some((line, _)) = self.waiting.at(at) {
            if !self.settings.wants(line.kind) {
                self.waiting.remove_at(at);
                self.drop(line, Reason::Unwanted);
            } else if self.place(line, self.time) {
                self.waiting.remove_at(at);
            } else {
                at += 1;
            }
        }
    }

    /// Shows the line as one that began then, in the first row where it meets nobody; false where there is none.
    fn place(&mut self, line: Line, start: Instant) -> bool {
        let span = self.span(&line, start);
        if span.end() <= self.time {
            self.drop(line, Reason::Late);
            return true;
        }
        if self.shown >= self.most(line.class) {
            return false;
        }
        let Some(row) = self.free_row(line.kind, &span) else { return false };
        self.rows[row].push(Placed { id: line.id, kind: line.kind, class: line.class, span });
        self.shown += 1;
        self.counts.show();
        true
    }

    /// How many lines there may be on the screen for one more of this class: what the viewer chose is for everybody's.
    fn most(&self, class: Class) -> usize {
        match class {
            Class::Control | Class::Paid | Class::Own => LINES_SHOWN_MAX,
            Class::Chat | Class::Ambient => LINES_SHOWN_MAX.min(self.settings.lines_max.into()),
        }
    }

    fn free_row(&self, kind: Kind, span: &Span) -> Option<usize> {
        let rows = self.rows.len();
        let paid = rows - paid_rows(rows);
        let clear = |row: &usize| self.rows[*row].is_clear(span);
        let others = if self.has_paid() { paid } else { rows };
        match kind {
            Kind::Paid => (paid..rows).rev().find(clear),
            Kind::Bottom => (0..others).rev().find(clear),
            Kind::Scroll | Kind::Top => (0..others).find(clear),
        }
    }

    /// Paid lines are on the screen or wait to be: the last rows, which fill last, are kept for them.
    fn has_paid(&self) -> bool {
        self.rows.iter().any(|row| row.holds(Kind::Paid)) || self.waiting.holds(Kind::Paid)
    }

    fn span(&self, line: &Line, start: Instant) -> Span {
        let stage = self.geometry.width();
        let width = Pixels::whole(line.width_px);
        match line.kind {
            Kind::Scroll => {
                // As far as its own width further than an empty line in the same time, but no faster than can be read.
                let fastest = u64::from(stage) * u64::from(HASTE_PERCENT_MAX) / 100;
                let way = u64::from(stage + line.width_px).min(fastest.max(1));
                let way = Pixels::whole(u32::try_from(way).unwrap_or(u32::MAX));
                let time = CROSSING * 100 / self.settings.speed();
                Span::moving(Pixels::whole(stage), width, start, way, time)
            }
            Kind::Top | Kind::Bottom => Span::still(self.centred(width), width, start, HOLD),
            Kind::Paid => Span::still(Pixels::default(), width, start, line.hold.max(HOLD).min(HOLD_MAX)),
        }
    }

    fn centred(&self, width: Pixels) -> Pixels {
        (Pixels::whole(self.geometry.width()) - width).half().max(Pixels::default())
    }

    /// Puts a line that was on the screen into its row again, or another; behind the last one there, if its class may; else
    /// it goes.
    fn rearrange(&mut self, row: usize, placed: Placed) {
        let wanted = self.settings.wants(placed.kind);
        let own = Some(row).filter(|&row| self.rows.get(row).is_some_and(|row| row.is_clear(&placed.span)));
        if let Some(row) = own.or_else(|| self.free_row(placed.kind, &placed.span)).filter(|_| wanted) {
            self.rows[row].push(placed);
            return;
        }
        let pushed = self.pushed(placed).filter(|_| wanted && placed.class <= Class::Own);
        match pushed {
            Some((row, placed)) => self.rows[row].push(placed),
            None => self.cut(placed.id),
        }
    }

    /// Behind the rearmost of a row, where that helps.
    fn pushed(&self, placed: Placed) -> Option<(usize, Placed)> {
        let movable = placed.span.is_moving();
        (0..self.rows.len()).filter(|_| movable).find_map(|at| {
            let row = &self.rows[at];
            let ahead = row.rearmost(self.time)?;
            let span = placed.span.pushed_behind(&ahead.span, GAP, self.time);
            row.is_clear(&span).then_some((at, Placed { span, ..placed }))
        })
    }

    fn top_px(&self, row: u32) -> u32 {
        row * self.geometry.row_px
    }

    fn drop(&mut self, line: Line, reason: Reason) {
        self.counts.drop(line.class, reason);
        self.gone.push(line.id);
    }

    fn cut(&mut self, id: LineId) {
        self.shown -= 1;
        self.counts.cut();
        self.gone.push(id);
    }
}
