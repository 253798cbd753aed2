//! Promises of the proofs by moments: the orders of the multistep methods, and what is said of wrong ones.

use dpm_spec::arithmetic::{Field, Rational, rational};
use dpm_spec::order::moments::{Moments, Multistep, Proven, examine};
use dpm_spec::solver::{Method, Step, dpmpp_3m::differences, multistep_weights};

fn orders(moments: &Moments) -> [u32; 3] {
    let Proven {
        arbitrary,
        smooth,
        uniform,
    } = moments.proven;
    [arbitrary, smooth, uniform]
}

/// (j, power, coefficient) of every condition that fails for the next order.
fn principal(moments: &Moments) -> Vec<(usize, usize, String)> {
    let value = |v: &Option<rug::Rational>| v.as_ref().unwrap().to_string();
    let leading = moments.principal.iter();
    leading
        .map(|l| (l.moment, l.power, value(&l.value)))
        .collect()
}

fn failing(list: &[(usize, usize, &str)]) -> Vec<(usize, usize, String)> {
    let owned = |&(j, power, value): &(usize, usize, &str)| (j, power, value.to_owned());
    list.iter().map(owned).collect()
}

#[test]
fn order_of_ddim_is_one() {
    let moments = examine(&Method::Ddim);
    assert_eq!(orders(&moments), [1; 3]);
    assert_eq!(moments.identically_exact, [0]);
    assert_eq!(principal(&moments), failing(&[(1, 2, "-1/2")]));
}

#[test]
fn order_of_2m_and_of_2m_exact_is_two() {
    let published = examine(&Method::TwoM);
    assert_eq!(orders(&published), [2; 3]);
    assert_eq!(published.identically_exact, [0]);
    // h H_1/2 - h^2 phi_2 = c h^3 (1/4 - 1/6); -H_1 h^2/2 - 2 h^3 phi_3 = -h^3 (1/2 + 1/3).
    let expected = failing(&[(1, 3, "1/12"), (2, 3, "-5/6")]);
    assert_eq!(principal(&published), expected);

    let exact = examine(&Method::TwoMExact);
    assert_eq!(orders(&exact), [2; 3]);
    assert_eq!(exact.identically_exact, [0, 1]);
    assert_eq!(principal(&exact), failing(&[(2, 3, "-5/6")]));
}

#[test]
fn order_of_3m_as_published_is_two() {
    let moments = examine(&Method::ThreeM);
    assert_eq!(orders(&moments), [2; 3]);
    assert_eq!(moments.identically_exact, [0, 1]);
    // Half of the second moment 2 h^3 phi_3 is missing, at any ratios.
    assert_eq!(principal(&moments), failing(&[(2, 3, "-1/6")]));
    for at in &moments.residuals {
        assert_eq!(at.coefficients[2][3], Some((-1, 6).into()), "{at:?}");
    }
}

#[test]
fn order_of_3m_exact_is_three() {
    let moments = examine(&Method::ThreeMExact);
    assert_eq!(orders(&moments), [3; 3]);
    assert_eq!(moments.identically_exact, [0, 1, 2]);
    // Adams-Bashforth 3 misses the third moment by 3/8 of a third derivative: 3! 3/8 = 9/4.
    assert_eq!(principal(&moments), failing(&[(3, 4, "-9/4")]));
}

#[test]
fn order_of_4m_exact_is_four() {
    let moments = examine(&Method::Adams(4));
    assert_eq!(orders(&moments), [4; 3]);
    assert!(moments.degrees.is_some());
    assert_eq!(moments.identically_exact, [0, 1, 2, 3]);
    // 251/720 of a fourth derivative: 4! 251/720 = 251/30.
    assert_eq!(principal(&moments), failing(&[(4, 5, "-251/30")]));
}

#[test]
fn orders_of_adams_bashforth_in_rho_are_the_numbers_of_outputs() {
    // The classical error constants 5/12, 3/8, 251/720 times the factorial of the power.
    for (points, constant) in [(2, "-5/6"), (3, "-9/4"), (4, "-251/30")] {
        let moments = examine(&Method::DeisRho(points));
        let order = points as u32;
        assert_eq!(orders(&moments), [order; 3]);
        assert!(moments.in_rho && moments.degrees.is_some());
        let exact: Vec<usize> = (0..points).collect();
        assert_eq!(moments.identically_exact, exact);
        let expected = failing(&[(points, points + 1, constant)]);
        assert_eq!(principal(&moments), expected);
    }
}

