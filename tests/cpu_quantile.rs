//! The quantile of magnitudes is that of a plain sort, and thresholding that of the reference, bit
//! for bit.
#![cfg(feature = "cpu")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

#[path = "quantiles/mod.rs"]
mod quantiles;

use dpm_spec::arithmetic::rational;
use dpm_spec::cpu::{quantile, threshold};
use dpm_spec::threshold::Threshold;
use proptest::prelude::*;
use quantiles::{RATIOS, kinds, same, sorted};

#[test]
fn the_quantile_is_linear_between_the_neighbours_of_rank_p_times_n_minus_one() {
    let sample = [-4.0, 1.0, 3.0, -2.0];
    for ((num, den), wanted) in [
        ((1, 2), 2.5),
        ((1, 3), 2.0),
        ((1, 1), 4.0),
        ((11, 12), 3.75),
        ((1, 6), 1.5),
    ] {
        assert_eq!(quantile(&sample, rational(num, den)), wanted, "{num}/{den}");
    }
    assert_eq!(quantile(&[-7.0], rational(1, 2)), 7.0);
    assert!(quantile(&[], rational(1, 2)).is_nan());
    for ratio in [rational(-1, 2), rational(0, 1), rational(3, 2)] {
        assert!(quantile(&[1.0, 2.0], ratio).is_nan(), "{ratio}");
    }
    assert!(quantile(&[1.0, f32::NAN, 2.0], rational(1, 3)).is_nan());
    // Between two infinities lies nothing; at one of them lies it.
    let infinite = [f32::INFINITY, f32::NEG_INFINITY, 1.0];
    assert!(quantile(&infinite, rational(3, 4)).is_nan());
    assert_eq!(quantile(&infinite, rational(1, 1)), f32::INFINITY);
}

#[test]
fn quantiles_of_all_sizes_and_kinds_equal_a_sort() {
    for length in [
        1,
        2,
        3,
        17,
        255,
        4097,
        (1 << 16) - 1,
        1 << 16,
        (1 << 16) + 1,
    ] {
        for (kind, sample) in kinds(length) {
            for ratio in RATIOS {
                let (got, wanted) = (
                    quantile(&sample, rational(ratio.0, ratio.1)),
                    sorted(&sample, ratio),
                );
                assert!(
                    same(got, wanted),
                    "{length} {kind}, {ratio:?}: {got:e} instead of {wanted:e}"
                );
            }
        }
    }
}

#[test]
fn a_batch_on_all_threads_has_the_quantiles_of_its_samples() {
    let elements = 12_345;
    let batch: Vec<f32> = kinds(elements)
        .into_iter()
        .flat_map(|(_, sample)| sample)
        .collect();
    assert!(batch.len() > 1 << 16);
    let ratio = rational(199, 200);
    let all = dpm_spec::cpu::quantiles(&batch, elements, ratio);
    assert_eq!(all.len(), batch.len() / elements);
    for (got, sample) in all.iter().zip(batch.chunks(elements)) {
        assert!(same(*got, quantile(sample, ratio)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_are_thresholded_as_by_the_reference(
        bits in prop::collection::vec(any::<u32>(), 1..200),
        exponents in 0_u32..4,
        ratio in (1_i128..=1000).prop_map(|num| (num, 1000)),
        max in prop::option::of(1_i128..100),
        dynamic in any::<bool>(),
    ) {
        // Anything, or numbers of few exponents, of which many are equal or close.
        let sample: Vec<f32> = bits
            .iter()
            .map(|bits| match exponents {
                0 => f32::from_bits(*bits),
                1 => f32::from_bits(0x3f80_0000 | bits & 0x81ff_fff0),
                2 => f32::from_bits(0x4000_0000 | bits & 0x8300_0003),
                _ => f32::from_bits(bits & 0x8080_0007),
            })
            .collect();
        let wanted = sorted(&sample, ratio);
        let got = quantile(&sample, rational(ratio.0, ratio.1));
        prop_assert!(same(got, wanted), "{:e} instead of {:e}", got, wanted);
        let rule = match dynamic {
            true => Threshold::Dynamic {
                ratio: rational(ratio.0, ratio.1),
                max: max.map(|max| rational(max, 1)),
            },
            false => Threshold::Static { bound: rational(max.unwrap_or(1), 3) },
        };
        let (mut got, mut wanted) = (sample.clone(), sample);
        threshold(rule, &mut got);
        rule.apply(&mut wanted);
        for (got, wanted) in got.iter().zip(&wanted) {
            prop_assert!(same(*got, *wanted), "{:e} instead of {:e}", got, wanted);
        }
    }
}
