//! Tokens that are good, and every way in which they are not.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Deserialize;

use super::*;

const SECRET: [u8; 32] = [7; 32];

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Claims {
    exp: u64,
    #[serde(default)]
    room: String,
}

fn reader(issuer: &str, audience: &str) -> Reader {
    Reader::new(&[Key::Hs256([1; 32].to_vec()), Key::Hs256(SECRET.to_vec())], issuer, audience)
}

/// A token whose claims are this TOML.
fn token(header: &Header, claims: &str, key: &EncodingKey) -> String {
    encode(header, &toml::from_str::<toml::Value>(claims).unwrap(), key).unwrap()
}

fn shared(claims: &str) -> String {
    token(&Header::default(), claims, &EncodingKey::from_secret(&SECRET))
}

#[test]
fn claims_are_read_whatever_the_time_and_an_end_is_asked_for() {
    let read = |claims: &str| reader("", "").read::<Claims>(&shared(claims));
    assert_eq!(read("exp = 1\nroom = 'a'"), Ok(Claims { exp: 1, room: "a".to_owned() }));
    for claims in ["room = 'a'", "exp = 1\nroom = 7", "exp = 'soon'"] {
        assert!(read(claims).is_err(), "{claims}");
    }
}

#[test]
fn issuer_and_audience_count_where_they_are_asked_for() {
    let rows = [
        ("", "", "iss = 'x'\naud = 'y'", None),
        ("shop", "", "iss = 'shop'", None),
        ("shop", "", "iss = 'other'", Some(Fault::NotForUs)),
        ("shop", "", "", Some(Fault::NotForUs)),
        ("", "here", "aud = 'here'", None),
        ("", "here", "aud = ['a', 'here']", None),
        ("", "here", "aud = 'other'", Some(Fault::NotForUs)),
        ("", "here", "", Some(Fault::NotForUs)),
    ];
    for (issuer, audience, claims, fault) in rows {
        let token = shared(&format!("exp = 2000000001\n{claims}"));
        let read = reader(issuer, audience).read::<Claims>(&token);
        assert_eq!(read.err(), fault, "{issuer} {audience} {claims}");
    }
}

#[test]
fn what_nobody_of_ours_signed_is_invalid() {
    let good = shared("exp = 2000000001");
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (_, payload) = signed.split_once('.').unwrap();
    // {"alg":"none"} and {"alg":"HS384"}
    let rows = [
        String::new(),
        "a.b.c".to_owned(),
        format!("{signed}."),
        format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("eyJhbGciOiJIUzM4NCJ9.{payload}.{signature}"),
        "x".repeat(TOKEN_BYTES_MAX + 1),
    ];
    for text in rows {
        assert_eq!(reader("", "").read::<Claims>(&text), Err(Fault::Invalid), "{text}");
    }
    assert!(Reader::new(&[], "", "").is_empty() && Reader::new(&[], "", "").read::<Claims>(&good).is_err());
}

/// The confusion that JWT libraries are known for: a public key, taken for a shared secret.
#[test]
fn a_public_key_is_no_secret() {
    let public = [9; 32];
    let forged = token(&Header::default(), "exp = 2000000001", &EncodingKey::from_secret(&public));
    let reader = Reader::new(&[Key::Ed25519(public)], "", "");
    assert_eq!(reader.read::<Claims>(&forged), Err(Fault::Invalid));
}

/// RFC 8037, appendix A: the key of A.1 signs.
#[test]
fn a_token_signed_with_ed25519_is_read() {
    let secret = bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let public = Key::parse("ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    // PKCS#8 (RFC 8410 §7) around the 32 bytes.
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend(secret);
    let token = token(&Header::new(Algorithm::EdDSA), "exp = 2000000001", &EncodingKey::from_ed_der(&der));
    assert!(Reader::new(&[public], "", "").read::<Claims>(&token).is_ok());
    let other = Reader::new(&[Key::Ed25519([1; 32])], "", "");
    assert_eq!(other.read::<Claims>(&token), Err(Fault::Invalid));
}

#[test]
fn keys_are_read_written_and_never_shown() {
    let secret = Key::Hs256([7; 32].to_vec()).to_text();
    let public = Key::Ed25519([8; 32]).to_text();
    for text in [secret, public] {
        let key = Key::parse(&text).unwrap();
        assert!(!format!("{key:?}").contains(&text[8..]));
        assert_eq!(key.to_text(), text);
    }
    let short = Key::Hs256([7; 31].to_vec()).to_text();
    for text in ["", "rs256:AAAA", "hs256", "hs256:====", "ed25519:AAAA", &short] {
        assert!(Key::parse(text).is_err(), "{text}");
    }
}
