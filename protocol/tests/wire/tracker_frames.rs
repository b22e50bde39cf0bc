//! A tracker message means the same in all its codecs: JSON, MessagePack by serde, MessagePack without; and the two
//! MessagePack writers agree byte for byte. No bytes make a reader panic. Held by property.

use proptest::prelude::*;
use protocol::tracker::{ClientMessage, ServerMessage, binary, text};

use crate::generate;

/// Both MessagePack readers take the frame alike, or the lean one refuses what the tolerant one takes.
fn check_binary(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = ClientMessage::decode(bytes) {
        prop_assert_eq!(binary::decode_client(&message.encode()).ok(), Some(message));
    }
    if let Ok(message) = ServerMessage::decode(bytes) {
        prop_assert_eq!(binary::decode_server(&message.encode()).ok(), Some(message));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_viewers_message_survives_every_codec(message in generate::client_message()) {
        let json = text::encode_client(&message);
        prop_assert_eq!(text::decode_client(&json).ok(), Some(message.clone()), "{}", json);
        let bytes = message.encode();
        prop_assert_eq!(&binary::encode_client(&message), &bytes);
        prop_assert_eq!(binary::decode_client(&bytes).ok(), Some(message.clone()));
        prop_assert_eq!(ClientMessage::decode(&bytes), Ok(message));
    }

    #[test]
    fn the_trackers_message_survives_every_codec(message in generate::server_message()) {
        let json = text::encode_server(&message);
        prop_assert_eq!(text::decode_server(&json).ok(), Some(message.clone()), "{}", json);
        let bytes = message.encode();
        prop_assert_eq!(&binary::encode_server(&message), &bytes);
        prop_assert_eq!(binary::decode_server(&bytes).ok(), Some(message.clone()));
        // The lean reader is a viewer's, and a viewer asks for no sizes.
        let lean = if matches!(message, ServerMessage::Scrape(_)) { None } else { Some(message) };
        prop_assert_eq!(ServerMessage::decode(&bytes).ok(), lean);
    }

    #[test]
    fn a_truncated_frame_is_refused(
        client in generate::client_message(), server in generate::server_message(), cut in any::<prop::sample::Index>(),
    ) {
        let bytes = client.encode();
        let bytes = &bytes[..cut.index(bytes.len())];
        prop_assert!(ClientMessage::decode(bytes).is_err() && binary::decode_client(bytes).is_err());
        let bytes = server.encode();
        let bytes = &bytes[..cut.index(bytes.len())];
        prop_assert!(ServerMessage::decode(bytes).is_err() && binary::decode_server(bytes).is_err());
        let json = text::encode_client(&client);
        let end = json.floor_char_boundary(cut.index(json.len()));
        prop_assert!(text::decode_client(&json[..end]).is_err());
        let json = text::encode_server(&server);
        let end = json.floor_char_boundary(cut.index(json.len()));
        prop_assert!(text::decode_server(&json[..end]).is_err());
    }

    #[test]
    fn a_mutated_frame_never_makes_a_reader_panic(
        client in generate::client_message(), server in generate::server_message(),
        at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        for mut bytes in [client.encode(), server.encode()] {
            let at = at.index(bytes.len());
            bytes[at] = with;
            check_binary(&bytes)?;
            let _ = (binary::decode_client(&bytes).is_ok(), binary::decode_server(&bytes).is_ok());
        }
        for json in [text::encode_client(&client), text::encode_server(&server)] {
            let mut bytes = json.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = with;
            let json = String::from_utf8_lossy(&bytes);
            let _ = (text::decode_client(&json).is_ok(), text::decode_server(&json).is_ok());
        }
    }

    #[test]
    fn noise_never_makes_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        check_binary(&bytes)?;
        let _ = (binary::decode_client(&bytes).is_ok(), binary::decode_server(&bytes).is_ok());
        let json = String::from_utf8_lossy(&bytes);
        let _ = (text::decode_client(&json).is_ok(), text::decode_server(&json).is_ok());
    }
}
