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

use super::template::render;
use crate::error::Result;
use axis::{Placed, width};
use minijinja::{context, value::Serde};
use serde::Serialize;
use std::cmp::Ordering;

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
    /// The lines. Six colours and shapes, the shapes filled and hollow, then dashed: 24 can be told apart.
    pub lines: Vec<Line>,
    /// The triangles.
    pub triangles: Vec<Triangle>,
}

/// Markers as relative paths: circle, square, triangle, diamond, triangle upside down, cross.
const SHAPES: [&str; 6] = [
    "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "m-3.1 -3.1h6.2v6.2h-6.2z",
    "m0 -4.3l4.1 7.1h-8.2z",
    "m0 -4.4l4.4 4.4l-4.4 4.4l-4.4 -4.4z",
    "m0 4.3l4.1 -7.1h-8.2z",
    "m-1.3 -4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",
];
/// Least width of a figure, and of its plot.
const WIDTHS: [f64; 2] = [760.0, 440.0];
/// Least height of the plot, and distance between two lines of text.
const HEIGHT: f64 = 340.0;
const LINE: f64 = 16.0;
/// Letters in a row of the title.
const LETTERS: usize = 88;
/// From a line to the triangle below it; the room that a triangle's name takes.
const SHIFT: [f64; 2] = [-4.0, 10.0];
const TEXT: f64 = 14.0;

/// A line in its place, broken where points are missing.
#[derive(Default, Serialize)]
struct Drawn {
    colour: usize,
    shape: &'static str,
    hollow: bool,
    dashed: bool,
    runs: Vec<Vec<(f64, f64)>>,
    diverged: Vec<(f64, f64)>,
    unshown: Vec<(f64, f64)>,
    /// Last point, and the place before it.
    end: Option<(f64, f64, f64)>,
}

impl Figure {
    /// The picture as a document of its own, which can stand in an HTML page too.
    ///
    /// # Errors
    /// `E-FORMAT` if the template fails.
    pub fn svg(&self) -> Result<String> {
        let names = self.lines.iter().map(|line| width(&line.name) * 1.1);
        let margin = names.fold(90.0, f64::max) + 28.0;
        let rows = wrapped(&self.title);
        let top = 38.0 + 20.0 * rows.len() as f64;
        let bottom = top + HEIGHT.max(LINE * self.lines.len() as f64);
        let points = || self.lines.iter().flat_map(|line| line.points.iter());
        let ends = self.shown_triangles().map(|triangle| triangle.end().1);
        let ys: Vec<f64> = points().map(|point| point.1).chain(ends).collect();
        let lowest = if ys.len() > points().count() {
            TEXT
        } else {
            0.0
        };
        let up = Placed::new(self.up.scale, &ys, [bottom - lowest, top]);
        let ticks = up.ticks.iter().map(|tick| width(&tick.name));
        let left = ticks.fold(24.0, f64::max) + 22.0;
        let right = (WIDTHS[0] - margin).max(left + WIDTHS[1]);
        let xs: Vec<f64> = points().map(|point| point.0).collect();
        let across = Placed::new(self.across.scale, &xs, [left, right]);
        let mut drawn: Vec<Drawn> = Vec::new();
        for line in &self.lines {
            let line = line.drawn(&drawn, (&across, &up), [left, top, bottom]);
            drawn.push(line);
        }
        let triangles = self
            .shown_triangles()
            .filter_map(|triangle| triangle.drawn(&across, &up));
        let picture = context! {
            title => &self.title,
            description => self.description(),
            width => right + margin,
            height => bottom + 50.0,
            left, right, top, bottom, rows,
            across => &self.across.name,
            up => &self.up.name,
            across_ticks => Serde(&across.ticks),
            up_ticks => Serde(&up.ticks),
            triangles => triangles.collect::<Vec<_>>(),
            labels => self.labels(&drawn, [top, bottom, right]),
            diverged => drawn.iter().any(|line| !line.diverged.is_empty()),
            unshown => drawn.iter().any(|line| !line.unshown.is_empty()),
            lines => Serde(&drawn),
        };
        let mut svg = render("figure.xml", picture)?;
        // XML has no way to write most control characters.
        svg.retain(|letter| letter == '\n' || !letter.is_control());
        Ok(svg)
    }

    fn shown_triangles(&self) -> impl Iterator<Item = &Triangle> {
        let linear = [self.across.scale, self.up.scale].contains(&Scale::Linear);
        self.triangles.iter().filter(move |_| !linear)
    }

    /// For readers who do not see the picture.
    fn description(&self) -> String {
        let value = |y: f64| match y.is_finite() {
            true => format!("{y:.2e}"),
            false => "diverged".to_owned(),
        };
        let mut words = format!("{} against {}.", self.up.name, self.across.name);
        for Line { name, points, .. } in &self.lines {
            if let (Some((from, first)), Some((to, last))) = (points.first(), points.last()) {
                let (first, last) = (value(*first), value(*last));
                words.push_str(&format!(" {name}: {first} at {from}, {last} at {to}."));
            }
        }
        words
    }

