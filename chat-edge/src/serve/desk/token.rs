//! Tokens: who somebody is, signed.
//!
//! [`service::token`] reads them. Claims are in `docs/spec/chat.md`. Times are compared by whoever uses the grant, each time anew.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use protocol::chat::RoomKey;
use serde::{Deserialize, Serialize};
use service::token::{Key, Reader};

use crate::moderation::{Grant, Moment, Refusal, Role, Rooms, UserId};
use crate::serve::config::TokenKey;

/// Rooms that one token names at most.
const ROOMS_MAX: usize = 64;
/// Bytes of the name that others see, at most.
const NAME_BYTES_MAX: usize = 64;
/// Bytes of a token's own name, at most.
const ID_BYTES_MAX: usize = 64;
/// How long a token may count, refreshed or not: as long is remembered which ones were taken back.
pub(in crate::serve) const LIFE_MS_MAX: u64 = 90 * 24 * 3_600 * 1_000;

/// Reads tokens, and makes them where a key is there for it.
pub(in crate::serve) struct Tokens {
    reading: Reader,
    writing: Option<(Algorithm, EncodingKey)>,
    issuer: String,
    audience: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    sub: Subject,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    #[serde(default)]
    iat: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    jti: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    room: OneOrMany,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    role: String,
    #[serde(default)]
    level: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    follows: Option<u64>,
    #[serde(default)]
    refresh_until: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    iss: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    aud: String,
}

/// RFC 7519 has a text here; sites that put the number are meant the same.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Subject {
    Text(String),
    Number(u64),
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl std::fmt::Debug for Tokens {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("reading", &self.reading).finish_non_exhaustive()
    }
}

impl Tokens {
    /// With these keys. The first that can sign makes tokens.
    pub(in crate::serve) fn new(keys: &[TokenKey], issuer: &str, audience: &str) -> Self {
        let public: Vec<Key> = keys.iter().map(TokenKey::public).collect();
        let writing = keys.iter().find_map(|key| match key {
            TokenKey::Plain(Key::Ed25519(_)) => None,
            TokenKey::Plain(Key::Hs256(secret)) => Some((Algorithm::HS256, EncodingKey::from_secret(secret))),
            TokenKey::Ed25519Pair { pkcs8, .. } => Some((Algorithm::EdDSA, EncodingKey::from_ed_der(pkcs8))),
        });
        let reading = Reader::new(&public, issuer, audience);
        Self { reading, writing, issuer: issuer.to_owned(), audience: audience.to_owned() }
    }

    /// What a token says, whatever the time is.
    pub(in crate::serve) fn read(&self, token: &str) -> Result<Grant, Refusal> {
        let claims = self.reading.read::<Claims>(token).ok();
        claims.and_then(Claims::grant).ok_or(Refusal::TokenInvalid)
    }

    /// A token that says this; `None` where no key can sign.
    pub(in crate::serve) fn write(&self, grant: &Grant) -> Option<String> {
        let (algorithm, key) = self.writing.as_ref()?;
        let seconds = |moment: Moment| moment.0 / 1_000;
        let claims = Claims {
            sub: Subject::Text(grant.user.0.to_string()),
            exp: seconds(grant.until),
            nbf: seconds(grant.from),
            iat: seconds(grant.issued),
            jti: grant.id.clone(),
            name: grant.name.clone(),
            room: match &grant.rooms {
                Rooms::All => OneOrMany::One("*".into()),
                Rooms::These(rooms) => {
                    OneOrMany::Many(rooms.iter().map(|room| room.as_str().to_owned()).collect())
                }
            },
            role: grant.role.name().to_owned(),
            level: grant.level,
            follows: grant.follows_since.map(seconds),
            refresh_until: seconds(grant.refresh_until),
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
        };
        encode(&Header::new(*algorithm), &claims, key).ok()
    }
}

