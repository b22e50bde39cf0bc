//! Signed hash lists.

use protocol::hash_list::Signed;

use crate::hold;

/// An encoded list, as the origin's answer or a neighbour's message has it.
pub(crate) fn signed(bytes: &[u8]) {
    let Ok(signed) = Signed::decode(bytes) else { return };
    hold(signed.encode() == bytes, "a list has one encoding");
    let list = &signed.list;
    hold(!list.signed_bytes().is_empty(), "there is something to sign");
}
