//! A comment as everybody's clients read it: Bilibili's `DANMU_MSG`, and back.
//!
//! One body serves both dialects: stock clients of Bilibili's read the places that they know (`info`), ours read the same.
//! Read back it becomes a line of a replay, whoever made it.

pub mod export;
pub mod line;

use protocol::chat::RoomKey;
use serde_json::{Value, json};

use crate::moderation::{CommentId, Moment, UserId};

/// White.
pub const COLOR_WHITE: u32 = 0x00FF_FFFF;
/// The size of letters that players call normal.
pub const SIZE_NORMAL: u32 = 25;

/// How the event of a comment of ours begins.
const OURS: &[u8] = b"{\"cmd\":\"DANMU_MSG\",";

/// How the event of a recall of ours begins.
const RECALL: &[u8] = b"{\"cmd\":\"RECALL_DANMU_MSG\",";

/// How a comment crosses the picture; numbers as Bilibili's players count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// From right to left.
    #[default]
    Scroll,
    /// Stands at the bottom.
    Bottom,
    /// Stands at the top.
    Top,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Scroll, Self::Bottom, Self::Top];

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scroll => "scroll",
            Self::Bottom => "bottom",
            Self::Top => "top",
        }
    }

    /// The mode of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Scroll => 1,
            Self::Bottom => 4,
            Self::Top => 5,
        }
    }

    /// The mode of a number; what we do not know scrolls.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self::ALL.into_iter().find(|mode| mode.number() == number).unwrap_or_default()
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its name; 0 where whoever made it gave it none.
    pub id: CommentId,
    /// Who said it.
    pub author: UserId,
    /// The author's name.
    pub name: String,
    /// What.
    pub text: String,
    /// When.
    pub at: Moment,
    /// How it crosses the picture.
    pub mode: Mode,
    /// The size of its letters.
    pub size: u32,
    /// Its color, 0xRRGGBB.
    pub color: u32,
    /// The author's level.
    pub level: u32,
    /// The author keeps order in the room.
    pub moderator: bool,
}

impl Comment {
    /// The event that carries it.
    #[must_use]
    pub fn to_event(&self) -> Vec<u8> {
        let Self { id, author, name, text, at, mode, size, color, level, moderator } = self;
        let extra = json!({
            "content": text, "id_str": id.0.to_string(), "color": color, "mode": 0, "font_size": size, "emots": null,
            "reply_mid": 0, "reply_uname": "", "send_from_me": false, "user_hash": user_hash(*author), "dm_type": 0,
        });
        let base = json!({"name": name, "face": "", "name_color": 0, "is_mystery": false});
        let user = json!({"uid": author.0, "base": base, "medal": null, "guard": null, "title": null, "wealth": null});
        let look = json!({"extra": extra.to_string(), "mode": 0, "show_player_type": 0, "user": user});
        let activity = json!({"activity_identity": "", "activity_source": 0, "not_show": 0});
        let hash = user_hash(*author);
        let head = json!([
            0,
            mode.number(),
            size,
            color,
            at.0,
            0,
            0,
            hash,
            0,
            0,
            0,
            "",
            0,
            "{}",
            "{}",
            look,
            activity,
            0
        ]);
        let who = json!([author.0, name, u8::from(*moderator), 0, 0, 10_000, 1, ""]);
        let rank = json!([level, 0, 9_868_950, ">50000", 0]);
        let made = json!({"ts": at.0 / 1_000, "ct": hash});
        let info =
            json!([head, text, who, [], rank, ["", ""], 0, 0, null, made, 0, 0, null, null, 0, 0, [0], null]);
        json!({"cmd": "DANMU_MSG", "info": info, "dm_v2": ""}).to_string().into_bytes()
    }

    /// Reads an event; `None` where it is no comment.
    #[must_use]
    pub fn from_event(body: &[u8]) -> Option<Self> {
        let event: Value = serde_json::from_slice(body).ok()?;
        let command = event.get("cmd")?.as_str()?;
        if command.split(':').next() != Some("DANMU_MSG") {
            return None;
        }
        let info = event.get("info")?;
        let (head, who) = (info.get(0)?, info.get(2)?);
        let number = |of: &Value, at: usize| of.get(at).and_then(Value::as_u64);
        let small = |value: Option<u64>, otherwise: u32| {
            value.and_then(|value| u32::try_from(value).ok()).unwrap_or(otherwise)
        };
        let extra = head.get(15).and_then(|look| look.get("extra")).and_then(Value::as_str);
        let extra: Option<Value> = extra.and_then(|extra| serde_json::from_str(extra).ok());
        let id = extra.as_ref().and_then(|extra| extra.get("id_str")?.as_str()?.parse().ok());
        Some(Self {
            id: CommentId(id.unwrap_or(0)),
            author: UserId(number(who, 0).unwrap_or(0)),
            name: who.get(1).and_then(Value::as_str).unwrap_or_default().to_owned(),
            text: info.get(1)?.as_str()?.to_owned(),
            at: Moment(number(head, 4).unwrap_or(0)),
            mode: Mode::from_number(number(head, 1).unwrap_or(0)),
            size: small(number(head, 2), SIZE_NORMAL),
            color: small(number(head, 3), COLOR_WHITE),
            level: small(info.get(4).and_then(|rank| number(rank, 0)), 0),
            moderator: number(who, 2) == Some(1),
        })
    }
}

