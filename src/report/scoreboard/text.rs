//! The scoreboard as Markdown and as a page.

use super::super::results::grouped;
use super::super::template::render;
use super::{Cell, Library, Scoreboard, checks};
use crate::error::Result;
use minijinja::{context, value::Serde};
use serde::Serialize;

/// A cell as both show it.
#[derive(Debug, Serialize)]
struct Shown {
    /// `none`, `skipped`, `good`, `fair` or `bad`.
    kind: &'static str,
    words: String,
    /// Number of each finding, and its page without an ending.
    findings: Vec<(String, String)>,
}

impl Shown {
    fn of(cell: &Cell) -> Self {
        let asked = cell.asked();
        let part = |count: usize, word: &str| {
            (count > 0).then(|| format!("{} of {} {word}", grouped(count), grouped(asked)))
        };
        let parts = [
            part(cell.fails, if cell.fails == 1 { "fails" } else { "fail" }),
            part(
                cell.deviates,
                if cell.deviates == 1 {
                    "deviates"
                } else {
                    "deviate"
                },
            ),
            part(cell.imprecise, "imprecise"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let (kind, words) = match (asked, cell.skipped) {
            (0, 0) => ("none", String::new()),
            (0, _) => ("skipped", "skipped".to_owned()),
            _ if parts.is_empty() => ("good", grouped(asked)),
            _ if cell.fails + cell.deviates == 0 => ("fair", parts.join(", ")),
            _ => ("bad", parts.join(", ")),
        };
        let number = |name: &String| {
            let number = name.split('-').next().unwrap_or(name);
            (number.to_owned(), name.clone())
        };
        Shown {
            kind,
            words,
            findings: cell.findings.iter().map(number).collect(),
        }
    }

    fn markdown(&self) -> String {
        let links = self.findings.iter();
        let links = links.map(|(number, page)| format!(" [{number}](findings/{page}.md)"));
        let words = match self.kind {
            "bad" => format!("**{}**", self.words),
            _ => self.words.clone(),
        };
        format!("{words}{}", links.collect::<String>())
    }
}

/// A library as both show it.
#[derive(Debug, Serialize)]
struct Part {
    title: String,
    facts: String,
    skipped: Option<String>,
    checks: Vec<&'static str>,
    /// Its cells in the table of all libraries.
    all: Vec<Shown>,
    lines: Vec<(String, Vec<Shown>)>,
}

impl Part {
    fn of(library: &Library, every: &[&'static str]) -> Self {
        let own = library.checks();
        let line = |line: &super::Line| {
            let cell = |check: &&str| Shown::of(&Cell::sum(check, line.cells.iter()));
            (line.solver.clone(), own.iter().map(cell).collect())
        };
        let cell = |check: &&str| Shown::of(&Cell::sum(check, library.cells()));
        let Library {
            language,
            element,
            edition,
            profile,
            ..
        } = library;
        let title = format!("{} {}", library.name, library.version);
        Part {
            title: title.trim_end().to_owned(),
            facts: match language.is_empty() {
                true => String::new(),
                false => format!("{language}, {element}; edition {edition}, profile {profile}"),
            },
            skipped: library.skipped.clone(),
            all: every.iter().map(cell).collect(),
            lines: library.solvers.iter().map(line).collect(),
            checks: own,
        }
    }
}

impl Scoreboard {
    fn parts(&self) -> (Vec<&'static str>, Vec<Part>) {
        let every = checks(self.libraries.iter());
        let parts = self.libraries.iter().map(|it| Part::of(it, &every));
        let parts = parts.collect();
        (every, parts)
    }

    /// As Markdown, for a folder that has the findings in `findings/`.
    pub fn markdown(&self) -> String {
        let (every, parts) = self.parts();
        let mut text = String::from(HEAD);
        let shown = |cells: &[Shown]| cells.iter().map(Shown::markdown).collect::<Vec<_>>();
        table(
            &mut text,
            "library",
            &every,
            &mut parts
                .iter()
                .map(|part| (plain(&part.title), shown(&part.all))),
        );
        for part in &parts {
            text += &format!("\n## {}\n\n", plain(&part.title));
            if !part.facts.is_empty() {
                text += &format!("{}\n\n", plain(&part.facts));
            }
            match &part.skipped {
                Some(reason) => text += &format!("Skipped: {}\n", plain(reason)),
                None => table(
                    &mut text,
                    "solver",
                    &part.checks,
                    &mut part
                        .lines
                        .iter()
                        .map(|(solver, cells)| (plain(solver), shown(cells))),
                ),
            }
        }
        text
    }

    /// As a page of its own, for the same folder.
    ///
    /// # Errors
    /// `E-FORMAT` if the template is broken.
    pub fn html(&self) -> Result<String> {
        let (every, parts) = self.parts();
        render("scoreboard.html", context! { every, parts => Serde(parts) })
    }
}

const HEAD: &str = "\
<!-- generated by `make peers` from docs/scoreboard.json -->

# Scoreboard

Libraries that nobody here wrote, asked by `dpm-spec check` as they come from their packages \
([how](../tests/testees/peers/README.md)). \
A number is how many cases were asked and are right; where some are not, a number in brackets \
leads to the page that says what was measured, and how to measure it again. Empty: not declared, \
or nothing that the suite can ask. What `imprecise` and `deviates` mean: \
[conformance](../spec/conformance.md#verdicts).

";

fn table(
    text: &mut String,
    first: &str,
    columns: &[&str],
    rows: &mut dyn Iterator<Item = (String, Vec<String>)>,
) {
    *text += &format!("| {first} | {} |\n", columns.join(" | "));
    *text += &format!("|{}\n", "---|".repeat(columns.len() + 1));
    for (name, cells) in rows {
        *text += &format!("| {name} | {} |\n", cells.join(" | "));
    }
}

/// A text that Markdown leaves as it is.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            '<' => plain += "&lt;",
            '&' => plain += "&amp;",
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' => plain.extend(['\\', letter]),
            _ => plain.push(letter),
        }
    }
    plain
}
