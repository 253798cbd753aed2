//! Mean and variance of what a sampler makes of normal data: exact, without drawing anything.

use super::super::Reference;
use super::super::verdict::Finding;
use super::Evidence;
use super::worst::{Seen, Worst};
use crate::arithmetic::{Real, Unit, Widened};
use crate::solver::Side;

/// Mean and variance of the data.
const DATA: (f64, f64) = (0.5, 0.25);

impl Evidence<'_> {
    /// Two numbers of a run in which the model is that of normal data and the noises are drawn.
    pub(super) fn moments(&self) -> Finding {
        let rows = match self.shaped() {
            Ok(rows) => rows,
            Err(finding) => return finding,
        };
        let exact = |row: &Vec<f64>| -> Vec<Widened> {
            (row.iter().map(|x| Widened::exact(*x, Unit::F64))).collect()
        };
        let rows: Vec<Vec<Widened>> = rows.iter().map(exact).collect();
        let got = moments(self.reference, &rows, Unit::F64);
        let unit = self.precision.unit();
        let expected = moments(self.reference, &self.reference.loosened(unit), unit);
        let mut worst = Worst::none(unit.relative);
        for (name, (got, expected)) in ["mean", "variance"].iter().zip(got.iter().zip(&expected)) {
            let seen = Seen {
                numbers: [got.to_f64(), expected.to_f64()],
                off: (got.mid() - expected.mid()).hi().abs(),
                allowed: expected.radius(),
                size: expected.to_f64().abs().max(DATA.1),
            };
            worst.see(seen, name);
        }
        let (mu, s2) = DATA;
        self.judged(worst, "the result", |name, moment| {
            let moments = moment.told(", not", "");
            format!("of data N({mu}, {s2}) the results have the {name} {moments}")
        })
    }
}

/// Mean and variance of the result, from the rows and the model m = shift + slope x of normal data.
///
/// The result is a combination of start, outputs and noises. Each output, last one first, is
/// replaced by what it is made of: O(calls^2) in all.
fn moments(reference: &Reference, rows: &[Vec<Widened>], unit: Unit) -> [Widened; 2] {
    let exact = |value: f64| Widened::exact(value, unit);
    let (mu, s2) = (exact(DATA.0), exact(DATA.1));
    let points: Vec<[Widened; 2]> = (reference.points())
        .map(|point| [point.alpha, point.sigma].map(|value| exact(value.to_f64())))
        .collect();
    let total = |[alpha, sigma]: &[Widened; 2]| *alpha * alpha * &s2 + &(*sigma * sigma);
    let side = reference.request.recipe.form().side;
    let model = |point: &[Widened; 2]| {
        let [alpha, sigma] = point;
        let v = total(point);
        match side {
            Side::Data => (mu * &(*sigma * sigma) / &v, s2 * alpha / &v),
            Side::Noise => (-(mu * alpha * sigma / &v), *sigma / &v),
        }
    };
    let mut result = rows.last().cloned().unwrap_or_default();
    let mut mean = exact(0.0);
    for call in (0..reference.labels.len()).rev() {
        let (shift, slope) = model(&points[call]);
        let weight = result[1 + call];
        mean = mean + &(weight * &shift);
        let through = weight * &slope;
        // A state is made of the start, the noises, and the outputs before it.
        let later = call + 1..=reference.labels.len();
        for (column, entry) in rows[call].iter().enumerate() {
            if !later.contains(&column) {
                result[column] = result[column] + &(through * entry);
            }
        }
    }
    let [alpha, sigma] = points[0];
    let mean = mean + &(result[0] * &(alpha * &mu));
    let start = result[0] * &result[0] * &total(&[alpha, sigma]);
    let noises = result.iter().skip(1 + reference.labels.len());
    let variance = noises.fold(start, |sum, noise| sum + &(*noise * noise));
    [mean, variance]
}
