//! How many comments a second of one CPU the filter looks at: `cargo xtask bench filter`.
//!
//! Words and comments are made from one seed: ten thousand words, half of them of two to four Han characters and half
//! Latin, fifty expressions, and comments of three kinds, one in fifty of which has a listed word in it. What is counted is
//! the time that the kernel gave this thread (`/proc/thread-self/schedstat`), so that others on the machine do not count.

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;

use chat_edge::filter::{Filter, Found, Rules, Scratch};

/// Words in the list.
const WORDS: usize = 10_000;
/// Expressions in the list.
const EXPRESSIONS: usize = 50;
/// Comments of each kind.
const COMMENTS: usize = 20_000;
/// Looks at each comment.
const ROUNDS: usize = 10;
/// One comment in so many has a listed word in it.
const LISTED_EVERY: usize = 50;

/// Letters, the most frequent first.
const LETTERS: &[u8] = b"etaoinshrdlucmfwypvbgkjqxz";

fn main() -> Result<(), Box<dyn Error>> {
    let mut dice = Dice(42);
    let words = words(&mut dice);
    let kinds: [(&str, Kind); 3] = [("han", Kind::Han), ("latin", Kind::Latin), ("mixed", Kind::Mixed)];
    let mut out = std::io::stdout().lock();
    for expressions in [0, EXPRESSIONS] {
        let before = cpu_ns()?;
        let filter = compile(&words, expressions)?;
        let compiled_ms = (cpu_ns()? - before) / 1_000_000;
        for (name, kind) in kinds {
            let comments = comments(&mut dice, kind, &words);
            let (per_s, found, bytes) = measure(&filter, &comments)?;
            writeln!(
                out,
                "{{\"words\":{WORDS},\"expressions\":{expressions},\"comments\":\"{name}\",\"bytes_mean\":{bytes},\
                 \"compile_cpu_ms\":{compiled_ms},\"found\":{found},\"comments_per_cpu_s\":{per_s}}}"
            )?;
        }
    }
    Ok(())
}

/// Comments per second of CPU, how many of them matched, and their mean length.
fn measure(filter: &Filter, comments: &[String]) -> Result<(u64, usize, usize), Box<dyn Error>> {
    let mut scratch = Scratch::default();
    let look = |scratch: &mut Scratch| {
        comments.iter().filter(|text| *black_box(&filter.check(text, scratch)) != Found::Clean).count()
    };
    // Once for the tables that are made as characters are seen.
    let found = look(&mut scratch);
    let before = cpu_ns()?;
    (0..ROUNDS).for_each(|_| {
        black_box(look(&mut scratch));
    });
    let spent = cpu_ns()? - before;
    let looks = (comments.len() * ROUNDS) as u64;
    let bytes = comments.iter().map(String::len).sum::<usize>() / comments.len();
    Ok((looks * 1_000_000_000 / spent.max(1), found, bytes))
}

/// Nanoseconds that this thread was on a CPU.
fn cpu_ns() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().ok_or("an empty schedstat")?.parse()?)
}

fn compile(words: &[String], expressions: usize) -> Result<Filter, Box<dyn Error>> {
    let mut list = words.join("\n");
    for index in 0..expressions {
        write!(list, "\n/forbidden{index}\\s*[a-z]+\\d{{2,4}}/")?;
    }
    let rules = Rules::parse(&list).map_err(|fault| fault.to_string())?;
    Filter::new(&rules).map_err(|fault| fault.problem.into())
}

fn words(dice: &mut Dice) -> Vec<String> {
    (0..WORDS).map(|index| if index % 2 == 0 { han(dice, 2, 4) } else { latin(dice, 4, 10) }).collect()
}

#[derive(Clone, Copy)]
enum Kind {
    /// Eight to twenty Han characters.
    Han,
    /// Five to nine Latin words, some in capitals.
    Latin,
    /// Both, and emoji, digits, letters of full width.
    Mixed,
}

fn comments(dice: &mut Dice, kind: Kind, words: &[String]) -> Vec<String> {
    let comment = |index: usize| {
        let mut text = match kind {
            Kind::Han => han(dice, 8, 20),
            Kind::Latin => sentence(dice, 5, 9),
            Kind::Mixed => {
                let (first, second) = (han(dice, 3, 8), sentence(dice, 1, 3));
                format!("{first} {second}！ＷＷ６６６ 😂😂😂 {}", dice.below(9_999))
            }
        };
        if index.is_multiple_of(LISTED_EVERY) {
            text.push(' ');
            text.push_str(words.get(dice.below(words.len())).map_or("", String::as_str));
        }
        text
    };
    (0..COMMENTS).map(comment).collect()
}

fn han(dice: &mut Dice, least: usize, most: usize) -> String {
    let length = least + dice.below(most - least + 1);
    // The 3,500 characters of everyday use lie all over the block; so do these.
    let character = |dice: &mut Dice| char::from_u32(0x4E00 + u32::try_from(dice.below(20_000)).unwrap_or(0));
    (0..length).filter_map(|_| character(dice)).collect()
}

fn latin(dice: &mut Dice, least: usize, most: usize) -> String {
    let length = least + dice.below(most - least + 1);
    // The first ones most often, as languages have it.
    let letter = |dice: &mut Dice| {
        let most = dice.below(LETTERS.len()) + 1;
        char::from(LETTERS.get(dice.below(most)).copied().unwrap_or(b'e'))
    };
    (0..length).map(|_| letter(dice)).collect()
}

fn sentence(dice: &mut Dice, least: usize, most: usize) -> String {
    let length = least + dice.below(most - least + 1);
    let word = |dice: &mut Dice| {
        let word = latin(dice, 2, 8);
        if dice.below(10) == 0 { word.to_uppercase() } else { word }
    };
    (0..length).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
}

/// A linear congruential generator (Knuth's MMIX); all that is asked of it is variety.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}
