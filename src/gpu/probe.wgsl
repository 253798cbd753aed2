// What this adapter's compiler and arithmetic do to sums and products; src/gpu/probe.rs compares.

struct Row {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
}

struct Seen {
    fused: vec4<f32>,
    rearranged: vec4<f32>,
    sum: vec4<f32>,
    product: vec4<f32>,
}

@group(0) @binding(0) var<storage, read> rows: array<Row>;
@group(0) @binding(1) var<storage, read_write> seen: array<Seen>;

@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= arrayLength(&rows) {
        return;
    }
    let row = rows[i];
    var sum = row.a * row.b;
    sum = sum + row.c;
    seen[i].fused = sum;
    let whole = row.a + row.b;
    seen[i].rearranged = whole - row.a;
    seen[i].sum = row.a + row.b;
    seen[i].product = row.a * row.b;
}
