//! What the viewer chose, and how large the stage is.

use crate::limits::{PAID_ROWS_MAX, ROWS_MAX, STAGE_PX_MAX};
use crate::line::Kind;

/// The viewer's choices, as far as they decide where and whether a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How much of the height lines may cover, in percent.
    pub area_percent: u8,
    /// How fast lines cross the stage, in percent of [`crate::limits::CROSSING`]'s speed.
    pub speed_percent: u16,
    /// Lines on the screen at once.
    pub lines_max: u16,
    /// Lines that cross the stage are shown.
    pub scroll: bool,
    /// Lines at the top are shown.
    pub top: bool,
    /// Lines at the bottom are shown.
    pub bottom: bool,
    /// Paid lines are shown.
    pub paid: bool,
    /// A line that repeats another is merged with it.
    pub merge: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            area_percent: 50,
            speed_percent: 100,
            lines_max: 300,
            scroll: true,
            top: true,
            bottom: true,
            paid: true,
            merge: true,
        }
    }
}

impl Settings {
    /// Whether the viewer wants lines of this kind.
    #[must_use]
    pub const fn wants(&self, kind: Kind) -> bool {
        match kind {
            Kind::Scroll => self.scroll,
            Kind::Top => self.top,
            Kind::Bottom => self.bottom,
            Kind::Paid => self.paid,
        }
    }

    /// The speed, within what can be read.
    pub(crate) fn speed(&self) -> u32 {
        u32::from(self.speed_percent).clamp(25, 400)
    }
}

/// The stage, in pixels of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Its width.
    pub width_px: u32,
    /// Its height.
    pub height_px: u32,
    /// The height of a row: of a line of text and what is around it.
    pub row_px: u32,
}

impl Geometry {
    /// The width, within what a screen can have.
    pub(crate) fn width(&self) -> u32 {
        self.width_px.min(STAGE_PX_MAX)
    }

    /// Rows in the part of the height that lines may cover; where anything fits at all, at least one.
    pub(crate) fn rows(&self, area_percent: u8) -> usize {
        let height = self.height_px.min(STAGE_PX_MAX);
        let row = self.row_px.max(1);
        let covered = height * u32::from(area_percent.min(100)) / 100;
        let rows = (covered / row).max(u32::from(area_percent > 0 && row <= height));
        (rows as usize).min(ROWS_MAX)
    }
}

/// How many of the rows paid lines have to themselves while there are any.
pub(crate) fn paid_rows(rows: usize) -> usize {
    (rows / 3).clamp(rows.min(1), PAID_ROWS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_what_the_area_holds() {
        let geometry = |height_px, row_px| Geometry { width_px: 640, height_px, row_px };
        let rows = [
            (geometry(360, 36), 100, 10),
            (geometry(360, 36), 50, 5),
            (geometry(360, 36), 255, 10),
            (geometry(360, 36), 1, 1),
            (geometry(360, 36), 0, 0),
            (geometry(20, 36), 100, 0),
            (geometry(360, 0), 100, ROWS_MAX),
            (geometry(u32::MAX, 1), 100, ROWS_MAX),
        ];
        for (geometry, area, expected) in rows {
            assert_eq!(geometry.rows(area), expected, "{geometry:?} {area}");
        }
    }

    #[test]
    fn paid_lines_have_a_third_of_the_rows_and_at_most_four() {
        let rows = [(0, 0), (1, 1), (3, 1), (6, 2), (12, 4), (100, PAID_ROWS_MAX)];
        for (rows, paid) in rows {
            assert_eq!(paid_rows(rows), paid, "{rows}");
        }
    }
}
