//! Samples that are hard to order, and their quantile by sorting; shared by
//! `#[path = "quantiles/mod.rs"] mod quantiles;`.

/// Numerator and denominator: whole ranks, ranks between, the ends.
pub(crate) const RATIOS: [(i128, i128); 6] =
    [(1, 2), (199, 200), (1, 1), (1, 1000), (7, 9), (9, 10)];

/// The quantile of |x| of a non-empty sample at rank ratio (n - 1), linear between neighbours; NaN
/// if there is a NaN.
pub(crate) fn sorted(sample: &[f32], (num, den): (i128, i128)) -> f32 {
    if sample.iter().any(|x| x.is_nan()) {
        return f32::NAN;
    }
    let mut sizes: Vec<f32> = sample.iter().map(|x| x.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let rank = num * (sizes.len() as i128 - 1);
    let (below, fraction) = ((rank / den) as usize, (rank % den) as f64 / den as f64);
    match sizes.get(below + 1) {
        None => sizes[below],
        Some(next) => sizes[below] + (next - sizes[below]) * fraction as f32,
    }
}

/// Equal bits, or both NaN.
pub(crate) fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// Samples of a length, each with its name.
pub(crate) fn kinds(length: usize) -> Vec<(&'static str, Vec<f32>)> {
    let make = |element: &dyn Fn(usize, u32) -> f32| -> Vec<f32> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        (0..length)
            .map(|i| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                element(i, (state >> 32) as u32)
            })
            .collect()
    };
    let sign = |bits: u32| if bits & 1 == 0 { 1.0 } else { -1.0 };
    let any = |bits: u32| match f32::from_bits(bits) {
        x if x.is_nan() => 1.0,
        x => x,
    };
    vec![
        ("any bits", make(&|_, bits| any(bits))),
        ("around one", make(&|_, bits| bits as f32 / 2e9 - 1.0)),
        ("ties", make(&|_, bits| sign(bits) * (bits >> 29) as f32)),
        ("zeros", make(&|_, bits| sign(bits) * 0.0)),
        ("equal", make(&|_, bits| sign(bits) * 2.5)),
        (
            "subnormals",
            make(&|_, bits| f32::from_bits(bits & 0x807f_ffff)),
        ),
        (
            "close neighbours",
            make(&|_, bits| f32::from_bits(0x4049_0f00 | bits & 0x8000_00ff)),
        ),
        (
            "some infinite",
            make(&|_, bits| {
                if bits >> 29 == 0 {
                    sign(bits) * f32::INFINITY
                } else {
                    any(bits)
                }
            }),
        ),
        (
            "one NaN",
            make(&|i, bits| {
                if i == length / 2 {
                    -f32::NAN
                } else {
                    any(bits)
                }
            }),
        ),
    ]
}
