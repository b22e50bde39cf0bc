//! What outlives the process: rooms go on after a drain, and nothing that was acknowledged is lost when it is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chat_edge::serve::Config;
use serde_json::{Value, json};

use super::app::{App, soon};
use super::client::{Client, Got, Over};
use super::people::ROOM;
use super::postgres::Postgres;

fn numbers(pushes: &[Got]) -> Vec<u64> {
    pushes.iter().map(|push| push.extension.expect("the long header").sequence).collect()
}

fn resuming(push: &Got) -> String {
    let extension = push.extension.expect("the long header");
    let (epoch, sequence) = (extension.epoch, extension.sequence);
    json!({"room_id": "live://1", "shoal": {"version": 1, "epoch": epoch, "sequence": sequence}}).to_string()
}

#[tokio::test]
async fn after_a_drain_numbers_go_on_and_whoever_comes_back_gets_what_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("chat.db").display());
    let config = Config { store, ..Config::default() };
    let app = App::with(config.clone()).await;
    let mut player =
        Client::join(&app, Over::WebSocket, r#"{"room_id":"live://1","shoal":{"version":1}}"#).await;
    app.push_room("1", b"1").await;
    let seen = player.hear_count(1).await;
    drop(player);
    for text in [b"2", b"3"] {
        app.push_room("1", text).await;
    }
    app.stop().await;
    let app = App::with(config).await;
    let mut again = Client::join(&app, Over::WebSocket, &resuming(&seen[0])).await;
    assert_eq!(numbers(&again.hear_count(2).await), [2, 3]);
    app.push_room("1", b"4").await;
    let next = again.hear_count(1).await;
    assert_eq!(numbers(&next), [4]);
    assert_eq!(next[0].extension.unwrap().epoch, seen[0].extension.unwrap().epoch);
}

/// The program itself, on ports of its own.
struct Program {
    child: Child,
    web: std::net::SocketAddr,
    api: std::net::SocketAddr,
    listen: std::net::SocketAddr,
}

impl Program {
    fn start(store: &str) -> Self {
        let any = "127.0.0.1:0";
        let mut child = Command::new(env!("CARGO_BIN_EXE_chat-edge"))
            .args(["--listen", any, "--api-listen", any, "--web-listen", any, "--store", store])
            .env("RUST_LOG", "info")
            .env("SHOAL_CHAT_LOG_JSON", "true")
            .arg("--log-json")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains("chat edge listens"));
        let line: Value = serde_json::from_str(&line.expect("it listens")).unwrap();
        // Nobody else reads what it says; a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let fields = &line["fields"];
        let address = |key: &str| fields[key].as_str().unwrap().parse().unwrap();
        let listen = fields["addresses"].as_str().unwrap().trim_matches(['[', ']']).parse().unwrap();
        Self { web: address("web_address"), api: address("api_address"), listen, child }
    }

    /// As `kill -9` does it.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn ask(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let header = format!("authorization: Bearer {token}\r\n");
        let (head, body) = App::http_with(self.web, method, path, &header, body.to_string().as_bytes()).await;
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    async fn token(&self, user: u64, role: &str) -> String {
        let claims = json!({"user": user, "role": role}).to_string();
        let (_, body) = App::http_at(self.api, "POST", "/chat/v1/tokens", claims.as_bytes()).await;
        serde_json::from_str::<Value>(&body).unwrap()["token"].as_str().unwrap().to_owned()
    }
}

