//! The fast rows are the rows that the schedule's and the solvers' formulas give.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{Ball, Field, Real, rational};
use dpm_spec::golden::rows::{BLOCK, Row, UniformLinear, certified_rows, rows, scalar_rows};
use dpm_spec::solver::{Step, dpmpp_2m, dpmpp_2m_exact, dpmpp_3m, dpmpp_3m_exact, unit_weights};
use rug::Float;

fn grid() -> UniformLinear {
    UniformLinear {
        beta_min: rational(1, 10),
        beta_max: rational(20, 1),
        t_start: rational(1, 1),
        t_end: rational(1, 1000),
    }
}

/// Row `row` of `count`, each number by its definition: exp, sqrt and ln of exact times, phi functions,
/// and the solvers' own increments.
fn row_by_definition(row: usize, count: usize, bits: u32) -> Row<Ball> {
    let like = Ball::exact(Float::new(bits));
    // S(t) = t/10 + (20 - 1/10) t^2/2 with t = 1 - 999 i/(1000 (count + 2)).
    let node = |i: usize| {
        let denominator = 1000 * (count as i128 + 2);
        let t = like.constant(rational(denominator - 999 * i as i128, denominator));
        let s =
            t.clone() * &(like.constant(rational(199, 20)) * &t + &like.constant(rational(1, 10)));
        let e = s.exp_m1();
        let one = like.constant(rational(1, 1));
        let alpha = one.clone() / &(e.clone() + &one).sqrt();
        let sigma = alpha.clone() * &e.sqrt();
        let lambda = -e.ln() / &like.constant(rational(2, 1));
        (alpha, sigma, lambda)
    };
    let lambdas: Vec<Ball> = (row..row + 4).map(|i| node(i).2).collect();
    let step = |i: usize| lambdas[i + 1].clone() - &lambdas[i];
    let (alpha, sigma, lambda) = node(row + 3);
    let h = step(2);
    let (r0, r1) = (step(1) / &h, step(0) / &h);
    let step = Step::new(h.clone(), &like.constant(rational(-1, 1)));
    let mut numbers = vec![alpha, sigma, lambda, h, r0.clone(), r1.clone()];
    numbers.extend(unit_weights(&like, |g| dpmpp_2m::increment(&step, &r0, g)));
    numbers.extend(unit_weights(&like, |g| {
        dpmpp_2m_exact::increment(&step, &r0, g)
    }));
    numbers.extend(unit_weights(&like, |g| {
        dpmpp_3m::increment(&step, &r0, &r1, g)
    }));
    numbers.extend(unit_weights(&like, |g| {
        dpmpp_3m_exact::increment(&step, &r0, &r1, g)
    }));
    numbers.try_into().unwrap()
}

#[test]
fn certified_rows_hold_what_the_definitions_give() {
    for count in [1, 7, BLOCK, 1000, 4000] {
        let table = certified_rows(&grid(), count, 256);
        assert_eq!(table.len(), count);
        for row in (0..count).filter(|i| i % (count / 23 + 1) == 0 || i + 3 > count) {
            let expected = row_by_definition(row, count, 700);
            for (k, (fast, exact)) in table[row].iter().zip(&expected).enumerate() {
                assert!(
                    fast.contains(exact.mid()),
                    "number {k} of row {row} of {count}: {fast:?} does not hold {exact:?}"
                );
            }
        }
    }
}

#[test]
fn certified_rows_are_as_narrow_as_their_precision() {
    for (count, bits) in [(5, 256), (1000, 128), (1000, 256), (4000, 256), (300, 1024)] {
        for (row, numbers) in certified_rows(&grid(), count, bits).iter().enumerate() {
            for (k, number) in numbers.iter().enumerate() {
                let exponent = i64::from(number.mid().get_exp().unwrap());
                let radius = number.radius().exponent().unwrap();
                // Half a unit in the last place is 2^(exponent - bits - 1).
                assert!(
                    radius <= exponent - i64::from(bits) + 1,
                    "number {k} of row {row} of {count} at {bits} bits: radius 2^{}",
                    radius - exponent
                );
            }
        }
    }
}

#[test]
fn scalar_rows_are_the_midpoints_to_the_last_place() {
    let balls = certified_rows(&grid(), 1000, 256);
    let scalars = scalar_rows(&grid(), 1000, 256);
    for (row, (ball, scalar)) in balls.iter().zip(&scalars).enumerate() {
        for (k, (ball, scalar)) in ball.iter().zip(scalar).enumerate() {
            let difference = Float::with_val(64, scalar - ball.mid()).abs();
            let unit = Float::with_val(64, &*ball.mid().as_abs()) >> 255_u32;
            assert!(
                difference <= unit,
                "number {k} of row {row}: {scalar} {ball:?}"
            );
        }
    }
}

#[test]
fn rows_do_not_depend_on_how_the_work_is_divided() {
    let whole = certified_rows(&grid(), 3 * BLOCK, 256);
    let parts = [0..BLOCK, BLOCK..3 * BLOCK]
        .into_iter()
        .flat_map(|range| rows::<Ball>(&grid(), 3 * BLOCK, range, 256));
    for (whole, part) in whole.iter().flatten().zip(parts.flatten()) {
        assert_eq!(*whole.mid(), *part.mid());
        assert_eq!(whole.radius(), part.radius());
    }
}
