//! f64 and f32 plans from double-double are right to the last bit; what plain arithmetic loses.
//!
//! `DPM_SPEC_BLESS=1 cargo test --features full --test precision` rewrites `docs/precision.md`.
#![cfg(feature = "oracle")]

use dpm_spec::arithmetic::{Ball, DoubleDouble, rational};
use dpm_spec::grid::Grid;
use dpm_spec::plan::{Instruction, Plan, Request, derive};
use dpm_spec::recipe::Recipe;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use rug::Float;
use rug::ops::Pow;
use std::fmt::Write;

const BITS: u32 = 320;

/// The quantities of the table.
const QUANTITIES: [&str; 5] = ["alpha", "sigma", "lambda", "conversions", "step weights"];

/// Counts and worst errors of one arithmetic for one quantity.
#[derive(Clone, Copy, Default)]
struct Tally {
    values: usize,
    wrong: usize,
    /// Worst error in half-ulp units u, relative to the value (weights: to the row's largest entry, at least 1).
    worst: f64,
}

impl Tally {
    fn add(&mut self, exact: &Float, got: f64, single: bool, row: f64) {
        self.values += 1;
        let right = if single {
            f64::from(exact.to_f32())
        } else {
            exact.to_f64()
        };
        self.wrong += usize::from(right.to_bits() != got.to_bits());
        let u = if single {
            2.0_f64.powi(-24)
        } else {
            2.0_f64.powi(-53)
        };
        let scale = if row == 0.0 {
            exact.to_f64().abs()
        } else {
            row.max(1.0)
        };
        let error = Float::with_val(BITS, exact - got).to_f64().abs();
        if scale > 0.0 {
            self.worst = self.worst.max(error / scale / u);
        }
    }
}

/// Walks two plans side by side: (quantity, exact, got, the row's largest entry or 0).
fn walk<T>(exact: &Plan<Float>, got: &Plan<T>, mut visit: impl FnMut(usize, &Float, &T, f64)) {
    for (a, b) in exact.nodes.iter().zip(&got.nodes) {
        visit(0, &a.point.alpha, &b.point.alpha, 0.0);
        visit(1, &a.point.sigma, &b.point.sigma, 0.0);
        if let (Some(x), Some(y)) = (a.point.lambda.finite(), b.point.lambda.finite()) {
            visit(2, x, y, 0.0);
        }
    }
    for pair in exact.program.iter().zip(&got.program) {
        match pair {
            (
                Instruction::Evaluate {
                    state_weight: s,
                    output_weight: o,
                    ..
                },
                Instruction::Evaluate {
                    state_weight: t,
                    output_weight: p,
                    ..
                },
            ) => {
                visit(3, s, t, 0.0);
                visit(3, o, p, 0.0);
            }
            (Instruction::Combine { terms: a, .. }, Instruction::Combine { terms: b, .. }) => {
                let row = a
                    .iter()
                    .map(|(_, weight)| weight.to_f64().abs())
                    .fold(0.0, f64::max);
                for ((_, x), (_, y)) in a.iter().zip(b) {
                    visit(4, x, y, row);
                }
            }
            _ => panic!("the programs differ"),
        }
    }
}

/// Arithmetics of the table, in columns.
const COLUMNS: [&str; 4] = ["f64", "double-double to f64", "f32", "double-double to f32"];

fn measure(request: &Request) -> [[Tally; 5]; 4] {
    let exact = derive(request, &Ball::exact(Float::with_val(BITS, 1))).expect("ball");
    let exact = exact.try_map(|ball, _| {
        let width = Float::with_val(64, ball.upper(BITS) - ball.lower(BITS));
        let bound = Float::with_val(64, ball.mid().abs_ref()) * Float::with_val(64, 2).pow(-200);
        assert!(width <= bound, "an enclosure of relative width over 2^-200");
        Ok(ball.mid().clone())
    });
    let exact = exact.expect("widths");
    let mut tallies = [[Tally::default(); 5]; 4];
    let double = derive(request, &1.0_f64).expect("f64");
    walk(&exact, &double, |q, x, y, row| {
        tallies[0][q].add(x, *y, false, row)
    });
    let single = derive(request, &1.0_f32).expect("f32");
    walk(&exact, &single, |q, x, y, row| {
        tallies[2][q].add(x, f64::from(*y), true, row)
    });
    let pair = derive(request, &DoubleDouble::ONE).expect("double-double");
    walk(&exact, &pair, |q, x, y, row| {
        tallies[1][q].add(x, y.hi(), false, row);
        tallies[3][q].add(x, f64::from(y.to_f32()), true, row);
    });
    tallies
}

