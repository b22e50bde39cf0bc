//! Digits and the few signs of a clock, five columns by seven rows.

/// Columns of a glyph.
pub(super) const COLUMNS: usize = 5;
/// Rows of a glyph.
pub(super) const ROWS: usize = 7;

/// The rows of `sign`, top first; bit 4 is the left column. What has no glyph is blank.
pub(super) fn glyph(sign: char) -> [u8; ROWS] {
    match sign {
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
        '4' => [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        '6' => [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        '8' => [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        ':' => [0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000],
        '.' => [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100],
        _ => [0; ROWS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_a_clock_has_a_glyph_of_its_own() {
        let signs: Vec<char> = "0123456789:.".chars().collect();
        for (at, sign) in signs.iter().enumerate() {
            assert_ne!(glyph(*sign), [0; ROWS], "{sign}");
            assert!(signs[at + 1..].iter().all(|other| glyph(*other) != glyph(*sign)), "{sign}");
            assert!(glyph(*sign).iter().all(|row| *row < 1 << COLUMNS), "{sign}");
        }
    }
}
