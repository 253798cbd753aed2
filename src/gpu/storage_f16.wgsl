// Storage of eight numbers in 16 bytes: f16, two to a word, the first in the low half.
//
// The conversion uses integers and one exact difference, so that it is exact on every adapter: to
// nearest, ties to even, subnormals kept; from 65520 on infinity; a NaN stays one.

alias Pack = vec4<u32>;
alias Value = mat2x4<f32>;

fn load(packed: Pack) -> Value {
    return Value(loaded(packed.xy), loaded(packed.zw));
}

fn store(value: Value) -> Pack {
    return vec4<u32>(stored(value[0]), stored(value[1]));
}

fn loaded(packed: vec2<u32>) -> vec4<f32> {
    let low = packed & vec2<u32>(0xffffu);
    let high = packed >> vec2<u32>(16u);
    return bitcast<vec4<f32>>(widened(vec4<u32>(low.x, high.x, low.y, high.y)));
}

fn stored(value: vec4<f32>) -> vec2<u32> {
    let halves = narrowed(bitcast<vec4<u32>>(value));
    return halves.xz | (halves.yw << vec2<u32>(16u));
}

// Bits of f16 to bits of f32.
fn widened(half: vec4<u32>) -> vec4<u32> {
    let magnitude = half & vec4<u32>(0x7fffu);
    let fraction = magnitude << vec4<u32>(13u);
    // 2^-14 (1 + fraction) less 2^-14 is exact; a zero keeps no sign of the rounding mode.
    let above = bitcast<vec4<f32>>(fraction + vec4<u32>(0x38800000u));
    let subnormal = bitcast<vec4<u32>>(above - vec4<f32>(0x1p-14f)) & vec4<u32>(0x7fffffffu);
    var bits = select(fraction + vec4<u32>(0x38000000u), subnormal, magnitude < vec4<u32>(0x400u));
    bits = select(bits, fraction | vec4<u32>(0x7f800000u), magnitude >= vec4<u32>(0x7c00u));
    return bits | ((half & vec4<u32>(0x8000u)) << vec4<u32>(16u));
}

// Bits of f32 to bits of f16.
fn narrowed(bits: vec4<u32>) -> vec4<u32> {
    let magnitude = bits & vec4<u32>(0x7fffffffu);
    let exponent = magnitude >> vec4<u32>(23u);
    let significand = (magnitude & vec4<u32>(0x7fffffu)) | vec4<u32>(0x800000u);
    // 13 bits are dropped, below 2^-14 more; from 25 on nothing is left.
    let dropped = min(vec4<u32>(126u) - min(exponent, vec4<u32>(113u)), vec4<u32>(25u));
    let odd = (significand >> dropped) & vec4<u32>(1u);
    let half = (vec4<u32>(1u) << (dropped - vec4<u32>(1u))) - vec4<u32>(1u);
    let kept = (significand + half + odd) >> dropped;
    // The leading bit and a carry add to the exponent.
    let low = (max(exponent, vec4<u32>(113u)) - vec4<u32>(113u)) << vec4<u32>(10u);
    let finite = min(low + kept, vec4<u32>(0x7c00u));
    let result = select(finite, vec4<u32>(0x7e00u), magnitude > vec4<u32>(0x7f800000u));
    return result | ((bits >> vec4<u32>(16u)) & vec4<u32>(0x8000u));
}

// The value with its bits combined with a zero.
fn masked(value: Value, zero: u32) -> Value {
    return Value(masked4(value[0], zero), masked4(value[1], zero));
}

fn masked4(value: vec4<f32>, zero: u32) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(value) ^ vec4<u32>(zero));
}

// A NaN stays one.
fn clipped(value: Value, bound: f32) -> Value {
    return Value(clipped4(value[0], bound), clipped4(value[1], bound));
}

fn clipped4(value: vec4<f32>, bound: f32) -> vec4<f32> {
    let below = select(value, vec4<f32>(bound), value > vec4<f32>(bound));
    return select(below, vec4<f32>(-bound), below < vec4<f32>(-bound));
}

// One of two values.
fn chosen(first: Value, second: Value, take_second: bool) -> Value {
    return Value(select(first[0], second[0], take_second), select(first[1], second[1], take_second));
}
