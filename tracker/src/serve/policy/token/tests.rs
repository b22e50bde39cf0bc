//! Tokens that are good, and every way in which they are not.

use jsonwebtoken::{EncodingKey, Header, encode};

use super::*;

const SECRET: [u8; 32] = [7; 32];
const SWARM: InfoHash = InfoHash([0xE9; 20]);
const NOW_S: u64 = 2_000_000_000;

fn swarm() -> String {
    "e9".repeat(20)
}

fn verifier(issuer: &str, audience: &str) -> Verifier {
    Verifier::new(&[Key::Hs256(SECRET.to_vec())], issuer, audience).unwrap()
}

/// A token whose claims are this JSON.
fn token(claims: &str) -> String {
    let claims: toml::Value = toml::from_str(claims).unwrap();
    encode(&Header::default(), &claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

fn join(verifier: &Verifier, token: &str) -> Result<(), Denial> {
    verifier.read(token)?.allows(NOW_S, SWARM)
}

#[test]
fn claims_by_row() {
    let (here, other) = (swarm(), "00".repeat(20));
    let rows = [
        (format!("exp = 2000000001\nswarm = '{here}'"), Ok(())),
        (format!("exp = 2000000001\nswarm = '{}'", here.to_uppercase()), Ok(())),
        (format!("exp = 2000000001\nswarm = ['{other}', '{here}']"), Ok(())),
        ("exp = 2000000001\nswarm = '*'".to_owned(), Ok(())),
        (format!("exp = 1999999991\nswarm = '{here}'"), Ok(())),
        (format!("exp = 1999999990\nswarm = '{here}'"), Err(Denial::Expired)),
        (format!("exp = 2000000001\nnbf = 2000000010\nswarm = '{here}'"), Ok(())),
        (format!("exp = 2000000001\nnbf = 2000000011\nswarm = '{here}'"), Err(Denial::Expired)),
        (format!("exp = 2000000001\nswarm = '{other}'"), Err(Denial::OtherSwarm)),
        ("exp = 2000000001\nswarm = []".to_owned(), Err(Denial::OtherSwarm)),
        (format!("exp = 2000000001\nswarm = '{}'", &here[1..]), Err(Denial::Invalid)),
        ("exp = 2000000001".to_owned(), Err(Denial::Invalid)),
        (format!("swarm = '{here}'"), Err(Denial::Invalid)),
    ];
    for (claims, outcome) in rows {
        assert_eq!(join(&verifier("", ""), &token(&claims)), outcome, "{claims}");
    }
}

#[test]
fn whose_token_is_for_others_is_told_so() {
    let token = token(&format!("exp = 2000000001\nswarm = '{}'\niss = 'shop'", swarm()));
    assert_eq!(join(&verifier("shop", ""), &token), Ok(()));
    assert_eq!(join(&verifier("other", ""), &token), Err(Denial::NotForUs));
    assert_eq!(join(&verifier("", ""), "a.b.c"), Err(Denial::Invalid));
    assert!(Verifier::new(&[], "", "").is_none());
}
