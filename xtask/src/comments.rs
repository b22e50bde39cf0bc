//! The test room's people: a seeded, lively source of comments, gifts and likes, pushed to a chat edge as GOIM's callers do
//! it, in the shape of Bilibili's events.
//!
//! Now and then the room wakes: for a few seconds many speak at once, then it is quiet again. The same seed says the same
//! things in the same order.

mod words;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::failure::{Context, Failure, Outcome};
use crate::{clock, say};
use words::{LINES, NAMES};

/// The room that the test stream's page and Bilibili's clients would ask for.
const ROOM: &str = "1";
/// How long the source waits before it connects again.
const AGAIN: Duration = Duration::from_secs(1);
/// A room wakes this often, and stays awake so long.
const WAKES_EVERY_MS: u64 = 20_000;
const AWAKE_MS: u64 = 5_000;
/// While it is awake, so many times as much is said.
const AWAKE_TIMES: u64 = 6;

/// What is said, and where.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The push API, as `up --json` names it
    #[arg(long)]
    push: String,
    #[command(flatten)]
    mood: Mood,
}

/// How lively the room is.
#[derive(Args, Clone)]
pub(crate) struct Mood {
    /// Comments a minute while the test room is quiet; now and then it wakes and says six times as much
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    comments_per_min: u32,
    /// The seed of what is said in the test room
    #[arg(long, default_value_t = 1)]
    comments_seed: u64,
}

impl Mood {
    /// The same, as arguments of `cargo xtask comments`.
    pub(crate) fn arguments(&self) -> [String; 4] {
        let (rate, seed) = (self.comments_per_min.to_string(), self.comments_seed.to_string());
        ["--comments-per-min".into(), rate, "--comments-seed".into(), seed]
    }
}

/// Speaks until the process is ended; a chat edge that is gone is tried again.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut people = People::new(options.mood.comments_seed);
    loop {
        let stopped = speak(options, &mut people);
        let why = stopped.err().unwrap_or(Failure::new("it ended"));
        say::note(format!("test room: {why}; speaking again"));
        clock::wait(AGAIN);
    }
}

fn speak(options: &Options, people: &mut People) -> Outcome {
    let address = options.push.strip_prefix("http://").context("the push API is http://")?;
    let (host, path) = address.split_once('/').context("the push API has a path")?;
    let mut stream = TcpStream::connect(host).context("the chat edge")?;
    let mut replies = BufReader::new(stream.try_clone().context("the chat edge")?);
    let gap_ms = 60_000 / u64::from(options.mood.comments_per_min).max(1);
    loop {
        let now_ms = clock::unix_ms();
        let said = people.next(now_ms);
        let body = said.event.to_string();
        let request = format!(
            "POST /{path}/room?operation=5&type=live&room={ROOM}&class={} HTTP/1.1\r\nhost: {host}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            said.class,
            body.len()
        );
        stream.write_all(request.as_bytes()).context("the chat edge")?;
        reply(&mut replies)?;
        let times = if now_ms % WAKES_EVERY_MS < AWAKE_MS { AWAKE_TIMES } else { 1 };
        // Half to one and a half of the mean: nobody speaks like a clock.
        clock::wait(Duration::from_millis((gap_ms / 2 + people.below(gap_ms.max(1))) / times));
    }
}

/// Reads a reply to its end.
fn reply(replies: &mut impl BufRead) -> Outcome {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if replies.read_line(&mut line).context("the chat edge")? == 0 {
            return Err(Failure::new("the chat edge ended"));
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().context("the chat edge's reply")?;
        }
    }
    replies.read_exact(&mut vec![0; length]).context("the chat edge")
}

/// Who speaks, and what they say next.
struct People {
    state: u64,
    /// The name that a line was given last.
    last: u64,
}

/// One event of the room.
struct Said {
    class: &'static str,
    event: Value,
}

impl People {
    const fn new(seed: u64) -> Self {
        Self { state: seed, last: 0 }
    }

    fn next(&mut self, now_ms: u64) -> Said {
        let uid = self.below(NAMES.len() as u64);
        let name = NAMES.get(usize::try_from(uid).unwrap_or(0)).copied().unwrap_or_default();
        match self.below(100) {
            0..5 => Said { class: "paid", event: self.gift(uid + 1, name, now_ms) },
            5..12 => Said { class: "ambient", event: like(uid + 1, name) },
            _ => Said { class: "chat", event: self.comment(uid + 1, name, now_ms) },
        }
    }

