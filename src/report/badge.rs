//! A badge: one line for a README.

use super::results::{Header, View, grouped};
use super::template::render;
use crate::conformance::{Counts, Record, Standing, Verdict, printable};
use crate::error::{Error, Result};
use crate::file::Reserved;
use minijinja::context;

/// Writes a badge for all testees together.
#[derive(Debug)]
pub(super) struct Badge {
    file: Reserved,
    edition: String,
    counts: Counts,
}

impl Badge {
    pub(super) fn new(file: Reserved) -> Self {
        Badge {
            file,
            edition: String::new(),
            counts: Counts::default(),
        }
    }
}

impl View for Badge {
    fn begin(&mut self, header: &Header) -> Result<()> {
        self.edition.clone_from(&header.edition);
        Ok(())
    }

    fn take(&mut self, record: &Record, _: Standing<'_>) -> Result<()> {
        self.counts.add(record.verdict);
        Ok(())
    }

    fn end(&mut self, _: &Counts, _: &[Error]) -> Result<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let (left, kind, right) = words(&self.edition, &self.counts);
        let (wide, wider) = (width(&left), width(&right));
        let svg = render(
            "badge.xml",
            context! { left, right, kind, wide, wider, total => wide + wider },
        )?;
        self.file.write(svg.as_bytes())?;
        self.file.finish()
    }
}

/// Both texts, and which colour the right one stands on. A known failure is a failure here.
fn words(edition: &str, counts: &Counts) -> (String, &'static str, String) {
    let some = |verdict: Verdict, word: &str| {
        let count = counts.of(verdict);
        (count > 0).then(|| format!("{} {word}", grouped(count)))
    };
    let conform = counts.of(Verdict::Exact) + counts.of(Verdict::Conforms);
    let wrong = [
        some(Verdict::Deviates, "deviate"),
        some(Verdict::Fails, "fail"),
    ];
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    let imprecise = some(Verdict::Imprecise, "imprecise");
    let (kind, right) = match (counts.asked(), wrong.is_empty(), imprecise) {
        (0, ..) => ("none", "nothing applies".to_owned()),
        (_, false, _) => ("bad", wrong.join(", ")),
        (.., Some(imprecise)) => ("fair", format!("{} conform, {imprecise}", grouped(conform))),
        _ => ("good", format!("{} conform", grouped(conform))),
    };
    (format!("dpm-spec {}", printable(edition)), kind, right)
}

/// Room for a text of this many letters; the picture makes the text as wide.
fn width(text: &str) -> usize {
    text.chars().count() * 7 + 12
}
