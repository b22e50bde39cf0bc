//! Where everything is, once everything listens: for programs one line of JSON, for people the log.

use std::io::Write;

use serde::Serialize;

/// The room of the stream.
const ROOM: &str = "live://1";

/// The addresses of a running stack, each a complete URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// The origin.
    pub origin: String,
    /// The tracker, as viewers are told.
    pub tracker: String,
    /// The stream's multivariant playlist.
    pub playlist: String,
    /// Where an encoder publishes, with its key.
    pub publish: String,
    /// The page, where there is one.
    pub page: Option<String>,
    /// The operator's listener, where it is on.
    pub ops: Option<String>,
    /// The chat edge.
    pub chat: Chat,
}

/// The addresses of the chat edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chat {
    /// For viewers with a WebSocket.
    pub ws: String,
    /// For viewers without one: host and port.
    pub tcp: String,
    /// GOIM's push API, up to the word that says to whom.
    pub push: String,
    /// What clients ask before they connect.
    pub web: String,
}

impl Chat {
    /// What a page is told: where its room is, by its WebSocket and by the chat API, and its name. The stream's own name would
    /// do for a room; Bilibili's clients know only numbers, so there is the room with the number 1.
    #[must_use]
    pub fn for_the_page(&self, stream: &str) -> String {
        let api = format!("{}/chat/v1", self.web);
        serde_json::json!({"stream": stream, "chat": {"ws": self.ws, "api": api, "room": ROOM}}).to_string()
    }
}

impl Ready {
    /// Writes the one line of JSON.
    ///
    /// # Errors
    /// Where nobody can be written to.
    pub fn write_json(&self, writer: &mut impl Write) -> std::io::Result<()> {
        let line = serde_json::to_string(self)?;
        writeln!(writer, "{line}")?;
        writer.flush()
    }

    /// Tells the log; the publishing key only where a person is watching.
    pub fn log(&self, to_a_person: bool) {
        if let Some(page) = &self.page {
            tracing::info!("page      {page}");
        }
        tracing::info!("origin    {}", self.origin);
        tracing::info!("playlist  {}", self.playlist);
        tracing::info!(
            "publish   {}",
            if to_a_person { &self.publish } else { without_query(&self.publish) }
        );
        tracing::info!("tracker   {}", self.tracker);
        tracing::info!("chat      {}", self.chat.ws);
        tracing::info!("push      {}", self.chat.push);
        if let Some(ops) = &self.ops {
            tracing::info!("operator  {ops}");
        }
    }
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_one_object_with_null_for_what_is_not_there() {
        let ready = Ready {
            origin: "http://o".to_owned(),
            tracker: "ws://t/".to_owned(),
            playlist: "http://o/p".to_owned(),
            publish: "http://o/u?key=k".to_owned(),
            page: None,
            ops: Some("http://x".to_owned()),
            chat: Chat {
                ws: "ws://c/sub".to_owned(),
                tcp: "c".to_owned(),
                push: "http://p".to_owned(),
                web: "http://w".to_owned(),
            },
        };
        let mut line = Vec::new();
        ready.write_json(&mut line).unwrap();
        let expected = concat!(
            r#"{"origin":"http://o","tracker":"ws://t/","playlist":"http://o/p","#,
            r#""publish":"http://o/u?key=k","page":null,"ops":"http://x","#,
            r#""chat":{"ws":"ws://c/sub","tcp":"c","push":"http://p","web":"http://w"}}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(line).unwrap(), expected);
        assert_eq!(
            ready.chat.for_the_page("main"),
            r#"{"chat":{"api":"http://w/chat/v1","room":"live://1","ws":"ws://c/sub"},"stream":"main"}"#
        );
        assert_eq!(without_query(&ready.publish), "http://o/u");
    }
}
