//! Pictures of lines over common axes, as SVG: light and dark, names at the lines' ends instead of a
//! legend, triangles that show an order.
//!
//! Colours are for colour-blind readers (after Okabe and Ito, Color Universal Design, 2008, darkened on
//! white and lightened on black until they can be read as text); marker shapes tell the same. Coordinates
//! keep a hundredth of a unit, so that the same figure has the same bytes.

mod axis;
mod png;

pub use axis::Scale;
pub use png::png;

use crate::error::Result;
use axis::Placed;
use std::cmp::Ordering;
use std::fmt::Write;

/// What runs along an edge.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is measured, with its unit if it has one.
    pub name: String,
    /// How it is divided.
    pub scale: Scale,
}

/// A line of points with a name of its own.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name, written at the line's end.
    pub name: String,
    /// Points from first to last. One that is not finite is marked at the upper edge as diverged; one
    /// that a logarithmic axis cannot show, at the lower edge.
    pub points: Vec<(f64, f64)>,
    /// Whether the line is dashed.
    pub dashed: bool,
}

/// A triangle below a line, falling like h^order while the number of steps doubles.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    /// The order, positive.
    pub order: f64,
    /// A point of the line that it belongs to.
    pub near: (f64, f64),
}

/// A picture. Triangles are drawn where both axes are logarithmic.
#[derive(Clone, Debug)]
pub struct Figure {
    /// One sentence: what is to be seen.
    pub title: String,
    /// The horizontal axis.
    pub across: Axis,
    /// The vertical axis.
    pub up: Axis,
    /// The lines; twelve can be told apart.
    pub lines: Vec<Line>,
    /// The triangles.
    pub triangles: Vec<Triangle>,
}

const STYLE: &str = include_str!("figure/style.css");
/// Least width of a figure, and of its plot.
const WIDTHS: [f64; 2] = [760.0, 440.0];
/// Least height of the plot.
const HEIGHT: f64 = 340.0;
/// Distance between two lines of text.
const LINE: f64 = 16.0;
const COLOURS: usize = 6;
/// From a line to the triangle below it.
const SHIFT: [f64; 2] = [-4.0, 10.0];

/// The plot inside the figure: its edges and its axes.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    across: Placed,
    up: Placed,
}

/// A point as drawn: in its place, or as a mark at an edge.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Point,
    Diverged,
    Unshown,
}

