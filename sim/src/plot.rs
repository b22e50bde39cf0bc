//! Line charts as SVG: a few curves, two axes, a legend; nothing else is wanted here.

use std::fmt::Write as _;

/// A curve by its name.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What the legend says.
    pub name: String,
    /// Its points, by x.
    pub points: Vec<(f64, f64)>,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What runs along the bottom, with its unit.
    pub x: &'static str,
    /// What runs up the side, with its unit.
    pub y: &'static str,
    /// The curves.
    pub curves: Vec<Curve>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 32.0;
const BOTTOM: f64 = 48.0;
const TICKS: u32 = 5;
/// Told apart without colour vision too (Okabe and Ito, 2008).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#000000"];

/// The cumulative distribution of some values: for each, the share that is no more.
#[must_use]
pub fn distribution(name: &str, mut values: Vec<f64>) -> Curve {
    values.sort_unstable_by(f64::total_cmp);
    let (all, step) = (values.len().max(1), (values.len() / 200).max(1));
    let share = |place: usize| crate::report::count(place + 1) / crate::report::count(all);
    let last = values.len().saturating_sub(1);
    let shown = values.iter().enumerate().filter(|(place, _)| place % step == 0 || *place == last);
    Curve { name: name.into(), points: shown.map(|(place, value)| (*value, share(place))).collect() }
}

/// Where one axis begins and ends.
#[derive(Clone, Copy, Debug)]
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
        match (low < high, low <= high) {
            (true, _) => Self { low, high },
            (false, true) => Self { low: low.min(0.0), high: low.max(0.0) + 1.0 },
            (false, false) => Self { low: 0.0, high: 1.0 },
        }
    }

    fn share(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn tick(self, number: u32) -> f64 {
        self.low + (self.high - self.low) * f64::from(number) / f64::from(TICKS)
    }
}

impl Chart {
    /// The chart as a whole SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let (x, y) = (Axis::of(points().map(|at| at.0)), Axis::of(points().map(|at| at.1)));
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let across = |value: f64| LEFT + x.share(value) * (right - LEFT);
        let up = |value: f64| bottom - y.share(value) * (bottom - TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        text(&mut svg, LEFT, TOP - 12.0, "start", &self.title);
        text(&mut svg, (LEFT + right) / 2.0, HEIGHT - 10.0, "middle", self.x);
        text(&mut svg, LEFT, TOP - 1.0, "end", self.y);
        for tick in 0..=TICKS {
            let (at_x, at_y) = (x.tick(tick), y.tick(tick));
            line(&mut svg, (LEFT, up(at_y)), (right, up(at_y)));
            text(&mut svg, LEFT - 6.0, up(at_y) + 4.0, "end", &number(at_y));
            text(&mut svg, across(at_x), bottom + 16.0, "middle", &number(at_x));
        }
        for (curve, (colour, row)) in self.curves.iter().zip(COLOURS.iter().cycle().zip(0_u32..)) {
            let path: Vec<String> =
                curve.points.iter().map(|at| format!("{:.1},{:.1}", across(at.0), up(at.1))).collect();
            let _ = writeln!(
                svg,
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>",
                path.join(" ")
            );
            let beside = TOP + 14.0 * f64::from(row + 1);
            let _ = writeln!(
                svg,
                "<text x=\"{:.0}\" y=\"{beside:.0}\" fill=\"{colour}\">{}</text>",
                right + 10.0,
                escaped(&curve.name)
            );
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#dddddd\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{words}</text>");
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;")
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_rises_to_one() {
        let curve = distribution("start", vec![3.0, 1.0, 2.0, 4.0]);
        assert_eq!(curve.points, [(1.0, 0.25), (2.0, 0.5), (3.0, 0.75), (4.0, 1.0)]);
        assert!(distribution("nobody", Vec::new()).points.is_empty());
    }

    #[test]
    fn a_chart_has_each_curve_and_stays_inside_its_frame() {
        let curve = |name: &str, height| Curve { name: name.into(), points: vec![(0.0, 0.0), (9.0, height)] };
        let curves = vec![curve("ours", 5.0), curve("a < b", 2.0)];
        let svg = Chart { title: "t".into(), x: "s", y: "%", curves }.svg();
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains("a &lt; b"));
        assert!(svg.contains("points=\"64.0,312.0 490.0,32.0\""), "{svg}");
    }

    #[test]
    fn nothing_to_show_is_an_empty_frame() {
        let curves = vec![Curve { name: "one".into(), points: vec![(2.0, 2.0)] }];
        assert!(!Chart { title: "t".into(), x: "s", y: "%", curves }.svg().contains("NaN"));
        assert!(!Chart { title: "t".into(), x: "s", y: "%", curves: Vec::new() }.svg().contains("NaN"));
    }
}
