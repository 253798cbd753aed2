//! One number has one text; other text is refused, and so are formats that disagree.

use dpm_spec::Code;
use dpm_spec::plan::{Value, hexadecimal, parse_decimal, parse_f32, parse_f64, parse_pattern};
use proptest::prelude::*;

#[test]
fn hexadecimal_floats_have_the_text_of_the_standard() {
    for (value, text) in [
        (0.0, "0x0p+0"),
        (-0.0, "-0x0p+0"),
        (1.0, "0x1p+0"),
        (0.1875, "0x1.8p-3"),
        (-0.1, "-0x1.999999999999ap-4"),
        (f64::MAX, "0x1.fffffffffffffp+1023"),
        (f64::MIN_POSITIVE, "0x1p-1022"),
        (5e-324, "0x1p-1074"),
        (1.5e-323, "0x1.8p-1073"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        assert_eq!(hexadecimal(value), text);
        assert_eq!(parse_f64(text).unwrap().to_bits(), value.to_bits());
    }
}

#[test]
fn malformed_numbers_are_refused() {
    for text in [
        "",
        "1",
        "nan",
        "NaN",
        "0x",
        "0x1",
        "0x1p0",
        "0x1p+00",
        "0x1.80p+0",
        "0x1.8P+0",
        "0x1.Ap+0",
        "0x2p+0",
        "0x0.8p+0",
        "0x1.p+0",
        "+0x1p+0",
        " 0x1p+0",
        "0x1p+1024",
        "0x1p-1075",
        "0x1.8p-1074",
        "0x1.00000000000001p+0",
        "0x1p+99999999999",
        "--inf",
        "0x1.é",
    ] {
        assert_eq!(parse_f64(text).unwrap_err().code, Code::Number, "`{text}`");
    }
    for text in ["0x1.0000001p+0", "0x1p-150", "0x1p+128", "0x1.8p-149"] {
        assert!(parse_f64(text).is_ok());
        assert_eq!(parse_f32(text).unwrap_err().code, Code::Number, "`{text}`");
    }
    for text in ["", "0x", "0x1", "0x3C00", "0x03c00", "3c00", "0x+c00"] {
        assert_eq!(
            parse_pattern(text).unwrap_err().code,
            Code::Number,
            "`{text}`"
        );
    }
    let long = format!("1.{}1", "0".repeat(39));
    for text in [
        "",
        "-0",
        "00",
        "0.5",
        "1.",
        "1.0",
        "10",
        ".5",
        "1e0",
        "1e+1",
        "1e01",
        "1e",
        "1.5E3",
        "+1",
        "inf",
        "nan",
        "1.2.3",
        "1e1e1",
        "1e99999999999",
        "é",
        &long,
    ] {
        assert_eq!(
            parse_decimal(text).unwrap_err().code,
            Code::Number,
            "`{text}`"
        );
    }
    assert_eq!(parse_decimal("-1.25e-3").unwrap(), -0.00125);
    assert!(parse_decimal(&long[..41]).is_err(), "a trailing zero");
}

#[test]
fn formats_that_disagree_are_refused() {
    let right = Value {
        dec: Some("1.5".to_owned()),
        f64: 1.5,
        f32: 1.5,
        f16: 0x3e00,
        bf16: 0x3fc0,
    };
    right.check().unwrap();
    let overflow = Value {
        dec: Some("-7e4".to_owned()),
        f64: -7e4,
        f32: -7e4,
        f16: 0xfc00,
        bf16: 0xc789,
    };
    overflow.check().unwrap();
    let nan = Value {
        f16: 0xfc01,
        ..overflow
    };
    assert_eq!(nan.check().unwrap_err().place, "f16");
    let largest = Value {
        dec: Some("3.4e38".to_owned()),
        f64: 3.4e38,
        f32: 3.4e38,
        f16: 0x7c00,
        bf16: 0x7f80,
    };
    largest.check().unwrap();
    let nan = Value {
        bf16: 0x7f81,
        ..largest
    };
    assert_eq!(nan.check().unwrap_err().place, "bf16");
    for (wrong, format) in [
        (
            Value {
                dec: Some("-1.5".to_owned()),
                ..right.clone()
            },
            "dec",
        ),
        (
            Value {
                f64: f64::INFINITY,
                ..right.clone()
            },
            "f64",
        ),
        (
            Value {
                f32: 1.5001,
                ..right.clone()
            },
            "f32",
        ),
        (
            Value {
                f16: 0x3e02,
                ..right.clone()
            },
            "f16",
        ),
        (
            Value {
                bf16: 0x3fc2,
                ..right
            },
            "bf16",
        ),
    ] {
        let error = wrong.check().unwrap_err();
        assert_eq!((error.code, error.place.as_str()), (Code::Number, format));
    }
}

proptest! {
    #[test]
    fn every_float_survives_its_text(bits: u64, narrow: u32) {
        let (value, narrow) = (f64::from_bits(bits), f32::from_bits(narrow));
        prop_assume!(!value.is_nan() && !narrow.is_nan());
        prop_assert_eq!(parse_f64(&hexadecimal(value)).unwrap().to_bits(), bits);
        let text = hexadecimal(narrow.into());
        prop_assert_eq!(parse_f32(&text).unwrap().to_bits(), narrow.to_bits());
    }
}
