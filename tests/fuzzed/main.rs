//! Readers of foreign bytes: the fuzz targets' bodies on their corpus and on mutations of it.
#![cfg(feature = "cli")]

mod bodies;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fs;
use std::path::Path;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzzed/corpus");
    let files = fs::read_dir(folder.join(target)).unwrap();
    let mut paths: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    paths.sort();
    let kept: Vec<_> = paths.iter().map(|it| fs::read(it).unwrap()).collect();
    assert!(kept.len() >= 4, "{target}: a corpus of {}", kept.len());
    kept
}

/// A kept entry with bytes replaced, a part cut out, or a part of another entry put in.
fn mutated(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let kept = corpus(target);
    let one = select(kept);
    let place = any::<Index>();
    let replaced =
        (one.clone(), vec((place, any::<u8>()), 1..4)).prop_map(|(mut bytes, changes)| {
            for (place, byte) in changes {
                if !bytes.is_empty() {
                    let place = place.index(bytes.len());
                    bytes[place] = byte;
                }
            }
            bytes
        });
    let spliced = (one.clone(), one, any::<[Index; 4]>()).prop_map(|(bytes, other, places)| {
        let cut = |bytes: &[u8], a: Index, b: Index| {
            let (a, b) = (a.index(bytes.len() + 1), b.index(bytes.len() + 1));
            (a.min(b), a.max(b))
        };
        let (from, to) = cut(&bytes, places[0], places[1]);
        let (other_from, other_to) = cut(&other, places[2], places[3]);
        [&bytes[..from], &other[other_from..other_to], &bytes[to..]].concat()
    });
    prop_oneof![replaced, spliced, vec(any::<u8>(), 0..64)]
}

macro_rules! targets {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            corpus(stringify!($name)).iter().for_each(|it| bodies::$name(it));
            proptest!(|(bytes in mutated(stringify!($name)))| bodies::$name(&bytes));
        }
    )* };
}

targets!(lines messages numbers golden known);
