// What a network returns that knows its data exactly: twin of src/cpu/model.rs, which says what the
// numbers are. Before this file stand storage_f32.wgsl or storage_f16.wgsl, and for mixtures, after
// it, model_exp.wgsl.

struct Row {
    slope: f32,
    intercept: f32,
    scale: f32,
    shift: f32,
    height: f32,
}

struct Span {
    // Packs in this span.
    packs: u32,
    // Its first element's number in that one's sample.
    phase: u32,
    // Elements of one sample.
    elements: u32,
    // Components of the problem, which repeat along a sample.
    dimension: u32,
    // Rows of each of these.
    components: u32,
    // First row of this call.
    row: u32,
    // 0; unknown to the compiler, so that what it is combined with cannot be rearranged.
    zero: u32,
    rest: u32,
}

@group(0) @binding(0) var<uniform> span: Span;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> shown: array<Pack>;
@group(0) @binding(3) var<storage, read_write> made: array<Pack>;
@group(0) @binding(4) var<storage, read> rotation: array<f32>; //@ rotated

// What a component of the mixture would return alone.
fn alone(row: Row, x: f32) -> f32 {
    return exactly(exactly(row.slope * x) + row.intercept);
}

fn exponent(row: Row, x: f32) -> f32 { //@ mixture
    let distance = exactly(exactly(row.scale * x) - row.shift); //@ mixture
    return exactly(row.height - exactly(distance * distance)); //@ mixture
} //@ mixture

fn denoised(component: u32, x: f32) -> f32 {
    let first = span.row + component * span.components;
    let end = first + span.components; //@ mixture
    var largest = exponent(rows[first], x); //@ mixture
    for (var k = first + 1u; k < end; k++) { //@ mixture
        let next = exponent(rows[k], x); //@ mixture
        largest = select(largest, next, next > largest); //@ mixture
    } //@ mixture
    var sum = alone(rows[first], x);
    var total = exponential(exactly(exponent(rows[first], x) - largest)); //@ mixture
    sum = exactly(sum * total); //@ mixture
    for (var k = first + 1u; k < end; k++) { //@ mixture
        let weight = exponential(exactly(exponent(rows[k], x) - largest)); //@ mixture
        total = exactly(total + weight); //@ mixture
        sum = exactly(sum + exactly(weight * alone(rows[k], x))); //@ mixture
    } //@ mixture
    sum = exactly(sum * reciprocal(total)); //@ mixture
    return sum;
}

// An element of the input.
fn at(element: u32) -> f32 { //@ rotated
    var value = load(shown[element >> 2u]); //@ rotated !f16
    return value[element & 3u]; //@ rotated !f16
    var value = load(shown[element >> 3u]); //@ rotated f16
    return value[(element >> 2u) & 1u][element & 3u]; //@ rotated f16
} //@ rotated

fn rotated(component: u32, group: u32) -> f32 { //@ rotated
    var sum = 0.0; //@ rotated
    for (var i = 0u; i < span.dimension; i++) { //@ rotated
        let line = i * span.dimension; //@ rotated
        var turned = exactly(rotation[line] * at(group)); //@ rotated
        for (var j = 1u; j < span.dimension; j++) { //@ rotated
            turned = exactly(turned + exactly(rotation[line + j] * at(group + j))); //@ rotated
        } //@ rotated
        let share = exactly(rotation[line + component] * denoised(i, turned)); //@ rotated
        sum = select(exactly(sum + share), share, i == 0u); //@ rotated
    } //@ rotated
    return sum; //@ rotated
} //@ rotated

// One element of the output, of number `element` in this span.
fn returned(element: u32, x: f32) -> f32 {
    let component = (span.phase + element) % span.elements % span.dimension;
    return denoised(component, x); //@ !rotated
    return rotated(component, element - component); //@ rotated
}

fn four(element: u32, x: vec4<f32>) -> vec4<f32> {
    let first = vec2<f32>(returned(element, x.x), returned(element + 1u, x.y));
    let last = vec2<f32>(returned(element + 2u, x.z), returned(element + 3u, x.w));
    return vec4<f32>(first, last);
}

@compute @workgroup_size(GROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * GROUP;
    if i >= span.packs {
        return;
    }
    let x = load(shown[i]);
    made[i] = store(four(i * 4u, x)); //@ !f16
    made[i] = store(Value(four(i * 8u, x[0]), four(i * 8u + 4u, x[1]))); //@ f16
}
