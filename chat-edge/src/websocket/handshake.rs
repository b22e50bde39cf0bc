//! The opening: RFC 6455 section 4.2, and what a person or a wrong client is told instead.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

/// Bytes of a request's head: what common servers take.
pub const HEAD_BYTES_MAX: usize = 8_192;
/// Header lines of a request.
const HEADERS_MAX: usize = 64;
/// What the key is hashed with (section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has not wholly arrived.
    More,
    /// Send this, and it is a WebSocket from byte `length` on.
    Upgrade {
        /// The response.
        response: String,
        /// Bytes of the request.
        length: usize,
    },
    /// Send this and end.
    Refuse {
        /// The response.
        response: String,
    },
}

/// Reads a request's head.
#[must_use]
pub fn answer(bytes: &[u8]) -> Answer {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => answer_whole(&request, length),
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_BYTES_MAX => Answer::More,
        Ok(httparse::Status::Partial) => {
            refuse("431 Request Header Fields Too Large", "", "The request's head is too long.\n")
        }
        Err(_) => refuse("400 Bad Request", "", "This is no HTTP/1.1 request.\n"),
    }
}

fn answer_whole(request: &httparse::Request<'_, '_>, length: usize) -> Answer {
    if request.method != Some("GET") {
        return refuse(
            "405 Method Not Allowed",
            "allow: GET\r\n",
            "This port speaks WebSocket on /sub, and frames over TCP.\n",
        );
    }
    let path = request.path.unwrap_or_default();
    if path.split('?').next() != Some("/sub") {
        return refuse("404 Not Found", "", "This is a Shoal chat edge. It speaks WebSocket on /sub.\n");
    }
    if !has_word(request, "upgrade", "websocket") {
        return refuse("426 Upgrade Required", "upgrade: websocket\r\n", "This is a WebSocket.\n");
    }
    if header(request, "sec-websocket-version") != Some("13") {
        let version = "sec-websocket-version: 13\r\n";
        return refuse("426 Upgrade Required", version, "The version is 13 (RFC 6455).\n");
    }
    let key = header(request, "sec-websocket-key").filter(|key| is_key(key));
    let Some(key) = key.filter(|_| has_word(request, "connection", "upgrade")) else {
        return refuse("400 Bad Request", "", "This WebSocket handshake is incomplete.\n");
    };
    let accept = BASE64_STANDARD.encode(Sha1::digest([key, GUID].concat()));
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    Answer::Upgrade { response, length }
}

fn is_key(key: &str) -> bool {
    BASE64_STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

fn header<'a>(request: &httparse::Request<'_, 'a>, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(found.value).ok().map(str::trim)
}

fn has_word(request: &httparse::Request<'_, '_>, name: &str, word: &str) -> bool {
    let value = header(request, name).unwrap_or_default();
    value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
}

fn refuse(status: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n{headers}\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}"
    );
    Answer::Refuse { response }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455, section 1.3.
    const KEY: &str = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn request(line: &str, headers: &[&str]) -> String {
        format!("{line} HTTP/1.1\r\nhost: a\r\n{}\r\n\r\n", headers.join("\r\n"))
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted_and_bytes_behind_it_are_left() {
        let headers =
            ["Upgrade: WebSocket", "Connection: keep-alive, Upgrade", KEY, "Sec-WebSocket-Version: 13"];
        let head = request("GET /sub", &headers);
        let Answer::Upgrade { response, length } = answer((head.clone() + "rest").as_bytes()) else {
            panic!("refused")
        };
        assert_eq!(length, head.len());
        assert!(response.contains(&format!("sec-websocket-accept: {ACCEPT}\r\n")), "{response}");
        for cut in 0..head.len() {
            assert_eq!(answer(&head.as_bytes()[..cut]), Answer::More, "{cut}");
        }
    }

    #[test]
    fn everything_else_is_told_what_is_missing() {
        let (upgrade, connection, version) =
            ("upgrade: websocket", "connection: Upgrade", "sec-websocket-version: 13");
        let rows: [(&str, &[&str], &str); 8] = [
            ("POST /sub", &[upgrade, connection, KEY, version], "405 "),
            ("GET /", &[upgrade, connection, KEY, version], "404 "),
            ("GET /sub", &[connection, KEY, version], "426 "),
            ("GET /sub", &[upgrade, connection, KEY], "426 "),
            ("GET /sub", &[upgrade, KEY, version], "400 "),
            ("GET /sub", &[upgrade, connection, version], "400 "),
            ("GET /sub", &[upgrade, connection, "sec-websocket-key: short", version], "400 "),
            ("\u{1} /sub", &[], "400 "),
        ];
        for (line, headers, status) in rows {
            let Answer::Refuse { response } = answer(request(line, headers).as_bytes()) else {
                panic!("{line} {headers:?}")
            };
            assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{line} {headers:?} {response}");
        }
    }

    #[test]
    fn a_head_is_waited_for_up_to_the_limit() {
        let endless = format!("GET /sub HTTP/1.1\r\na: {}", "b".repeat(HEAD_BYTES_MAX));
        assert_eq!(answer(&endless.as_bytes()[..HEAD_BYTES_MAX - 1]), Answer::More);
        assert!(matches!(answer(&endless.as_bytes()[..HEAD_BYTES_MAX]), Answer::Refuse { .. }));
    }
}
