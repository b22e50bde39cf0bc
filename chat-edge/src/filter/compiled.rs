//! Rules as one automaton for words and one for expressions.

use std::collections::BTreeMap;

use daachorse::CharwiseDoubleArrayAhoCorasick;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::normal::Normal;
use super::rule::{Action, Pattern, Rule, Rules};
use super::sieve::{Listed, Sieve};

/// Bytes that one expression compiles to at most.
const EXPRESSION_BYTES_MAX: usize = 256 << 10;
/// Bytes that the expressions of one list compile to at most.
const EXPRESSIONS_BYTES_MAX: usize = 32 << 20;
/// Stars for a word that is masked, whatever its length.
const STARS: &str = "***";

/// A list of rules, ready to look.
pub struct Filter {
    rules: Vec<Rule>,
    /// One automaton for all words (Aho-Corasick, as a double array over characters).
    words: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// Whether the automaton is worth asking.
    sieve: Sieve,
    /// What stands behind each pattern of `words`: the rules that are spelled so.
    patterns: Vec<Vec<Word>>,
    expressions: RegexSet,
    /// The rules of the expressions, and the expressions one by one, for where they match.
    expression_rules: Vec<(usize, Regex)>,
}

/// Why rules cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which, from 0.
    pub rule: usize,
    /// What is wrong.
    pub problem: String,
}

/// What a check found: the strongest rule that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Clean,
    /// Only words to be covered: the text with stars in their places, and one of the rules.
    Masked(String, usize),
    /// A rule with a stronger action than covering.
    Rule(Action, usize),
}

/// What a check needs; kept from one to the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    normal: Normal,
    hits: Vec<Hit>,
}

#[derive(Clone, Copy, Debug)]
struct Word {
    rule: usize,
    closed_before: bool,
    closed_behind: bool,
}

/// A rule matched here.
#[derive(Clone, Copy, Debug)]
struct Hit {
    rule: usize,
    action: Action,
    /// In the squeezed text.
    squeezed: bool,
    start: usize,
    end: usize,
}

impl std::fmt::Debug for Filter {
    /// Not the automaton: it has none, and nobody could read it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filter").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl Filter {
    /// Compiles rules.
    ///
    /// # Errors
    /// Where an expression cannot be read, or a word has nothing that anybody sees.
    pub fn new(rules: &Rules) -> Result<Self, Fault> {
        let rules = rules.as_slice().to_vec();
        let mut texts: BTreeMap<String, Vec<Word>> = BTreeMap::new();
        let (mut expression_rules, mut expressions) = (Vec::new(), Vec::new());
        let mut normal = Normal::default();
        for (index, rule) in rules.iter().enumerate() {
            let fault = |problem: String| Fault { rule: index, problem };
            match &rule.pattern {
                Pattern::Word { text, open_before, open_behind } => {
                    normal.read(text);
                    let folded = normal.text().trim();
                    let (Some(first), Some(last)) = (folded.chars().next(), folded.chars().next_back())
                    else {
                        return Err(fault("nobody sees anything of this word".into()));
                    };
                    let word = Word {
                        rule: index,
                        closed_before: !open_before && is_spaced(first),
                        closed_behind: !open_behind && is_spaced(last),
                    };
                    spellings(folded)
                        .into_iter()
                        .for_each(|spelling| texts.entry(spelling).or_default().push(word));
                }
                Pattern::Expression(expression) => {
                    let regex = RegexBuilder::new(expression).size_limit(EXPRESSION_BYTES_MAX).build();
                    let regex = regex.map_err(|cause| fault(cause.to_string()))?;
                    expression_rules.push((index, regex));
                    expressions.push(expression.as_str());
                }
            }
        }
        let whole = |problem: String| Fault { rule: 0, problem };
        let words = (!texts.is_empty()).then(|| CharwiseDoubleArrayAhoCorasick::new(texts.keys()));
        let words = words.transpose().map_err(|cause| whole(cause.to_string()))?;
        let sieve = Sieve::new(texts.iter().map(|(text, words)| Listed {
            text,
            closed_before: words.iter().all(|word| word.closed_before),
            closed_behind: words.iter().all(|word| word.closed_behind),
        }));
        let patterns = texts.into_values().collect();
        let expressions = RegexSetBuilder::new(expressions).size_limit(EXPRESSIONS_BYTES_MAX).build();
        let expressions = expressions.map_err(|cause| whole(cause.to_string()))?;
        Ok(Self { words, sieve, patterns, expressions, expression_rules, rules })
    }

