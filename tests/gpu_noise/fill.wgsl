// One noise; the text before this is src/gpu/noise.wgsl.

struct Wanted {
    blocks: u32,
    draw: u32,
    stream: u32,
    first: u32,
    seed: vec2<u32>,
}

@group(0) @binding(0) var<uniform> wanted: Wanted;
@group(0) @binding(1) var<storage, read_write> made: array<vec4<f32>>;

@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 64u;
    if i >= wanted.blocks {
        return;
    }
    let counter = vec4<u32>(wanted.first + i, wanted.draw, wanted.stream, 0u);
    let words = philox4x32(counter, wanted.seed);
    made[i] = vec4<f32>(normal(words.x), normal(words.y), normal(words.z), normal(words.w));
}
