//! What a testee wrote, as a message may quote it.

/// Characters of a quotation.
const SHOWN: usize = 120;

/// The beginning of a text, its control characters escaped.
pub fn excerpt(text: &str) -> String {
    shortened(text, SHOWN)
}

/// The first characters of a text, the ones that a terminal would act on escaped.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for character in text.chars().take(most) {
        match character {
            // Printable, though Rust would escape them in a literal.
            '"' | '\'' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    if text.chars().nth(most).is_some() {
        shown.push_str(&format!("... ({} bytes)", text.len()));
    }
    shown
}
