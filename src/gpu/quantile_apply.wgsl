// Clips to s and divides by it, a word an invocation: a word may hold the end of one sample and
// the start of the next.

@compute @workgroup_size(GROUP)
fn advance(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let word = id.x + id.y * groups.x * GROUP + rule.lead; //@ f32
    let word = id.x + id.y * groups.x * GROUP + (rule.lead >> 1u); //@ f16
    if word >= arrayLength(&data) {
        return;
    }
    let stored = data[word];
    data[word] = thresholded(word, stored); //@ f32
    let low = half_thresholded(2u * word, stored & 0xffffu); //@ f16
    let high = half_thresholded(2u * word + 1u, stored >> 16u); //@ f16
    data[word] = low | (high << 16u); //@ f16
}

fn half_thresholded(element: u32, half: u32) -> u32 { //@ f16
    let bits = widened(vec4<u32>(half)).x; //@ f16
    let made = thresholded(element, bits); //@ f16
    return select(narrowed(vec4<u32>(made)).x, half, made == bits); //@ f16
} //@ f16

// Bits of f32 of an element.
fn thresholded(element: u32, bits: u32) -> u32 {
    let place = element - rule.lead;
    if element < rule.lead || place >= rule.taken {
        return bits;
    }
    let s = atomicLoad(&found[(rule.sample + place / rule.elements) * rule.stride]);
    if s > INFINITE {
        return bits;
    }
    let sign = bits & 0x80000000u;
    let x = min(bits & 0x7fffffffu, s);
    if s == ONE {
        return sign | x;
    }
    if s == INFINITE {
        return sign | select(0u, NAN, x == INFINITE);
    }
    return sign | quotient(x, s);
}

// Bits of x/s to nearest, ties to even, from those of 0 <= x <= s, s >= 1: a driver's division may
// be off by 2.5 ulp and lose subnormals, so it only estimates, and the exact remainder corrects it.
fn quotient(x: u32, s: u32) -> u32 {
    if x == 0u {
        return 0u;
    }
    // x = a 2^(x_exponent - 150), s = b 2^(s_exponent - 150) with 2^23 <= a, b < 2^24.
    let up = max(countLeadingZeros(x), 8u) - 8u;
    let subnormal = x < 0x800000u;
    let a = select((x & 0x7fffffu) | 0x800000u, x << up, subnormal);
    let b = (s & 0x7fffffu) | 0x800000u;
    let x_exponent = select(i32(x >> 23u), 1 - i32(up), subnormal);
    let exponent = x_exponent - i32(s >> 23u);
    // About a/b in units of 2^-24, then at most 15 too small.
    let ratio = bitcast<f32>((a & 0x7fffffu) | ONE) / bitcast<f32>((b & 0x7fffffu) | ONE);
    let near = clamp(bitcast<u32>(ratio), 0x3f000000u, 0x3fffffffu);
    var q = (((near & 0x7fffffu) | 0x800000u) << select(0u, 1u, near >= ONE)) - 8u;
    // 2^24 a - q b, which is below 2^28: exact modulo 2^32.
    var rest = (a << 24u) - q * b;
    for (var step = 8u; step > 0u; step >>= 1u) {
        let enough = rest >= step * b;
        rest -= select(0u, step * b, enough);
        q += select(0u, step, enough);
    }
    // One more bit, and one that tells whether anything is left: units of 2^-26.
    let more = select(0u, 1u, 2u * rest >= b);
    let v = (q << 2u) | (more << 1u) | select(0u, 1u, 2u * rest != more * b);
    let large = v >= 0x4000000u;
    let field = exponent + select(126, 127, large);
    // Below 2^-126 more bits are dropped; from 28 on nothing is left.
    let dropped = min(select(2u, 3u, large) + u32(max(1 - field, 0)), 28u);
    let odd = (v >> dropped) & 1u;
    let kept = (v + (1u << (dropped - 1u)) - 1u + odd) >> dropped;
    return (u32(max(field, 1) - 1) << 23u) + kept;
}
