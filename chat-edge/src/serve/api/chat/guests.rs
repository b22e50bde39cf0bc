//! Guests: a name, and a token for it; no password, and nothing kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Address, Read};
use super::problem::Problem;
use crate::filter::normal::is_unseen;
use crate::filter::{Action, Found, Scratch};
use crate::moderation::{Grant, Moment, Refusal, Role, Rooms, UserId};
use crate::serve::desk::now;
use crate::serve::hub::Hub;

/// How long a guest's token counts, and how long it may be exchanged for another: whoever goes is soon forgotten, whoever
/// stays keeps the name for a day.
const LIFE_MS: u64 = 15 * 60 * 1_000;
const EXCHANGED_MS: u64 = 24 * 3_600 * 1_000;
/// Characters of a guest's name.
const NAME_CHARACTERS_MAX: usize = 24;
/// Guests' numbers: above everybody whom a site has counted so far, below what JavaScript counts exactly.
const USERS: std::ops::Range<u64> = 1 << 48..1 << 53;

/// Who wants to speak.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guest {
    name: String,
}

pub(super) async fn welcome(
    State(hub): State<Arc<Hub>>,
    Address(address): Address,
    Read(Guest { name }): Read<Guest>,
) -> Result<Json<Value>, Problem> {
    let per_10s = hub.policy().config.guests_per_10s;
    if per_10s == 0 {
        return Err(Problem::Missing("there are no guests here: ask the site for a token"));
    }
    let name = tidied(&name).ok_or_else(|| {
        Problem::Body(format!("name has 1 to {NAME_CHARACTERS_MAX} characters, and no control characters"))
    })?;
    hub.askers.guest(address, per_10s)?;
    match hub.desk.filters.check_everywhere(&name, &mut Scratch::default()) {
        Found::Clean | Found::Rule(Action::Allow, _) => {}
        Found::Masked(..) | Found::Rule(..) => return Err(Refusal::Filtered.into()),
    }
    let number = getrandom::u64().map_err(|_| Problem::Unavailable)?;
    let issued = Moment(now().0 / 1_000 * 1_000);
    let grant = Grant {
        user: UserId(USERS.start + number % (USERS.end - USERS.start)),
        name,
        rooms: Rooms::All,
        role: Role::Viewer,
        level: 0,
        follows_since: None,
        id: format!("{:x}", hub.desk.name().0),
        issued,
        from: issued,
        until: issued.plus_ms(LIFE_MS),
        refresh_until: issued.plus_ms(EXCHANGED_MS),
    };
    let token = hub.desk.sign(&grant).ok_or(Problem::CannotSign)?;
    Ok(Json(json!({
        "token": token, "id": grant.id, "user": grant.user.0.to_string(), "name": grant.name,
        "until_ms": grant.until.0, "refresh_until_ms": grant.refresh_until.0,
    })))
}

/// The name with single spaces; `None` where it is none.
fn tidied(name: &str) -> Option<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) && name.len() <= 64;
    let seen = name.chars().any(|character| !is_unseen(character));
    (fits && seen && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_row() {
        let rows = [
            ("Mei", Some("Mei")),
            ("  Mei\t Lin ", Some("Mei Lin")),
            ("", None),
            (" ", None),
            ("\u{200b}\u{2060}", None),
            ("a\u{7}b", None),
            ("abcdefghijklmnopqrstuvwx", Some("abcdefghijklmnopqrstuvwx")),
            ("abcdefghijklmnopqrstuvwxy", None),
            ("大白鲨大白鲨大白鲨大白鲨大白鲨大白鲨大白鲨大白", None),
        ];
        for (name, wanted) in rows {
            assert_eq!(tidied(name).as_deref(), wanted, "{name:?}");
        }
    }
}