/// The event that takes a comment off every screen: by its name, which Bilibili's clients know as `target_id`, and by its
/// author where everything of theirs goes.
#[must_use]
pub fn recall_event(room: &RoomKey, id: CommentId) -> Vec<u8> {
    let data = json!({"recall_type": 1, "target_id": id.0, "id_str": id.0.to_string()});
    json!({"cmd": "RECALL_DANMU_MSG", "roomid": room_number(room), "data": data}).to_string().into_bytes()
}

/// What an event of ours takes off every screen; nothing where it is none.
#[must_use]
pub fn recalled_by(body: &[u8]) -> Option<CommentId> {
    let event: Value = body.starts_with(RECALL).then(|| serde_json::from_slice(body).ok()).flatten()?;
    event.get("data")?.get("id_str")?.as_str()?.parse().ok().map(CommentId)
}

/// The event that tells a room how it is talked in from now on.
#[must_use]
pub fn settings_event(room: &RoomKey, settings: crate::moderation::Settings) -> Vec<u8> {
    let crate::moderation::Settings { slow_s, followers_s, level_min, closed } = settings;
    let data =
        json!({"slow_s": slow_s, "followers_s": followers_s, "level_min": level_min, "closed": closed});
    json!({"cmd": "SHOAL_ROOM_SETTINGS", "roomid": room_number(room), "data": data}).to_string().into_bytes()
}

/// The name and the author of a comment of ours; neither for anything else. Whoever numbers a message asks this of it, in
/// whichever process it was said.
#[must_use]
pub fn named(body: &[u8]) -> (Option<CommentId>, UserId) {
    // Whatever else is sent to rooms is not read for this.
    let comment = body.starts_with(OURS).then(|| Comment::from_event(body)).flatten();
    let comment = comment.filter(|comment| comment.id != CommentId(0));
    comment.map_or((None, UserId(0)), |comment| (Some(comment.id), comment.author))
}

/// The number of a room that has one.
fn room_number(room: &RoomKey) -> u64 {
    room.parts().1.parse().unwrap_or(0)
}

/// What stands for a user where the number is nobody's business: CRC-32 of its digits, in hexadecimal, as Bilibili's files
/// have it.
#[must_use]
pub fn user_hash(user: UserId) -> String {
    format!("{:x}", crc32fast::hash(user.0.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn comment(text: &str) -> Comment {
        Comment {
            id: CommentId(1 << 62),
            author: UserId(7),
            name: "seven".into(),
            text: text.into(),
            at: Moment(1_700_000_000_123),
            mode: Mode::Top,
            size: SIZE_NORMAL,
            color: COLOR_WHITE,
            level: 3,
            moderator: true,
        }
    }

    #[test]
    fn stock_clients_find_what_they_look_for() {
        let event: Value = serde_json::from_slice(&comment("hi").to_event()).unwrap();
        assert_eq!(event["cmd"], "DANMU_MSG");
        let info = &event["info"];
        assert_eq!((&info[1], &info[2][0], &info[2][1]), (&json!("hi"), &json!(7), &json!("seven")));
        assert_eq!(
            (&info[0][1], &info[0][3], &info[0][4]),
            (&json!(5), &json!(COLOR_WHITE), &json!(1_700_000_000_123_u64))
        );
        assert_eq!(info[0][15]["user"]["base"]["name"], "seven");
        assert!(info[3].is_array() && info[4][0] == 3 && info[9]["ts"] == 1_700_000_000);
        let extra: Value = serde_json::from_str(info[0][15]["extra"].as_str().unwrap()).unwrap();
        assert_eq!(extra["id_str"], (1_u64 << 62).to_string());
    }

    #[test]
    fn what_is_no_comment_is_none() {
        let rows: [&[u8]; 5] = [
            b"",
            b"{}",
            b"{\"cmd\":\"SEND_GIFT\"}",
            b"{\"cmd\":\"DANMU_MSG\"}",
            b"{\"cmd\":\"DANMU_MSG\",\"info\":[[],1,[]]}",
        ];
        for body in rows {
            assert_eq!(Comment::from_event(body), None);
        }
        let least = Comment::from_event(b"{\"cmd\":\"DANMU_MSG:4:0:2\",\"info\":[[],\"x\",[]]}").unwrap();
        assert_eq!((least.text.as_str(), least.author, least.color), ("x", UserId(0), COLOR_WHITE));
    }

    #[test]
    fn a_recall_names_what_it_takes_back() {
        let room = RoomKey::parse("live://1").unwrap();
        assert_eq!(recalled_by(&recall_event(&room, CommentId(1 << 62))), Some(CommentId(1 << 62)));
        for body in [
            &b"{}"[..],
            b"",
            b"{\"cmd\":\"RECALL_DANMU_MSG\",\"data\":{}}",
            b"{\"cmd\":\"RECALL_DANMU_MSG\",",
        ] {
            assert_eq!(recalled_by(body), None);
        }
    }

    proptest! {
        #[test]
        fn a_comment_comes_back_as_it_was(text in ".{0,100}") {
            let comment = comment(&text);
            let event = comment.to_event();
            prop_assert_eq!(named(&event), (Some(comment.id), comment.author));
            prop_assert_eq!(Comment::from_event(&event), Some(comment));
        }
    }
}
