//! GOIM's API as its callers know it: always status 200, the outcome in `code`.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::chat::{Direct, Operation, RoomKey, To};
use serde::Serialize;
use serde_json::{Value, json};

use super::query::Pairs;
use crate::logic::Draft;
use crate::serve::hub::Hub;
use crate::serve::peers::{Edge, Facts};

/// Keys or users of one push.
const TARGETS_MAX: usize = 1_000;
/// Nodes of one answer: GOIM's own number.
const NODES_MAX: usize = 5;
/// Rooms of one answer.
const ROOMS_MAX: usize = 1_000;
/// How a client comes back: waits 3 s at first, 1.8 times as long each time, up to 300 s, and up to 30 % off: GOIM's own.
const BACKOFF: Backoff = Backoff { max_delay: 300, base_delay: 3, factor: 1.8, jitter: 0.3 };
/// What most pushes are answered.
const DONE: &str = "{\"code\":0,\"message\":\"\"}";

type Body = Result<Bytes, BytesRejection>;
type Asked = Query<Vec<(String, String)>>;

/// An outcome.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Done; what was asked for.
    Done(Option<Value>),
    /// It cannot be meant.
    Request(&'static str),
    /// Not now.
    Busy,
}

impl Outcome {
    /// As its callers read it.
    pub(super) fn text(self) -> Cow<'static, str> {
        let text = match self {
            Self::Done(None) => return Cow::Borrowed(DONE),
            Self::Done(Some(data)) => json!({"code": 0, "message": "", "data": data}),
            Self::Request(message) => json!({"code": -400, "message": message}),
            Self::Busy => json!({"code": -500, "message": "an edge does not keep up; try again"}),
        };
        Cow::Owned(text.to_string())
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.text()).into_response()
    }
}

/// What is pushed to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Push {
    Keys,
    Users,
    Room,
    Everybody,
}

impl Push {
    /// By the last part of its path.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "keys" => Some(Self::Keys),
            "mids" => Some(Self::Users),
            "room" => Some(Self::Room),
            "all" => Some(Self::Everybody),
            _ => None,
        }
    }

    /// Sends it on its way; without a body it was too long, or did not arrive.
    pub(super) fn carry_out(self, hub: &Hub, asked: &Pairs<'_>, body: Option<&[u8]>) -> Outcome {
        match self.try_to(hub, asked, body) {
            Ok(()) => {
                hub.counters.pushes.add(1);
                Outcome::Done(None)
            }
            Err(outcome) => {
                hub.counters.pushes_refused.add(1);
                outcome
            }
        }
    }

    fn try_to(self, hub: &Hub, asked: &Pairs<'_>, body: Option<&[u8]>) -> Result<(), Outcome> {
        let operation = asked.operation().ok_or(Outcome::Request("operation is needed"))?;
        let taken = || {
            let body = body.ok_or(Outcome::Request("the body is too long, or did not arrive"))?;
            Ok(Arc::from(body))
        };
        let to = match self {
            Self::Room => {
                let draft = Draft { operation, ..draft(asked, taken)? };
                return hub.publish(draft, None).map_err(|_| Outcome::Busy);
            }
            Self::Keys => {
                let keys: Vec<String> = asked.list("keys").map(str::to_owned).collect();
                (1..=TARGETS_MAX).contains(&keys.len()).then_some(To::Keys(keys))
            }
            Self::Users => asked.numbers("mids").filter(|mids| mids.len() <= TARGETS_MAX).map(To::Users),
            Self::Everybody => Some(To::Everybody),
        };
        let to = to.ok_or(Outcome::Request("whom it is for is needed: 1 to 1000"))?;
        let body = taken()?;
        hub.direct(Direct { to, operation, body }).map_err(|_| Outcome::Busy)
    }
}

fn draft(asked: &Pairs<'_>, body: impl FnOnce() -> Result<Arc<[u8]>, Outcome>) -> Result<Draft, Outcome> {
    let room = asked.text("type").zip(asked.text("room"));
    let room = room.and_then(|(kind, id)| RoomKey::of(kind, id));
    let room = room.ok_or(Outcome::Request("type and room are needed"))?;
    let class = asked.class().ok_or(Outcome::Request("class is control, paid, own, chat or ambient"))?;
    Ok(Draft { room, class, operation: Operation::MESSAGE, body: body()? })
}

pub(super) async fn push(
    State(hub): State<Arc<Hub>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    let Some(push) = Push::named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let query = query.unwrap_or_default();
    push.carry_out(&hub, &Pairs::read(&query), body.ok().as_deref()).into_response()
}

#[derive(Debug, Serialize)]
struct Online {
    room_id: String,
    count: usize,
}

