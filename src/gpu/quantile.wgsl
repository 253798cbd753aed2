// Dynamic thresholding: s = clamp(q_p(|x|), least, most), x := clip(x, -s, s)/s, sample by sample.
//
// The quantile is exact: a radix select on the bits of |x|, which order as |x| does. A key is these
// bits without the sign, moved to the top of a word. The text before this file is storage_f32.wgsl
// or storage_f16.wgsl, the text after it one of quantile_*.wgsl; `//@` as in src/gpu/shader.rs.

struct Rule {
    // First sample, and elements of the binding before it.
    sample: u32,
    lead: u32,
    // Elements handled: whole samples, or a part of one.
    taken: u32,
    // Elements of one sample, and of one workgroup.
    elements: u32,
    tile: u32,
    // Words of `found` for one sample.
    stride: u32,
    // The digit that is looked at, from the leading one on.
    round: u32,
    // Rank of the lower neighbour; whether it is the last; how far to go to the next, as bits of f32.
    rank: u32,
    last: u32,
    fraction: u32,
    // Smallest s, 1 or 0, and largest, as bits of f32. With 0 and a NaN s is the quantile.
    least: u32,
    most: u32,
    // 0; unknown to the compiler, so that what it is combined with cannot be rearranged.
    zero: u32,
}

@group(0) @binding(0) var<uniform> rule: Rule;
@group(0) @binding(1) var<storage, read> data: array<u32>; //@ !apply
@group(0) @binding(1) var<storage, read_write> data: array<u32>; //@ apply
// For each sample: bits of s, those of a NaN if it holds one; and what the tiles share.
@group(0) @binding(2) var<storage, read_write> found: array<atomic<u32>>;

const LANES = 256u;
const BINS = 256u;
const ONE = 0x3f800000u;
const INFINITE = 0x7f800000u;
const NAN = 0x7fc00000u;
const ROUNDS = 4u; //@ f32
const ROUNDS = 2u; //@ f16
const INFINITE_KEY = 0xff000000u; //@ f32
const INFINITE_KEY = 0xf8000000u; //@ f16

// What is known of the lower neighbour: leading digits of its key, its rank among the keys that
// have these, and how many have them.
struct Neighbour {
    key: u32,
    rank: u32,
    count: u32,
}

var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> sums: array<u32, 16>;
var<workgroup> lower: Neighbour;
// Whether there is a NaN; the inverted key above the lower neighbour's, or 0.
var<workgroup> spoiled: atomic<u32>;
var<workgroup> above: atomic<u32>;

fn key(element: u32) -> u32 {
    return data[element] << 1u; //@ f32
    return ((data[element >> 1u] >> ((element & 1u) * 16u)) & 0x7fffu) << 17u; //@ f16
}

// Bits of f32 of a key.
fn magnitude(key: u32) -> u32 {
    return key >> 1u; //@ f32
    return widened(vec4<u32>(key >> 17u)).x; //@ f16
}

// Counts the next digit of the keys that begin as the lower neighbour's does.
fn count_digits(begin: u32, end: u32, lane: u32, round: u32, known: u32) {
    let fixed = ~(0xffffffffu >> (8u * round));
    let shift = 24u - 8u * round;
    for (var i = begin + lane; i < end; i += LANES) {
        let k = key(i);
        if ((k ^ known) & fixed) == 0u {
            atomicAdd(&bins[(k >> shift) & 0xffu], 1u);
        }
        if k > INFINITE_KEY {
            atomicOr(&spoiled, 1u);
        }
    }
}

// The next digit of the lower neighbour, from the counts; to be called by all lanes.
fn choose_digit(lane: u32, round: u32, known: Neighbour) {
    if lane < 16u {
        var sum = 0u;
        for (var i = 0u; i < 16u; i++) {
            sum += atomicLoad(&bins[16u * lane + i]);
        }
        sums[lane] = sum;
    }
    workgroupBarrier();
    if lane == 0u {
        var rank = known.rank;
        var block = 0u;
        while block < 15u && rank >= sums[block] {
            rank -= sums[block];
            block += 1u;
        }
        var digit = 16u * block;
        var count = atomicLoad(&bins[digit]);
        while digit < 16u * block + 15u && rank >= count {
            rank -= count;
            digit += 1u;
            count = atomicLoad(&bins[digit]);
        }
        lower = Neighbour(known.key | (digit << (24u - 8u * round)), rank, count);
    }
    workgroupBarrier();
}

// Finds the key next above.
fn seek_above(begin: u32, end: u32, lane: u32, low: u32) {
    for (var i = begin + lane; i < end; i += LANES) {
        let k = key(i);
        if k > low {
            atomicMax(&above, ~k);
        }
    }
}

// Bits of s = clamp(low + (high - low) fraction, least, most). Positive numbers order as their bits do.
fn scale(known: Neighbour, inverted_above: u32) -> u32 {
    let low = magnitude(known.key);
    var s = low;
    if rule.last == 0u {
        let high = select(magnitude(~inverted_above), low, known.rank + 1u < known.count);
        if high == INFINITE {
            // inf - inf and inf 0 are no number.
            s = select(INFINITE, NAN, low == INFINITE || rule.fraction == 0u);
        } else if rule.fraction != 0u {
            s = between(low, high);
        }
    }
    // The clamp makes `least` of no number.
    return min(max(select(s, rule.least, s == NAN && rule.least != 0u), rule.least), rule.most);
}

// Rounded three times: the zero hides each step from the next.
fn between(low: u32, high: u32) -> u32 {
    let width = bitcast<u32>(bitcast<f32>(high) - bitcast<f32>(low)) ^ rule.zero;
    let part = bitcast<u32>(bitcast<f32>(width) * bitcast<f32>(rule.fraction)) ^ rule.zero;
    return bitcast<u32>(bitcast<f32>(low) + bitcast<f32>(part));
}
