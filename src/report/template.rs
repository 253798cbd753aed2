//! The templates of the page and of its figures.

use super::results::grouped;
use crate::error::{Code, Error, Result};
use minijinja::{Environment, UndefinedBehavior, Value};

macro_rules! templates {
    ($($name:literal at $path:literal),* $(,)?) => {
        &[$(($name, include_str!($path)),)*]
    };
}

/// Name and text. What stands in `.html` and `.xml` is escaped.
const TEMPLATES: &[(&str, &str)] = templates![
    "page.html" at "page.html",
    "page.css" at "page.css",
    "orders.html" at "orders.html",
    "convergence.html" at "convergence.html",
    "tested.html" at "tested.html",
    "conformance.html" at "conformance.html",
    "conformance.css" at "conformance.css",
    "scoreboard.html" at "scoreboard.html",
    "badge.xml" at "badge.xml",
    "figure.xml" at "figure/figure.xml",
    "figure.css" at "figure/figure.css",
];

/// Fills in a template.
pub(super) fn render(name: &str, context: Value) -> Result<String> {
    let filled = || {
        let mut environment = Environment::new();
        // A misspelt name is an error; only `if` may ask for what is not there.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.add_filter("n", hundredths);
        environment.add_filter("grouped", grouped);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        environment.get_template(name)?.render(context)
    };
    filled().map_err(|error: minijinja::Error| {
        Error::new(Code::Format, error.to_string(), name, "mend the template")
    })
}

/// A coordinate, to a hundredth of a unit.
fn hundredths(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}
