//! What viewers say, and the rules that moderators make for it.

use std::sync::Arc;

use chat_edge::comment::export::{Format, Writer};
use chat_edge::comment::line::Line;
use chat_edge::comment::{COLOR_WHITE, Comment, SIZE_NORMAL};
use chat_edge::filter::{Filter, Found, Rules, Scratch};
use chat_edge::logic::Kept;
use chat_edge::moderation::{CommentId, Moment, UserId};
use chat_edge::tick::is_event;
use protocol::chat::{Class, Operation, RoomEvent, RoomKey};

use crate::hold;

/// Bytes of rules, and of a text: with more, compiling takes longer than it finds.
const RULES_BYTES_MAX: usize = 2_048;
const TEXT_BYTES_MAX: usize = 4_096;

/// The body of a viewer's frame, and the way of what it says.
pub(crate) fn said(bytes: &[u8]) {
    // Whoever pushes may send anything under the name of a comment.
    let pushed = Comment::from_event(bytes);
    let said = Line::parse(bytes).map(|line| {
        hold(line.color <= COLOR_WHITE, "a color is one");
        Comment {
            id: CommentId(9),
            author: UserId(7),
            name: "somebody".into(),
            text: line.text,
            at: Moment(1_000),
            mode: line.mode,
            size: SIZE_NORMAL,
            color: line.color,
            level: 0,
            moderator: false,
        }
    });
    if let Some(comment) = &said {
        hold(Comment::from_event(&comment.to_event()).as_ref() == Some(comment), "what is said arrives");
    }
    for comment in said.iter().chain(&pushed) {
        let event = comment.to_event();
        hold(is_event(&event), "stock clients can read what we make of it");
        export(event);
    }
}

/// A comment as a file: no text breaks out of its place.
fn export(body: Vec<u8>) {
    let Some(room) = RoomKey::of("live", "1") else { return };
    let (class, operation) = (Class::Chat, Operation::MESSAGE);
    let event =
        RoomEvent { room: room.clone(), epoch: 1, sequence: 1, class, operation, body: Arc::from(body) };
    let kept = Kept { event, at: Moment(1_000), comment: None, author: UserId(7), recalled: false };
    for format in [Format::Xml, Format::Json] {
        let mut writer = Writer::new(format, room.clone(), Moment(0));
        writer.add(&kept);
        writer.end();
        let text = writer.take();
        match format {
            Format::Xml => {
                hold(text.matches("<d ").count() == 1 && text.matches("</d>").count() == 1, "one line");
                let sound = |letter: char| letter >= ' ' || matches!(letter, '\n' | '\t' | '\r');
                hold(text.chars().all(sound), "XML has no control characters");
            }
            Format::Json => {
                hold(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "JSON is JSON");
            }
        }
    }
}

/// Rules, a zero, a text.
pub(crate) fn filtered(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (rules, text) = text.split_once('\0').unwrap_or((&text, ""));
    if rules.len() > RULES_BYTES_MAX || text.len() > TEXT_BYTES_MAX {
        return;
    }
    let Ok(rules) = Rules::parse(rules) else { return };
    let Ok(filter) = Filter::new(&rules) else { return };
    let (mut fresh, mut used) = (Scratch::default(), Scratch::default());
    filter.check("something else, with 3 l33t w0rds and 加微信", &mut used);
    let found = filter.check(text, &mut fresh);
    hold(filter.check(text, &mut used) == found, "what was looked at before changes nothing");
    match &found {
        Found::Clean => {}
        Found::Masked(masked, rule) => {
            hold(filter.rule(*rule).is_some(), "a rule that was found is in the list");
            hold(masked.contains("***"), "what is covered shows stars");
        }
        Found::Rule(_, rule) => hold(filter.rule(*rule).is_some(), "a rule that was found is in the list"),
    }
}
