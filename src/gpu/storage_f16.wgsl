// Storage of four numbers: f16, two to a word, the first in the low half.
//
// The conversion uses integers alone, so that it is exact on every adapter: to nearest, ties to
// even, subnormals kept; from 65520 on infinity; a NaN stays a NaN.

alias Pack = vec2<u32>;

fn load(packed: Pack) -> vec4<f32> {
    let low = packed & vec2<u32>(0xffffu);
    let high = packed >> vec2<u32>(16u);
    return bitcast<vec4<f32>>(widened(vec4<u32>(low.x, high.x, low.y, high.y)));
}

fn store(value: vec4<f32>) -> Pack {
    let halves = narrowed(bitcast<vec4<u32>>(value));
    return vec2<u32>(halves.x | (halves.y << 16u), halves.z | (halves.w << 16u));
}

// Bits of f16 to bits of f32.
fn widened(half: vec4<u32>) -> vec4<u32> {
    let sign = (half & vec4<u32>(0x8000u)) << vec4<u32>(16u);
    let magnitude = half & vec4<u32>(0x7fffu);
    let fraction = magnitude << vec4<u32>(13u);
    // A subnormal is moved up to its leading bit, and its exponent down as far.
    let up = (countLeadingZeros(magnitude) - vec4<u32>(21u)) & vec4<u32>(31u);
    let moved = ((magnitude << up) & vec4<u32>(0x3ffu)) << vec4<u32>(13u);
    let subnormal = ((vec4<u32>(113u) - up) << vec4<u32>(23u)) + moved;
    var bits = select(fraction + vec4<u32>(0x38000000u), subnormal, magnitude < vec4<u32>(0x400u));
    bits = select(bits, vec4<u32>(0u), magnitude == vec4<u32>(0u));
    bits = select(bits, fraction | vec4<u32>(0x7f800000u), magnitude >= vec4<u32>(0x7c00u));
    return sign | bits;
}

// Bits of f32 to bits of f16.
fn narrowed(bits: vec4<u32>) -> vec4<u32> {
    let sign = (bits >> vec4<u32>(16u)) & vec4<u32>(0x8000u);
    let magnitude = bits & vec4<u32>(0x7fffffffu);
    let exponent = magnitude >> vec4<u32>(23u);
    let normal = exponent >= vec4<u32>(113u);
    // Below 2^-14 more bits are dropped; from 25 on nothing is left.
    let below = min(vec4<u32>(126u) - min(exponent, vec4<u32>(126u)), vec4<u32>(25u));
    let dropped = select(max(below, vec4<u32>(1u)), vec4<u32>(13u), normal);
    let significand = (magnitude & vec4<u32>(0x7fffffu)) | vec4<u32>(0x800000u);
    let value = select(significand, magnitude - vec4<u32>(0x38000000u), normal);
    let kept = value >> dropped;
    let rest = value & ((vec4<u32>(1u) << dropped) - vec4<u32>(1u));
    let half = vec4<u32>(1u) << (dropped - vec4<u32>(1u));
    let even = (kept & vec4<u32>(1u)) == vec4<u32>(0u);
    let up = select(vec4<u32>(0u), vec4<u32>(1u), (rest > half) | ((rest == half) & !even));
    var result = min(kept + up, vec4<u32>(0x7c00u));
    result = select(result, vec4<u32>(0x7e00u), magnitude > vec4<u32>(0x7f800000u));
    return sign | result;
}
