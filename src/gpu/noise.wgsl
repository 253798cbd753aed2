// The portable noise, spec/noise.md: the bits of src/noise, by operations on u32 alone.

// Three words a segment: 24 KiB (src/noise/inverse.rs).
@group(0) @binding(8) var<storage, read> normal_table: array<u32>;

// The upper half of a 64-bit product.
fn high_product(a: u32, b: u32) -> u32 {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let left = (a >> 16u) * (b & 0xffffu);
    let right = (a & 0xffffu) * (b >> 16u);
    let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// Philox4x32-10 (Salmon et al. 2011, section 3.3).
fn philox4x32(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
    var words = counter;
    var key = seed;
    for (var round = 0u; round < 10u; round++) {
        words = vec4<u32>(
            high_product(0xcd9e8d57u, words.z) ^ words.y ^ key.x,
            0xcd9e8d57u * words.z,
            high_product(0xd2511f53u, words.x) ^ words.w ^ key.y,
            0xd2511f53u * words.x,
        );
        key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
    }
    return words;
}

// The normal number of 32 uniform bits.
fn normal(bits: u32) -> f32 {
    let tail = (bits << 1u) | 1u;
    let octave = countLeadingZeros(tail);
    let scaled = tail << octave;
    let segment = 3u * ((octave << 6u) | ((scaled >> 25u) & 63u));
    let place = scaled << 7u;
    let slope = normal_table[segment + 1u] - (high_product(place, normal_table[segment + 2u]) >> 8u);
    let magnitude = normal_table[segment] - (high_product(place, slope) >> 8u);
    // magnitude/2^28 is never 0. Rounding to 24 bits, ties to even, may carry into the exponent,
    // which the first of the 24 increments in any case.
    let zeros = countLeadingZeros(magnitude);
    let aligned = magnitude << zeros;
    let kept = aligned >> 8u;
    let rounded = kept + (((aligned & 255u) + 127u + (kept & 1u)) >> 8u);
    return bitcast<f32>((bits & 0x80000000u) | (((129u - zeros) << 23u) + rounded));
}
