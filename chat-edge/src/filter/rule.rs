//! Rules as people write them: one in a line, in any text editor.
//!
//! ```text
//! # a comment
//! spam                 a word: where letters run together with its own it is another word
//! *spam*               inside longer words too
//! 加微信               scripts without spaces need no stars
//! /b[o0]t\s*net/       an expression, over the folded text: small letters, ASCII digits
//! mask: darn           stars instead of the word
//! shadow: /promo\d+/   only its author sees the comment
//! hold: ambiguous      a moderator decides
//! allow: scunthorpe    no rule matches inside this
//! ```

use std::fmt;

/// Rules of one list at most: three times what the largest public word lists have.
pub const RULES_MAX: usize = 30_000;
/// Expressions of one list at most; each costs a check of the whole text once more in the worst case.
pub const EXPRESSIONS_MAX: usize = 500;
/// Bytes of one rule at most.
pub const RULE_BYTES_MAX: usize = 512;

/// What is done with a comment that a rule matches. The later, the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing: other rules do not match inside it.
    Allow,
    /// The word is covered with stars.
    Mask,
    /// Only its author sees it.
    Shadow,
    /// A moderator decides.
    Hold,
    /// It is refused.
    Block,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What is done.
    pub action: Action,
    /// What it looks for.
    pub pattern: Pattern,
}

/// What a rule looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A word; whether other letters may stand before and behind it.
    Word {
        /// The word as it was written.
        text: String,
        /// Letters may stand before it.
        open_before: bool,
        /// Letters may stand behind it.
        open_behind: bool,
    },
    /// An expression of the crate `regex`.
    Expression(String),
}

/// Some rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// Why a list is refused: which line, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: &'static str,
}

impl fmt::Display for LineFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.problem)
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Mask, Self::Shadow, Self::Hold, Self::Block];

    /// Its name in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Mask => "mask",
            Self::Shadow => "shadow",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }
}

impl Rules {
    /// Reads a list.
    ///
    /// # Errors
    /// Where a line is no rule, or there are too many.
    pub fn parse(text: &str) -> Result<Self, LineFault> {
        let mut rules = Vec::new();
        let mut expressions = 0;
        for (line, text) in (1..).zip(text.lines()) {
            let rule = parse_line(text).map_err(|problem| LineFault { line, problem })?;
            let Some(rule) = rule else { continue };
            expressions += usize::from(matches!(rule.pattern, Pattern::Expression(_)));
            if expressions > EXPRESSIONS_MAX {
                return Err(LineFault { line, problem: "at most 500 expressions; words cost less" });
            }
            if rules.len() == RULES_MAX {
                return Err(LineFault { line, problem: "at most 30000 rules" });
            }
            rules.push(rule);
        }
        Ok(Self(rules))
    }

    /// The rules, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Rule] {
        &self.0
    }

    /// These rules and others behind them.
    #[must_use]
    pub fn with(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.action != Action::Block {
            write!(out, "{}: ", self.action.name())?;
        }
        match &self.pattern {
            Pattern::Expression(expression) => write!(out, "/{expression}/"),
            Pattern::Word { text, open_before, open_behind } => {
                let star = |open: bool| if open { "*" } else { "" };
                write!(out, "{}{text}{}", star(*open_before), star(*open_behind))
            }
        }
    }
}

fn parse_line(line: &str) -> Result<Option<Rule>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    if line.len() > RULE_BYTES_MAX {
        return Err("a rule has at most 512 bytes");
    }
    let named = Action::ALL.into_iter().find_map(|action| {
        let rest = line.strip_prefix(action.name())?.strip_prefix(':')?;
        Some((action, rest.trim()))
    });
    let (action, pattern) = named.unwrap_or((Action::Block, line));
    if let Some(expression) = pattern.strip_prefix('/') {
        let expression = expression.strip_suffix('/').ok_or("an expression ends with a slash")?;
        if expression.is_empty() {
            return Err("an empty expression matches everything");
        }
        return Ok(Some(Rule { action, pattern: Pattern::Expression(expression.to_owned()) }));
    }
    let (open_before, text) = pattern.strip_prefix('*').map_or((false, pattern), |rest| (true, rest));
    let (open_behind, text) = text.strip_suffix('*').map_or((false, text), |rest| (true, rest));
    if text.trim().is_empty() {
        return Err("an empty word matches everything");
    }
    let text = text.trim().to_owned();
    Ok(Some(Rule { action, pattern: Pattern::Word { text, open_before, open_behind } }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_by_row() {
        let word = |text: &str, open_before, open_behind| Pattern::Word {
            text: text.into(),
            open_before,
            open_behind,
        };
        let rows = [
            ("spam", Ok(Some((Action::Block, word("spam", false, false))))),
            ("  *spam ", Ok(Some((Action::Block, word("spam", true, false))))),
            ("mask:*加 微*", Ok(Some((Action::Mask, word("加 微", true, true))))),
            ("allow: a:b", Ok(Some((Action::Allow, word("a:b", false, false))))),
            ("maskk: a", Ok(Some((Action::Block, word("maskk: a", false, false))))),
            ("hold: /a+/", Ok(Some((Action::Hold, Pattern::Expression("a+".into()))))),
            ("# spam", Ok(None)),
            ("", Ok(None)),
            ("/a", Err("an expression ends with a slash")),
            ("//", Err("an empty expression matches everything")),
            ("/", Err("an expression ends with a slash")),
            ("**", Err("an empty word matches everything")),
            ("block:", Err("an empty word matches everything")),
        ];
        for (line, wanted) in rows {
            let wanted = wanted.map(|rule| rule.map(|(action, pattern)| Rule { action, pattern }));
            assert_eq!(parse_line(line), wanted, "{line}");
        }
    }

    #[test]
    fn at_the_limits_a_list_is_taken_and_one_past_them_it_is_refused_by_line() {
        let words = |count: usize| "a\n".repeat(count);
        let expressions = |count: usize| "/a/\n".repeat(count);
        assert_eq!(Rules::parse(&words(RULES_MAX)).unwrap().as_slice().len(), RULES_MAX);
        assert_eq!(Rules::parse(&words(RULES_MAX + 1)).unwrap_err().line, RULES_MAX + 1);
        assert!(Rules::parse(&expressions(EXPRESSIONS_MAX)).is_ok());
        assert_eq!(Rules::parse(&expressions(EXPRESSIONS_MAX + 1)).unwrap_err().line, EXPRESSIONS_MAX + 1);
        assert!(Rules::parse(&"a".repeat(RULE_BYTES_MAX)).is_ok());
        assert!(Rules::parse(&"a".repeat(RULE_BYTES_MAX + 1)).is_err());
    }

    proptest! {
        #[test]
        fn a_rule_that_was_read_is_written_so_that_it_reads_the_same(line in "\\PC{0,40}") {
            if let Ok(Some(rule)) = parse_line(&line) {
                prop_assert_eq!(parse_line(&rule.to_string()), Ok(Some(rule)), "{}", line);
            }
        }
    }
}
