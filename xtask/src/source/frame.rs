//! Paints one frame of the test picture: water, a shoal of fish that swims through it, a clock for people and one for
//! machines ([`super::code`]).
//!
//! Everything is rows copied or filled, so that 25 frames a second cost little even without optimisation.

use super::{code, font};

/// Milliseconds in which the shoal crosses the picture.
const CROSSING_MS: u64 = 20_000;
/// Fish of the shoal.
const FISH: usize = 36;
/// One digit's dot is this share of the picture's width: a clock of 12 signs takes about a third of it.
const DOT: usize = 200;

/// Width and height in pixels, both even (4:2:0 halves them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// A colour: luma, then the two differences (BT.601, limited range).
#[derive(Clone, Copy)]
struct Colour(u8, u8, u8);

const WHITE: Colour = Colour(235, 128, 128);
const BLACK: Colour = Colour(16, 128, 128);
/// Three kinds of fish: gold, coral, silver.
const SCALES: [Colour; 3] = [Colour(190, 60, 160), Colour(150, 90, 190), Colour(215, 140, 120)];

/// A painter of frames of one size; yuv420p, planes one after the other.
pub(crate) struct Painter {
    size: Size,
    water: Vec<u8>,
    frame: Vec<u8>,
}

impl Painter {
    pub(crate) fn new(size: Size) -> Self {
        let water = water(size);
        Self { size, frame: water.clone(), water }
    }

    /// The frame that was taken at `unix_ms`.
    pub(crate) fn paint(&mut self, unix_ms: u64) -> &[u8] {
        self.frame.copy_from_slice(&self.water);
        for fish in 0..FISH {
            self.fish(fish, unix_ms);
        }
        self.clock(unix_ms);
        self.squares(unix_ms);
        &self.frame
    }

    fn fish(&mut self, fish: usize, unix_ms: u64) {
        let Size { width, height } = self.size;
        let length = width / 20 + fish % 3 * width / 80;
        // Every fish has its place in the shoal, and sways around it at its own pace.
        let span = width + width / 2;
        let drift = usize::try_from(unix_ms % CROSSING_MS * span as u64 / CROSSING_MS).unwrap_or(0);
        let left = (drift + fish * 53 * width / 640) % span;
        let sway = wave(unix_ms / 9 + fish as u64 * 37) * height / 2_600;
        let top = height / 6 + fish * 29 % 60 * height / 110 + sway;
        let beat = wave(unix_ms / 2 + fish as u64 * 61) * length / 1_000;
        for row in 0..length / 2 {
            for (start, end) in outline(row, length, beat) {
                self.row(left + start, left + end, top + row, SCALES[fish % SCALES.len()]);
            }
        }
        self.block(left + length - length / 5, top + length / 6, (length / 14).max(1), BLACK);
    }

    fn clock(&mut self, unix_ms: u64) {
        let dot = (self.size.width / DOT).max(1);
        let (mut left, top) = (dot * 6, dot * 6);
        for sign in digits(unix_ms).chars() {
            for (row, bits) in font::glyph(sign).iter().enumerate() {
                for column in
                    (0..font::COLUMNS).filter(|column| bits >> (font::COLUMNS - 1 - column) & 1 == 1)
                {
                    self.block(left + column * dot, top + row * dot, dot, WHITE);
                }
            }
            left += (font::COLUMNS + 1) * dot;
        }
    }

    fn squares(&mut self, unix_ms: u64) {
        let side = self.size.width / code::COLUMNS;
        let top = self.size.height - code::ROWS * side;
        for (at, white) in code::squares(unix_ms).into_iter().enumerate() {
            let (left, top) = (at % code::COLUMNS * side, top + at / code::COLUMNS * side);
            self.block(left, top, side, if white { WHITE } else { BLACK });
        }
    }

    fn block(&mut self, left: usize, top: usize, side: usize, colour: Colour) {
        for y in top..top + side {
            self.row(left, left + side, y, colour);
        }
    }

