//! The API beside pushing: counts, nodes, health, and what it refuses.

use super::app::App;
use super::client::{Client, Over};

#[tokio::test]
async fn counts_are_those_of_the_rooms() {
    let app = App::start().await;
    let mut members = Vec::new();
    for room in ["live://1", "live://2", "live://2", "game://3"] {
        members.push(Client::join(&app, Over::Tcp, &format!("{{\"room_id\":\"{room}\"}}")).await);
    }
    app.until("connections_live", "", 4).await;
    let top = app.get("/goim/online/top?type=live&limit=10").await;
    let expected = serde_json::json!([{"room_id": "2", "count": 2}, {"room_id": "1", "count": 1}]);
    assert_eq!(top["data"], expected);
    assert_eq!(app.get("/goim/online/top?type=live&limit=1").await["data"][0]["room_id"], "2");
    let rooms = app.get("/goim/online/room?type=live&rooms=2&rooms=9").await;
    assert_eq!(rooms["data"], serde_json::json!({"2": 2, "9": 0}));
    let total = app.get("/goim/online/total").await;
    assert_eq!(total["data"], serde_json::json!({"ip_count": 1, "conn_count": 4}));
    drop(members);
    app.until("connections", "", 0).await;
    assert_eq!(app.get("/goim/online/top?type=live&limit=10").await["data"], serde_json::json!([]));
}

#[tokio::test]
async fn pushes_that_cannot_be_meant_are_refused() {
    let app = App::start().await;
    let long = vec![b'x'; 16_385];
    let rows: [(&str, &[u8], i64); 12] = [
        ("room?operation=1000&type=live&room=1", &long[..16_384], 0),
        ("room?operation=1000&type=live&room=1", &long, -400),
        ("room?operation=0&type=live&room=1", b"x", -400),
        ("room?type=live&room=1", b"x", -400),
        ("room?operation=1000&type=&room=1", b"x", -400),
        ("room?operation=1000&type=live", b"x", -400),
        ("room?operation=1000&type=live&room=1&class=gold", b"x", -400),
        ("keys?operation=1000", b"x", -400),
        ("mids?operation=1000&mids=x", b"x", -400),
        ("mids?operation=1000", b"x", -400),
        ("all", b"x", -400),
        ("all?operation=1000&speed=5", b"x", 0),
    ];
    for (what, body, code) in rows {
        assert_eq!(app.push(what, body).await, code, "{what}");
    }
}

#[tokio::test]
async fn the_node_list_names_the_port_that_speaks_everything() {
    let app = App::start().await;
    let nodes = app.get("/goim/nodes/weighted?platform=web").await;
    assert_eq!(nodes["data"]["ws_port"], app.address.port());
    assert_eq!(nodes["data"]["tcp_port"], app.address.port());
    assert_eq!(nodes["data"]["nodes"][0], nodes["data"]["domain"]);
    assert_eq!(nodes["data"]["heartbeat"], 240);
    let native = app.get("/goim/nodes/weighted?platform=android").await;
    assert_eq!(native["data"]["nodes"][0], "127.0.0.1");
    let instances = app.get("/goim/nodes/instances").await;
    assert_eq!(instances["data"][0]["appid"], "goim.comet");
}

#[tokio::test]
async fn health_and_readiness_are_json() {
    let app = App::start().await;
    assert_eq!(app.get("/health").await["status"], "ok");
    assert_eq!(app.get("/ready").await["status"], "ready");
}

#[tokio::test]
async fn whatever_clients_ask_before_they_connect_leads_them_here() {
    let app = App::start().await;
    let ask = async |path: &str| {
        let (head, body) = App::http_at(app.web, "GET", path, b"").await;
        assert!(head.contains("content-type: application/json"), "{path} {head}");
        serde_json::from_str::<serde_json::Value>(&body).unwrap()
    };
    let info = ask("/xlive/web-room/v1/index/getDanmuInfo?id=7&type=0&wts=1&w_rid=x").await;
    let host = &info["data"]["host_list"][0];
    assert_eq!(
        (host["host"].as_str(), host["ws_port"].as_u64()),
        (Some("localhost"), Some(app.address.port().into()))
    );
    assert!(info["data"]["token"].is_string());
    let conf = ask("/room/v1/Danmu/getConf?room_id=7&platform=pc&player=web").await;
    assert_eq!(conf["data"]["host_server_list"][0], *host);
    for path in [
        "/room/v1/Room/get_info?room_id=7",
        "/room/v1/Room/mobileRoomInit?id=7",
        "/room/v1/Room/room_init?id=7",
        "/xlive/web-room/v2/index/getRoomPlayInfo?room_id=7",
    ] {
        assert_eq!(ask(path).await["data"]["room_id"], 7, "{path}");
    }
    assert_eq!(ask("/room/v1/Room/room_init").await["code"], -400);
    let owner = ask("/xlive/web-room/v1/index/getInfoByRoom?room_id=7").await;
    assert_eq!(owner["data"]["room_info"]["room_id"], 7);
    assert!(owner["data"]["anchor_info"]["base_info"]["uname"].is_string());
    let rooms = ask("/room/v2/Room/get_by_ids?ids[]=7&ids%5B%5D=8").await;
    assert_eq!((&rooms["data"]["7"]["room_id"], &rooms["data"]["8"]["room_id"]), (&7.into(), &8.into()));
    let nav = ask("/x/web-interface/nav").await;
    assert_eq!((nav["code"].as_i64(), nav["data"]["wbi_img"]["img_url"].is_string()), (Some(-101), true));
    let ticket = ask("/bapis/bilibili.api.ticket.v1.Ticket/GenWebTicket?key_id=ec02&hexsign=x").await;
    assert!(ticket["data"]["ticket"].is_string() && ticket["data"]["ttl"].is_u64());
    assert_eq!(ticket["data"]["nav"]["img"], nav["data"]["wbi_img"]["img_url"]);
    assert!(ask("/x/frontend/finger/spi").await["data"]["b_3"].is_string());
    assert!(ask("/x/web-frontend/getbuvid").await["data"]["buvid"].is_string());
    let (head, _) = App::http_at(app.web, "GET", "/", b"").await;
    assert!(head.contains("set-cookie: buvid3="), "{head}");
}
