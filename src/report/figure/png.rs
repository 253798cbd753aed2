//! A figure as pixels.

use crate::error::{Code, Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::sync::Arc;

const FONT: &str = "Noto Sans";

/// The light variant of an SVG picture as a PNG file, `width` pixels wide. Its text is set in Noto Sans,
/// which this crate brings along, so that the same picture has the same bytes on every machine.
///
/// # Errors
/// `E-FORMAT` if the text is no SVG document; `E-PARAMETER` if the width is zero or too large.
pub fn png(svg: &str, width: u32) -> Result<Vec<u8>> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Error::new(
            Code::Format,
            error.to_string(),
            "svg",
            "give an SVG document",
        )
    };
    let too_large = || {
        Error::new(
            Code::Parameter,
            format!("a picture {width} pixels wide"),
            "width",
            "give a width from 1 to some ten thousand",
        )
    };
    let mut options = Options {
        font_family: FONT.to_owned(),
        ..Options::default()
    };
    let fonts = Arc::make_mut(&mut options.fontdb);
    fonts.load_font_data(ttf_noto_sans::REGULAR.to_vec());
    fonts.set_sans_serif_family(FONT);
    let tree = Tree::from_str(svg, &options).map_err(|error| unreadable(&error))?;
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).ceil() as u32;
    let mut pixels = Pixmap::new(width, height).ok_or_else(too_large)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(|error| unreadable(&error))
}