#[test]
fn fixed_weights_have_order_one_on_uneven_steps_and_two_on_even_ones() {
    for points in 2..=4 {
        let moments = examine(&Method::Ipndm(points));
        assert_eq!(orders(&moments), [1, 2, 2], "{points}");
        assert!(moments.degrees.is_some());
        assert_eq!(moments.identically_exact, [0]);
        // h^2 (r_0/2 - 1/2) for two outputs, at r_0 = 2.
        let first = &moments.principal[0];
        assert_eq!((first.moment, first.power), (1, 2));
        assert_ne!(first.ratios, vec![rational(1, 1); points - 1]);
    }
    let two = examine(&Method::Ipndm(2));
    assert_eq!(principal(&two)[0], (1, 2, "1/2".to_owned()));
}

/// R_j/h^(j+1) depends on c h alone: 1/c stands in its (j + 1)st power and in no other, so that one
/// value of c proves every other.
#[test]
fn one_value_of_c_is_enough_where_weights_are_h_times_a_function_of_c_h() {
    for method in [
        Method::Ddim,
        Method::TwoM,
        Method::TwoMExact,
        Method::ThreeM,
        Method::ThreeMExact,
        Method::Adams(4),
        Method::Ipndm(4),
    ] {
        let moments = examine(&method);
        assert_eq!(moments.degrees.unwrap()[0], 0, "{method:?}");
        assert_eq!(moments.grid[0], [rational(1, 1)], "{method:?}");
    }
}

#[test]
fn the_grid_has_one_value_more_than_each_degree_and_degrees_are_those_counted_by_hand() {
    // R_j times r_0 r_1 (r_0 + r_1) has powers of r_0 from 1 to j + 2 and of r_1 up to max(2, j), R_j the
    // power j + 1 alone of 1/c. R_j of two outputs, times r_0, has those of r_0 from 1 to j.
    let expected = [
        (Method::Ddim, vec![0]),
        (Method::TwoM, vec![0, 1]),
        (Method::TwoMExact, vec![0, 1]),
        (Method::ThreeM, vec![0, 4, 3]),
        (Method::ThreeMExact, vec![0, 4, 3]),
    ];
    for (method, degrees) in expected {
        let moments = examine(&method);
        for (values, degree) in moments.grid.iter().zip(&degrees) {
            let mut distinct = values.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), *degree as usize + 1, "{method:?}");
        }
        let points: usize = moments.grid.iter().map(Vec::len).product();
        assert_eq!(moments.residuals.len(), points);
        assert_eq!(moments.degrees, Some(degrees), "{method:?}");
        assert!(
            moments.grid[1..]
                .iter()
                .flatten()
                .all(|r| *r > rational(0, 1))
        );
    }
}

/// A solver made wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    /// 2m-exact with the sign of the second weight flipped.
    Sign,
    /// 3m-exact with H_2 where it has 2 H_3.
    OtherPhi,
    /// 3m-exact with its two ratios exchanged.
    RatiosExchanged,
    /// 2m with r_0 taken for 1: right on uniform grids only.
    RatioOne,
    /// 3m-exact with r_0 + (r_1 - 1)/2 for r_1: the same on smooth grids, to first order in delta.
    RatioOnSmoothGrids,
    /// 2m-exact, its first weight off by a factor 1 + h that no c h is.
    StepSize,
    /// 3m-exact with r_1 taken for r_0: on smooth grids too wrong.
    SecondRatio,
    /// 2m with its difference divided by r_0 + h, whose degree in h can't be bounded.
    NoBound,
    /// 2m that divides by zero.
    NoSeries,
}

impl Multistep for Wrong {
    fn points(&self) -> usize {
        match self {
            Wrong::OtherPhi
            | Wrong::RatiosExchanged
            | Wrong::SecondRatio
            | Wrong::RatioOnSmoothGrids => 3,
            _ => 2,
        }
    }

    fn weights<T: Field>(&self, step: &Step<T>, ratios: &[T]) -> Vec<T> {
        let one = step.h.like(1, 1);
        let r0 = &ratios[0];
        let two = |tilt: T| vec![step.h_phi(1) + &tilt, -tilt];
        let half = step.h_phi(1) / &one.like(2, 1);
        let exact = |ratios: &[T]| multistep_weights(Method::ThreeMExact, step, ratios);
        match self {
            Wrong::Sign => two(-(step.h_phi(2) / r0)),
            Wrong::OtherPhi => {
                let unit = |at: usize| {
                    let g: [T; 3] = std::array::from_fn(|i| one.like(i128::from(i == at), 1));
                    let [d1, d2] = differences(r0, &ratios[1], g.each_ref());
                    step.h_phi(1) * &g[0] + &(step.h_phi(2) * &(d1 + &d2))
                };
                (0..3).map(unit).collect()
            }
            Wrong::RatiosExchanged => exact(&[ratios[1].clone(), r0.clone()]),
            Wrong::SecondRatio => exact(&[r0.clone(), r0.clone()]),
            Wrong::RatioOne => two(half),
            Wrong::RatioOnSmoothGrids => {
                let half = (ratios[1].clone() - &one) / &one.like(2, 1);
                exact(&[r0.clone(), half + r0])
            }
            Wrong::StepSize => {
                let mut weights = multistep_weights(Method::TwoMExact, step, ratios);
                weights[0] = weights[0].clone() * &(one + &step.h);
                weights
            }
            Wrong::NoBound => two(half / &(r0.clone() + &step.h)),
            Wrong::NoSeries => two(half / &(r0.clone() - r0)),
        }
    }
}

