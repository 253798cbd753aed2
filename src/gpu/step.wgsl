// One fused step: converts what the network returned, applies guidance, makes the next state and
// keeps the prediction, in one reading and one writing of every array.
//
// A line that ends in `//@ a !b` belongs to the variants that have feature a and lack b
// (src/gpu/shader.rs). The text before this file is storage_f32.wgsl or storage_f16.wgsl.

struct Row {
    state: f32,
    conditional: f32,
    unconditional: f32,
    clip: f32,
    base: f32,
    converted: f32,
    noise: f32,
    // 0; unknown to the compiler, so that what it is combined with cannot be rearranged.
    zero: u32,
    output1: f32,
    output2: f32,
    output3: f32,
    output4: f32,
    output5: f32,
    output6: f32,
    output7: f32,
    draw: u32,
}

struct Span {
    // Packs in this span, and the first one's number in the tensor.
    packs: u32,
    first: u32,
    // Elements of one sample.
    elements: u32,
    // The sample that the first pack begins in, and the elements of it before the pack.
    stream: u32,
    seed: vec2<u32>,
    offset: u32,
}

@group(0) @binding(0) var<uniform> row: Row;
@group(0) @binding(1) var<uniform> span: Span;
@group(0) @binding(2) var<storage, read> conditional: array<Pack>; //@ conversion
@group(0) @binding(3) var<storage, read> unconditional: array<Pack>; //@ unconditional
@group(0) @binding(4) var<storage, read> shown: array<Pack>; //@ shown !over_shown
@group(0) @binding(4) var<storage, read_write> shown: array<Pack>; //@ over_shown
@group(0) @binding(5) var<storage, read> base: array<Pack>; //@ base !over_base
@group(0) @binding(5) var<storage, read_write> base: array<Pack>; //@ over_base
@group(0) @binding(6) var<storage, read_write> made: array<Pack>; //@ over_none
@group(0) @binding(7) var<storage, read_write> kept: array<Pack>; //@ keep_none
@group(0) @binding(8) var<storage, read> noise: array<Pack>; //@ noise
@group(0) @binding(9) var<storage, read> output1: array<Pack>; //@ output1 !keep_output1
@group(0) @binding(9) var<storage, read_write> output1: array<Pack>; //@ keep_output1
@group(0) @binding(10) var<storage, read> output2: array<Pack>; //@ output2 !keep_output2
@group(0) @binding(10) var<storage, read_write> output2: array<Pack>; //@ keep_output2
@group(0) @binding(11) var<storage, read> output3: array<Pack>; //@ output3 !keep_output3
@group(0) @binding(11) var<storage, read_write> output3: array<Pack>; //@ keep_output3
@group(0) @binding(12) var<storage, read> output4: array<Pack>; //@ output4 !keep_output4
@group(0) @binding(12) var<storage, read_write> output4: array<Pack>; //@ keep_output4
@group(0) @binding(13) var<storage, read> output5: array<Pack>; //@ output5 !keep_output5
@group(0) @binding(13) var<storage, read_write> output5: array<Pack>; //@ keep_output5
@group(0) @binding(14) var<storage, read> output6: array<Pack>; //@ output6 !keep_output6
@group(0) @binding(14) var<storage, read_write> output6: array<Pack>; //@ keep_output6
@group(0) @binding(15) var<storage, read> output7: array<Pack>; //@ output7 !keep_output7
@group(0) @binding(15) var<storage, read_write> output7: array<Pack>; //@ keep_output7

// Hides where a number comes from: the compiler can neither fuse nor rearrange across it.
fn exactly(value: Value) -> Value {
    return value; //@ !barrier
    return masked(value, row.zero); //@ barrier
}

@compute @workgroup_size(GROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * GROUP;
    if i >= span.packs {
        return;
    }
    let x = load(shown[i]); //@ shown
    var m = exactly(row.conditional * load(conditional[i])); //@ conversion !shown
    var m = exactly(row.state * x); //@ shown
    m = exactly(m + exactly(row.conditional * load(conditional[i]))); //@ shown
    m = exactly(m + exactly(row.unconditional * load(unconditional[i]))); //@ unconditional
    m = clipped(m, row.clip); //@ clip
    var sum = exactly(row.base * x); //@ base_shown
    var sum = exactly(row.base * load(base[i])); //@ base
    var sum = exactly(row.converted * m); //@ first_register
    sum = exactly(sum + exactly(row.converted * m)); //@ register0
    var sum = exactly(row.output1 * load(output1[i])); //@ first_output
    sum = exactly(sum + exactly(row.output1 * load(output1[i]))); //@ output1 !first_output
    sum = exactly(sum + exactly(row.converted * m)); //@ register1
    sum = exactly(sum + exactly(row.output2 * load(output2[i]))); //@ output2
    sum = exactly(sum + exactly(row.converted * m)); //@ register2
    sum = exactly(sum + exactly(row.output3 * load(output3[i]))); //@ output3
    sum = exactly(sum + exactly(row.converted * m)); //@ register3
    sum = exactly(sum + exactly(row.output4 * load(output4[i]))); //@ output4
    sum = exactly(sum + exactly(row.converted * m)); //@ register4
    sum = exactly(sum + exactly(row.output5 * load(output5[i]))); //@ output5
    sum = exactly(sum + exactly(row.converted * m)); //@ register5
    sum = exactly(sum + exactly(row.output6 * load(output6[i]))); //@ output6
    sum = exactly(sum + exactly(row.converted * m)); //@ register6
    sum = exactly(sum + exactly(row.output7 * load(output7[i]))); //@ output7
    sum = exactly(sum + exactly(row.converted * m)); //@ register7
    sum = exactly(sum + exactly(row.noise * load(noise[i]))); //@ noise
    sum = exactly(sum + exactly(row.noise * drawn(i))); //@ philox
    kept[i] = store(m); //@ keep_none
    output1[i] = store(m); //@ keep_output1
    output2[i] = store(m); //@ keep_output2
    output3[i] = store(m); //@ keep_output3
    output4[i] = store(m); //@ keep_output4
    output5[i] = store(m); //@ keep_output5
    output6[i] = store(m); //@ keep_output6
    output7[i] = store(m); //@ keep_output7
    shown[i] = store(sum); //@ over_shown
    base[i] = store(sum); //@ over_base
    made[i] = store(sum); //@ over_none
}
