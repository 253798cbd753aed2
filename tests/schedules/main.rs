//! Schedules against their definitions, evaluated naively with many digits, and against PyTorch.
#![cfg(feature = "oracle")]

mod definitions;
mod tables;

use dpm_spec::Code;
use dpm_spec::arithmetic::{Ball, Rational, Real, parse_rational, rational};
use dpm_spec::schedule::{Curve, Lambda, Point, Schedule};
use rug::Float;
use rug::float::Constant;
use std::collections::BTreeMap;

const NAIVE: u32 = 700;

const DERIVED: u32 = 200;

fn schedule(id: &str) -> Schedule {
    Schedule::parse(id).unwrap()
}

fn number(value: Rational) -> Float {
    Float::with_val(NAIVE, *value.numer()) / Float::with_val(NAIVE, *value.denom())
}

fn one() -> Float {
    Float::with_val(NAIVE, 1)
}

fn cosine_angle(t: &Float, s: &Float) -> Float {
    let pi = Float::with_val(NAIVE, Constant::Pi);
    pi / 2u32 * (t.clone() + s) / (one() + s)
}

const CONTINUOUS: &[(&str, &[&str])] = &[
    (
        "vp-linear",
        &["1e-6", "1e-3", "0.01", "1/3", "0.7", "0.999", "1"],
    ),
    (
        "vp-cosine",
        &["1e-6", "1e-3", "0.01", "1/3", "0.7", "0.9946", "0.999999"],
    ),
    ("edm", &["1e-9", "0.002", "0.5", "1", "80", "1e9"]),
    (
        "flow:shift=3",
        &["1e-6", "1e-3", "1/3", "1/4", "0.999", "0.999999"],
    ),
];

fn lambda<T: Clone>(point: &Point<T>) -> T {
    point.lambda.finite().expect("a finite lambda").clone()
}

fn relative(computed: &Float, exact: &Float) -> f64 {
    let error = Float::with_val(NAIVE, computed - exact);
    if exact.is_zero() {
        return error.abs().to_f64();
    }
    (error / exact).abs().to_f64()
}
