//! Text of a testee, as a terminal, a file or a page may show it.

/// The text with every character escaped that a terminal would act on or a reader would not see:
/// control characters, line ends, marks of direction. Quotes and backslashes stay.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Printable, though Rust would escape them in a literal.
            '"' | '\'' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// At most so many characters of the first line that says something.
pub fn headline(text: &str, most: usize) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let shown = printable(lines.next().unwrap_or_default());
    match shown.char_indices().nth(most) {
        None => shown,
        Some((end, _)) => format!("{}...", shown[..end].trim_end()),
    }
}
