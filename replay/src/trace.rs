//! The running hash of outputs: FNV-1a of 64 bits, of which 32 are told after each input.

use crate::Row;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// The hash so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace(u64);

impl Trace {
    pub(crate) const fn new() -> Self {
        Self(OFFSET)
    }

    /// Takes in one masked output: kind, count and numbers, count of bytes and bytes; integers are 8 bytes, big-endian.
    pub(crate) fn take(&mut self, row: &Row) {
        self.eat(&[row.kind]);
        self.eat(&(row.numbers.len() as u64).to_be_bytes());
        for number in &row.numbers {
            self.eat(&number.to_be_bytes());
        }
        self.eat(&(row.bytes.len() as u64).to_be_bytes());
        self.eat(&row.bytes);
    }

    /// Its lower half.
    pub(crate) const fn told(self) -> u32 {
        self.0 as u32
    }

    fn eat(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }
}
