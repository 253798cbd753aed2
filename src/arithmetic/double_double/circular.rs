//! sin_pi, cos_pi, atan2_pi.

use super::DoubleDouble;
use super::error_free::two_sum;
use super::series::series;

/// (sin(pi x), cos(pi x)).
fn sin_cos_pi(x: DoubleDouble) -> (DoubleDouble, DoubleDouble) {
    // remainders of f64 are exact, so the argument is reduced without error
    let (hi, lo) = two_sum(x.hi % 2.0, x.lo % 2.0);
    let quarter_turns = (2.0 * hi).round_ties_even();
    let rest = DoubleDouble::new(hi - 0.5 * quarter_turns, lo);
    let angle = DoubleDouble::PI * rest;
    let minus_square = -(angle * angle);
    let sin = angle * series(minus_square, 1, 2, 9, 15);
    let cos = series(minus_square, 0, 2, 10, 16);
    match (quarter_turns as i64).rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

pub(super) fn sin_pi(x: DoubleDouble) -> DoubleDouble {
    sin_cos_pi(x).0
}

pub(super) fn cos_pi(x: DoubleDouble) -> DoubleDouble {
    sin_cos_pi(x).1
}

/// The f64 angle, turned back: what is left is so small an angle that its tangent is enough.
pub(super) fn atan2_pi(y: DoubleDouble, x: DoubleDouble) -> DoubleDouble {
    let special = y.hi == 0.0 || x.hi == 0.0 || !y.hi.is_finite() || !x.hi.is_finite();
    let turns = y.hi.atan2(x.hi) * std::f64::consts::FRAC_1_PI;
    if special {
        // a multiple of 1/4, or NaN
        return DoubleDouble::exact((4.0 * turns).round_ties_even() / 4.0);
    }
    let exponent = super::error_free::exponent(y.hi.abs().max(x.hi.abs()));
    let (y, x) = (y.scaled(-exponent), x.scaled(-exponent));
    let (sin, cos) = sin_cos_pi(DoubleDouble::exact(turns));
    let tangent = (y * cos - x * sin) / (x * cos + y * sin);
    DoubleDouble::exact(turns) + tangent * DoubleDouble::FRAC_1_PI
}
