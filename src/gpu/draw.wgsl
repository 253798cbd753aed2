// The noise of a pack, made in place of being read: element e of a sample is element e of the
// portable noise of the row's draw and the sample's stream. Follows noise.wgsl and step.wgsl.

// Pack i of the span, rounded as if it had been stored. One loop, so that drivers compile it fast.
fn drawn(i: u32) -> Value {
    let element = span.offset + 4u * i; //@ !f16
    let element = span.offset + 8u * i; //@ f16
    var within = element % span.elements;
    var stream = span.stream + element / span.elements;
    var words: vec4<u32>;
    var value: Value;
    for (var k = 0u; k < 4u; k++) { //@ !f16
    for (var k = 0u; k < 8u; k++) { //@ f16
        if k == 0u || (within & 3u) == 0u {
            words = philox4x32(vec4<u32>(within >> 2u, row.draw, stream, 0u), span.seed);
        }
        let z = normal(words[within & 3u]);
        value = vec4<f32>(value.yzw, z); //@ !f16
        value = Value(vec4<f32>(value[0].yzw, value[1].x), vec4<f32>(value[1].yzw, z)); //@ f16
        within++;
        if within == span.elements {
            within = 0u;
            stream++;
        }
    }
    return value; //@ !f16
    return load(store(value)); //@ f16
}