    /// Names beside the last points, pushed apart.
    fn labels(&self, drawn: &[Drawn], [top, bottom, right]: [f64; 3]) -> Vec<minijinja::Value> {
        let ends = drawn.iter().zip(&self.lines);
        let mut ends: Vec<_> = ends
            .filter_map(|(line, of)| Some((line.end?, line, of)))
            .collect();
        // Lines that end at one point are named in the order in which they come to it.
        let order = |(_, y, before): (f64, f64, f64)| (y, before);
        ends.sort_by(|one, other| {
            order(one.0)
                .partial_cmp(&order(other.0))
                .unwrap_or(Ordering::Equal)
        });
        let wanted: Vec<f64> = ends.iter().map(|((_, y, _), ..)| *y).collect();
        let places = spread(&wanted, top, bottom).into_iter().zip(ends);
        let label = |(y, ((x, end, _), line, of)): (f64, (_, &Drawn, &Line))| {
            let leader = f64::abs(y - end) > 3.0 || right - x > 24.0;
            context! { name => &of.name, colour => line.colour, x, end, y, leader }
        };
        places.map(label).collect()
    }
}

impl Line {
    /// `before` are the lines already drawn: marks of several lines stand in a pile.
    fn drawn(&self, before: &[Drawn], axes: (&Placed, &Placed), edges: [f64; 3]) -> Drawn {
        let (index, [left, top, bottom]) = (before.len(), edges);
        let mut drawn = Drawn {
            colour: index % SHAPES.len(),
            shape: SHAPES[index % SHAPES.len()],
            hollow: index / SHAPES.len() % 2 == 1,
            dashed: self.dashed != (index / SHAPES.len() % 4 > 1),
            runs: vec![Vec::new()],
            ..Drawn::default()
        };
        for (x, y) in &self.points {
            let (across, up) = (axes.0.place(*x), axes.1.place(*y));
            let at = across.unwrap_or(left);
            let pile = |marks: fn(&Drawn) -> &Vec<(f64, f64)>| {
                let marks = before.iter().flat_map(marks);
                11.0 * marks.filter(|mark| mark.0 == at).count() as f64
            };
            let end = match (across.and(up), drawn.runs.last_mut()) {
                (Some(up), Some(run)) => {
                    run.push((at, up));
                    (at, up)
                }
                _ => {
                    drawn.runs.push(Vec::new());
                    let (marks, y) = match y.is_finite() {
                        false => (&mut drawn.diverged, top + 6.0 + pile(|line| &line.diverged)),
                        true => (
                            &mut drawn.unshown,
                            bottom - 6.0 - pile(|line| &line.unshown),
                        ),
                    };
                    marks.push((at, y));
                    (at, y)
                }
            };
            drawn.end = Some((end.0, end.1, drawn.end.map_or(end.1, |last| last.1)));
        }
        drawn.runs.retain(|run| !run.is_empty());
        drawn
    }
}

impl Triangle {
    /// The point at twice the steps.
    fn end(&self) -> (f64, f64) {
        (self.near.0 * 2.0, self.near.1 * (-self.order).exp2())
    }

    fn drawn(&self, across: &Placed, up: &Placed) -> Option<minijinja::Value> {
        let place = |(x, y)| Some((across.place(x)? + SHIFT[0], up.place(y)? + SHIFT[1]));
        let ((left, top), (right, bottom)) = (place(self.near)?, place(self.end())?);
        let corners = [(left, top), (right, bottom), (left, bottom)];
        Some(context! { corners, order => self.order.to_string() })
    }
}

/// Places at least a line apart between two edges, as near to the wanted ones (ascending) as can be in
/// the least-squares sense: isotonic regression by pooling neighbours.
fn spread(wanted: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (index, y) in wanted.iter().enumerate() {
        let mut pool = (y - index as f64 * LINE, 1);
        while let Some((mean, count)) = pools.pop_if(|last| last.0 > pool.0) {
            let sum = mean * count as f64 + pool.0 * pool.1 as f64;
            pool = (sum / (count + pool.1) as f64, count + pool.1);
        }
        pools.push(pool);
    }
    let most = high - wanted.len().saturating_sub(1) as f64 * LINE;
    let placed = pools
        .into_iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    placed
        .enumerate()
        .map(|(index, y)| y.min(most).max(low) + index as f64 * LINE)
        .collect()
}

fn wrapped(title: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match rows
            .last_mut()
            .filter(|row| row.len() + word.len() < LETTERS)
        {
            Some(row) => *row = format!("{row} {word}"),
            None => rows.push(word.to_owned()),
        }
    }
    rows
}