fn request(
    solver: &str,
    schedule: &str,
    grid: &str,
    steps: usize,
    end: Option<(i128, i128)>,
) -> Request {
    let schedule = Schedule::parse(schedule).expect(schedule);
    let recipe = Recipe::new(Solver::parse(solver).expect(solver), &schedule);
    let start = schedule.domain().0;
    let domain = end.map(|(num, den)| (start, rational(num, den)));
    Request {
        domain,
        ..Request::new(recipe, schedule, Grid::parse(grid).expect(grid), steps)
    }
}

/// Every solver over the whole domain: uniform time down to 1e-6, and the usual lambda grids.
fn cases() -> Vec<(&'static str, Vec<Request>)> {
    let all =
        |schedule: &str, grid: &str, steps: usize, end: Option<(i128, i128)>| -> Vec<Request> {
            Solver::ENTRIES
                .iter()
                .map(|entry| request(entry.id, schedule, grid, steps, end))
                .collect()
        };
    vec![
        (
            "vp-linear, uniform t from 1 to 1e-6, 100 steps",
            all("vp-linear", "time", 100, Some((1, 1_000_000))),
        ),
        (
            "vp-linear, uniform lambda down to t = 1e-6, 50 steps",
            all("vp-linear", "lambda", 50, Some((1, 1_000_000))),
        ),
        (
            "vp-cosine, uniform lambda down to t = 1e-6, 50 steps",
            all("vp-cosine", "lambda", 50, Some((1, 1_000_000))),
        ),
        (
            "discrete-scaled-linear, Karras grid, 20 steps",
            all("discrete-scaled-linear", "karras", 20, None),
        ),
    ]
}

fn merged(requests: &[Request]) -> [[Tally; 5]; 4] {
    let mut total = [[Tally::default(); 5]; 4];
    for request in requests {
        for (sum, tallies) in total
            .iter_mut()
            .flatten()
            .zip(measure(request).iter().flatten())
        {
            sum.values += tallies.values;
            sum.wrong += tallies.wrong;
            sum.worst = sum.worst.max(tallies.worst);
        }
    }
    total
}

#[test]
fn double_double_plans_are_correctly_rounded_and_the_page_says_what_plain_ones_lose() {
    let mut page = String::from(
        "<!-- Generated: DPM_SPEC_BLESS=1 cargo test --features full --test precision -->\n\
         # What plain arithmetic loses\n\n\
         Worst error over every solver of the catalogue, in u = 2^-53 (f64) or 2^-24 (f32): relative for alpha,\n\
         sigma, lambda and conversions; for step weights in units of the row's largest entry (at least 1).\n\
         A correctly rounded value is within 1 u. In brackets: the share of values that are not the\n\
         correctly rounded ones. The reference is an enclosure of 320 bits.\n",
    );
    for (name, requests) in cases() {
        let total = merged(&requests);
        writeln!(
            page,
            "\n## {name}\n\n| quantity | {} |\n|---|---|---|---|---|",
            COLUMNS.join(" | ")
        )
        .expect("text");
        for (q, quantity) in QUANTITIES.iter().enumerate() {
            let cells: Vec<String> = total.iter().map(|column| cell(column[q])).collect();
            writeln!(page, "| {quantity} | {} |", cells.join(" | ")).expect("text");
        }
        for column in [1, 3] {
            let values: usize = total[column].iter().map(|tally| tally.values).sum();
            let wrong: usize = total[column].iter().map(|tally| tally.wrong).sum();
            assert!(
                wrong * 1000 <= values,
                "{name}, {}: {wrong} of {values} not correctly rounded",
                COLUMNS[column]
            );
            for (tally, quantity) in total[column].iter().zip(QUANTITIES) {
                assert!(
                    tally.worst <= 2.0,
                    "{name}, {}, {quantity}: {} u",
                    COLUMNS[column],
                    tally.worst
                );
            }
        }
    }
    compare_or_bless(&page);
}

fn cell(tally: Tally) -> String {
    let worst = match tally.worst {
        w if w < 10.0 => format!("{w:.1}"),
        w if w < 1e4 => format!("{w:.0}"),
        w => format!("{w:.0e}"),
    };
    let share = 100.0 * tally.wrong as f64 / tally.values.max(1) as f64;
    if tally.wrong == 0 {
        format!("{worst} (0)")
    } else {
        format!("{worst} ({share:.0} %)")
    }
}

