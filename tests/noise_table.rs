//! The table of the portable noise is what it is said to be, and its errors are proved.
//!
//! `DPM_SPEC_BLESS=1 cargo test --features oracle --test noise_table` writes the table anew.
#![cfg(feature = "oracle")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use dpm_spec::noise::{TABLE, normal};
use rug::Float;
use rug::float::Constant;
use rug::ops::Pow;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/noise/normal.bin");
const PRECISION: u32 = 128;
/// What NOISE-ERROR-1 states.
const LARGEST_ERROR: f64 = 2.5e-8;
/// What NOISE-ERROR-2 states.
const LARGEST_MAGNITUDE: f64 = 6.337_958;

fn float(x: f64) -> Float {
    Float::with_val(PRECISION, x)
}

fn two_to(exponent: i32) -> Float {
    float(2.0).pow(exponent)
}

/// The normal density.
fn density(z: &Float) -> Float {
    let pi = Float::with_val(PRECISION, Constant::Pi);
    (-z.clone().square() / 2u32).exp() / (pi * 2u32).sqrt()
}

/// Phi(-z).
fn tail(z: &Float) -> Float {
    (z.clone() / float(2.0).sqrt()).erfc() / 2u32
}

/// z with Phi(-z) = p, for 0 < p <= 1/2, by Newton's method on ln Phi(-z), which is concave: from
/// above the root it never leaves that side.
fn quantile(p: &Float) -> Float {
    let target = p.clone().ln();
    let mut z = (target.clone() * -2i32).sqrt();
    loop {
        let there = tail(&z);
        let slope = density(&z) / &there;
        let step = (there.ln() - &target) / slope;
        z += &step;
        if step.abs() < two_to(-100) {
            return z;
        }
    }
}

/// p at the place x in [0, 1] of a segment.
fn probability(segment: usize, x: &Float) -> Float {
    let (octave, within) = (segment / 64, segment % 64);
    (float((64 + within) as f64) + x) * two_to(-8 - octave as i32)
}

/// Coefficients of z = q0 - x (q1 - x q2) through the exact quantiles at Chebyshev's three nodes,
/// rounded to nearest.
fn fitted(segment: usize) -> [u32; 3] {
    let reach = float(3.0).sqrt() / 4u32;
    let [a, b, c] = [-1, 0, 1].map(|side| float(0.5) + reach.clone() * side);
    let [za, zb, zc] = [&a, &b, &c].map(|x| quantile(&probability(segment, x)));
    // Newton's divided differences, then expanded.
    let first = (zb.clone() - &za) / (b.clone() - &a);
    let second = ((zc - &zb) / (c.clone() - &b) - &first) / (c - &a);
    let q0 = za - first.clone() * &a + second.clone() * &a * &b;
    let q1 = second.clone() * (a + b) - first;
    let scaled = [q0 * two_to(28), q1 * two_to(36), second * two_to(44)];
    scaled.map(|q| q.to_integer().unwrap().to_u32().unwrap())
}

#[test]
fn the_table_holds_the_quadratics_through_exact_quantiles() {
    let fresh: Vec<[u32; 3]> = (0..TABLE.len()).map(fitted).collect();
    if std::env::var_os("DPM_SPEC_BLESS").is_some() {
        let bytes: Vec<u8> = fresh
            .as_flattened()
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        std::fs::write(FILE, bytes).unwrap();
        return;
    }
    for (segment, (stored, fresh)) in TABLE.iter().zip(&fresh).enumerate() {
        assert_eq!(stored, fresh, "segment {segment} of {FILE}");
    }
}

/// The first and the last word w of a segment, both odd; `None` if its octave has too few.
fn words(segment: usize) -> Option<(u64, u64)> {
    let (octave, start) = (segment / 64, (64 + segment as u64 % 64) << 25);
    let first = start.div_ceil(1 << octave) | 1;
    let last = (((start + (1 << 25) - 1) >> octave) - 1) | 1;
    (first <= last).then_some((first, last))
}

/// Segments that have words, by growing w.
fn reached() -> impl Iterator<Item = (usize, u64, u64)> {
    let octaves = (0..32).rev();
    let segments = octaves.flat_map(|octave| 64 * octave..64 * (octave + 1));
    segments.filter_map(|segment| words(segment).map(|(first, last)| (segment, first, last)))
}

/// Some words of a segment: its ends, and others far apart.
fn some_words(first: u64, last: u64) -> impl Iterator<Item = u64> {
    (0..16).map(move |part| (first + (last - first) * part / 15) | 1)
}

