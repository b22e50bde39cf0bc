//! A room's comments as a file: Bilibili's XML, which players and converters of danmaku read, and JSON.
//!
//! Both count a comment's place in seconds from the first comment, or from the moment that was asked for.

use std::fmt::Write as _;

use protocol::chat::RoomKey;
use serde_json::json;

use super::{Comment, user_hash};
use crate::logic::Kept;
use crate::moderation::Moment;

/// A file's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Bilibili's.
    Xml,
    /// One object with a list.
    Json,
}

impl Format {
    /// The form of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "xml" => Some(Self::Xml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// Writes a file piece by piece; what is written is taken as it comes.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    room: RoomKey,
    start: Option<Moment>,
    begun: bool,
    lines: u64,
    out: String,
}

impl Writer {
    /// Nothing yet. Places count from `from`, or from the first comment where that is zero.
    #[must_use]
    pub fn new(format: Format, room: RoomKey, from: Moment) -> Self {
        let start = (from != Moment(0)).then_some(from);
        Self { format, room, start, begun: false, lines: 0, out: String::new() }
    }

    /// A message; nothing where it is no comment.
    pub fn add(&mut self, kept: &Kept) {
        let Some(comment) = Comment::from_event(&kept.event.body) else { return };
        let at = if comment.at == Moment(0) { kept.at } else { comment.at };
        self.begin(at);
        let ms = at.since_ms(self.start.unwrap_or(at));
        match self.format {
            Format::Xml => self.add_xml(&comment, at, ms),
            Format::Json => self.add_json(&comment, kept, at, ms),
        }
        self.lines += 1;
    }

    /// The end of the file.
    pub fn end(&mut self) {
        self.begin(Moment(0));
        self.out.push_str(match self.format {
            Format::Xml => "</i>\n",
            Format::Json => "\n]}\n",
        });
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn begin(&mut self, first: Moment) {
        if self.begun {
            return;
        }
        self.begun = true;
        let start = *self.start.get_or_insert(first);
        match self.format {
            Format::Xml => {
                let room = escaped(self.room.parts().1);
                let _ = write!(
                    self.out,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<i><chatserver>shoal</chatserver><chatid>{room}</chatid>\
                     <mission>0</mission><maxlimit>0</maxlimit><state>0</state><real_name>0</real_name>\
                     <source>k-v</source>\n"
                );
            }
            Format::Json => {
                let room = json!(self.room.as_str());
                let _ = write!(
                    self.out,
                    "{{\"version\":1,\"room\":{room},\"start_ms\":{},\"comments\":[",
                    start.0
                );
            }
        }
    }

    /// `p`: second, mode, size, color, when it was said, pool, its author's hash, its name.
    fn add_xml(&mut self, comment: &Comment, at: Moment, ms: u64) {
        let Comment { id, author, text, mode, size, color, .. } = comment;
        let (mode, hash) = (mode.number(), user_hash(*author));
        let _ = writeln!(
            self.out,
            "<d p=\"{}.{:03},{mode},{size},{color},{},0,{hash},{}\">{}</d>",
            ms / 1_000,
            ms % 1_000,
            at.0 / 1_000,
            id.0,
            escaped(text)
        );
    }

    fn add_json(&mut self, comment: &Comment, kept: &Kept, at: Moment, ms: u64) {
        let Comment { id, author, name, text, mode, size, color, level, moderator, .. } = comment;
        let line = json!({
            "time_ms": ms, "at_ms": at.0, "epoch": kept.event.epoch, "sequence": kept.event.sequence,
            "id": id.0.to_string(), "user": author.0.to_string(), "name": name, "text": text, "mode": mode.name(),
            "size": size, "color": color, "level": level, "moderator": moderator,
        });
        let _ = write!(self.out, "{}\n{line}", if self.lines == 0 { "" } else { "," });
    }
}

/// A text inside XML 1.0: what the standard does not allow (§2.2) is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Mode, SIZE_NORMAL};
    use crate::moderation::{CommentId, UserId};
    use protocol::chat::{Class, Operation, RoomEvent};

    fn kept(sequence: u64, at: u64, text: &str) -> Kept {
        let comment = Comment {
            id: CommentId(99),
            author: UserId(7),
            name: "a<b".into(),
            text: text.into(),
            at: Moment(at),
            mode: Mode::Top,
            size: SIZE_NORMAL,
            color: 255,
            level: 0,
            moderator: false,
        };
        let event = RoomEvent {
            room: RoomKey::parse("live://1").unwrap(),
            epoch: 1,
            sequence,
            class: Class::Chat,
            operation: Operation::MESSAGE,
            body: comment.to_event().into(),
        };
        Kept { event, at: Moment(at), comment: Some(comment.id), author: comment.author, recalled: false }
    }

    fn written(format: Format, from: u64, messages: &[Kept]) -> String {
        let mut writer = Writer::new(format, RoomKey::parse("live://1").unwrap(), Moment(from));
        let mut out = String::new();
        for message in messages {
            writer.add(message);
            out.push_str(&writer.take());
        }
        writer.end();
        out + &writer.take()
    }

    #[test]
    fn xml_is_bilibilis() {
        let gift = Kept {
            event: RoomEvent {
                body: std::sync::Arc::from(&b"{\"cmd\":\"SEND_GIFT\"}"[..]),
                ..kept(3, 0, "").event
            },
            ..kept(3, 0, "")
        };
        let messages = [kept(1, 5_000, "hi"), kept(2, 6_250, "<&>\"\u{1}\u{B}'"), gift];
        let xml = written(Format::Xml, 0, &messages);
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<i><chatserver>"), "{xml}");
        let hash = user_hash(UserId(7));
        assert!(xml.contains(&format!("<d p=\"0.000,5,25,255,5,0,{hash},99\">hi</d>\n")), "{xml}");
        assert!(xml.contains("<d p=\"1.250,5,25,255,6,0,"), "{xml}");
        assert!(xml.contains(">&lt;&amp;&gt;&quot;'</d>\n</i>\n"), "{xml}");
    }

    #[test]
    fn json_has_everything_and_an_empty_file_is_whole() {
        let json = written(Format::Json, 4_000, &[kept(1, 5_000, "hi"), kept(2, 6_250, "\"")]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["room"], &json["start_ms"]), (&json!("live://1"), &json!(4_000)));
        let second = &json["comments"][1];
        assert_eq!(
            (&second["time_ms"], &second["text"], &second["sequence"]),
            (&json!(2_250), &json!("\""), &json!(2))
        );
        let empty: serde_json::Value = serde_json::from_str(&written(Format::Json, 0, &[])).unwrap();
        assert_eq!(empty["comments"], json!([]));
        assert!(written(Format::Xml, 0, &[]).ends_with("</i>\n"));
    }

    #[test]
    fn the_hash_of_a_user_is_its_crc() {
        // CRC-32/ISO-HDLC of "123456789", the check value of the catalogue of parametrised CRC algorithms.
        assert_eq!(user_hash(UserId(123_456_789)), "cbf43926");
    }
}
