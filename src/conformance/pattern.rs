//! Patterns over case ids. They match whole components: `core/dpmpp-2m` is no beginning of
//! `core/dpmpp-2m-exact`. Clauses: `CONFORM-PATTERN-*` of `spec/conformance.md`.

use super::case::{Case, Setting};
use super::edition::one_by_one;
use crate::error::{Code, Error, Result};
use crate::id::suggestion;
use std::collections::BTreeSet;
use std::fmt;

/// What the components of an id are.
const COMPONENTS: [&str; 4] = ["level", "solver", "check", "schedule"];

/// The axes that every id has. A pattern that names both names all axes.
const ALWAYS: [&str; 2] = ["n=", "grid="];

/// A choice of cases by their ids.
///
/// ```
/// use dpm_spec::conformance::Pattern;
///
/// let pattern = Pattern::parse("core/*/rows/vp-linear:n=10")?;
/// assert!(pattern.matches("core/dpmpp-2m/rows/vp-linear:n=10:grid=time"));
/// assert!(!pattern.matches("core/dpmpp-2m/rows/vp-linear:n=1:grid=time"));
/// # Ok::<(), dpm_spec::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// Level, solver, check and schedule, as far as given; none for `*`.
    components: Vec<Option<String>>,
    /// The axes that are named.
    axes: Vec<String>,
    /// How many more axes there are for each a `*`.
    stars: usize,
}

impl Pattern {
    /// Parses `level/solver/check/schedule:axis=value...`; later components may be left out.
    ///
    /// # Errors
    /// `E-PARAMETER` for an empty pattern or component, a `*` beside other letters, a fifth
    /// component, an axis given twice, an axis before the fourth component, a blank.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |what: String, remedy: &str| {
            Err(Error::new(
                Code::Parameter,
                what,
                format!("pattern `{}`", text.escape_debug()),
                remedy,
            ))
        };
        let example = "write level/solver/check/schedule:axis=value, such as core/dpmpp-2m or core/*/rows/vp-linear:n=10";
        if text.is_empty() {
            return wrong("a pattern is empty".to_owned(), example);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return wrong("a pattern has no blanks".to_owned(), example);
        }
        let components: Vec<&str> = text.split('/').collect();
        if components.len() > COMPONENTS.len() {
            return wrong("an id has four components".to_owned(), example);
        }
        let (heads, axes) = split(text);
        for piece in heads.iter().chain(&axes) {
            if piece.is_empty() {
                return wrong("a component is empty".to_owned(), "write * for any");
            }
            if piece.contains('*') && *piece != "*" {
                return wrong(
                    format!("`*` stands for a whole component, not for a part of `{piece}`"),
                    "write * alone, or leave the axis out",
                );
            }
        }
        if !axes.is_empty() && heads.len() < COMPONENTS.len()
            || heads.iter().any(|head| head.contains(':'))
        {
            return wrong("axes follow the schedule".to_owned(), example);
        }
        let stars = axes.iter().filter(|axis| **axis == "*").count();
        let named: Vec<String> = axes
            .iter()
            .filter(|axis| **axis != "*")
            .map(|it| (*it).to_owned())
            .collect();
        let keys: BTreeSet<&str> = named.iter().map(|axis| key(axis)).collect();
        if keys.len() < named.len() {
            return wrong("an axis is given twice".to_owned(), "give each axis once");
        }
        Ok(Pattern {
            text: text.to_owned(),
            components: heads
                .iter()
                .map(|head| (*head != "*").then(|| (*head).to_owned()))
                .collect(),
            axes: named,
            stars,
        })
    }

    /// Whether it matches the case of this id.
    pub fn matches(&self, id: &str) -> bool {
        let (components, axes) = split(id);
        let further = axes.len().checked_sub(self.axes.len() + self.stars);
        let fits = match further {
            None => false,
            Some(further) => further == 0 || !self.names_all_axes(),
        };
        fits && self.begins(&components, self.components.len())
            && self.axes.iter().all(|axis| axes.contains(&axis.as_str()))
    }

    /// Whether no other case than the one of the id that it is written as can match.
    pub fn is_id(&self) -> bool {
        let named = self.components.iter().flatten().count();
        named == COMPONENTS.len() && self.names_all_axes() && self.stars == 0
    }

    fn names_all_axes(&self) -> bool {
        let named = |start: &&str| self.axes.iter().any(|axis| axis.starts_with(start));
        ALWAYS.iter().all(named)
    }

    /// Whether its first components, this many, match.
    fn begins(&self, components: &[&str], many: usize) -> bool {
        let mut pairs = self.components.iter().take(many).zip(components);
        self.components.len() <= components.len()
            && pairs.all(|(wanted, got)| wanted.as_deref().is_none_or(|wanted| wanted == *got))
    }

    /// What to say of a pattern that matches none of these ids.
    fn unmatched(&self, ids: &[String]) -> Error {
        let mut remedy =
            "`dpm-spec list cases` prints every id; a pattern that has n and grid names every axis"
                .to_owned();
        for (place, wanted) in self.components.iter().enumerate() {
            let split = ids.iter().map(|id| split(id).0);
            let reached = split.filter(|it| self.begins(it, place));
            let names: BTreeSet<&str> = reached.filter_map(|it| it.get(place).copied()).collect();
            if let Some(wanted) = wanted.as_deref().filter(|wanted| !names.contains(wanted)) {
                let names: Vec<&str> = names.into_iter().collect();
                remedy = format!(
                    "{} `{wanted}`: {}",
                    COMPONENTS[place],
                    suggestion(wanted, &names)
                );
                break;
            }
        }
        Error::new(
            Code::Parameter,
            "matches no case of the edition",
            format!("pattern `{self}`"),
            remedy,
        )
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The components of an id or a pattern, the last without its axes, and the axes. A grid's own
/// parameters are axes like all others: nobody needs to know which ones belong to it.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    let mut components: Vec<&str> = text.split('/').collect();
    let mut axes = Vec::new();
    if let Some(last) = components.last_mut() {
        let mut pieces = last.split(':');
        *last = pieces.next().unwrap_or_default();
        axes.extend(pieces);
    }
    (components, axes)
}