    /// Fills one row of pixels; what lies outside the picture is left out. Pixels right of twice the width come in at
    /// the left edge again, so that the shoal never ends.
    fn row(&mut self, start: usize, end: usize, y: usize, Colour(luma, blue, red): Colour) {
        let Size { width, height } = self.size;
        let (start, end) = (start.min(width), end.min(width));
        if start >= end || y >= height {
            return;
        }
        self.frame[y * width..][start..end].fill(luma);
        if y.is_multiple_of(2) {
            let chroma = width * height + y / 2 * (width / 2);
            let quarter = width * height / 4;
            let range = start / 2..end.div_ceil(2).min(width / 2);
            self.frame[chroma..][range.clone()].fill(blue);
            self.frame[chroma + quarter..][range].fill(red);
        }
    }
}

/// What a fish of `length` covers in `row`: its tail, a triangle that narrows as it beats, and its body, a lens.
fn outline(row: usize, length: usize, beat: usize) -> [(usize, usize); 2] {
    let half = (length / 4).max(1);
    let off = row.abs_diff(half).min(half);
    let nose = length * 3 / 8;
    let bulge = nose * (half * half - off * off) / (half * half);
    let tail = (length * 3 / 8).saturating_sub(length * 3 * off / 8 / half + beat);
    [(beat, beat + tail), (length - nose - bulge, length - nose + bulge)]
}

/// A triangle wave between 0 and 100, period 200.
fn wave(phase: u64) -> usize {
    let phase = usize::try_from(phase % 200).unwrap_or(0);
    if phase < 100 { phase } else { 200 - phase }
}

/// `HH:MM:SS.mmm`, UTC.
fn digits(unix_ms: u64) -> String {
    let seconds = unix_ms / 1_000;
    let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, unix_ms % 1_000)
}

/// Still water, lighter towards the surface, with shafts of light.
fn water(Size { width, height }: Size) -> Vec<u8> {
    let luma = (0..height).flat_map(|y| {
        let depth = 110 - 75 * y / height;
        (0..width).map(move |x| {
            let shaft = wave((x * 400 / width + y * 120 / height) as u64) * (height - y) / height / 6;
            u8::try_from(depth + shaft).unwrap_or(u8::MAX)
        })
    });
    let quarter = width * height / 4;
    luma.chain(std::iter::repeat_n(165, quarter)).chain(std::iter::repeat_n(95, quarter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the squares as a page does: the middle of each.
    fn read(frame: &[u8], size: Size) -> Option<u64> {
        let side = size.width / code::COLUMNS;
        let top = size.height - code::ROWS * side;
        code::read(std::array::from_fn(|at| {
            let x = at % code::COLUMNS * side + side / 2;
            let y = top + at / code::COLUMNS * side + side / 2;
            frame[y * size.width + x] > 128
        }))
    }

    #[test]
    fn the_time_of_a_frame_is_read_from_its_pixels() {
        for size in [Size { width: 640, height: 360 }, Size { width: 320, height: 180 }] {
            let mut painter = Painter::new(size);
            for time in [0, 1_795_000_000_123, 1_795_000_019_999] {
                let frame = painter.paint(time);
                assert_eq!(frame.len(), size.width * size.height * 3 / 2);
                assert_eq!(read(frame, size), Some(time), "{size:?}");
            }
        }
    }

    #[test]
    fn the_picture_moves() {
        let mut painter = Painter::new(Size { width: 320, height: 180 });
        let first = painter.paint(1_795_000_000_000).to_vec();
        let moved = painter.paint(1_795_000_001_000).iter().zip(&first).filter(|(a, b)| a != b).count();
        assert!(moved > 320 * 180 / 50, "{moved}");
    }

    #[test]
    fn the_clock_for_people_shows_the_time_of_day() {
        assert_eq!(digits(0), "00:00:00.000");
        assert_eq!(digits(86_400_000 + 3_661_042), "01:01:01.042");
    }

    #[test]
    fn nothing_is_painted_outside_the_picture_however_small_it_is() {
        let mut painter = Painter::new(Size { width: 64, height: 36 });
        assert!((0..40_000).step_by(333).all(|time| painter.paint(time).len() == 64 * 36 * 3 / 2));
    }
}
