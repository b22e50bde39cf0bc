//! What clients of Bilibili's ask by HTTP before they connect: which address, which room, who am I.
//!
//! Answers name this chat edge and nothing else. Rooms are known by their numbers only, so a room's owner is given the
//! room's number, and everybody is a guest. Signatures of requests (`w_rid`) are not looked at: nothing here is a secret.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::query::Pairs;
use crate::serve::desk;
use crate::serve::hub::Hub;
use crate::serve::peers::{Edge, Facts};

/// Rooms of one question.
const ROOMS_MAX: usize = 100;
/// Seconds that a ticket is good for; nobody is let in or kept out by it.
const TICKET_S: u32 = 259_200;
/// What a guest shows when it connects; nobody is let in or kept out by it.
const GUEST_TOKEN: &str = "guest";
/// The page may be anybody's.
const FROM_ANYWHERE: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

type Asked = Query<Vec<(String, String)>>;

/// Every route.
pub(in crate::serve) fn routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/ROOM", get(front))
        .route("/xlive/web-room/v1/index/getDanmuInfo", get(danmu_info))
        .route("/room/v1/Danmu/getConf", get(danmu_conf))
        .route("/room/v1/Room/get_info", get(room))
        .route("/room/v1/Room/mobileRoomInit", get(room))
        .route("/room/v1/Room/room_init", get(room))
        .route("/xlive/web-room/v1/index/getRoomPlayInfo", get(room))
        .route("/xlive/web-room/v2/index/getRoomPlayInfo", get(room))
        .route("/xlive/web-room/v1/index/getInfoByRoom", get(room_with_owner))
        .route("/room/v2/Room/get_by_ids", get(rooms))
        .route("/x/web-interface/nav", get(nav))
        .route("/x/frontend/finger/spi", get(finger))
        .route("/x/web-frontend/getbuvid", get(buvid))
        .route("/bapis/bilibili.api.ticket.v1.Ticket/GenWebTicket", any(ticket))
        .route("/x/internal/gaia-gateway/ExClimbWuzhi", any(nothing))
        .route("/xlive/rdata-interface/v1/heartbeat/webHeartBeat", any(nothing))
        .with_state(hub)
}

fn answer(code: i32, message: &str, data: &Value) -> Response {
    let body = json!({"code": code, "message": message, "msg": message, "ttl": 1, "data": data});
    ([FROM_ANYWHERE], Json(body)).into_response()
}

fn done(data: &Value) -> Response {
    answer(0, "0", data)
}

/// The room that is asked about, by whichever name the question has for it.
fn room_number(asked: Asked) -> Option<u64> {
    let asked = Pairs::from(asked);
    ["room_id", "id", "roomid"].into_iter().find_map(|key| asked.text(key)?.parse().ok())
}

fn unknown_room() -> Response {
    answer(-400, "which room?", &Value::Null)
}

/// Every port of an edge speaks everything, TLS too where it has a certificate.
fn hosts(hub: &Hub) -> Vec<Value> {
    let policy = hub.policy();
    let of_edge = |edge: Edge| {
        let Facts { addresses, domain, tls, .. } = edge.facts;
        let proxy = policy.config.wss_port;
        let wss = move |port| if tls { port } else { proxy };
        let ports = addresses.into_iter().map(|address| address.port());
        let host = move |port| json!({"host": domain, "port": port, "ws_port": port, "wss_port": wss(port)});
        ports.map(host).collect::<Vec<_>>()
    };
    hub.edges().into_iter().flat_map(of_edge).collect()
}

async fn danmu_info(State(hub): State<Arc<Hub>>) -> Response {
    done(&json!({
        "group": "live",
        "business_id": 0,
        "refresh_row_factor": 0.125,
        "refresh_rate": 100,
        "max_delay": 5_000,
        "token": GUEST_TOKEN,
        "host_list": hosts(&hub),
    }))
}

async fn danmu_conf(State(hub): State<Arc<Hub>>) -> Response {
    let hosts = hosts(&hub);
    let first = hosts.first().cloned().unwrap_or_default();
    done(&json!({
        "refresh_row_factor": 0.125,
        "refresh_rate": 100,
        "max_delay": 5_000,
        "token": GUEST_TOKEN,
        "host": first["host"],
        "port": first["port"],
        "host_server_list": hosts,
        "server_list": hosts,
    }))
}

fn room_facts(number: u64) -> Value {
    json!({"room_id": number, "short_id": 0, "uid": number, "live_status": 1, "title": "", "is_hidden": false})
}

async fn room(asked: Asked) -> Response {
    room_number(asked).map_or_else(unknown_room, |number| done(&room_facts(number)))
}

async fn room_with_owner(asked: Asked) -> Response {
    let Some(number) = room_number(asked) else { return unknown_room() };
    let owner = json!({"base_info": {"uname": number.to_string(), "face": "", "gender": ""}});
    done(&json!({"room_info": room_facts(number), "anchor_info": owner}))
}

async fn rooms(asked: Asked) -> Response {
    let asked = Pairs::from(asked);
    let numbers = asked.list("ids[]").chain(asked.list("ids")).filter_map(|number| number.parse().ok());
    let known = numbers.take(ROOMS_MAX).map(|number: u64| (number.to_string(), room_facts(number)));
    done(&Value::Object(known.collect()))
}

/// What clients make signatures of: two pictures' names.
fn pictures() -> [String; 2] {
    ["00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"]
        .map(|stem| format!("https://localhost/{stem}.png"))
}

/// Nobody is logged in.
async fn nav() -> Response {
    let [image, sub] = pictures();
    let names = json!({"img_url": image, "sub_url": sub});
    answer(-101, "not logged in", &json!({"isLogin": false, "mid": 0, "wbi_img": names}))
}

/// The newer way to the same names.
async fn ticket() -> Response {
    let ([image, sub], now_s) = (pictures(), desk::now().0 / 1_000);
    let names = json!({"img": image, "sub": sub});
    done(&json!({"ticket": name(), "created_at": now_s, "ttl": TICKET_S, "context": {}, "nav": names}))
}

/// A name for a browser that has none.
fn name() -> String {
    let (high, low) = (getrandom::u64().unwrap_or(0), getrandom::u32().unwrap_or(0));
    format!("{high:016X}{low:08X}infoc")
}

async fn finger() -> Response {
    done(&json!({"b_3": name(), "b_4": name()}))
}

async fn buvid() -> Response {
    done(&json!({"buvid": name()}))
}

async fn front() -> Response {
    let cookie = format!("buvid3={}; Path=/", name());
    ([(header::SET_COOKIE, cookie)], "A Shoal chat edge.\n").into_response()
}

async fn nothing() -> Response {
    done(&json!({}))
}
