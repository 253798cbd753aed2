// The exponential and the reciprocal in + - * and integer operations: twin of
// src/cpu/exponential.rs, which has the derivation and the bounds.

// Hides where a number comes from, so that no driver simplifies (a + b) - b.
fn hidden(value: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(value) ^ span.zero);
}

// In the deterministic variant nothing is fused or rearranged across it.
fn exactly(value: f32) -> f32 {
    return value; //@ !barrier
    return hidden(value); //@ barrier
}

// e^t for t <= 87, within 3 x 2^-24 of the result; 0 below -87.
fn exponential(t: f32) -> f32 {
    let shifted = hidden(exactly(t * 0x1.715476p0f) + 12582912.0);
    let n = hidden(shifted - 12582912.0);
    let r = hidden(hidden(t - exactly(n * 0.693359375)) - exactly(n * -2.1219444e-4));
    var power = exactly(exactly(0x1.a01a02p-13f * r) + 0x1.6c16c2p-10f);
    power = exactly(exactly(power * r) + 0x1.111112p-7f);
    power = exactly(exactly(power * r) + 0x1.555556p-5f);
    power = exactly(exactly(power * r) + 0x1.555556p-3f);
    power = exactly(exactly(power * r) + 0.5);
    power = exactly(exactly(power * r) + 1.0);
    power = exactly(exactly(power * r) + 1.0);
    // n stands in the lowest bits, and only its lowest nine survive the shift
    let bits = bitcast<u32>(power) + (bitcast<u32>(shifted) << 23u);
    return bitcast<f32>(select(0u, bits, t >= -87.0));
}

// 1/t for 1 <= t <= 2^60, within 2.1 x 2^-24 of the result.
fn reciprocal(t: f32) -> f32 {
    var y = bitcast<f32>(0x7ef311c7u - bitcast<u32>(t));
    y = exactly(y * exactly(2.0 - exactly(t * y)));
    y = exactly(y * exactly(2.0 - exactly(t * y)));
    y = exactly(y * exactly(2.0 - exactly(t * y)));
    return exactly(y * exactly(2.0 - exactly(t * y)));
}
