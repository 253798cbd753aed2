//! sin_pi, cos_pi, atan2_pi.

use super::DoubleDouble;
use super::error_free::two_sum;
use super::series::series;

pub(super) fn sin_pi(x: DoubleDouble) -> DoubleDouble {
    let (quarters, angle) = reduced(x);
    signed_sin(quarters, angle)
}

pub(super) fn cos_pi(x: DoubleDouble) -> DoubleDouble {
    let (quarters, angle) = reduced(x);
    signed_sin(quarters + 1.0, angle)
}

/// pi x = quarters pi/2 + angle with |angle| < 0.786. Remainders of f64 are exact, so the argument
/// is reduced without error.
fn reduced(x: DoubleDouble) -> (f64, DoubleDouble) {
    let (hi, lo) = two_sum(x.hi % 2.0, x.lo % 2.0);
    let quarters = (2.0 * hi).round_ties_even();
    let rest = DoubleDouble::new(hi - 0.5 * quarters, lo);
    (quarters, DoubleDouble::PI * rest)
}

/// sin(quarters pi/2 + angle).
fn signed_sin(quarters: f64, angle: DoubleDouble) -> DoubleDouble {
    let minus_square = -(angle * angle);
    let quarters = quarters as i64;
    let size = if quarters & 1 == 0 {
        angle * series(minus_square, 1, 2, 9, 15)
    } else {
        series(minus_square, 0, 2, 10, 16)
    };
    if quarters & 2 == 0 { size } else { -size }
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
    let (quarters, angle) = reduced(DoubleDouble::exact(turns));
    let (sin, cos) = (
        signed_sin(quarters, angle),
        signed_sin(quarters + 1.0, angle),
    );
    let tangent = (y * cos - x * sin) / (x * cos + y * sin);
    DoubleDouble::exact(turns) + tangent * DoubleDouble::FRAC_1_PI
}
