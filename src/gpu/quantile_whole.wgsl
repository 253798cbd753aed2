// One workgroup finds s of one sample.

@compute @workgroup_size(256)
fn advance(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let begin = rule.lead + group.x * rule.elements;
    let end = begin + rule.elements;
    var known = Neighbour(0u, rule.rank, 0u);
    for (var round = 0u; round < ROUNDS; round++) {
        atomicStore(&bins[lane], 0u);
        workgroupBarrier();
        count_digits(begin, end, lane, round, known.key);
        workgroupBarrier();
        choose_digit(lane, round, known);
        known = lower;
    }
    if known.rank + 1u >= known.count {
        seek_above(begin, end, lane, known.key);
    }
    workgroupBarrier();
    if lane == 0u {
        let s = select(scale(known, atomicLoad(&above)), NAN, atomicLoad(&spoiled) != 0u);
        atomicStore(&found[(rule.sample + group.x) * rule.stride], s);
    }
}
