//! Every valid message has one encoding that decodes to itself; no bytes make a decoder panic; whatever decodes
//! encodes to the same bytes. Held by property, over generated messages and over their truncations and mutations.

use proptest::prelude::*;
use protocol::hash_list::{DOMAIN, Signed};
use protocol::peer::Message;

use crate::generate;

/// Whatever of these bytes decodes must encode to the very same bytes.
fn check_peer(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = Message::decode(bytes) {
        // A greeting of a later version may carry elements that we do not keep.
        if !matches!(&message, Message::Hello(hello) if hello.version != protocol::peer::VERSION) {
            prop_assert_eq!(message.encode(), bytes);
        }
    }
    Ok(())
}

fn check_list(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(signed) = Signed::decode(bytes) {
        prop_assert_eq!(signed.encode(), bytes);
        prop_assert_eq!(signed.list.signed_bytes(), signed.signed);
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_peer_message_decodes_to_itself(message in generate::message()) {
        prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn a_truncated_peer_message_is_refused(message in generate::message(), cut in any::<prop::sample::Index>()) {
        let bytes = message.encode();
        prop_assert!(Message::decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_peer_message_with_a_byte_more_is_refused(message in generate::message(), more in any::<u8>()) {
        let mut bytes = message.encode();
        bytes.push(more);
        prop_assert!(Message::decode(&bytes).is_err());
    }

    #[test]
    fn a_mutated_peer_message_is_refused_or_another_message(
        message in generate::message(), at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        let mut bytes = message.encode();
        let at = at.index(bytes.len());
        bytes[at] = with;
        check_peer(&bytes)?;
    }

    #[test]
    fn noise_never_makes_the_peer_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        check_peer(&bytes)?;
    }

    #[test]
    fn a_hash_list_decodes_to_itself(list in generate::hash_list(), seed in any::<[u8; 32]>()) {
        let mut signature = [7; 64];
        signature[..32].copy_from_slice(&seed);
        let unsigned = list.encode_unsigned();
        let signed = list.attach(signature);
        let bytes = signed.encode();
        prop_assert_eq!(&[DOMAIN, &unsigned].concat(), &signed.signed);
        prop_assert_eq!(&bytes[..unsigned.len()], &unsigned[..]);
        prop_assert_eq!(Signed::decode(&bytes), Ok(signed));
    }

    #[test]
    fn a_truncated_hash_list_is_refused(list in generate::hash_list(), cut in any::<prop::sample::Index>()) {
        let bytes = list.attach([7; 64]).encode();
        prop_assert!(Signed::decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_mutated_hash_list_is_refused_or_another_list(
        list in generate::hash_list(), at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        let mut bytes = list.attach([7; 64]).encode();
        let at = at.index(bytes.len());
        bytes[at] = with;
        check_list(&bytes)?;
    }

    #[test]
    fn noise_never_makes_the_list_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        check_list(&bytes)?;
    }
}
