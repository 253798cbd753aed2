//! The portable noise: published answers for its bits, and a number depends on its place only.

use dpm_spec::noise::{fill, fill_from, normal, normal4, philox4x32};

/// `philox4x32 10` of Random123's `kat_vectors`: counter, key, answer.
const KNOWN: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    (
        [0; 4],
        [0; 2],
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
    ),
    (
        [u32::MAX; 4],
        [u32::MAX; 2],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
    ),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ),
];

#[test]
fn words_are_the_published_answers() {
    for (counter, key, answer) in KNOWN {
        assert_eq!(philox4x32(counter, key), answer, "{counter:x?} {key:x?}");
    }
}

#[test]
fn an_element_takes_its_word_of_its_block() {
    let (seed, stream, draw) = (0x0123_4567_89ab_cdef, 5, 9);
    let mut sample = [0.0; 103];
    fill(&mut sample, seed, stream, draw);
    for (element, &made) in (0u32..).zip(&sample) {
        let counter = [element / 4, draw, stream, 0];
        let words = philox4x32(counter, [0x89ab_cdef, 0x0123_4567]);
        assert_eq!(
            made,
            normal(words[element as usize % 4]),
            "element {element}"
        );
    }
    assert_eq!(normal4(2, draw, stream, seed), sample[8..12]);
}

#[test]
fn parts_agree_with_the_whole() {
    let mut whole = [0.0; 150];
    fill(&mut whole, 1, 2, 3);
    for first in 0..70 {
        for length in 0..80 {
            let mut part = vec![0.0; length];
            fill_from(&mut part, first as u64, 1, 2, 3);
            assert_eq!(part, whole[first..first + length], "{length} from {first}");
        }
    }
}

#[test]
fn blocks_past_32_bits_use_the_last_word() {
    let mut across = [0.0; 8];
    fill_from(&mut across, 4 * u64::from(u32::MAX), 1, 2, 3);
    assert_eq!(across[..4], normal4(u32::MAX, 3, 2, 1));
    assert_eq!(across[4..], philox4x32([0, 3, 2, 1], [1, 0]).map(normal));
}

#[test]
fn every_word_of_counter_and_seed_counts() {
    let usual = normal4(0, 0, 0, 0);
    for other in [
        normal4(1, 0, 0, 0),
        normal4(0, 1, 0, 0),
        normal4(0, 0, 1, 0),
        normal4(0, 0, 0, 1),
        normal4(0, 0, 0, 1 << 32),
    ] {
        assert_ne!(other, usual);
    }
}

/// Each within five standard deviations: the first four moments, and neighbours' products.
#[test]
fn moments_are_those_of_the_normal_distribution() {
    const COUNT: usize = 1 << 18;
    let mut sample = vec![0.0; COUNT];
    fill(&mut sample, 2026, 0, 0);
    let mean = |f: &dyn Fn(usize) -> f64| (0..COUNT).map(f).sum::<f64>() / COUNT as f64;
    let z = |i: usize| f64::from(sample[i % COUNT]);
    let allowed = |variance: f64| 5.0 * (variance / COUNT as f64).sqrt();
    for (power, expected, variance) in
        [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
    {
        let moment: f64 = mean(&|i| z(i).powi(power));
        assert!(
            (moment - expected).abs() < allowed(variance),
            "moment {power}: {moment}"
        );
    }
    for lag in [1, 2, 3, 4, 32] {
        let product = mean(&|i| z(i) * z(i + lag));
        assert!(product.abs() < allowed(1.0), "lag {lag}: {product}");
    }
}
