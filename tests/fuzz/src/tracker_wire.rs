//! Frames at the tracker, in both encodings, and the registry behind them.

use protocol::time::Instant;
use protocol::tracker::{ClientMessage, ServerMessage, binary as packed, text as written};
use tracker::registry::{Config, ConnectionId, Input, Output, Registry};

use crate::hold;

/// A text frame.
pub(crate) fn text(bytes: &[u8]) {
    let Ok(frame) = std::str::from_utf8(bytes) else { return };
    if let Ok((Some(message), _)) = written::decode_client_with_extras(frame) {
        take(&message);
    }
    // What a tracker says to us comes from outside, too.
    if let Ok(message) = written::decode_server(frame) {
        say(&message);
    }
}

/// A binary frame.
pub(crate) fn binary(bytes: &[u8]) {
    if let Ok((Some(message), _)) = packed::decode_client_with_extras(bytes) {
        take(&message);
    }
    if let Ok(message) = packed::decode_server(bytes) {
        say(&message);
    }
    // The module's own codec takes fewer encodings, looks at no byte of a key that it does not know, and never finds another
    // meaning.
    if let (Ok(lean), Ok(full)) = (ClientMessage::decode(bytes), packed::decode_client(bytes)) {
        hold(lean == full, "two codecs read a message alike");
    }
    if let (Ok(lean), Ok(full)) = (ServerMessage::decode(bytes), packed::decode_server(bytes)) {
        hold(lean == full, "two codecs read a message alike");
    }
}

/// A message that was read can be written in both encodings, and is read as the same; the registry takes it twice.
fn take(message: &ClientMessage) {
    let (text, binary) = (written::encode_client(message), packed::encode_client(message));
    hold(written::decode_client(&text).ok().as_ref() == Some(message), "text is read as it was meant");
    hold(packed::decode_client(&binary).ok().as_ref() == Some(message), "binary is read as it was meant");
    let mut registry = Registry::new(Config::new(1));
    for connection in [0, 1] {
        let input = Input::Message { connection: ConnectionId(connection), message: message.clone() };
        registry.handle_input(Instant::ZERO, input);
        drain(&mut registry);
    }
    for connection in [0, 1] {
        registry.handle_input(Instant::ZERO, Input::Closed { connection: ConnectionId(connection) });
        drain(&mut registry);
    }
    hold(registry.stats().peers == 0 && registry.stats().swarms == 0, "who is gone leaves nothing behind");
}

/// Until nothing is left to do.
fn drain(registry: &mut Registry) {
    loop {
        match registry.poll_output() {
            Output::Timeout(_) => break,
            Output::Transmit { message, .. } => say(&message),
            Output::Probe { .. } => {}
        }
    }
}

fn say(message: &ServerMessage) {
    let (text, binary) = (written::encode_server(message), packed::encode_server(message));
    hold(written::decode_server(&text).ok().as_ref() == Some(message), "text is read as it was meant");
    hold(packed::decode_server(&binary).ok().as_ref() == Some(message), "binary is read as it was meant");
}
