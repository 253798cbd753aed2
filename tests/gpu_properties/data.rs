//! What a network returns: normal data, a mixture, or numbers that hurt.

use super::plans::Evaluation;
use dpm_spec::fused::Response;
use dpm_spec::solver::Side;

/// A number of 32 bits for every element of every tensor.
pub(crate) fn bits(seed: u64, tensor: usize, element: usize) -> u32 {
    let mut state = seed ^ (tensor as u64) << 40 ^ element as u64;
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        state = (state ^ state >> 30).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = state.wrapping_mul(factor);
    }
    (state >> 32) as u32
}

/// Between -1 and 1.
pub(crate) fn uniform(seed: u64, tensor: usize, element: usize) -> f64 {
    f64::from(bits(seed, tensor, element)) / 2.0_f64.powi(31) - 1.0
}

/// About standard normal.
pub(crate) fn normal(seed: u64, tensor: usize, element: usize) -> f32 {
    let part = |k: usize| uniform(seed ^ 0x5bd1, 8 * tensor + k, element);
    ((0..6).map(part).sum::<f64>() / 2.0_f64.sqrt()) as f32
}

/// Huge, tiny, subnormal, signed zeros, infinities and NaN among ordinary numbers.
pub(crate) fn hard(seed: u64, tensor: usize, element: usize) -> f32 {
    let drawn = bits(seed, tensor, element);
    let ordinary = uniform(seed, tensor + 1000, element) as f32;
    match drawn % 64 {
        0..30 => ordinary,
        30..42 => f32::from_bits(drawn.rotate_left(9)),
        42..48 => f32::from_bits(drawn >> 9),
        48..52 => -f32::from_bits(drawn >> 9),
        52..54 => 0.0,
        54..56 => -0.0,
        // Equal magnitudes cancel.
        56..59 => 1.0,
        59..62 => -1.0,
        62 => f32::INFINITY,
        _ => f32::NAN,
    }
}

/// Mean and variance of a normal component of the conditional (0) or unconditional (1) data.
fn component(seed: u64, network: usize, element: usize) -> (f64, f64) {
    let mean = 2.0 * uniform(seed, 500 + network, element);
    let spread = 0.05 + uniform(seed, 502 + network, element).abs();
    (mean, spread * spread)
}

/// What a network has to return for a data prediction, as a line in its input.
fn output(evaluation: &Evaluation, data: (f64, f64)) -> (f64, f64) {
    let Evaluation { alpha, sigma, .. } = *evaluation;
    let (slope, offset) = match evaluation.side {
        Side::Data => data,
        Side::Noise => ((1.0 - alpha * data.0) / sigma, -alpha * data.1 / sigma),
    };
    let (state, network) = evaluation.weights;
    let slope = (slope - state) / network / evaluation.input_scale;
    (slope, offset / network)
}

/// The line of a normal component: E[x_0 | x] = (mu sigma^2 + s2 alpha x)/(s2 alpha^2 + sigma^2).
pub(crate) fn line(
    evaluation: &Evaluation,
    seed: u64,
    network: usize,
    element: usize,
) -> (f64, f64) {
    let (mean, variance) = component(seed, network, element);
    let Evaluation { alpha, sigma, .. } = *evaluation;
    let total = variance * alpha * alpha + sigma * sigma;
    let data = (variance * alpha / total, mean * sigma * sigma / total);
    output(evaluation, data)
}

/// That line, as computed in f64 and rounded to f32 for inputs of at most this magnitude.
pub(crate) fn response((slope, offset): (f64, f64), magnitude: f64) -> Response {
    let size = slope.abs() * magnitude + offset.abs();
    Response {
        slope,
        offset,
        error: size * (2.0_f64.powi(-24) + 2.0_f64.powi(-50)) + 1e-44,
    }
}

/// A mixture of three normal distributions, its means moved under guidance.
pub(crate) fn mixed(evaluation: &Evaluation, network: usize, input: f32) -> f32 {
    let Evaluation { alpha, sigma, .. } = *evaluation;
    let x = f64::from(input) / evaluation.input_scale;
    let moved = 0.3 * network as f64;
    let parts = [(0.5, -1.0, 0.1), (0.3, 0.4, 0.05), (0.2, 1.5, 0.2)].map(
        |(weight, mean, variance): (f64, f64, f64)| {
            let mean = mean + moved;
            let total = variance * alpha * alpha + sigma * sigma;
            let off = x - alpha * mean;
            let density = weight.ln() - 0.5 * (off * off / total + total.ln());
            (
                density,
                (mean * sigma * sigma + variance * alpha * x) / total,
            )
        },
    );
    let top = parts
        .iter()
        .map(|(density, _)| *density)
        .fold(f64::NEG_INFINITY, f64::max);
    let weight = |density: f64| (density - top).exp();
    let total: f64 = parts.iter().map(|(density, _)| weight(*density)).sum();
    let data: f64 = parts
        .iter()
        .map(|(density, mean)| weight(*density) * mean)
        .sum();
    let (slope, offset) = output(evaluation, (0.0, data / total));
    (slope * f64::from(input) + offset) as f32
}