#[test]
fn a_flipped_sign_leaves_order_one() {
    let moments = examine(&Wrong::Sign);
    assert_eq!(orders(&moments), [1; 3]);
    assert_eq!(moments.identically_exact, [0]);
    assert_eq!(principal(&moments), failing(&[(1, 2, "-1")]));
}

#[test]
fn another_phi_leaves_order_two() {
    let moments = examine(&Wrong::OtherPhi);
    assert_eq!(orders(&moments), [2; 3]);
    // (H_2 - 2 H_3) h^2 with H_2 = h/2, 2 H_3 = h/3.
    assert_eq!(principal(&moments), failing(&[(2, 3, "1/6")]));
}

#[test]
fn a_scheme_right_on_uniform_grids_only_is_told_from_one_right_everywhere() {
    for wrong in [Wrong::RatiosExchanged, Wrong::SecondRatio] {
        let moments = examine(&wrong);
        let [arbitrary, smooth, uniform] = orders(&moments);
        assert_eq!((arbitrary, uniform), (1, 3), "{wrong:?}");
        // Ratios 1 + O(delta) against a residual O(h^2): one order more than arbitrary ones.
        assert_eq!(smooth, 2, "{wrong:?}");
        let first = &moments.principal[0];
        assert_eq!((first.moment, first.power), (1, 2), "{wrong:?}");
        assert!(first.ratios.iter().any(|r| *r != rational(1, 1)));
    }
    assert_eq!(orders(&examine(&Wrong::RatioOne)), [1, 2, 2]);
    // r_0 = 1 + a delta and r_1 = 1 + 2 a delta: what is left is O(delta^2) of a residual O(h^2).
    let moments = examine(&Wrong::RatioOnSmoothGrids);
    assert_eq!(orders(&moments), [1, 3, 3]);
}

#[test]
fn a_weight_that_depends_on_more_than_z_is_examined_at_every_c() {
    // h H_1 = h^2 + c h^3/2: the first moment of constants fails at order 2.
    let moments = examine(&Wrong::StepSize);
    assert_eq!(orders(&moments), [1; 3]);
    // 1 + h = 1 + x/c: the degree in 1/c is one more than the power that divides.
    assert_eq!(moments.degrees.unwrap()[0], 1);
    assert_eq!(moments.grid[0].len(), 2);
}

#[test]
fn what_has_no_degree_bound_is_a_sample() {
    let moments = examine(&Wrong::NoBound);
    assert_eq!(moments.degrees, None);
    assert_eq!(moments.proven.arbitrary, 2);
    let moments = examine(&Wrong::NoSeries);
    assert_eq!(moments.degrees, None);
    assert_eq!(orders(&moments), [0; 3]);
}

#[test]
fn every_residual_is_that_of_the_moment_equations() {
    // R_j of 2m-exact at j = 0, 1 is zero by its definition; of an arbitrary rule, by hand:
    // weights (a h, b h) at 0, -r: R_0 = (a + b) h - H_1, R_1 = -b r h^2 - H_2 h, R_2 = b r^2 h^3 - 2 H_3 h^2.
    #[derive(Clone, Copy)]
    struct Plain;
    impl Multistep for Plain {
        fn points(&self) -> usize {
            2
        }
        fn weights<T: Field>(&self, step: &Step<T>, _: &[T]) -> Vec<T> {
            let h = &step.h;
            vec![h.like(3, 1) * h, h.like(-2, 1) * h]
        }
    }
    for at in examine(&Plain).residuals {
        let exact = |value: Rational| Some((*value.numer(), *value.denom()).into());
        let one = rational(1, 1);
        let (c, r) = (at.c, at.ratios[0]);
        let expected = [
            [rational(0, 1), rational(0, 1), -c / 2, -c * c / 6],
            [rational(0, 1), rational(0, 1), r * 2 - one / 2, -c / 6],
            [
                rational(0, 1),
                rational(0, 1),
                rational(0, 1),
                -r * r * 2 - one / 3,
            ],
        ];
        for (row, expected) in at.coefficients.iter().zip(expected) {
            let expected: Vec<Option<rug::Rational>> = expected.map(exact).into();
            assert_eq!(*row, expected, "c = {c}, r = {r}");
        }
    }
}