impl Figure {
    /// The picture as a document of its own, which can stand in an HTML page too.
    ///
    /// # Errors
    /// `E-FORMAT` if the picture cannot be written.
    pub fn svg(&self) -> Result<String> {
        let names = self.lines.iter().map(|line| width(&line.name, 13.0));
        let margin = names.fold(24.0, f64::max) + 34.0;
        let title = wrapped(&self.title, WIDTHS[0] - 32.0);
        let top = 26.0 + 20.0 * title.len() as f64 + 12.0;
        let bottom = top + HEIGHT.max(LINE * self.lines.len() as f64);
        let (xs, ys) = self.values();
        let up = Placed::new(self.up.scale, &ys, [bottom, top], 8);
        let ticks = up
            .ticks
            .iter()
            .map(|tick| width(&tick.name.replace('^', ""), 12.0));
        let left = ticks.fold(24.0, f64::max) + 22.0;
        let full = WIDTHS[0].max(left + margin + WIDTHS[1]);
        let right = full - margin;
        let across = Placed::new(self.across.scale, &xs, [left, right], 10);
        let frame = Frame {
            left,
            right,
            top,
            bottom,
            across,
            up,
        };
        let height = bottom + 50.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dpm-figure\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n<title>{}</title>\n<desc>{}</desc>\n<style>\n{STYLE}</style>\n",
            number(full),
            number(height),
            escaped(&self.title),
            escaped(&self.title),
            escaped(&self.description())
        );
        tag(
            &mut svg,
            "rect",
            "paper",
            &format!("width=\"{}\" height=\"{}\"", number(full), number(height)),
        );
        for (index, row) in title.iter().enumerate() {
            text(
                &mut svg,
                "title",
                "start",
                (16.0, 26.0 + 20.0 * index as f64),
                row,
            );
        }
        text(&mut svg, "soft", "start", (16.0, top - 12.0), &self.up.name);
        let middle = (frame.left + frame.right) / 2.0;
        text(
            &mut svg,
            "soft",
            "middle",
            (middle, height - 10.0),
            &self.across.name,
        );
        frame.draw_axes(&mut svg);
        for triangle in self.shown_triangles() {
            frame.draw_triangle(&mut svg, triangle);
        }
        self.draw_lines(&mut svg, &frame);
        svg.push_str("</svg>\n");
        Ok(svg)
    }

    fn shown_triangles(&self) -> impl Iterator<Item = &Triangle> {
        let linear = [self.across.scale, self.up.scale].contains(&Scale::Linear);
        self.triangles.iter().filter(move |_| !linear)
    }

    /// Everything that the axes have to hold.
    fn values(&self) -> (Vec<f64>, Vec<f64>) {
        let points = self
            .lines
            .iter()
            .flat_map(|line| line.points.iter().copied());
        let corners = self.shown_triangles().map(Triangle::end);
        let (xs, mut ys): (Vec<f64>, Vec<f64>) = points.unzip();
        ys.extend(corners.map(|(_, y)| y));
        (xs, ys)
    }

    /// For readers who do not see the picture.
    fn description(&self) -> String {
        let mut words = format!("{} against {}.", self.up.name, self.across.name);
        for Line { name, points, .. } in &self.lines {
            if let (Some(first), Some(last)) = (points.first(), points.last()) {
                let value = |y: f64| {
                    if y.is_finite() {
                        format!("{y:.2e}")
                    } else {
                        "diverged".to_owned()
                    }
                };
                let _ = write!(
                    words,
                    " {name}: {} at {}, {} at {}.",
                    value(first.1),
                    first.0,
                    value(last.1),
                    last.0
                );
            }
        }
        words
    }

    fn draw_lines(&self, svg: &mut String, frame: &Frame) {
        let (mut ends, mut marks) = (Vec::new(), Vec::new());
        for (index, line) in self.lines.iter().enumerate() {
            let _ = writeln!(svg, "<g class=\"c{}\">", index % COLOURS);
            let points = line
                .points
                .iter()
                .map(|point| frame.see(*point))
                .collect::<Vec<_>>();
            draw_line(svg, index, line.dashed, &points);
            for (shown, x, y) in &points {
                if *shown != Shown::Point {
                    // Marks of several lines stand in a pile.
                    let below = marks.iter().filter(|mark| **mark == (*shown, *x)).count() as f64;
                    marks.push((*shown, *x));
                    draw_mark(
                        svg,
                        *shown,
                        (
                            *x,
                            y + below
                                * if *shown == Shown::Diverged {
                                    11.0
                                } else {
                                    -11.0
                                },
                        ),
                    );
                }
            }
            svg.push_str("</g>\n");
            let before = points.iter().rev().nth(1).map_or(0.0, |point| point.2);
            ends.extend(points.last().map(|(_, x, y)| ((*y, before), *x, index)));
        }
        for (kind, words) in [
            (Shown::Diverged, "\u{d7} diverged"),
            (Shown::Unshown, "\u{25bf} zero or below"),
        ] {
            if marks.iter().any(|(shown, _)| *shown == kind) {
                let y = if kind == Shown::Diverged {
                    frame.top - 12.0
                } else {
                    frame.bottom + 20.0
                };
                text(svg, "soft", "start", (frame.right + 8.0, y), words);
            }
        }
        // Lines that end at one point are named in the order in which they come to it.
        ends.sort_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal));
        let wanted: Vec<f64> = ends.iter().map(|end| end.0.0).collect();
        for (y, ((end, _), x, index)) in spread(&wanted, frame.top, frame.bottom)
            .into_iter()
            .zip(ends)
        {
            let _ = writeln!(svg, "<g class=\"c{}\">", index % COLOURS);
            let from = frame.right + 18.0;
            if (y - end).abs() > 3.0 || from - x > 40.0 {
                stroke(svg, "leader", [x + 7.0, end, from - 3.0, y]);
            }
            text(
                svg,
                "name",
                "start",
                (from, y + 4.5),
                &self.lines[index].name,
            );
            svg.push_str("</g>\n");
        }
    }
}

