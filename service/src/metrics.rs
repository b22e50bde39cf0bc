//! Counters, and the text that Prometheus reads (exposition format 0.0.4).

use std::fmt::{Arguments, Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// The format's name in `Content-Type`.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A count since the start.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Adds one, and says how many there were before.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    /// So many.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It rises and falls.
    Gauge,
    /// It only rises; its name ends in `_total`.
    Counter,
}

/// The text under way. Every sample of it has its help and its type, because there is no other way in.
#[derive(Debug)]
pub struct Page {
    prefix: &'static str,
    text: String,
}

impl Page {
    /// An empty page of metrics whose names begin with `prefix` and an underscore.
    #[must_use]
    pub fn new(prefix: &'static str) -> Self {
        Self { prefix, text: String::with_capacity(8_192) }
    }

    /// A value that rises and falls.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.samples(Kind::Gauge, name, help, [([], value)]);
    }

    /// A value that only rises.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.samples(Kind::Counter, name, help, [([], value)]);
    }

    /// A metric with labels; their values are our own words or an operator's, never a stranger's.
    pub fn samples<'a, const LABELS: usize>(
        &mut self,
        kind: Kind,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'static str, &'a str); LABELS], impl Display)>,
    ) {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let prefix = self.prefix;
        self.write(format_args!("# HELP {prefix}_{name} {help}\n# TYPE {prefix}_{name} {kind}\n"));
        for (labels, value) in samples {
            self.write(format_args!("{prefix}_{name}"));
            for (place, (label, text)) in labels.into_iter().enumerate() {
                self.write(format_args!(
                    "{}{label}=\"{}\"",
                    if place == 0 { '{' } else { ',' },
                    escaped(text)
                ));
            }
            self.write(format_args!("{} {value}\n", if LABELS == 0 { "" } else { "}" }));
        }
    }

    /// The whole page.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn write(&mut self, words: Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(words);
    }
}

/// A label's value as the format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_help_its_type_and_its_labels() {
        let mut page = Page::new("shoal_thing");
        page.gauge("viewers", "Viewers.", 7);
        let rows =
            [([("class", "chat"), ("reason", "quota")], 1), ([("class", "a\"b\\c\nd"), ("reason", "")], 2)];
        page.samples(Kind::Counter, "dropped_total", "Drops.", rows);
        let expected = concat!(
            "# HELP shoal_thing_viewers Viewers.\n# TYPE shoal_thing_viewers gauge\nshoal_thing_viewers 7\n",
            "# HELP shoal_thing_dropped_total Drops.\n# TYPE shoal_thing_dropped_total counter\n",
            "shoal_thing_dropped_total{class=\"chat\",reason=\"quota\"} 1\n",
            "shoal_thing_dropped_total{class=\"a\\\"b\\\\c\\nd\",reason=\"\"} 2\n",
        );
        assert_eq!(page.into_text(), expected);
    }

    #[test]
    fn a_counter_says_what_it_was_and_what_it_is() {
        let counter = Counter::default();
        counter.add(2);
        assert_eq!((counter.next(), counter.value()), (2, 3));
    }
}
