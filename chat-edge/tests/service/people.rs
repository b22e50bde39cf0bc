//! Somebody with a token: what they ask over HTTP, and what they say over a connection.

use serde_json::{Value, json};

use super::app::App;
use super::client::{Client, Over};

/// The room of these tests.
pub(crate) const ROOM: &str = "/chat/v1/rooms/live/1";

/// A status and a JSON.
pub(crate) type Answer = (u16, Value);

impl App {
    /// A token as the operator's address makes it.
    pub(crate) async fn token(&self, claims: Value) -> String {
        let (head, body) =
            Self::http_at(self.api, "POST", "/chat/v1/tokens", claims.to_string().as_bytes()).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
        serde_json::from_str::<Value>(&body).unwrap()["token"].as_str().unwrap().to_owned()
    }

    /// A token of this user with this role in room `live://1`.
    pub(crate) async fn token_of(&self, user: u64, role: &str) -> String {
        let rooms = if role == "operator" { Value::Null } else { json!(["live://1"]) };
        self.token(json!({"user": user, "name": format!("u{user}"), "role": role, "rooms": rooms})).await
    }

    /// Asks the public address with a token.
    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let header = format!("authorization: Bearer {token}\r\n");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (head, body) = Self::http_with(self.web, method, path, &header, body.as_bytes()).await;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    /// Asks, and must be told this.
    pub(crate) async fn must(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
        status: u16,
    ) -> Value {
        let (found, answer) = self.ask(token, method, path, &body).await;
        assert_eq!(found, status, "{method} {path}: {answer}");
        answer
    }

    /// Asks, and must be refused with this code.
    pub(crate) async fn refused(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
        status: u16,
        code: &str,
    ) {
        let answer = self.must(token, method, path, body, status).await;
        assert_eq!(answer["error"]["code"], code, "{method} {path}");
        assert!(answer["error"]["message"].as_str().unwrap().len() > 10, "{answer}");
    }

    /// Says something in the room; the comment's name.
    pub(crate) async fn say(&self, token: &str, text: &str) -> String {
        let answer = self.must(token, "POST", &format!("{ROOM}/comments"), json!({"text": text}), 201).await;
        answer["id"].as_str().unwrap().to_owned()
    }

    /// A viewer of ours in the room, with a token.
    pub(crate) async fn viewer(&self, token: &str) -> Client {
        let auth = json!({"room_id": "live://1", "token": token, "shoal": {"version": 1}});
        Client::join(self, Over::WebSocket, &auth.to_string()).await
    }
}

impl Client {
    /// Says something over the connection; the answer, once it comes, whatever comes before it.
    pub(crate) async fn speak(&mut self, text: &str) -> Value {
        self.say(4, json!({"text": text}).to_string().as_bytes()).await;
        loop {
            let got = self.hear().await;
            if got.operation() == 4 {
                return serde_json::from_str(got.text()).unwrap();
            }
        }
    }

    /// The text of the next comment.
    pub(crate) async fn read(&mut self) -> String {
        let event = self.event("DANMU_MSG").await;
        event["info"][1].as_str().unwrap().to_owned()
    }

    /// The next event of this command.
    pub(crate) async fn event(&mut self, command: &str) -> Value {
        loop {
            for push in self.hear_pushes().await {
                let event: Value = serde_json::from_slice(&push.body).unwrap_or(Value::Null);
                if event["cmd"] == command {
                    return event;
                }
            }
        }
    }
}
