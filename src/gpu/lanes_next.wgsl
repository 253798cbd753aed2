// Every lane goes on to its next row; after a plan's last one it is idle. Follows lanes_rows.wgsl.

@compute @workgroup_size(GROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= span.samples {
        return;
    }
    let lane = lanes[id.x];
    if lane != IDLE {
        lanes[id.x] = select(lane + 1u, IDLE, rows[lane].last == 1u);
    }
}
