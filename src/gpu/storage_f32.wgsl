// Storage of four numbers in 16 bytes: f32 as they are.

alias Pack = vec4<f32>;
alias Value = vec4<f32>;

fn load(packed: Pack) -> Value {
    return packed;
}

fn store(value: Value) -> Pack {
    return value;
}

// The value with its bits combined with a zero.
fn masked(value: Value, zero: u32) -> Value {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(value) ^ vec4<u32>(zero));
}

// A NaN stays one.
fn clipped(value: Value, bound: f32) -> Value {
    let below = select(value, vec4<f32>(bound), value > vec4<f32>(bound));
    return select(below, vec4<f32>(-bound), below < vec4<f32>(-bound));
}

// One of two values.
fn chosen(first: Value, second: Value, take_second: bool) -> Value {
    return select(first, second, take_second);
}