/// Decisions and comments that were acknowledged, then kill -9: every one of them is there.
async fn nothing_acknowledged_is_lost(store: &str) {
    let program = Program::start(store);
    let (operator, viewer) = (program.token(1, "operator").await, program.token(7, "viewer").await);
    let put = async |path: &str, body: Value| {
        let (status, answer) = program.ask(&operator, "PUT", path, &body).await;
        assert!((200..300).contains(&status), "{path} {answer}");
    };
    put(&format!("{ROOM}/sanctions/8/ban"), json!({"reason": "spam"})).await;
    put("/chat/v1/sanctions/9/shadow", json!({})).await;
    put(&format!("{ROOM}/settings"), json!({"level_min": 3})).await;
    put(&format!("{ROOM}/roles/7"), json!({"role": "moderator"})).await;
    put("/chat/v1/filter", json!({"rules": "spam"})).await;
    let say = async |text: &str| {
        let (status, answer) =
            program.ask(&viewer, "POST", &format!("{ROOM}/comments"), &json!({"text": text})).await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    };
    let first = say("first").await;
    let gone = say("gone").await;
    say("last").await;
    let (status, _) =
        program.ask(&operator, "DELETE", &format!("{ROOM}/comments/{gone}"), &json!(null)).await;
    assert_eq!(status, 204);
    program
        .ask(&operator, "POST", &format!("{ROOM}/comments/{first}/reports"), &json!({"reason": "rude"}))
        .await;
    let mut stream = tokio::net::TcpStream::connect(program.listen).await.unwrap();
    program.kill();
    // Its connections ended with it.
    soon(tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1])).await.ok();

    let program = Program::start(store);
    let get = async |path: String| program.ask(&operator, "GET", &path, &json!(null)).await.1;
    assert_eq!(get(format!("{ROOM}/sanctions")).await["sanctions"][0]["reason"], "spam");
    assert_eq!(get("/chat/v1/sanctions".into()).await["sanctions"][0]["sanction"], "shadow");
    assert_eq!(get(format!("{ROOM}/settings")).await["level_min"], 3);
    assert_eq!(get(format!("{ROOM}/roles")).await["roles"][0], json!({"user": "7", "role": "moderator"}));
    assert_eq!(get("/chat/v1/filter".into()).await["rules"], "spam");
    assert_eq!(get(format!("{ROOM}/reports")).await["reports"][0]["text"], "first");
    let comments = get(format!("{ROOM}/comments")).await;
    let texts: Vec<&Value> =
        comments["comments"].as_array().unwrap().iter().map(|comment| &comment["text"]).collect();
    assert_eq!(texts, ["first", "last"]);
    let audit = get("/chat/v1/audit".into()).await;
    assert_eq!(audit["entries"].as_array().unwrap().len(), 9, "{audit}");
    // The token outlives the process, and so do numbers that nobody gives twice.
    let (status, _) =
        program.ask(&viewer, "POST", &format!("{ROOM}/comments"), &json!({"text": "after"})).await;
    assert_eq!(status, 201);
    let comments = get(format!("{ROOM}/comments")).await;
    let epochs: Vec<u64> = comments["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| comment["epoch"].as_u64().unwrap())
        .collect();
    assert!(epochs[0] == epochs[1] && epochs[1] < epochs[2], "{epochs:?}");
    program.kill();
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    nothing_acknowledged_is_lost(&format!("sqlite:{}", folder.path().join("chat.db").display())).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed_with_postgresql() {
    let postgres = Postgres::start().await;
    nothing_acknowledged_is_lost(&postgres.url()).await;
}

#[tokio::test]
async fn a_stream_s_comments_are_taken_away_as_xml_and_json() {
    let app = App::start().await;
    let (streamer, viewer) = (app.token_of(2, "streamer").await, app.token_of(7, "viewer").await);
    app.say(&viewer, "<first> & \"best\"").await;
    let gone = app.say(&viewer, "gone").await;
    app.must(&streamer, "DELETE", &format!("{ROOM}/comments/{gone}"), json!(null), 204).await;
    app.push_room("1", br#"{"cmd":"SEND_GIFT"}"#).await;
    app.say(&viewer, "second").await;
    let json = app.must(&streamer, "GET", &format!("{ROOM}/export?format=json"), json!(null), 200).await;
    let texts: Vec<&Value> =
        json["comments"].as_array().unwrap().iter().map(|comment| &comment["text"]).collect();
    assert_eq!(texts, ["<first> & \"best\"", "second"]);
    assert_eq!(json["comments"][0]["time_ms"], 0);
    let xml = app.must(&streamer, "GET", &format!("{ROOM}/export?format=xml"), json!(null), 200).await;
    let xml = xml.as_str().unwrap();
    assert!(
        xml.contains("<d p=\"0.000,1,25,16777215,")
            && xml.contains(">&lt;first&gt; &amp; &quot;best&quot;</d>"),
        "{xml}"
    );
    assert!(xml.contains(">second</d>") && !xml.contains("gone"), "{xml}");
    app.refused(&streamer, "GET", &format!("{ROOM}/export?format=ass"), json!(null), 400, "query").await;
    let nothing = app.must(&streamer, "GET", &format!("{ROOM}/export?until=1"), json!(null), 200).await;
    assert_eq!(nothing["comments"], json!([]));
}
