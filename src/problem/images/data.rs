//! The images: read once, checked against their SHA-256.

use crate::error::{Code, Error, Result};
use crate::file::sha256;
use std::sync::OnceLock;

/// Number of classes.
pub const CLASSES: usize = 10;
/// Images of each class.
pub const EACH: usize = 200;
/// Rows and columns of an image.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;

/// Source, licence and format: `src/problem/images/README.md`.
const PACKED: &[u8] = include_bytes!("fashion-2000.bin");
const SHA256: &str = "7daa5c19b81c3c217c7dcce1badad5ef3ed87dd6e6b554a7ea93f8c36c291db7";

/// All pixels, image after image, class after class. Every value is exact: an odd number of sixteenths.
pub(super) struct DataSet {
    /// f32 holds them exactly in half the memory of f64.
    pixels: Vec<f32>,
}

impl DataSet {
    /// The data set, unpacked at the first call.
    pub(super) fn load() -> Result<&'static DataSet> {
        static LOADED: OnceLock<Result<DataSet>> = OnceLock::new();
        LOADED
            .get_or_init(|| unpacked(PACKED))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The images, or those of one class.
    pub(super) fn images(&self, class: Option<usize>) -> impl Iterator<Item = &[f32; PIXELS]> {
        let (images, _) = self.pixels.as_chunks::<PIXELS>();
        match class {
            Some(class) => images[class * EACH..(class + 1) * EACH].iter(),
            None => images.iter(),
        }
    }
}

/// Grey levels q = 0..=15, two to a byte, high half first, a zero followed by the length of its
/// run less one; the pixel is (2 q - 15)/16.
fn unpacked(packed: &[u8]) -> Result<DataSet> {
    let found = sha256(packed);
    if found != SHA256 {
        return Err(Error::new(
            Code::Manifest,
            format!("SHA-256 {found}"),
            "the images of the problem `images`",
            format!("build from a source with SHA-256 {SHA256}"),
        ));
    }
    let mut pixels = Vec::with_capacity(CLASSES * EACH * PIXELS);
    let mut halves = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    while let (Some(level), true) = (halves.next(), pixels.len() < CLASSES * EACH * PIXELS) {
        let run = match level {
            0 => usize::from(halves.next().unwrap_or(0)) + 1,
            _ => 1,
        };
        let pixel = (2.0 * f32::from(level) - 15.0) / 16.0;
        pixels.extend(std::iter::repeat_n(pixel, run));
    }
    Ok(DataSet { pixels })
}
