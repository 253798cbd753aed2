//! A widened result holds what every point of its operands gives, and one rounding more.

use dpm_spec::arithmetic::{DoubleDouble, Field, Real, Unit, Widened};
use proptest::prelude::*;

const UNITS: [Unit; 4] = [Unit::F64, Unit::F32, Unit::F16, Unit::BF16];

/// The ends and the middle of an enclosure.
fn points(x: Widened) -> [DoubleDouble; 3] {
    let radius = DoubleDouble::exact(x.radius());
    [x.mid() - radius, x.mid(), x.mid() + radius]
}

/// Whether `value` and its roundings, down and up, lie inside.
fn holds(result: Widened, value: DoubleDouble, unit: Unit) -> bool {
    let rounding = value.hi().abs() * unit.relative;
    // Two parts in 2^50 of the radius for the roundings of this test itself.
    let radius = result.radius() * (1.0 + f64::EPSILON * 8.0);
    (value - result.mid()).hi().abs() + rounding <= radius
}

proptest! {
    #[test]
    fn sums_products_and_quotients(a in -8.0..8.0_f64, b in -8.0..8.0_f64, c in 0.5..8.0_f64) {
        for unit in UNITS {
            let exact = |value| Widened::exact(value, unit);
            // Operands that are off by a rounding themselves.
            let (x, y) = (exact(a) * &exact(b), exact(c) + &exact(c / 3.0));
            for p in points(x) {
                for q in points(y) {
                    prop_assert!(holds(x + &y, p + q, unit));
                    prop_assert!(holds(x - &y, p - q, unit));
                    prop_assert!(holds(x * &y, p * q, unit));
                    prop_assert!(holds(x / &y, p / q, unit));
                }
            }
        }
    }

    #[test]
    fn functions(a in 0.1..3.0_f64, b in 0.1..2.0_f64, sign in prop::bool::ANY) {
        for unit in UNITS {
            let exact = |value| Widened::exact(value, unit);
            let x = exact(a) * &exact(b);
            let z = if sign { x } else { -x };
            for p in points(z) {
                prop_assert!(holds(z.exp(), p.exp(), unit));
                prop_assert!(holds(z.exp_m1(), p.exp_m1(), unit));
                prop_assert!(holds(z.sin_pi(), p.sin_pi(), unit));
                prop_assert!(holds(z.cos_pi(), p.cos_pi(), unit));
                for k in 0..4 {
                    prop_assert!(holds(z.phi(k), p.phi(k), unit));
                }
            }
            for p in points(x) {
                prop_assert!(holds(x.ln(), p.ln(), unit));
                prop_assert!(holds(x.ln_1p(), p.ln_1p(), unit));
                prop_assert!(holds(x.sqrt(), p.sqrt(), unit));
                prop_assert!(holds(x.atan2_pi(&exact(1.0)), p.atan2_pi(&DoubleDouble::ONE), unit));
            }
        }
    }

    /// A chain of operations in f32 stays within what its enclosure allows.
    #[test]
    fn a_chain_in_f32(values in prop::collection::vec(0.1..4.0_f32, 4..20)) {
        let mut wide = Widened::exact(1.0, Unit::F32);
        let mut single = 1.0_f32;
        for (i, value) in values.iter().enumerate() {
            let operand = Widened::exact(f64::from(*value), Unit::F32);
            (wide, single) = match i % 4 {
                0 => (wide + &operand, single + value),
                1 => (wide * &operand, single * value),
                2 => ((wide / &operand).sqrt(), (single / value).sqrt()),
                _ => (wide - &operand, single - value),
            };
            if single <= 0.0 {
                (wide, single) = (operand, *value);
            }
        }
        let off = (DoubleDouble::exact(f64::from(single)) - wide.mid()).hi().abs();
        prop_assert!(off <= wide.radius(), "{off} beyond {}", wide.radius());
    }
}

#[test]
fn constants_that_a_format_holds_have_no_radius() {
    for (value, held) in [
        ((1, 2), [true; 4]),
        ((257, 1), [true, true, true, false]),
        ((1, 3), [false; 4]),
    ] {
        for (unit, held) in UNITS.into_iter().zip(held) {
            let constant = Widened::exact(1.0, unit).like(value.0, value.1);
            assert_eq!(constant.radius() == 0.0, held, "{value:?} {unit:?}");
        }
    }
}

#[test]
fn what_may_be_anything_has_an_infinite_radius() {
    let third = Widened::exact(1.0, Unit::F16).like(1, 3);
    let zero = third - &third;
    assert!(zero.radius() > 0.0);
    assert!(!(third / &zero).is_finite());
    assert!(!zero.ln().is_finite());
}