/// The page must say what was measured, to the letter but for the plain columns: those may differ
/// by a third (at least 1 u), as platforms' elementary functions do.
fn compare_or_bless(page: &str) {
    let path = "docs/precision.md";
    if std::env::var_os("DPM_SPEC_BLESS").is_some() {
        std::fs::write(path, page).expect("write the page");
        return;
    }
    let committed = std::fs::read_to_string(path).expect("docs/precision.md");
    assert_eq!(
        committed.lines().count(),
        page.lines().count(),
        "{path} is stale: regenerate it"
    );
    for (old, new) in committed.lines().zip(page.lines()) {
        let (olds, news): (Vec<&str>, Vec<&str>) =
            (old.split('|').collect(), new.split('|').collect());
        assert_eq!(olds.len(), news.len(), "{path} says {old}, measured {new}");
        for (column, (old, new)) in olds.iter().zip(&news).enumerate() {
            // | quantity | f64 | double-double to f64 | f32 | double-double to f32 |
            let plain = column == 2 || column == 4;
            assert!(
                old == new || (plain && near(old, new)),
                "{path} says {old}, measured {new}: regenerate it"
            );
        }
    }
}

/// Whether the numbers of two cells differ by at most a third of the larger, or by 1.
fn near(old: &str, new: &str) -> bool {
    let numbers = |cell: &str| -> Vec<f64> {
        let words = cell.split_whitespace();
        let words = words.map(|word| word.trim_matches(['(', ')']));
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let (old, new) = (numbers(old), numbers(new));
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= (a.abs().max(b.abs()) / 3.0).max(1.0);
    !old.is_empty() && old.len() == new.len() && old.iter().zip(&new).all(close)
}

/// The weights of exact integration for every positive finite f16 step size, and dense in f32.
#[test]
fn weights_are_correctly_rounded_for_every_f16_step_and_dense_f32_steps() {
    let f16 = (1_u16..0x7c00).map(half);
    let f32_steps = (0..20_000_u32).map(|i| f64::from(f32::from_bits(0x3380_0000 + i * 11_003)));
    let mut tallies = [Tally::default(); 2];
    for h in f16.chain(f32_steps) {
        for (ball, pair) in weights(h) {
            let exact = ball.mid();
            let (double, single) = (pair.hi(), f64::from(pair.to_f32()));
            if !double.is_finite() {
                // A plan refuses it as E-NONFINITE; allowed only where e^h is beyond f64.
                assert!(h.exp().is_infinite(), "h = {h:e}");
                continue;
            }
            tallies[0].add(exact, double, false, 0.0);
            match exact.to_f32().is_infinite() {
                true => assert_eq!(single, f64::from(exact.to_f32()), "h = {h:e}"),
                false if exact.to_f32().is_normal() => tallies[1].add(exact, single, true, 0.0),
                false => assert_eq!(single, f64::from(exact.to_f32()), "h = {h:e}"),
            }
        }
    }
    for (tally, format) in tallies.iter().zip(["f64", "f32"]) {
        let Tally {
            values,
            wrong,
            worst,
        } = tally;
        println!("{format}: {wrong} of {values} not correctly rounded, worst {worst} u");
        assert!(wrong * 1000 <= *values, "{format}: {wrong} of {values}");
        assert!(*worst <= 2.0, "{format}: {worst} u");
    }
}

/// H_1, H_2, H_3 at c = -1 and +1.
fn weights(h: f64) -> Vec<(Ball, DoubleDouble)> {
    let (ball, pair) = (Ball::exact(Float::with_val(192, h)), DoubleDouble::exact(h));
    let each = |c: i128, k: u32| {
        let (cb, cp) = (
            dpm_spec::arithmetic::Field::like(&ball, c, 1),
            dpm_spec::arithmetic::Field::like(&pair, c, 1),
        );
        let steps = (
            dpm_spec::solver::Step::new(ball.clone(), &cb),
            dpm_spec::solver::Step::new(pair, &cp),
        );
        (steps.0.h_phi(k), steps.1.h_phi(k))
    };
    [-1, 1]
        .into_iter()
        .flat_map(|c| (1..=3).map(move |k| (c, k)))
        .map(|(c, k)| each(c, k))
        .collect()
}

/// The value of a binary16.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10), f64::from(bits & 0x3ff));
    match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        _ => (1024.0 + fraction) * 2.0_f64.powi(exponent - 25),
    }
}
