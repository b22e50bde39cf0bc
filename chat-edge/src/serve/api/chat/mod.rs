//! The chat API: comments, and everything that moderators, streamers and operators do. `docs/spec/chat-api.md` is its text.
//!
//! Everybody shows a token (`Authorization: Bearer`); what it allows `moderation::duty` says. It is served on the public
//! address; making tokens is on the operator's as well, where it asks for none.

mod access;
mod askers;
mod audit;
mod comments;
mod export;
mod filter;
mod guests;
mod past;
mod people;
mod problem;
mod reports;
mod rooms;
mod tokens;

pub(in crate::serve) use askers::Askers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};

use crate::serve::desk::filters::RULES_BYTES_MAX;
use crate::serve::hub::Hub;

/// Bytes of a request's body, lists of rules excepted.
const BODY_BYTES_MAX: usize = 16_384;
/// Bytes that JSON may need for a list of rules.
const RULES_BODY_BYTES_MAX: usize = 2 * RULES_BYTES_MAX;

/// Everything that asks for a token.
pub(in crate::serve) fn routes(hub: Arc<Hub>) -> Router {
    let rules = Router::new()
        .route("/chat/v1/filter", get(filter::everywhere).put(filter::put_everywhere))
        .route("/chat/v1/rooms/{kind}/{id}/filter", get(filter::of_room).put(filter::put_of_room))
        .layer(DefaultBodyLimit::max(RULES_BODY_BYTES_MAX));
    let room = Router::new()
        .route("/comments", get(past::comments).post(comments::say))
        .route("/comments/{comment}", delete(comments::recall))
        .route("/comments/{comment}/reports", post(reports::report))
        .route("/me", get(tokens::me_here))
        .route("/settings", get(rooms::settings).put(rooms::put_settings))
        .route("/sanctions", get(people::sanctions))
        .route("/sanctions/{user}/{sanction}", put(people::put_sanction).delete(people::lift_sanction))
        .route("/roles", get(people::roles))
        .route("/roles/{user}", put(people::put_role).delete(people::take_role))
        .route("/filter/try", post(filter::try_out))
        .route("/reports", get(reports::waiting))
        .route("/reports/{comment}", post(reports::settle))
        .route("/audit", get(audit::of_room))
        .route("/export", get(export::export));
    Router::new()
        .nest("/chat/v1/rooms/{kind}/{id}", room)
        .route("/chat/v1/me", get(tokens::me))
        .route("/chat/v1/guests", post(guests::welcome))
        .route("/chat/v1/tokens/refresh", post(tokens::refresh))
        .route("/chat/v1/tokens", post(tokens::issue))
        .route("/chat/v1/tokens/revoke", post(tokens::revoke))
        .route("/chat/v1/sanctions", get(people::sanctions_everywhere))
        .route(
            "/chat/v1/sanctions/{user}/{sanction}",
            put(people::put_sanction_everywhere).delete(people::lift_sanction_everywhere),
        )
        .route("/chat/v1/audit", get(audit::everywhere))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(rules)
        .layer(middleware::from_fn(for_any_page))
        .with_state(hub)
}

/// What is on the operator's address and asks for no token: whoever reaches it is the operator.
pub(in crate::serve) fn operator_routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/chat/v1/tokens", post(tokens::issue_here))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(hub)
}

/// Pages of any site may call: what they may do is in the token that they send, not in a cookie that a browser adds.
async fn for_any_page(request: Request, next: Next) -> Response {
    const ANYBODY: (HeaderName, HeaderValue) =
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if request.method() == Method::OPTIONS {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE")),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type")),
            (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
            ANYBODY,
        ];
        return (StatusCode::NO_CONTENT, allowed).into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().insert(ANYBODY.0, ANYBODY.1);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    response
}
