//! Progress on standard error.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `count` pieces; nothing is drawn unless standard error is a terminal.
pub(crate) fn bar(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    match ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
