//! Refusals over HTTP: the one place where they get their status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::moderation::{Refusal, Role};
use crate::serve::desk::filters::RulesError;
use crate::serve::desk::{Undecided, Unsaid, now};
use crate::store::keeper::Unavailable;

/// Milliseconds after which a store that did not answer is worth another try.
const STORE_RETRY_MS: u64 = 1_000;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No token came.
    NoToken,
    /// The judge's word.
    Refused(Refusal),
    /// Whoever asks is too humble for it: what it takes.
    Role(Role),
    /// Whoever is meant is not below whoever asks.
    Outranked,
    /// The body cannot be meant.
    Body(String),
    /// A part of the address, or of its query, cannot be meant.
    Query(&'static str),
    /// What is meant is not there.
    Missing(&'static str),
    /// Rules that cannot be used.
    Rules(RulesError),
    /// There is no room for more.
    Full(&'static str),
    /// No key that is configured can sign.
    CannotSign,
    /// The store, or an edge, does not keep up or is not there.
    Unavailable,
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Refused(refusal) => of_refusal(*refusal),
            Self::Role(_) | Self::Outranked => StatusCode::FORBIDDEN,
            Self::Body(_) | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Rules(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Full(_) | Self::CannotSign => StatusCode::CONFLICT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::Refused(refusal) => refusal.code(),
            Self::Role(_) => "role",
            Self::Outranked => "outranked",
            Self::Body(_) => "body",
            Self::Query(_) => "query",
            Self::Missing(_) => "missing",
            Self::Rules(_) => "rules",
            Self::Full(_) => "full",
            Self::CannotSign => "cannot_sign",
            Self::Unavailable => "unavailable",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NoToken => "say who you are: Authorization: Bearer TOKEN".into(),
            Self::Refused(refusal) => refusal.reason(),
            Self::Role(least) => format!("this takes a token of the role {} in this room", least.name()),
            Self::Outranked => "whoever is meant keeps order here too; ask somebody above them".into(),
            Self::Body(problem) => format!("the body cannot be meant: {problem}"),
            Self::Query(problem) => (*problem).to_owned(),
            Self::Missing(what) => (*what).to_owned(),
            Self::Rules(error) => error.to_string(),
            Self::Full(what) => (*what).to_owned(),
            Self::CannotSign => {
                "no token key that is configured here can sign; ask the site that made the token".into()
            }
            Self::Unavailable => "the store is busy or not there; nothing was decided; try again".into(),
        }
    }

    fn retry_ms(&self) -> Option<u64> {
        match self {
            Self::Refused(refusal) => refusal.retry_ms(now()),
            Self::Unavailable => Some(STORE_RETRY_MS),
            Self::NoToken
            | Self::Role(_)
            | Self::Outranked
            | Self::Body(_)
            | Self::Query(_)
            | Self::Missing(_)
            | Self::Rules(_)
            | Self::Full(_)
            | Self::CannotSign => None,
        }
    }
}

const fn of_refusal(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Guest | Refusal::TokenInvalid | Refusal::TokenExpired | Refusal::TokenRevoked => {
            StatusCode::UNAUTHORIZED
        }
        Refusal::OtherRoom
        | Refusal::Banned(_)
        | Refusal::Muted(_)
        | Refusal::Closed
        | Refusal::LevelOnly(_)
        | Refusal::FollowersOnly(_) => StatusCode::FORBIDDEN,
        Refusal::Empty => StatusCode::BAD_REQUEST,
        Refusal::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::SlowMode(_)
        | Refusal::ConnectionRate(_)
        | Refusal::UserRate(_)
        | Refusal::AddressRate(_)
        | Refusal::RoomRate(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Filtered => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_ms = self.retry_ms();
        let error = json!({"code": self.code(), "message": self.message(), "retry_after_ms": retry_ms});
        let mut response = (self.status(), Json(json!({"error": error}))).into_response();
        if let Some(ms) = retry_ms {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000)));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"chat\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unsaid> for Problem {
    fn from(unsaid: Unsaid) -> Self {
        match unsaid {
            Unsaid::Refused(refusal) => Self::Refused(refusal),
            Unsaid::Busy => Self::Unavailable,
        }
    }
}

impl From<Undecided> for Problem {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Unavailable => Self::Unavailable,
            Undecided::Full => Self::Full("no more decisions fit; lift some that are over"),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Unavailable
    }
}
