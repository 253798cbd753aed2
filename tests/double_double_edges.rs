//! Double-double against MPFR: constants, hard arguments, special values.
#![cfg(feature = "oracle")]

mod mpfr;

use dpm_spec::arithmetic::{DoubleDouble, Field, Real};
use mpfr::{FUNCTION_BITS, PRECISION, check, exact, nearest, phi};
use rug::Float;
use rug::float::Constant;
use rug::ops::Pow;

#[test]
fn constants_are_the_nearest_to_mpfr() {
    let pi = Float::with_val(PRECISION, Constant::Pi);
    let ln_2 = Float::with_val(PRECISION, Constant::Log2);
    for (constant, expected) in [
        (DoubleDouble::PI, pi.clone()),
        (DoubleDouble::FRAC_1_PI, pi.recip()),
        (DoubleDouble::LN_2, ln_2),
    ] {
        assert_eq!((constant.hi(), constant.lo()), nearest(&expected));
    }
    // the third word of ln 2 shows where n ln 2 is subtracted: e^(n ln 2 rounded) 2^-n - 1
    for n in [-1000, -511, 700, 1000] {
        let x = DoubleDouble::LN_2 * DoubleDouble::exact(f64::from(n));
        check("exp", &[x], x.exp(), &exact(x).exp(), 103.0);
    }
    let mut factorial = 1_i128;
    for n in 1..=33 {
        factorial *= i128::from(n);
        let value = DoubleDouble::ZERO.phi(n);
        let expected = Float::with_val(PRECISION, factorial).recip();
        assert_eq!((value.hi(), value.lo()), nearest(&expected), "1/{n}!");
    }
}

#[test]
fn rational_constants_at_the_ends_are_correctly_rounded() {
    let ends = [
        i128::MIN,
        i128::MIN + 1,
        -1,
        1,
        2,
        3,
        (1 << 53) + 1,
        (1 << 106) + 1,
        (1 << 107) - 1,
        i128::MAX - 1,
        i128::MAX,
    ];
    for n in ends {
        for d in ends {
            let expected = Float::with_val(PRECISION, n) / Float::with_val(PRECISION, d);
            let value = DoubleDouble::ONE.like(n, d);
            assert_eq!((value.hi(), value.lo()), nearest(&expected), "{n}/{d}");
        }
    }
}

#[test]
fn hard_arguments_keep_their_bits() {
    let ln_2 = DoubleDouble::LN_2;
    for i in -400..=400 {
        let offset = DoubleDouble::exact(f64::from(i) * 5e-5);
        // the ends of the reduced interval, e^x near 2^n, exp_m1 where n changes
        for n in [
            -1000.5, -3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 900.5,
        ] {
            let x = ln_2 * DoubleDouble::exact(n) + offset;
            check("exp", &[x], x.exp(), &exact(x).exp(), FUNCTION_BITS);
            if x.hi() != 0.0 {
                check(
                    "exp_m1",
                    &[x],
                    x.exp_m1(),
                    &exact(x).exp_m1(),
                    FUNCTION_BITS,
                );
            }
        }
        for centre in [
            1.0,
            0.5,
            2.0,
            std::f64::consts::SQRT_2,
            std::f64::consts::FRAC_1_SQRT_2,
        ] {
            let x = DoubleDouble::exact(centre) + offset;
            if x != DoubleDouble::ONE {
                check("ln", &[x], x.ln(), &exact(x).ln(), FUNCTION_BITS);
            }
            let z = x - DoubleDouble::ONE;
            if z.hi() != 0.0 {
                check("ln_1p", &[z], z.ln_1p(), &exact(z).ln_1p(), FUNCTION_BITS);
            }
        }
        for centre in [-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 6.0, 8.0] {
            let z = DoubleDouble::exact(centre) + offset;
            for k in 1..=8 {
                check(
                    &format!("phi_{k}"),
                    &[z],
                    z.phi(k),
                    &phi(k, &exact(z)),
                    FUNCTION_BITS,
                );
            }
        }
    }
    for exponent in (-1000..0).step_by(7) {
        let tiny = DoubleDouble::exact(2_f64.powi(exponent) * 1.1);
        for z in [tiny, -tiny] {
            for k in 1..=4 {
                check(
                    &format!("phi_{k}"),
                    &[z],
                    z.phi(k),
                    &phi(k, &exact(z)),
                    FUNCTION_BITS,
                );
            }
        }
    }
}

#[test]
fn phi_of_high_order_is_right_too() {
    for k in [7, 12, 20, 40, 100] {
        for z in [-60.0, -7.3, -0.5, 1e-9, 0.9, 3.0, 33.0, 300.0] {
            let z = DoubleDouble::exact(z);
            check(
                &format!("phi_{k}"),
                &[z],
                z.phi(k),
                &phi(k, &exact(z)),
                96.0,
            );
        }
    }
    assert_eq!(DoubleDouble::ONE.phi(u32::MAX), DoubleDouble::ZERO);
}