impl Triangle {
    /// The point at twice the steps.
    fn end(&self) -> (f64, f64) {
        (self.near.0 * 2.0, self.near.1 * (-self.order).exp2())
    }
}

impl Frame {
    fn see(&self, (x, y): (f64, f64)) -> (Shown, f64, f64) {
        let across = self.across.place(x);
        match (across, self.up.place(y)) {
            (Some(x), Some(y)) => (Shown::Point, x, y),
            _ if !y.is_finite() => (Shown::Diverged, across.unwrap_or(self.left), self.top + 6.0),
            _ => (
                Shown::Unshown,
                across.unwrap_or(self.left),
                self.bottom - 6.0,
            ),
        }
    }

    fn draw_axes(&self, svg: &mut String) {
        for tick in &self.up.ticks {
            let Some(y) = self.up.place(tick.value) else {
                continue;
            };
            if tick.name.is_empty() {
                stroke(svg, "axis", [self.left, y, self.left - 3.0, y]);
                continue;
            }
            stroke(
                svg,
                if tick.value == 0.0 { "axis" } else { "grid" },
                [self.left, y, self.right, y],
            );
            stroke(svg, "axis", [self.left, y, self.left - 6.0, y]);
            text(svg, "soft", "end", (self.left - 9.0, y + 4.0), &tick.name);
        }
        let mut free = 0.0;
        for tick in &self.across.ticks {
            let Some(x) = self.across.place(tick.value) else {
                continue;
            };
            let half = width(&tick.name.replace('^', ""), 12.0) / 2.0;
            let named = !tick.name.is_empty() && x - half > free;
            stroke(
                svg,
                "axis",
                [
                    x,
                    self.bottom,
                    x,
                    self.bottom + if named { 6.0 } else { 3.0 },
                ],
            );
            if named {
                free = x + half + 5.0;
                text(svg, "soft", "middle", (x, self.bottom + 20.0), &tick.name);
            }
        }
        stroke(
            svg,
            "axis",
            [self.left, self.bottom, self.right, self.bottom],
        );
        stroke(svg, "axis", [self.left, self.bottom, self.left, self.top]);
    }

    fn draw_triangle(&self, svg: &mut String, triangle: &Triangle) {
        let place = |(x, y): (f64, f64)| {
            Some((
                self.across.place(x)? + SHIFT[0],
                self.up.place(y)? + SHIFT[1],
            ))
        };
        if let (Some((left, top)), Some((right, bottom))) =
            (place(triangle.near), place(triangle.end()))
        {
            let corners = [left, top, right, bottom, left, bottom].map(number);
            let corners = corners
                .chunks(2)
                .map(|pair| pair.join(","))
                .collect::<Vec<_>>();
            tag(
                svg,
                "polygon",
                "triangle",
                &format!("points=\"{}\"", corners.join(" ")),
            );
            text(
                svg,
                "soft",
                "start",
                (left, bottom + 13.0),
                &format!("order {}", triangle.order),
            );
        }
    }
}