    fn comment(&mut self, uid: u64, name: &str, now_ms: u64) -> Value {
        let line = LINES.get(usize::try_from(self.below(LINES.len() as u64)).unwrap_or(0));
        // 1 scrolls, 4 stands below, 5 stands above.
        let mode = match self.below(20) {
            0 => 5,
            1 => 4,
            _ => 1,
        };
        let colour = [0xFF_FFFF, 0xFF_FFFF, 0xFF_FFFF, 0xE3_3FFF, 0x00_CBFF, 0xFF_7A52, 0x54_EED8];
        let colour = colour.get(usize::try_from(self.below(7)).unwrap_or(0)).copied().unwrap_or(0xFF_FFFF);
        // A line with a name can be reported and taken back. The edge's own names are larger by the millisecond's 21 bits.
        let extra = json!({"id_str": self.name(now_ms).to_string()}).to_string();
        let look = json!({"extra": extra});
        let style =
            json!([0, mode, 25, colour, now_ms, now_ms / 1_000, 0, "", 0, 0, 0, "", 0, "{}", "{}", look]);
        let person = json!([uid, name, 0, 0, 0, 10_000, 1, ""]);
        let level = json!([self.below(40), 0, 9_868_950, ">50000", 0]);
        json!({
            "cmd": "DANMU_MSG",
            "info": [style, line, person, [], level, ["", ""], 0, 0, null, {"ts": now_ms / 1_000, "ct": ""}, 0, 0, null, null, 0, 0],
        })
    }

    fn gift(&mut self, uid: u64, name: &str, now_ms: u64) -> Value {
        let (id, gift, price) = [(1, "Minnow", 100), (2, "Lantern fish", 1_000), (3, "Whale", 50_000)]
            .get(usize::try_from(self.below(3)).unwrap_or(0))
            .copied()
            .unwrap_or_default();
        let count = 1 + self.below(9);
        json!({
            "cmd": "SEND_GIFT",
            "data": {
                "uid": uid, "uname": name, "face": "", "giftId": id, "giftName": gift, "num": count, "price": price,
                "total_coin": price * count, "coin_type": "gold", "action": "sends", "timestamp": now_ms / 1_000,
                "tid": format!("{now_ms}{uid}"), "guard_level": 0,
            },
        })
    }

    /// A name that no line before had, nor any of a source before.
    fn name(&mut self, now_ms: u64) -> u64 {
        self.last = (self.last + 1).max(now_ms << 4);
        self.last
    }

    /// The next number below `limit` (Steele, Lea, Flood 2014: SplitMix64).
    fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let one = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let two = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (two ^ (two >> 31)) % limit.max(1)
    }
}

fn like(uid: u64, name: &str) -> Value {
    json!({"cmd": "LIKE_INFO_V3_CLICK", "data": {"uid": uid, "uname": name, "like_text": "likes the stream"}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_says_the_same_and_another_something_else() {
        let say = |seed| {
            let mut people = People::new(seed);
            (0..200).map(|_| people.next(1_000).event.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(say(1), say(1));
        assert_ne!(say(1), say(2));
    }

    #[test]
    fn everything_said_is_an_event_of_a_class_that_the_chat_edge_knows() {
        let mut people = People::new(3);
        let mut classes = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let Said { class, event } = people.next(1_000);
            assert!(event["cmd"].is_string());
            classes.insert(class);
        }
        assert_eq!(classes.into_iter().collect::<Vec<_>>(), ["ambient", "chat", "paid"]);
    }

    #[test]
    fn every_comment_has_a_name_of_its_own() {
        let mut people = People::new(1);
        let names: Vec<String> = (0..200)
            .map(|_| people.next(1_000).event)
            .filter(|event| event["cmd"] == "DANMU_MSG")
            .map(|event| event["info"][0][15]["extra"].as_str().map(str::to_owned).expect("a name"))
            .collect();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert!(names.len() > 100 && distinct.len() == names.len());
    }

    #[test]
    fn a_reply_is_read_to_its_end_and_no_further() {
        let mut replies = &b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{} HTTP"[..];
        assert!(reply(&mut replies).is_ok());
        assert_eq!(replies, b"HTTP");
        assert!(reply(&mut &b""[..]).is_err());
    }
}
