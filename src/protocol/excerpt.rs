//! What a testee wrote, as a message may quote it.

use crate::conformance::printable;

/// Characters of a quotation.
const SHOWN: usize = 120;

/// The beginning of a text, its control characters escaped.
pub fn excerpt(text: &str) -> String {
    shortened(text, SHOWN)
}

/// The first characters of a text, the ones that a terminal would act on escaped.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map(|(end, _)| end);
    match end {
        None => printable(text),
        Some(end) => format!("{}... ({} bytes)", printable(&text[..end]), text.len()),
    }
}
