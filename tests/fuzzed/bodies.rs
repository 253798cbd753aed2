//! What must hold of any bytes; run by `fuzz/` on generated ones, and here on the kept corpus and
//! its mutations.

use dpm_spec::conformance::{Known, Precision};
use dpm_spec::plan::PlanFile;
use dpm_spec::protocol::{LONGEST, Line, Lines, read_number, read_reply, read_request};
use dpm_spec::protocol::{write_message, write_number};

/// Lines are UTF-8, bounded, numbered in turn, and nothing of the input is lost but line ends.
pub(crate) fn lines(data: &[u8]) {
    let mut lines = Lines::new(data);
    let mut place = 0;
    for number in 1.. {
        let Ok(Some(Line { number: got, text })) = lines.read() else {
            break;
        };
        assert_eq!(got, number);
        assert!(text.len() <= LONGEST && !text.contains(['\n', '\0']));
        assert_eq!(&data[place..place + text.len()], text.as_bytes());
        place += text.len();
        place += data[place..].iter().position(|b| *b == b'\n').unwrap() + 1;
    }
}

/// A message that is read is written as one that is read as the same.
pub(crate) fn messages(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let line = |text: &str| Line {
        number: 1,
        text: text.to_owned(),
    };
    if let Ok((seq, reply)) = read_reply(&line(text)) {
        let again = write_message(seq, &reply).unwrap();
        assert_eq!(read_reply(&line(&again)).unwrap(), (seq, reply));
    }
    if let Ok((seq, request)) = read_request(&line(text)) {
        let again = write_message(seq, &request).unwrap();
        assert_eq!(read_request(&line(&again)).unwrap(), (seq, request));
    }
}

/// A number that is read is one of its format, and its text is read as the same one; decimals are
/// those of the standard library.
pub(crate) fn numbers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for format in ["f64", "f32", "f16", "bf16"] {
        let precision = Precision::parse(format).unwrap();
        let Ok(value) = read_number(text, precision) else {
            continue;
        };
        let again = read_number(&write_number(value), precision).unwrap();
        assert!(again.to_bits() == value.to_bits() || (again.is_nan() && value.is_nan()));
        if format == "f64" && !text.contains('x') && !value.is_nan() {
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}

/// A plan file that is read is written as one that is read as the same.
pub(crate) fn golden(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(file) = PlanFile::parse(text) {
        let again = file.to_json();
        assert_eq!(PlanFile::parse(&again).unwrap().to_json(), again);
    }
}

/// A list of known failures that is read is rewritten as one that is read, and rewritten the same.
pub(crate) fn known(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(list) = Known::parse(text, "list") {
        let blessed = |list: Known| list.to_bless().blessed().unwrap();
        let again = blessed(list);
        assert_eq!(blessed(Known::parse(&again, "list").unwrap()), again);
    }
}
