//! Who asks, for which room, with what.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use protocol::chat::RoomKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::moderation::duty::Duty;
use crate::moderation::{Grant, Refusal, Role, Rooms, UserId};
use crate::serve::hub::Hub;

/// Whoever asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) grant: Arc<Grant>,
    pub(super) address: IpAddr,
}

/// From where somebody asks, who need not say who they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(pub(super) IpAddr);

/// The room of the address.
#[derive(Clone, Debug)]
pub(super) struct Room(pub(super) RoomKey);

/// A JSON body.
#[derive(Clone, Debug)]
pub(super) struct Read<T>(pub(super) T);

impl Caller {
    /// Who it is.
    pub(super) fn user(&self) -> UserId {
        self.grant.user
    }

    /// What the caller is in the room, where that is enough.
    pub(super) fn may(&self, hub: &Hub, room: &RoomKey, duty: Duty) -> Result<Role, Problem> {
        if !self.grant.rooms.contain(room) {
            return Err(Refusal::OtherRoom.into());
        }
        enough(hub.desk.judge(|judge| judge.role(&self.grant, room)), duty)
    }

    /// The same for what concerns every room: only a token for all of them says what its holder is there.
    pub(super) fn may_everywhere(&self, duty: Duty) -> Result<Role, Problem> {
        let role = if self.grant.rooms == Rooms::All { self.grant.role } else { Role::Viewer };
        enough(role, duty)
    }
}

fn enough(role: Role, duty: Duty) -> Result<Role, Problem> {
    if role >= duty.least() { Ok(role) } else { Err(Problem::Role(duty.least())) }
}

/// The token of a request.
pub(super) fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or(Problem::NoToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Problem::NoToken) }
}

/// From where a request comes.
fn address(parts: &Parts, hub: &Hub) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    hub.policy().config.trusted_proxies.client(peer, forwarded.and_then(|value| value.to_str().ok()))
}

impl FromRequestParts<Arc<Hub>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Self, Problem> {
        let grant = Arc::new(hub.desk.grant(bearer(parts)?)?);
        Ok(Self { grant, address: address(parts, hub) })
    }
}

impl FromRequestParts<Arc<Hub>> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Self, Self::Rejection> {
        Ok(Self(address(parts, hub)))
    }
}

#[derive(Debug, Deserialize)]
struct Named {
    kind: String,
    id: String,
}

impl FromRequestParts<Arc<Hub>> for Room {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Self, Problem> {
        let named = Path::<Named>::from_request_parts(parts, hub).await.ok();
        let room = named.and_then(|Path(Named { kind, id })| RoomKey::of(&kind, &id));
        room.map(Self).ok_or(Problem::Query("a room is /rooms/TYPE/ID, at most 128 bytes in all"))
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Hub>> for Read<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, hub: &Arc<Hub>) -> Result<Self, Problem> {
        let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, hub).await;
        let body = body.map_err(|cause| Problem::Body(cause.body_text()))?;
        // An empty body is an object in which everything is left out.
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(body).map(Self).map_err(|cause| Problem::Body(cause.to_string()))
    }
}
