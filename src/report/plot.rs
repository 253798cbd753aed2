//! A small SVG writer: linear axes, direct labels instead of a legend, marker shapes beside colours.
//!
//! Colours come from CSS classes `a`, `b`, `c`, `d` of the page, so that light and dark share one picture.
//! Coordinates keep a hundredth of a unit.

use std::fmt::Write;

/// A line of points with a name of its own.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// A picture of series over common axes.
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) across: String,
    pub(super) up: String,
    pub(super) series: Vec<Series>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 46.0;
/// Distance between two lines of text.
const LINE: f64 = 17.0;
const CLASSES: [&str; 4] = ["a", "b", "c", "d"];

impl Plot {
    /// The picture; empty text if no series has a point.
    pub(super) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        if points().next().is_none() {
            return String::new();
        }
        let across = Axis::over(points().map(|point| point.0), LEFT, WIDTH - RIGHT, 10);
        let up = Axis::over(
            points().map(|point| point.1).chain([0.0]),
            HEIGHT - BOTTOM,
            TOP,
            7,
        );
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            escaped(&self.title)
        );
        self.axes(&mut svg, &across, &up);
        for (index, series) in self.series.iter().enumerate() {
            draw(&mut svg, index, &series.points, &across, &up);
        }
        self.labels(&mut svg, &up);
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, svg: &mut String, across: &Axis, up: &Axis) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in &up.ticks {
            let (y, weight) = (up.place(*tick), if *tick == 0.0 { "zero" } else { "grid" });
            line(svg, weight, [LEFT, y, right, y]);
            text(svg, "end", LEFT - 8.0, y + 4.5, &up.written(*tick));
        }
        for tick in &across.ticks {
            let x = across.place(*tick);
            line(svg, "tick", [x, bottom, x, bottom + 5.0]);
            text(svg, "middle", x, bottom + 20.0, &across.written(*tick));
        }
        line(svg, "axis", [LEFT, bottom, right, bottom]);
        text(
            svg,
            "middle",
            (LEFT + right) / 2.0,
            HEIGHT - 6.0,
            &self.across,
        );
        text(svg, "start", 6.0, 16.0, &self.up);
    }

    /// Names beside the last points, pushed apart where they would touch.
    fn labels(&self, svg: &mut String, up: &Axis) {
        let end = |series: &Series| series.points.last().map(|point| up.place(point.1));
        let mut ends: Vec<(f64, usize)> = self
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, series)| end(series).map(|y| (y, index)))
            .collect();
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut free = TOP;
        for (y, index) in ends {
            let y = y.max(free);
            free = y + LINE;
            let class = CLASSES[index % CLASSES.len()];
            let name = escaped(&self.series[index].name);
            let x = WIDTH - RIGHT + 14.0;
            let _ = writeln!(
                svg,
                "<text class=\"{class}\" x=\"{x:.2}\" y=\"{:.2}\">{name}</text>",
                y + 4.5
            );
        }
    }
}

fn draw(svg: &mut String, index: usize, points: &[(f64, f64)], across: &Axis, up: &Axis) {
    let class = CLASSES[index % CLASSES.len()];
    let placed: Vec<(f64, f64)> = points
        .iter()
        .map(|(x, y)| (across.place(*x), up.place(*y)))
        .collect();
    let path: Vec<String> = placed
        .iter()
        .map(|(x, y)| format!("{x:.2},{y:.2}"))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline class=\"{class}\" points=\"{}\"/>",
        path.join(" ")
    );
    let marker = |(x, y): &(f64, f64)| match index % CLASSES.len() {
        0 => format!(
            "M{:.2} {y:.2}a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z",
            x - 3.6
        ),
        1 => format!("M{:.2} {:.2}h6.4v6.4h-6.4z", x - 3.2, y - 3.2),
        2 => format!("M{x:.2} {:.2}l4.2 7.2h-8.4z", y - 4.4),
        _ => format!("M{x:.2} {:.2}l4.6 4.6l-4.6 4.6l-4.6 -4.6z", y - 4.6),
    };
    let markers: String = placed.iter().map(marker).collect();
    let _ = writeln!(svg, "<path class=\"{class}\" d=\"{markers}\"/>");
}

fn line(svg: &mut String, class: &str, [x1, y1, x2, y2]: [f64; 4]) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\"/>"
    );
}

fn text(svg: &mut String, anchor: &str, x: f64, y: f64, words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text text-anchor=\"{anchor}\" x=\"{x:.2}\" y=\"{y:.2}\">{words}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// A linear axis with round ticks.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    step: f64,
    ticks: Vec<f64>,
}

impl Axis {
    /// An axis that holds all values, with at most `most` intervals of 1, 2 or 5 times a power of ten.
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64, most: usize) -> Self {
        let (least, largest) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let span = if largest > least {
            largest - least
        } else {
            1.0
        };
        let power = 10.0_f64.powf((span / most as f64).log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
        let step = steps
            .into_iter()
            .find(|step| span / step <= most as f64)
            .unwrap_or(10.0 * power);
        let (first, last) = ((least / step).floor(), ((least + span) / step).ceil());
        let ticks = (0..=(last - first) as usize)
            .map(|index| (first + index as f64) * step)
            .collect();
        Axis {
            low: first * step,
            high: last * step,
            from,
            to,
            step,
            ticks,
        }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn written(&self, tick: f64) -> String {
        let places = (-self.step.log10().floor()).max(0.0) as usize;
        // Adding zero turns -0 into 0.
        format!("{:.places$}", tick + 0.0).replace('-', "\u{2212}")
    }
}
