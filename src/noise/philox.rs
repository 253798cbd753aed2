//! Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011),
//! section 3.3 and table 2.

/// Rounds; seven already pass BigCrush, ten are the paper's recommendation.
const ROUNDS: usize = 10;
/// Multipliers of words 0 and 2.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What the key grows by each round: the golden ratio and sqrt(3) - 1, times 2^32.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Four uniform words of 128 counter bits: for every key a bijection.
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    side_by_side(counter.map(|word| [word]), key).map(|[word]| word)
}

/// [`philox4x32`] of N counters, given and returned word by word.
#[inline(always)]
pub(super) fn side_by_side<const N: usize>(
    counters: [[u32; N]; 4],
    key: [u32; 2],
) -> [[u32; N]; 4] {
    let [mut a, mut b, mut c, mut d] = counters;
    let mut key = key;
    for _ in 0..ROUNDS {
        for lane in 0..N {
            let first = u64::from(MULTIPLIERS[0]) * u64::from(a[lane]);
            let second = u64::from(MULTIPLIERS[1]) * u64::from(c[lane]);
            a[lane] = (second >> 32) as u32 ^ b[lane] ^ key[0];
            b[lane] = second as u32;
            c[lane] = (first >> 32) as u32 ^ d[lane] ^ key[1];
            d[lane] = first as u32;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    [a, b, c, d]
}