#[test]
fn special_values_follow_ieee_754() {
    let (inf, nan) = (
        DoubleDouble::exact(f64::INFINITY),
        DoubleDouble::exact(f64::NAN),
    );
    let (zero, one) = (DoubleDouble::ZERO, DoubleDouble::ONE);
    let max = DoubleDouble::exact(f64::MAX);
    let whole = |n: f64| DoubleDouble::exact(n);
    for (name, computed, expected) in [
        ("1/0", one / zero, inf),
        ("-1/0", -one / zero, -inf),
        ("1/inf", one / inf, zero),
        ("max+max", max + max, inf),
        ("max*2", max * whole(2.0), inf),
        ("max*max", max * max, inf),
        ("max/0.5", max / whole(0.5), inf),
        ("inf+1", inf + one, inf),
        ("inf*-1", inf * -one, -inf),
        ("0*1", zero * one, zero),
        ("tiny*tiny", whole(1e-300) * whole(1e-300), zero),
        ("max*1", max * one, max),
        ("max/1", max / one, max),
        ("max/max", max / max, one),
        ("sqrt 0", zero.sqrt(), zero),
        ("sqrt inf", inf.sqrt(), inf),
        ("exp 0", zero.exp(), one),
        ("exp inf", inf.exp(), inf),
        ("exp -inf", (-inf).exp(), zero),
        ("exp 710", whole(710.0).exp(), inf),
        ("exp -746", whole(-746.0).exp(), zero),
        ("exp_m1 -inf", (-inf).exp_m1(), -one),
        ("exp_m1 inf", inf.exp_m1(), inf),
        ("exp_m1 0", zero.exp_m1(), zero),
        ("ln 0", zero.ln(), -inf),
        ("ln 1", one.ln(), zero),
        ("ln inf", inf.ln(), inf),
        ("ln_1p -1", (-one).ln_1p(), -inf),
        ("ln_1p inf", inf.ln_1p(), inf),
        ("sin_pi 0", zero.sin_pi(), zero),
        ("sin_pi 1", one.sin_pi(), zero),
        ("sin_pi 1/2", whole(0.5).sin_pi(), one),
        ("sin_pi 3/2", whole(1.5).sin_pi(), -one),
        ("cos_pi 1/2", whole(0.5).cos_pi(), zero),
        ("cos_pi 1", one.cos_pi(), -one),
        ("cos_pi 1e300", whole(1e300).cos_pi(), one),
        ("atan2_pi 0 1", zero.atan2_pi(&one), zero),
        ("atan2_pi 0 -1", zero.atan2_pi(&-one), one),
        ("atan2_pi 1 0", one.atan2_pi(&zero), whole(0.5)),
        ("atan2_pi -1 0", (-one).atan2_pi(&zero), whole(-0.5)),
        ("atan2_pi inf -inf", inf.atan2_pi(&-inf), whole(0.75)),
        ("phi_1 0", zero.phi(1), one),
        ("phi_2 0", zero.phi(2), whole(0.5)),
        ("phi_2 -inf", (-inf).phi(2), zero),
        ("phi_2 inf", inf.phi(2), inf),
        ("phi_3 1000", whole(1000.0).phi(3), inf),
    ] {
        assert_eq!(computed, expected, "{name}");
    }
    let nans = [
        inf - inf,
        zero * inf,
        zero / zero,
        inf / inf,
        nan + one,
        nan * one,
        nan / one,
        (-one).sqrt(),
        (-one).ln(),
        (-one - one).ln_1p(),
        inf.sin_pi(),
        inf.cos_pi(),
        nan.exp(),
        nan.exp_m1(),
        nan.ln(),
        nan.ln_1p(),
        nan.sin_pi(),
        nan.phi(2),
        nan.atan2_pi(&one),
        one.like(0, 0),
    ];
    for (i, value) in nans.iter().enumerate() {
        assert!(value.hi().is_nan() && !value.is_finite(), "{i}: {value:?}");
    }
    assert!(nan.nearest_integer().is_none() && inf.nearest_integer().is_none());
}

#[test]
fn the_nearest_integer_sees_the_low_word() {
    let tiny = 2_f64.powi(-80);
    let big = 2_f64.powi(53) + 2.0;
    for (hi, lo, expected) in [
        (0.5, 0.0, 0),
        (0.5, tiny, 1),
        (0.5, -tiny, 0),
        (1.5, 0.0, 2),
        (1.5, -tiny, 1),
        (1.5, tiny, 2),
        (-0.5, tiny, 0),
        (-0.5, -tiny, -1),
        (-1.5, 0.0, -2),
        (-1.5, tiny, -1),
        (2.0, -tiny, 2),
        (big, 0.5, 9_007_199_254_740_994),
        (big, -0.5, 9_007_199_254_740_994),
        (big, 0.75, 9_007_199_254_740_995),
        (big + 4.0, -1.0 + tiny, 9_007_199_254_740_997),
        (big, -0.75, 9_007_199_254_740_993),
    ] {
        assert_eq!(
            DoubleDouble::new(hi, lo).nearest_integer(),
            Some(expected),
            "{hi} + {lo}"
        );
    }
}

#[test]
fn powers_are_close() {
    for (x, y) in [
        (80.0, 1.0 / 7.0),
        (0.002, 1.0 / 7.0),
        (1.7, 7.0),
        (1e-3, -3.5),
    ] {
        let (a, b) = (DoubleDouble::exact(x), DoubleDouble::exact(y));
        check("pow", &[a, b], a.pow(&b), &exact(a).pow(exact(b)), 97.0);
    }
}