/// The random bits of a positive number.
fn bits(word: u64) -> u32 {
    ((word - 1) / 2) as u32
}

/// Z, by the letter of NOISE-4.
fn magnitude(word: u64) -> i128 {
    let octave = 31 - i128::from(word.ilog2());
    let m = i128::from(word) << octave;
    let segment = 64 * octave + m / (1 << 25) - 64;
    let [c0, c1, c2] = TABLE[segment as usize].map(i128::from);
    let t = (m << 7) % (1 << 32);
    let e = c1 - t * c2 / (1 << 32) / (1 << 8);
    assert!(e >= 0, "word {word}: e = {e}");
    c0 - t * e / (1 << 32) / (1 << 8)
}

#[test]
fn a_number_is_what_the_clause_says() {
    for (_, first, last) in reached() {
        for word in some_words(first, last) {
            let exact = Float::with_val(24, magnitude(word)) / two_to(28);
            let (plus, minus) = (normal(bits(word)), normal(bits(word) | 1 << 31));
            assert_eq!(plus, exact.to_f32(), "word {word}");
            assert_eq!(minus, -plus, "word {word}");
        }
    }
}

#[test]
fn segments_hold_every_word_once() {
    let mut next = 1;
    for (segment, first, last) in reached() {
        assert_eq!(first, next, "segment {segment}");
        next = last + 2;
    }
    assert_eq!(next, (1 << 32) + 1);
}

/// In a segment neighbours are D = 2^(8 + o) apart in T. As T grows by D, T e grows by D e, less T
/// times what e falls by, which is at most 1 + D c2/2^40. With e >= c1 - c2/2^8 and T < 2^32, T e
/// never falls if D (c1 - 2 c2/2^8) >= 2^32.
#[test]
fn magnitudes_never_grow_with_the_word() {
    let mut before = f32::INFINITY;
    for (segment, first, last) in reached() {
        let [_, c1, c2] = TABLE[segment].map(i128::from);
        let distance = 1i128 << (8 + segment / 64);
        let growth = distance * ((c1 << 8) - 2 * c2);
        assert!(first == last || growth >= 1 << 40, "segment {segment}");
        let (largest, smallest) = (normal(bits(first)), normal(bits(last)));
        assert!(
            largest <= before && smallest <= largest,
            "segment {segment}"
        );
        before = smallest;
    }
    assert!(before > 0.0);
}

/// As magnitudes never grow, the extremes are at the ends.
#[test]
fn numbers_are_multiples_within_the_stated_range() {
    let (largest, smallest) = (magnitude(1), magnitude((1 << 32) - 1));
    assert!(smallest > 0 && largest < 1 << 31, "{smallest} to {largest}");
    let largest = f64::from(normal(bits(1)));
    assert!((largest - LARGEST_MAGNITUDE).abs() < 5e-7, "{largest}");
}

/// What a magnitude before the rounding to f32 can be off by, in three parts.
///
/// The quadratic through three values at Chebyshev's nodes: |d^3 z/dp^3| h^3/(6 * 32), with the
/// derivative (1 + 2 z^2)/phi(z)^3, largest at the lower end of p. The coefficients' rounding:
/// 2^-29 + 2^-37 + 2^-45. The integer operations: at most 2^-28, as the product is cut off downwards
/// and e is too large by less than 1.
fn bound(segment: usize) -> f64 {
    let z = quantile(&probability(segment, &float(0.0)));
    let width = two_to(-8 - (segment / 64) as i32);
    let third = (z.clone().square() * 2u32 + 1u32) / density(&z).pow(3u32);
    let fit = third * width.pow(3u32) / 192u32;
    (fit + two_to(-29) + two_to(-37) + two_to(-45) + two_to(-28)).to_f64()
}

#[test]
fn a_magnitude_is_off_its_quantile_by_less_than_stated() {
    let mut worst = (0.0, 0.0);
    for (segment, first, last) in reached() {
        let bound = bound(segment);
        for word in some_words(first, last).step_by(3) {
            let exact = quantile(&(float(word as f64) * two_to(-33)));
            let made = Float::with_val(PRECISION, magnitude(word)) / two_to(28);
            let error = (made - exact).abs().to_f64();
            assert!(error <= bound, "word {word}: {error:e} > {bound:e}");
            worst = (error.max(worst.0), bound.max(worst.1));
        }
    }
    let (seen, bound) = worst;
    eprintln!("largest error seen {seen:.3e}, proved {bound:.3e}");
    assert!(
        bound < LARGEST_ERROR && seen > bound / 2.0,
        "{seen:e}, {bound:e}"
    );
}
