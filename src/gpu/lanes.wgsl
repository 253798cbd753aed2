// One multistep step of a batch whose samples stand at different steps, or follow different plans:
// every sample has a lane, which names its row of numbers. Predictions are shifted: the newest one
// stands in output1. Samples begin at whole packs.
//
// Where a weight is 0 its array is not used: what stands there may be another sample's NaN.
// The text before this file: storage_f32.wgsl or storage_f16.wgsl, and lanes_rows.wgsl.

@group(0) @binding(3) var<storage, read_write> state: array<Pack>;
@group(0) @binding(4) var<storage, read> conditional: array<Pack>;
@group(0) @binding(5) var<storage, read> unconditional: array<Pack>; //@ unconditional
@group(0) @binding(6) var<storage, read> noise: array<Pack>; //@ noise
@group(0) @binding(7) var<storage, read_write> output1: array<Pack>; //@ output1
@group(0) @binding(8) var<storage, read_write> output2: array<Pack>; //@ output2

// Hides where a number comes from: the compiler can neither fuse nor rearrange across it.
fn exactly(value: Value, zero: u32) -> Value {
    return value; //@ !barrier
    return masked(value, zero); //@ barrier
}

fn absent(weight: f32) -> bool {
    return (bitcast<u32>(weight) & 0x7fffffffu) == 0u;
}

// sum + weight value; the sum as it stands if the weight is 0.
fn plus(sum: Value, weight: f32, value: Value, zero: u32) -> Value {
    return chosen(exactly(sum + exactly(weight * value, zero), zero), sum, absent(weight));
}

@compute @workgroup_size(GROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * GROUP;
    if i >= span.packs {
        return;
    }
    let lane = lanes[(span.first + i) / span.packs_a_sample];
    if lane == IDLE {
        return;
    }
    let row = rows[lane];
    let x = load(state[i]);
    let given = exactly(row.conditional * load(conditional[i]), row.zero);
    let shown = exactly(exactly(row.state * x, row.zero) + given, row.zero);
    var m = chosen(shown, given, absent(row.state));
    m = plus(m, row.unconditional, load(unconditional[i]), row.zero); //@ unconditional
    m = clipped(m, row.clip); //@ clip
    let alone = exactly(row.converted * m, row.zero);
    let based = exactly(exactly(row.base * x, row.zero) + alone, row.zero);
    var sum = chosen(based, alone, absent(row.base));
    let kept1 = output1[i]; //@ output1
    sum = plus(sum, row.output1, load(kept1), row.zero); //@ output1
    let kept2 = output2[i]; //@ output2
    sum = plus(sum, row.output2, load(kept2), row.zero); //@ output2
    sum = plus(sum, row.noise, load(noise[i]), row.zero); //@ noise
    state[i] = store(sum);
    output1[i] = store(m); //@ output1
    output2[i] = kept1; //@ output2
}