    /// A rule.
    #[must_use]
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    /// How many rules there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// No rule.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Looks at a text.
    pub fn check(&self, text: &str, scratch: &mut Scratch) -> Found {
        let Scratch { normal, hits } = scratch;
        hits.clear();
        normal.read(text);
        self.look(normal.text(), false, hits);
        if let Some(squeezed) = normal.squeeze() {
            self.look(squeezed, true, hits);
        }
        if hits.is_empty() {
            return Found::Clean;
        }
        self.judge(text, normal, hits)
    }

    /// Every place where a rule matches.
    fn look(&self, text: &str, squeezed: bool, hits: &mut Vec<Hit>) {
        if let Some(first) = self.sieve.first(text) {
            self.look_for_words(text, first, squeezed, hits);
        }
        // The first question needs no list of which ones match.
        if self.expressions.is_empty() || !self.expressions.is_match(text) {
            return;
        }
        for index in self.expressions.matches(text) {
            let Some((rule, regex)) = self.expression_rules.get(index) else { continue };
            for found in regex.find_iter(text) {
                self.hit(*rule, squeezed, found.start(), found.end(), hits);
            }
        }
    }

    /// Every place from `first` on where a word matches.
    fn look_for_words(&self, text: &str, first: usize, squeezed: bool, hits: &mut Vec<Hit>) {
        let (Some(words), Some(rest)) = (&self.words, text.get(first..)) else { return };
        for found in words.find_overlapping_iter(rest) {
            let (start, end) = (first + found.start(), first + found.end());
            for word in self.patterns.get(found.value() as usize).into_iter().flatten() {
                let runs_on = word.closed_before && text.get(..start).is_some_and(ends_in_a_word)
                    || word.closed_behind && text.get(end..).is_some_and(begins_in_a_word);
                if !runs_on {
                    self.hit(word.rule, squeezed, start, end, hits);
                }
            }
        }
    }

    fn hit(&self, rule: usize, squeezed: bool, start: usize, end: usize, hits: &mut Vec<Hit>) {
        if let Some(Rule { action, .. }) = self.rules.get(rule) {
            hits.push(Hit { rule, action: *action, squeezed, start, end });
        }
    }

    fn judge(&self, text: &str, normal: &mut Normal, hits: &mut Vec<Hit>) -> Found {
        let allowed: Vec<Hit> = hits.iter().filter(|hit| hit.action == Action::Allow).copied().collect();
        hits.retain(|hit| hit.action != Action::Allow && !allowed.iter().any(|allow| allow.covers(hit)));
        // The first of the strongest.
        let strongest = hits.iter().reduce(|best, hit| if hit.action > best.action { hit } else { best });
        let Some(&Hit { action, rule, .. }) = strongest else { return Found::Clean };
        if action != Action::Mask {
            return Found::Rule(action, rule);
        }
        normal.read_with_sources(text);
        let mut covered: Vec<(usize, usize)> =
            hits.iter().map(|hit| normal.source(hit.squeezed, hit.start, hit.end, text)).collect();
        covered.sort_unstable();
        Found::Masked(masked(text, &covered), rule)
    }
}

impl Hit {
    fn covers(&self, other: &Self) -> bool {
        self.squeezed == other.squeezed && self.start <= other.start && other.end <= self.end
    }
}

/// The text with stars where it is covered; the ranges come in order.
fn masked(text: &str, covered: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for &(start, end) in covered {
        if end <= from {
            continue;
        }
        if start >= from {
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(STARS);
        }
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// A word, and the same word as it folds where each `l` was written with a capital i or a one.
fn spellings(folded: &str) -> Vec<String> {
    let mut spellings = vec![folded.to_owned()];
    if folded.contains('l') && folded.is_ascii() {
        let mut normal = Normal::default();
        normal.read(&folded.replace('l', "i"));
        spellings.push(normal.text().to_owned());
    }
    spellings
}

/// Whether the character belongs to a script that puts spaces between words, so that a word has ends.
fn is_spaced(character: char) -> bool {
    character.is_alphanumeric() && !is_unspaced(character)
}

/// Han, kana, and the scripts of South-East Asia: words run together.
const fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{31FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

fn ends_in_a_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_spaced)
}

fn begins_in_a_word(text: &str) -> bool {
    text.chars().next().is_some_and(is_spaced)
}