impl Claims {
    /// What it says, where that can be meant.
    fn grant(self) -> Option<Grant> {
        let user = match self.sub {
            Subject::Text(text) => text.parse().ok()?,
            Subject::Number(number) => number,
        };
        let rooms = match self.room {
            OneOrMany::One(name) if name == "*" => Rooms::All,
            OneOrMany::One(name) => Rooms::These(vec![RoomKey::parse(&name)?]),
            OneOrMany::Many(names) if names.len() <= ROOMS_MAX => {
                Rooms::These(names.iter().map(|name| RoomKey::parse(name)).collect::<Option<_>>()?)
            }
            OneOrMany::Many(_) => return None,
        };
        let role = if self.role.is_empty() { Role::Viewer } else { Role::parse(&self.role)? };
        let known = i64::try_from(user).is_ok_and(|user| user > 0);
        let name_fits = self.name.len() <= NAME_BYTES_MAX && !self.name.chars().any(char::is_control);
        let moment = |seconds: u64| Moment(seconds.saturating_mul(1_000));
        let (issued, until) = (moment(self.iat.max(self.nbf)), moment(self.exp));
        let refresh_until = moment(self.refresh_until);
        let lives = until.max(refresh_until).since_ms(issued);
        // Without `iat` nobody can say how long it counts; `exp` alone is taken at its word, and ends it.
        let short = lives <= LIFE_MS_MAX || self.iat == 0 && self.refresh_until == 0;
        let id_fits = self.jti.len() <= ID_BYTES_MAX && !self.jti.chars().any(char::is_control);
        if !known || !name_fits || !id_fits || !short {
            return None;
        }
        let name = if self.name.is_empty() { user.to_string() } else { self.name };
        let id = if self.jti.is_empty() { format!("{user}/{}", self.iat) } else { self.jti };
        Some(Grant {
            user: UserId(user),
            name,
            rooms,
            role,
            level: self.level,
            follows_since: self.follows.map(moment),
            id,
            issued: moment(self.iat),
            from: moment(self.nbf),
            until,
            refresh_until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use service::token::TOKEN_BYTES_MAX;

    const SECRET: [u8; 32] = [7; 32];
    const NOW_S: u64 = 1_700_000_000;

    fn keys() -> Vec<TokenKey> {
        [[1; 32], SECRET].map(|secret| TokenKey::Plain(Key::Hs256(secret.to_vec()))).to_vec()
    }

    fn sign(claims: &Value) -> String {
        encode(&Header::default(), claims, &EncodingKey::from_secret(&SECRET)).unwrap()
    }

    fn claims(change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "sub": "7", "exp": NOW_S + 60, "iat": NOW_S, "jti": "t", "name": "seven", "room": "live://1"
        });
        change(&mut claims);
        sign(&claims)
    }

    #[test]
    fn claims_by_row() {
        let tokens = Tokens::new(&keys(), "", "");
        let many: Vec<String> = (0..65).map(|room| format!("live://{room}")).collect();
        type Change = Box<dyn FnOnce(&mut Value)>;
        let rows: [(Change, bool); 15] = [
            (Box::new(|_| ()), true),
            (Box::new(|c| c["sub"] = json!(7)), true),
            (Box::new(|c| c["sub"] = json!("seven")), false),
            (Box::new(|c| c["sub"] = json!("0")), false),
            (Box::new(|c| c["sub"] = json!(u64::MAX)), false),
            (Box::new(|c| c["room"] = json!("*")), true),
            (Box::new(|c| c["room"] = json!(["live://1", "live://2"])), true),
            (Box::new(|c| c["room"] = json!("")), false),
            (Box::new(move |c| c["room"] = json!(many)), false),
            (Box::new(|c| c["role"] = json!("streamer")), true),
            (Box::new(|c| c["role"] = json!("god")), false),
            (Box::new(|c| c["name"] = json!("a\nb")), false),
            (Box::new(|c| c["name"] = json!("x".repeat(65))), false),
            (Box::new(|c| c["exp"] = json!(NOW_S + 91 * 24 * 3_600)), false),
            (Box::new(|c| drop(c.as_object_mut().unwrap().remove("exp"))), false),
        ];
        for (index, (change, good)) in rows.into_iter().enumerate() {
            assert_eq!(tokens.read(&claims(change)).is_ok(), good, "row {index}");
        }
    }

    #[test]
    fn nobody_is_believed_without_our_signature() {
        let tokens = Tokens::new(&keys(), "", "");
        let good = claims(|_| ());
        let other = encode(
            &Header::default(),
            &json!({"sub": "7", "exp": NOW_S, "room": "*"}),
            &EncodingKey::from_secret(&[9; 32]),
        );
        let none = good.replacen(good.split('.').next().unwrap(), "eyJhbGciOiJub25lIn0", 1);
        let mut cut = good.clone();
        cut.pop();
        for token in
            [other.unwrap(), none, cut, String::new(), "guest".into(), "x".repeat(TOKEN_BYTES_MAX + 1)]
        {
            assert_eq!(tokens.read(&token), Err(Refusal::TokenInvalid), "{token}");
        }
    }

    #[test]
    fn issuer_and_audience_count_where_they_are_asked_for() {
        let asking = Tokens::new(&keys(), "shop", "chat");
        let with = |iss: &str, aud: &str| claims(|c| (c["iss"], c["aud"]) = (json!(iss), json!(aud)));
        assert!(asking.read(&with("shop", "chat")).is_ok());
        for token in [with("other", "chat"), with("shop", "other"), claims(|_| ())] {
            assert_eq!(asking.read(&token), Err(Refusal::TokenInvalid));
        }
        assert!(Tokens::new(&keys(), "", "").read(&with("any", "any")).is_ok());
    }

    #[test]
    fn what_is_written_reads_the_same_with_either_algorithm() {
        let pair =
            TokenKey::try_from(format!("ed25519-pair:{}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
                .unwrap();
        for key in [TokenKey::Plain(Key::Hs256(SECRET.to_vec())), pair] {
            let tokens = Tokens::new(&[key], "shop", "chat");
            let grant = Tokens::new(&keys(), "", "").read(&claims(|c| c["follows"] = json!(5))).unwrap();
            assert_eq!(tokens.read(&tokens.write(&grant).unwrap()), Ok(grant));
        }
    }

    #[test]
    fn a_public_key_reads_and_cannot_write() {
        let public = TokenKey::Plain(Key::Ed25519([1; 32]));
        let tokens = Tokens::new(&[public], "", "");
        let grant = Tokens::new(&keys(), "", "").read(&claims(|_| ())).unwrap();
        assert_eq!(tokens.write(&grant), None);
    }
}
