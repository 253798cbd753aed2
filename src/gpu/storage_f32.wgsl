// Storage of four numbers: f32 as they are.

alias Pack = vec4<f32>;

fn load(packed: Pack) -> vec4<f32> {
    return packed;
}

fn store(value: vec4<f32>) -> Pack {
    return value;
}
