// Moves bytes: what the fused step is measured against.

override size: u32 = 64;

@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_: array<vec4<f32>>;

@compute @workgroup_size(size)
fn copy(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let invocations = groups.x * groups.y * size; //@ !one
    let i = id.x + id.y * groups.x * size;
    if i < arrayLength(&target_) { //@ one
        target_[i] = source[i]; //@ one
    } //@ one
    if i < arrayLength(&target_) / 2u { //@ two
        let first = source[2u * i]; //@ two
        let second = source[2u * i + 1u]; //@ two
        target_[2u * i] = first; //@ two
        target_[2u * i + 1u] = second; //@ two
    } //@ two
    for (var k = i; k < arrayLength(&target_); k += invocations) { //@ stride
        target_[k] = source[k]; //@ stride
    } //@ stride
}
