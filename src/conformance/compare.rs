//! A response beside the reference, coefficient by coefficient.

use super::Reference;
use crate::arithmetic::{DoubleDouble, Real, Widened};

/// The worst coefficient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Comparison {
    /// Its error, in u of its row's largest entry; of all coefficients the largest.
    pub(super) error_u: f64,
    /// Whether every row lies within its bound.
    pub(super) within: bool,
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) expected: f64,
    pub(super) got: f64,
}

/// Compares rows of equal shape. A row lies within its bound if no coefficient is off by more than
/// the row's largest radius.
pub(super) fn compare(rows: &[Vec<f64>], reference: &Reference, u: f64) -> Comparison {
    let mut worst = Comparison {
        error_u: 0.0,
        within: true,
        row: 0,
        column: 0,
        expected: 0.0,
        got: 0.0,
    };
    for (i, (got, expected)) in rows.iter().zip(&reference.rows).enumerate() {
        let size = expected
            .iter()
            .map(|x| x.to_f64().abs())
            .fold(0.0, f64::max);
        let bound = expected.iter().map(|x| x.radius()).fold(0.0, f64::max);
        for (j, (got, expected)) in got.iter().zip(expected.iter()).enumerate() {
            let off = distance(*got, *expected);
            worst.within &= off <= bound;
            let error = off / (u * size.max(f64::MIN_POSITIVE));
            if error > worst.error_u {
                worst = Comparison {
                    error_u: error,
                    row: i,
                    column: j,
                    expected: expected.to_f64(),
                    got: *got,
                    ..worst
                };
            }
        }
    }
    worst
}

/// How far rows are from expected ones of the same shape: the largest difference, over the largest
/// entry of its row.
pub(super) fn apart(rows: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    let row = |(row, expected): (&Vec<f64>, &Vec<f64>)| {
        let size = expected
            .iter()
            .fold(f64::MIN_POSITIVE, |size, x| size.max(x.abs()));
        let off = row.iter().zip(expected).map(|(x, y)| (x - y).abs());
        off.fold(0.0, f64::max) / size
    };
    rows.iter().zip(expected).map(row).fold(0.0, f64::max)
}

fn distance(got: f64, expected: Widened) -> f64 {
    (DoubleDouble::exact(got) - expected.mid()).hi().abs()
}