fn key(axis: &str) -> &str {
    axis.split_once('=').map_or(axis, |(key, _)| key)
}

/// The text with its axes in one order: two patterns that name the same case agree in it.
pub(super) fn canonical(text: &str) -> String {
    let (components, mut axes) = split(text);
    axes.sort_unstable();
    [components.join("/")]
        .into_iter()
        .chain(axes.into_iter().map(str::to_owned))
        .collect::<Vec<_>>()
        .join(":")
}

/// The cases that at least one of several patterns matches; every case if there is none.
#[derive(Clone, Debug, Default)]
pub struct Only(Vec<Pattern>);

impl Only {
    /// Parses patterns, each of which must match something in these settings.
    ///
    /// # Errors
    /// Those of [`Pattern::parse`]; `E-PARAMETER` for a pattern that matches no case, with the
    /// nearest name.
    pub fn parse(texts: &[String], settings: &[Setting]) -> Result<Self> {
        Self::matching(texts, || settings.iter().cloned())
    }

    /// The same with every setting of the edition, which are never held all at once.
    ///
    /// # Errors
    /// As [`Only::parse`].
    pub fn of_edition(texts: &[String]) -> Result<Self> {
        Self::matching(texts, one_by_one)
    }

    fn matching<S: Iterator<Item = Setting>>(
        texts: &[String],
        settings: impl Fn() -> S,
    ) -> Result<Self> {
        let patterns = texts.iter().map(|text| Pattern::parse(text));
        let patterns: Vec<Pattern> = patterns.collect::<Result<_>>()?;
        let of = |setting: Setting| {
            setting
                .cases()
                .map(|case| case.to_string())
                .collect::<Vec<_>>()
        };
        let ids = || settings().flat_map(of);
        let mut waiting: Vec<&Pattern> = patterns.iter().collect();
        for id in ids() {
            if waiting.is_empty() {
                break;
            }
            waiting.retain(|pattern| !pattern.matches(&id));
        }
        match waiting.first() {
            Some(pattern) => Err(pattern.unmatched(&ids().collect::<Vec<_>>())),
            None => Ok(Only(patterns)),
        }
    }

    /// Whether a case is chosen.
    pub fn has(&self, case: &Case) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let id = case.to_string();
        self.0.iter().any(|pattern| pattern.matches(&id))
    }
}
