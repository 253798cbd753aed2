// Rows of numbers, and the lanes that name them.

struct Row {
    state: f32,
    conditional: f32,
    unconditional: f32,
    base: f32,
    converted: f32,
    output1: f32,
    output2: f32,
    noise: f32,
    clip: f32,
    // 1 for the last row of a plan.
    last: u32,
    zero: u32,
}

struct Span {
    packs: u32,
    // The first one's number in the tensor.
    first: u32,
    packs_a_sample: u32,
    samples: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<Row>;
@group(0) @binding(1) var<uniform> span: Span;
@group(0) @binding(2) var<storage, read_write> lanes: array<u32>;

// A lane without a sample.
const IDLE: u32 = 0xffffffffu;
