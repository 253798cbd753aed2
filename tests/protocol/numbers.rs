//! The reader of numbers and the pattern of the schema take the same texts: here the reader, in
//! `tests/cross/messages.py` the pattern.

use dpm_spec::conformance::Precision;
use dpm_spec::protocol::read_number;
use serde_json::Value;

fn texts(of: &str) -> Vec<String> {
    let corpus = include_str!("numbers.json");
    let corpus: Value = serde_json::from_str(corpus).unwrap();
    let texts = corpus[of].as_array().unwrap().iter();
    texts.map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_reader_takes_every_number_of_the_corpus_and_nothing_else() {
    let read = |text: &String| read_number(text, Precision::F64);
    for text in texts("numbers") {
        assert!(read(&text).is_ok(), "{text}: {:?}", read(&text));
    }
    for (kind, words) in [
        ("beyond", ["is no f64", "overflows f64"]),
        ("malformed", ["is malformed"; 2]),
    ] {
        for text in texts(kind) {
            let why = read(&text).expect_err(&text);
            assert!(words.iter().any(|it| why.contains(it)), "{text}: {why}");
        }
    }
}
