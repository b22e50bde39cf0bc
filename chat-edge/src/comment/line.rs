//! A comment as its author gives it.

use serde::Deserialize;

use super::{COLOR_WHITE, Mode};

/// What somebody wants to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// How it crosses the picture.
    pub mode: Mode,
    /// Its color.
    pub color: u32,
}

/// The same as it comes over a connection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Upstream {
    text: String,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    color: Option<u32>,
}

impl Line {
    /// Reads the body of a frame; `None` where it is no comment.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let Upstream { text, mode, color } = serde_json::from_slice(body).ok()?;
        let mode = mode.map_or(Some(Mode::Scroll), |mode| Mode::parse(&mode))?;
        let color = color.unwrap_or(COLOR_WHITE);
        (color <= COLOR_WHITE).then_some(Self { text, mode, color })
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { text: String::new(), mode: Mode::Scroll, color: COLOR_WHITE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Comment, SIZE_NORMAL};
    use crate::moderation::{CommentId, Moment, UserId};
    use crate::tick::is_event;
    use proptest::prelude::*;

    #[test]
    fn comments_by_row() {
        let line = |text: &str, mode, color| Some(Line { text: text.into(), mode, color });
        let rows = [
            ("{\"text\":\"a\"}", line("a", Mode::Scroll, COLOR_WHITE)),
            ("{\"text\":\"a\",\"mode\":\"top\",\"color\":255}", line("a", Mode::Top, 255)),
            ("{\"text\":\"a\",\"mode\":\"up\"}", None),
            ("{\"text\":\"a\",\"color\":16777216}", None),
            ("{\"text\":\"a\",\"color\":-1}", None),
            ("{\"text\":1}", None),
            ("{\"text\":\"a\",\"txet\":\"b\"}", None),
            ("{\"text\":\"a\",\"text\":\"b\"}", None),
            ("{\"text\":\"\\ud800\"}", None),
            ("[\"a\"]", line("a", Mode::Scroll, COLOR_WHITE)),
            ("{\"text\":\"a\"}{}", None),
            ("a", None),
            ("", None),
        ];
        for (body, wanted) in rows {
            assert_eq!(Line::parse(body.as_bytes()), wanted, "{body}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_said_arrives_as_it_was_said(
            text in any::<String>(), name in any::<String>(), mode in 0..3_usize, color in 0..=COLOR_WHITE
        ) {
            let mode = Mode::ALL[mode];
            let body = serde_json::json!({"text": text, "mode": mode.name(), "color": color}).to_string();
            let line = Line::parse(body.as_bytes()).expect("a comment");
            prop_assert_eq!(&line, &Line { text, mode, color });
            let comment = Comment {
                id: CommentId(9),
                author: UserId(7),
                name,
                text: line.text,
                at: Moment(1_000),
                mode,
                size: SIZE_NORMAL,
                color,
                level: 3,
                moderator: true,
            };
            let event = comment.to_event();
            prop_assert!(is_event(&event));
            prop_assert_eq!(Comment::from_event(&event), Some(comment));
        }

        #[test]
        fn no_body_makes_anybody_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (Line::parse(&body), Comment::from_event(&body));
        }
    }
}