fn draw_line(svg: &mut String, index: usize, dashed: bool, points: &[(Shown, f64, f64)]) {
    let (mut path, mut markers, mut pen) = (String::new(), String::new(), 'M');
    for (shown, x, y) in points {
        if *shown != Shown::Point {
            pen = 'M';
            continue;
        }
        path.push_str(&format!("{pen}{} {}", number(*x), number(*y)));
        pen = 'L';
        let start = |dx: f64, dy: f64| format!("M{} {}", number(x + dx), number(y + dy));
        markers.push_str(&match index % COLOURS {
            0 => start(-3.5, 0.0) + "a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
            1 => start(-3.1, -3.1) + "h6.2v6.2h-6.2z",
            2 => start(0.0, -4.3) + "l4.1 7.1h-8.2z",
            3 => start(0.0, -4.4) + "l4.4 4.4l-4.4 4.4l-4.4 -4.4z",
            4 => start(0.0, 4.3) + "l4.1 -7.1h-8.2z",
            _ => start(-1.3, -4.0) + "h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",
        });
    }
    tag(
        svg,
        "path",
        if dashed { "line dashed" } else { "line" },
        &format!("d=\"{path}\""),
    );
    let fill = if (index / COLOURS).is_multiple_of(2) {
        "mark"
    } else {
        "mark hollow"
    };
    tag(svg, "path", fill, &format!("d=\"{markers}\""));
}

fn draw_mark(svg: &mut String, shown: Shown, (x, y): (f64, f64)) {
    let shape = match shown {
        Shown::Diverged => format!("M{} {}l7 7m0 -7l-7 7", number(x - 3.5), number(y - 3.5)),
        _ => format!("M{} {}l-4 -7h8z", number(x), number(y + 4.0)),
    };
    tag(svg, "path", "mark open", &format!("d=\"{shape}\""));
}

/// Places at least a line apart between two edges, as near to the wanted ones (ascending) as can be in
/// the least-squares sense: isotonic regression by pooling neighbours.
fn spread(wanted: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut pools: Vec<(f64, f64)> = Vec::new();
    for (index, y) in wanted.iter().enumerate() {
        let mut pool = (y - index as f64 * LINE, 1.0);
        while let Some((mean, count)) = pools.pop_if(|last| last.0 > pool.0) {
            pool = (
                (mean * count + pool.0 * pool.1) / (count + pool.1),
                count + pool.1,
            );
        }
        pools.push(pool);
    }
    let most = high - wanted.len().saturating_sub(1) as f64 * LINE;
    let placed = pools
        .into_iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(mean, count as usize));
    placed
        .enumerate()
        .map(|(index, y)| y.min(most).max(low) + index as f64 * LINE)
        .collect()
}

/// Words in rows no wider than `most`.
fn wrapped(words: &str, most: f64) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match rows
            .last_mut()
            .filter(|row| width(row, 15.0) + width(word, 15.0) + 5.0 <= most)
        {
            Some(row) => *row = format!("{row} {word}"),
            None => rows.push(word.to_owned()),
        }
    }
    rows
}

/// Width of text in a wide sans-serif font, from classes of letters: an upper estimate, as nobody knows the
/// reader's font.
fn width(words: &str, size: f64) -> f64 {
    let em = |letter: char| match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' => 0.32,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '-' | '/' | ' ' => 0.42,
        'm' | 'w' | 'M' | 'W' => 0.96,
        'A'..='Z' => 0.72,
        _ => 0.62,
    };
    words.chars().map(em).sum::<f64>() * size
}

fn tag(svg: &mut String, name: &str, class: &str, attributes: &str) {
    let _ = writeln!(svg, "<{name} class=\"{class}\" {attributes}/>");
}

fn stroke(svg: &mut String, class: &str, ends: [f64; 4]) {
    let [x1, y1, x2, y2] = ends.map(number);
    tag(
        svg,
        "line",
        class,
        &format!("x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\""),
    );
}

/// What stands behind a `^` is raised.
fn text(svg: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    let words = escaped(words);
    let raised = match words.split_once('^') {
        Some((base, power)) => format!("{base}<tspan dy=\"-5\" font-size=\"9\">{power}</tspan>"),
        None => words,
    };
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{}\" y=\"{}\">{raised}</text>",
        number(x),
        number(y)
    );
}

fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn escaped(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|letter| !letter.is_control())
        .collect::<String>();
    kept.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
