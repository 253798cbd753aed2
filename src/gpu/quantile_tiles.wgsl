// Several workgroups, a tile each, find s of one sample together; one dispatch a phase.

// Places in `found` after a sample's s; the counts follow.
const KEY = 1u;
const RANK = 2u;
const COUNT = 3u;
const SPOILED = 4u;
const ABOVE = 5u;
const COUNTS = 8u;

fn shared_neighbour(place: u32) -> Neighbour {
    return Neighbour(
        atomicLoad(&found[place + KEY]),
        atomicLoad(&found[place + RANK]),
        atomicLoad(&found[place + COUNT]),
    );
}

fn share(place: u32, neighbour: Neighbour) {
    atomicStore(&found[place + KEY], neighbour.key);
    atomicStore(&found[place + RANK], neighbour.rank);
    atomicStore(&found[place + COUNT], neighbour.count);
}

@compute @workgroup_size(256)
fn advance(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    // A tile of a sample; phases that look at no element have one tile.
    let place = (rule.sample + group.y) * rule.stride;
    let size = min(rule.elements, rule.taken);
    let begin = rule.lead + group.y * rule.elements + group.x * rule.tile;
    let end = min(begin + rule.tile, rule.lead + group.y * rule.elements + size);
    start(place, lane); //@ start
    count(place, begin, end, lane); //@ count
    choose(place, lane); //@ choose
    seek(place, begin, end, lane); //@ seek
    settle(place, lane); //@ settle
}

fn start(place: u32, lane: u32) {
    atomicStore(&found[place + COUNTS + lane], 0u);
    if lane == 0u {
        share(place, Neighbour(0u, rule.rank, 0u));
        atomicStore(&found[place + SPOILED], 0u);
        atomicStore(&found[place + ABOVE], 0u);
    }
}

fn count(place: u32, begin: u32, end: u32, lane: u32) {
    count_digits(begin, end, lane, rule.round, atomicLoad(&found[place + KEY]));
    workgroupBarrier();
    let counted = atomicLoad(&bins[lane]);
    if counted > 0u {
        atomicAdd(&found[place + COUNTS + lane], counted);
    }
    if lane == 0u {
        atomicOr(&found[place + SPOILED], atomicLoad(&spoiled));
    }
}

fn choose(place: u32, lane: u32) {
    atomicStore(&bins[lane], atomicExchange(&found[place + COUNTS + lane], 0u));
    let known = shared_neighbour(place);
    workgroupBarrier();
    choose_digit(lane, rule.round, known);
    if lane == 0u {
        share(place, lower);
    }
}

fn seek(place: u32, begin: u32, end: u32, lane: u32) {
    let known = shared_neighbour(place);
    if known.rank + 1u >= known.count {
        seek_above(begin, end, lane, known.key);
    }
    workgroupBarrier();
    if lane == 0u {
        atomicMax(&found[place + ABOVE], atomicLoad(&above));
    }
}

fn settle(place: u32, lane: u32) {
    if lane == 0u {
        let known = shared_neighbour(place);
        let s = scale(known, atomicLoad(&found[place + ABOVE]));
        atomicStore(&found[place], select(s, NAN, atomicLoad(&found[place + SPOILED]) != 0u));
    }
}