pub(super) async fn online_top(State(hub): State<Arc<Hub>>, asked: Asked) -> Outcome {
    let asked = Pairs::from(asked);
    let limit = asked.text("limit").and_then(|limit| limit.parse::<usize>().ok());
    let (Some(kind), Some(limit)) = (asked.text("type"), limit) else {
        return Outcome::Request("type and limit are needed");
    };
    let rooms = hub.census_everywhere().rooms;
    let of_kind = rooms.iter().filter(|(room, _)| room.parts().0 == kind);
    let mut top: Vec<Online> =
        of_kind.map(|(room, count)| Online { room_id: room.parts().1.to_owned(), count: *count }).collect();
    top.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.room_id.cmp(&b.room_id)));
    top.truncate(limit.min(ROOMS_MAX));
    Outcome::Done(Some(json!(top)))
}

pub(super) async fn online_room(State(hub): State<Arc<Hub>>, asked: Asked) -> Outcome {
    let asked = Pairs::from(asked);
    let names: Vec<&str> = asked.list("rooms").take(ROOMS_MAX).collect();
    let Some(kind) = asked.text("type").filter(|_| !names.is_empty()) else {
        return Outcome::Request("type and rooms are needed");
    };
    let rooms = hub.census_everywhere().rooms;
    let count = |name: &str| RoomKey::of(kind, name).and_then(|room| rooms.get(&room).copied()).unwrap_or(0);
    let counts: serde_json::Map<String, Value> =
        names.into_iter().map(|name| (name.to_owned(), json!(count(name)))).collect();
    Outcome::Done(Some(Value::Object(counts)))
}

pub(super) async fn online_total(State(hub): State<Arc<Hub>>) -> Outcome {
    let census = hub.census_everywhere();
    Outcome::Done(Some(json!({"ip_count": census.addresses, "conn_count": census.live})))
}

#[derive(Debug, Serialize)]
struct Nodes {
    domain: String,
    #[serde(skip_serializing_if = "is_zero")]
    tcp_port: u16,
    #[serde(skip_serializing_if = "is_zero")]
    ws_port: u16,
    #[serde(skip_serializing_if = "is_zero")]
    wss_port: u16,
    heartbeat: u32,
    heartbeat_max: u32,
    nodes: Vec<String>,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Backoff {
    max_delay: u32,
    base_delay: u32,
    factor: f32,
    jitter: f32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(port: &u16) -> bool {
    *port == 0
}

/// Every port speaks both transports, so the first one is both. GOIM's callers take one port for all nodes: the others
/// are told by address where that differs.
pub(super) async fn nodes_weighted(State(hub): State<Arc<Hub>>, asked: Asked) -> Outcome {
    let asked = Pairs::from(asked);
    let policy = hub.policy();
    let config = &policy.config;
    let port = hub.addresses.first().map_or(0, SocketAddr::port);
    let web = asked.text("platform") == Some("web");
    let name = |edge: &Edge| {
        let address = edge.facts.addresses.first().map(|address| address.ip().to_string());
        if web { edge.facts.domain.clone() } else { address.unwrap_or_else(|| edge.facts.domain.clone()) }
    };
    let mut nodes: Vec<String> = Vec::new();
    for edge in hub.edges().iter().filter(|edge| edge.facts.weight > 0) {
        let name = name(edge);
        if nodes.len() < NODES_MAX && !nodes.contains(&name) {
            nodes.push(name);
        }
    }
    if nodes.is_empty() {
        nodes.push(config.domain.clone());
    }
    Outcome::Done(Some(json!(Nodes {
        domain: config.domain.clone(),
        tcp_port: port,
        ws_port: port,
        wss_port: if policy.tls.is_some() { port } else { 0 },
        heartbeat: config.goim_heartbeat_s,
        heartbeat_max: config.goim_heartbeats_max,
        nodes,
        backoff: BACKOFF,
    })))
}

pub(super) async fn nodes_instances(State(hub): State<Arc<Hub>>) -> Outcome {
    let (here, addresses) = (hub.peers.name().to_owned(), hub.census().addresses);
    let instance = |edge: Edge| {
        let is_here = edge.name == here;
        let Facts { domain, region, zone, weight, .. } = edge.facts;
        let addrs: Vec<String> =
            edge.facts.addresses.iter().map(|address| format!("tcp://{address}")).collect();
        json!({
            "region": region,
            "zone": zone,
            "env": "",
            "appid": "goim.comet",
            "hostname": if edge.name.is_empty() { domain.clone() } else { edge.name },
            "addrs": addrs,
            "version": env!("CARGO_PKG_VERSION"),
            "latest_timestamp": 0,
            "metadata": {
                "addrs": domain,
                "conn_count": edge.live.to_string(),
                "ip_count": if is_here { addresses.to_string() } else { String::new() },
                "offline": (is_here && hub.draining()).to_string(),
                "weight": weight.to_string(),
            },
        })
    };
    Outcome::Done(Some(hub.edges().into_iter().map(instance).collect()))
}
