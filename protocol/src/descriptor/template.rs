//! A URL with placeholders in braces.

/// A URL in which each `{word}` stands for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub String);

impl Template {
    /// A URL with each of these placeholders once, and no other brace.
    pub(super) fn is_of(&self, words: &[&str]) -> bool {
        // A mark stays in each placeholder's place, so that what surrounds it never joins into another.
        let rest = words.iter().try_fold(self.0.clone(), |rest, word| {
            let (before, after) = split(&rest, word)?;
            Some([before, "_", after].concat())
        });
        super::is_url(&self.0) && rest.is_some_and(|rest| !rest.contains(['{', '}']))
    }

    /// The URL with each placeholder replaced by its value.
    pub(super) fn fill(&self, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.0.clone(), |url, (word, value)| match split(&url, word) {
            Some((before, after)) => [before, value, after].concat(),
            None => url,
        })
    }
}

fn split<'a>(url: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (before, rest) = url.match_indices('{').find_map(|(at, _)| {
        let rest = url[at + 1..].strip_prefix(word)?.strip_prefix('}')?;
        Some((&url[..at], rest))
    })?;
    Some((before, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_each_placeholder_once() {
        let rows = [
            ("{a}/{b}", true),
            ("{b}x{a}", true),
            ("https://cdn.example/{a}?of={b}", true),
            ("{a}", false),
            ("{a}/{a}/{b}", false),
            ("{a}/{b}/{c}", false),
            ("{a}/{b}}", false),
            ("{{a}}/{b}", false),
            ("{b{a}}", false),
            ("{a} {b}", false),
            ("", false),
        ];
        for (template, valid) in rows {
            assert_eq!(Template(template.into()).is_of(&["a", "b"]), valid, "{template}");
        }
    }

    #[test]
    fn each_placeholder_is_replaced_wherever_it_stands() {
        let template = Template("{b}/{a}".into());
        assert_eq!(template.fill(&[("a", "1"), ("b", "2")]), "2/1");
    }
}
