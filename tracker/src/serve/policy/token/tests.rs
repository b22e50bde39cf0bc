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
    Verifier::new(&[TokenKey::Hs256([1; 32].to_vec()), TokenKey::Hs256(SECRET.to_vec())], issuer, audience)
        .unwrap()
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
fn issuer_and_audience_count_where_they_are_asked_for() {
    let base = format!("exp = 2000000001\nswarm = '{}'\n", swarm());
    let rows = [
        ("", "", "iss = 'x'\naud = 'y'", Ok(())),
        ("shop", "", "iss = 'shop'", Ok(())),
        ("shop", "", "iss = 'other'", Err(Denial::NotForUs)),
        ("shop", "", "", Err(Denial::NotForUs)),
        ("", "tracker", "aud = 'tracker'", Ok(())),
        ("", "tracker", "aud = ['a', 'tracker']", Ok(())),
        ("", "tracker", "aud = 'other'", Err(Denial::NotForUs)),
        ("", "tracker", "", Err(Denial::NotForUs)),
    ];
    for (issuer, audience, claims, outcome) in rows {
        let token = token(&format!("{base}{claims}"));
        assert_eq!(join(&verifier(issuer, audience), &token), outcome, "{issuer} {audience} {claims}");
    }
}

#[test]
fn what_nobody_of_ours_signed_is_invalid() {
    let claims = format!("exp = 2000000001\nswarm = '{}'", swarm());
    let good = token(&claims);
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
        assert_eq!(join(&verifier("", ""), &text), Err(Denial::Invalid), "{text}");
    }
}

/// The confusion that JWT libraries are known for: a public key, taken for a shared secret.
#[test]
fn a_public_key_is_no_secret() {
    let public = [9; 32];
    let claims: toml::Value = toml::from_str(&format!("exp = 2000000001\nswarm = '{}'", swarm())).unwrap();
    let forged = encode(&Header::default(), &claims, &EncodingKey::from_secret(&public)).unwrap();
    let verifier = Verifier::new(&[TokenKey::Ed25519(public)], "", "").unwrap();
    assert_eq!(join(&verifier, &forged), Err(Denial::Invalid));
}

/// RFC 8037, appendix A: the key of A.1 signs.
#[test]
fn a_token_signed_with_ed25519_is_read() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let secret = decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let public = decoded("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    // PKCS#8 (RFC 8410 §7) around the 32 bytes.
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend(secret);
    let claims: toml::Value = toml::from_str(&format!("exp = 2000000001\nswarm = '{}'", swarm())).unwrap();
    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &EncodingKey::from_ed_der(&der)).unwrap();
    let verifier = Verifier::new(&[TokenKey::Ed25519(public.try_into().unwrap())], "", "").unwrap();
    assert_eq!(join(&verifier, &token), Ok(()));
    let other = Verifier::new(&[TokenKey::Ed25519([1; 32])], "", "").unwrap();
    assert_eq!(join(&other, &token), Err(Denial::Invalid));
}
