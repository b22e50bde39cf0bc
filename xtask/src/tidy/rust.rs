//! Just enough of Rust's grammar to measure it: code without comments and literals, and where functions begin and end.

/// The text with comments, strings and character literals blanked; every line stays where it is.
pub(super) fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` itself if none begins there.
fn skipped(chars: &[char], at: usize) -> usize {
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or('\n');
    let inside_word = at > 0 && is_word(chars[at - 1]);
    match (chars[at], next(1)) {
        ('/', '/') => (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len()),
        ('/', '*') => block_comment_end(chars, at),
        ('"', _) => string_end(chars, at + 1),
        ('b' | 'c', '"') if !inside_word => string_end(chars, at + 2),
        ('r', '"' | '#') if !inside_word => raw_string_end(chars, at, at + 1),
        ('b' | 'c', 'r') if !inside_word && matches!(next(2), '"' | '#') => raw_string_end(chars, at, at + 2),
        ('\'', '\\') => char_end(chars, at + 3),
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut i = at;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                i += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    i
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `hashes` is where the `#`s of a raw string may begin; `r#name` is no string and ends where it began.
fn raw_string_end(chars: &[char], at: usize, hashes: usize) -> usize {
    let count = chars[hashes..].iter().take_while(|c| **c == '#').count();
    let open = hashes + count;
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let closes = |i: usize| {
        chars[i] == '"' && chars[i + 1..].iter().take(count).filter(|c| **c == '#').count() == count
    };
    (open + 1..chars.len()).find(|i| closes(*i)).map_or(chars.len(), |i| i + 1 + count)
}

fn char_end(chars: &[char], from: usize) -> usize {
    (from..chars.len()).find(|i| chars[*i] == '\'').map_or(chars.len(), |i| i + 1)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A function's name, the line it begins on (from 1), and how many lines it has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
}

/// Every function with a body, in code as [`code`] returns it.
pub(super) fn functions(code: &str) -> Vec<Function> {
    let chars: Vec<char> = code.chars().collect();
    let mut found = Vec::new();
    let mut line = 1;
    for at in 0..chars.len() {
        if chars[at] == '\n' {
            line += 1;
        }
        if let Some((name, after)) = function_name(&chars, at)
            && let Some(end) = body_end(&chars, after)
        {
            let lines = 1 + chars[at..end].iter().filter(|c| **c == '\n').count();
            found.push(Function { name, line, lines });
        }
    }
    found
}

/// The name of the function whose `fn` stands at `at`, and where the name ends; `fn(…)` types have none.
fn function_name(chars: &[char], at: usize) -> Option<(String, usize)> {
    let starts = chars[at..].starts_with(&['f', 'n', ' ']) && (at == 0 || !is_word(chars[at - 1]));
    if !starts {
        return None;
    }
    let name: String = chars[at + 3..].iter().take_while(|c| is_word(**c) || **c == '#').collect();
    let end = at + 3 + name.chars().count();
    (!name.is_empty()).then_some((name, end))
}

/// Where the body that follows the signature closes; `None` for a declaration without one.
fn body_end(chars: &[char], from: usize) -> Option<usize> {
    let mut brackets = 0_i32;
    let mut braces = 0_i32;
    for (at, c) in chars.iter().enumerate().skip(from) {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if braces == 0 && brackets == 0 => return None,
            '{' if brackets == 0 || braces > 0 => braces += 1,
            '}' if braces > 0 => {
                braces -= 1;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let rows = [
            ("a // fn b() {", "a"),
            ("a /* { /* } */ { */ b", "a b"),
            (r#"a("{ \" }") b"#, "a( ) b"),
            (r###"a(r#"{ " "#) b"###, "a( ) b"),
            (r"a('{') b('\'') c('\u{7d}')", "a( ) b( ) c( )"),
            ("fn a<'x>(b: &'x str) {}", "fn a<'x>(b: &'x str) {}"),
            ("let r#type = br\"{\";", "let r#type = ;"),
        ];
        for (text, wanted) in rows {
            let words: Vec<_> = code(text).split_whitespace().map(str::to_owned).collect();
            let wanted: Vec<_> = wanted.split_whitespace().map(str::to_owned).collect();
            assert_eq!(words, wanted, "{text}");
        }
    }

    #[test]
    fn functions_are_found_with_their_lines() {
        let text = "trait T {\n    fn without(&self) -> [u8; 2];\n    fn with(&self) {\n        if a { b }\n    }\n}\n\
                    type F = fn(u8) -> u8;\nconst fn one() -> u8 { 1 }\n";
        let found = functions(&code(text));
        let found: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(found, [("with", 3, 3), ("one", 8, 1)]);
    }

    #[test]
    fn a_function_inside_a_function_is_measured_too() {
        let found = functions("fn outer() {\n  fn inner() {\n  }\n}\n");
        assert_eq!(found.iter().map(|f| f.lines).collect::<Vec<_>>(), [4, 2]);
    }

    #[test]
    fn an_unclosed_body_is_no_function_and_no_panic() {
        for text in ["fn a() {", "fn a(", "fn ", "fn", "\"", "r#\"", "'", "'\\", "/*"] {
            assert_eq!(functions(&code(text)), [], "{text}");
        }
    }
}
