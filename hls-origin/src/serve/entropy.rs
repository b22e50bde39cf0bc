//! The only place that draws random bytes: keys, ids and session names.

use super::Error;

const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// `N` random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| Error::Entropy(cause.to_string()))?;
    Ok(bytes)
}

/// A word of `N` characters of five random bits each, without those that people confuse.
pub(super) fn word<const N: usize>() -> Result<String, Error> {
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte % 32)]);
    Ok(bytes::<N>()?.into_iter().map(letter).collect())
}
