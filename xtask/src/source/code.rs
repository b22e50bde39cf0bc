//! The clock that a machine reads out of the picture: 64 squares, black or white, in two rows at the bottom edge.
//!
//! Each square is as wide and as high as the picture is wide ÷ 32, so that a row of 32 fills the width; the lower row
//! ends at the bottom edge. Read left to right, upper row first, white = 1: the byte `0xA5`, then the frame's time as 48
//! bits (milliseconds since 1970, UTC, highest bit first), then the sum of those six bytes plus `0xA5`, modulo 256. A
//! reader takes the middle of each square, so scaling and compression do not matter. `docs/test-picture.md` has a
//! reader for pages.

/// Squares in one row.
pub(super) const COLUMNS: usize = 32;
/// Rows of squares.
pub(super) const ROWS: usize = 2;
/// The first byte: tells a clock from a picture without one.
const MARK: u8 = 0xA5;

/// The squares for `unix_ms`, upper row first; `true` is white.
pub(super) fn squares(unix_ms: u64) -> [bool; COLUMNS * ROWS] {
    let time = unix_ms.to_be_bytes();
    let sum = time[2..].iter().fold(MARK, |sum, byte| sum.wrapping_add(*byte));
    let bytes = [MARK, time[2], time[3], time[4], time[5], time[6], time[7], sum];
    std::array::from_fn(|at| bytes[at / 8] >> (7 - at % 8) & 1 == 1)
}

/// The time that squares show; `None` where they show none.
#[cfg(test)]
pub(super) fn read(squares: [bool; COLUMNS * ROWS]) -> Option<u64> {
    let byte = |at: usize| squares[at * 8..][..8].iter().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let time = [0, 0, byte(1), byte(2), byte(3), byte(4), byte(5), byte(6)];
    let sum = time.iter().fold(MARK, |sum, byte| sum.wrapping_add(*byte));
    (byte(0) == MARK && byte(7) == sum).then_some(u64::from_be_bytes(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_as_it_went_in() {
        for time in [0, 1, 255, 1_795_000_000_123, (1 << 48) - 1] {
            assert_eq!(read(squares(time)), Some(time));
        }
    }

    #[test]
    fn a_square_that_was_read_wrong_is_noticed() {
        let right = squares(1_795_000_000_123);
        for at in 0..right.len() {
            let mut wrong = right;
            wrong[at] = !wrong[at];
            assert_eq!(read(wrong), None, "{at}");
        }
    }

    #[test]
    fn a_picture_without_a_clock_shows_no_time() {
        assert_eq!(read([false; COLUMNS * ROWS]), None);
        assert_eq!(read([true; COLUMNS * ROWS]), None);
    }
}
