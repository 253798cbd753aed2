//! Grids against their definitions, written as the libraries' own loops, and against the libraries.

mod definitions;
mod libraries;
mod refusals;

use dpm_spec::Code;
use dpm_spec::arithmetic::{Rational, parse_rational, rational, rational_from_f64};
use dpm_spec::error::Result;
use dpm_spec::grid::{Grid, Spacing, Unit};
use dpm_spec::schedule::{Curve, Lambda, Point, Schedule};
use serde_json::Value;

fn nodes_on(
    schedule: &str,
    grid: &Grid,
    steps: usize,
    domain: Option<(&str, &str)>,
) -> Result<Vec<Point<f64>>> {
    let schedule = Schedule::parse(schedule)?;
    let number = |text: &str| parse_rational(text).unwrap();
    let domain = domain.map_or(schedule.domain(), |(start, end)| {
        (number(start), number(end))
    });
    grid.nodes(&Curve::new(&schedule, &1.0_f64), steps, domain)
}

fn nodes(schedule: &str, grid: &str, steps: usize) -> Result<Vec<Point<f64>>> {
    nodes_on(schedule, &Grid::parse(grid)?, steps, None)
}

fn rho(point: &Point<f64>) -> f64 {
    point.sigma / point.alpha
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs()
}
