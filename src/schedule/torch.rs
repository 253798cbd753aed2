//! The betas of PyTorch-based libraries bit for bit: float32 linspace, float32 products.
//!
//! Without these bits no plan matches the library it imitates: lambda moves by up to 8e-5.
//! `torch.linspace` fuses `start + step*i` (first half) and `end - step*(n-1-i)` (second half) into
//! one rounding; `torch.cumprod` accumulates in float64 and rounds each partial product.
//! Measured against PyTorch 2.15 on x86-64 (`tests/cross/`).

use super::BetaCurve;

/// `alphas_cumprod` as float32, highest noise level last.
pub(super) fn alphas_cumprod(curve: BetaCurve, count: usize, start: f64, end: f64) -> Vec<f32> {
    let betas = match curve {
        BetaCurve::Linear => linspace(start as f32, end as f32, count),
        BetaCurve::ScaledLinear => linspace(start.sqrt() as f32, end.sqrt() as f32, count)
            .into_iter()
            .map(|b| b * b)
            .collect(),
        BetaCurve::Cosine => cosine(count),
    };
    cumulative_products(betas.into_iter().map(|beta| 1.0 - beta))
}

fn linspace(start: f32, end: f32, count: usize) -> Vec<f32> {
    let step = (end - start) / (count.saturating_sub(1).max(1)) as f32;
    let fused = |i: usize| match i < count / 2 {
        true => step.mul_add(i as f32, start),
        false => (-step).mul_add((count - 1 - i) as f32, end),
    };
    (0..count).map(fused).collect()
}

fn cosine(count: usize) -> Vec<f32> {
    let bar = |t: f64| {
        ((t + 0.008) / 1.008 * std::f64::consts::PI / 2.0)
            .cos()
            .powi(2)
    };
    let n = count as f64;
    (0..count)
        .map(|i| (1.0 - bar((i + 1) as f64 / n) / bar(i as f64 / n)).min(0.999) as f32)
        .collect()
}

fn cumulative_products(factors: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut product = 1.0_f64;
    factors
        .map(|factor| {
            product *= f64::from(factor);
            product as f32
        })
        .collect()
}

/// `rescale_zero_terminal_snr` (Lin et al. 2023, arXiv 2305.08891, Alg. 1) in float32, operation by
/// operation, with correctly rounded square roots (PyTorch's are not on every machine); the last
/// entry, which comes out as 0, becomes `last`.
pub(super) fn rescaled(products: &[f32], last_abar: f32) -> Vec<f32> {
    let roots: Vec<f32> = products.iter().map(|p| p.sqrt()).collect();
    let (Some(&first), Some(&last)) = (roots.first(), roots.last()) else {
        return Vec::new();
    };
    let scale = first / (first - last);
    let squares: Vec<f32> = roots
        .iter()
        .map(|root| {
            let shifted = (root - last) * scale;
            shifted * shifted
        })
        .collect();
    let alphas = squares.iter().enumerate().map(|(i, square)| match i {
        0 => *square,
        _ => square / squares[i - 1],
    });
    let betas: Vec<f32> = alphas.map(|alpha| 1.0 - alpha).collect();
    let mut products = cumulative_products(betas.into_iter().map(|beta| 1.0 - beta));
    if let Some(end) = products.last_mut() {
        *end = last_abar;
    }
    products
}
