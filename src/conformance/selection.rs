//! Which cases of an edition a run asks.

use super::case::{Case, Level, Setting};
use crate::error::{Code, Error, Result};
use crate::id::choose;
use std::num::NonZeroUsize;

/// A named choice of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Every MUST.
    Core,
    /// Every MUST and SHOULD.
    All,
    /// Every MUST in 3, 5 and 10 steps.
    Quick,
}

const PROFILES: &[(&str, Profile)] = &[
    ("core", Profile::Core),
    ("all", Profile::All),
    ("quick", Profile::Quick),
];

impl Profile {
    /// Parses `core`, `all` or `quick`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        choose(text, PROFILES, Code::Parameter, "profile")
    }

    /// The name as typed.
    pub fn name(self) -> &'static str {
        let mut names = PROFILES.iter();
        names
            .find(|(_, it)| *it == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether a case belongs to it.
    pub fn has(self, case: &Case) -> bool {
        match self {
            Profile::Core => case.level == Level::Core,
            Profile::All => true,
            Profile::Quick => case.level == Level::Core && matches!(case.request.steps, 3 | 5 | 10),
        }
    }
}

/// One of several parts that together ask everything once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub part: NonZeroUsize,
    /// How many there are.
    pub of: NonZeroUsize,
}

impl Shard {
    /// Parses `K/N`.
    ///
    /// # Errors
    /// `E-PARAMETER` unless 1 <= K <= N.
    pub fn parse(text: &str) -> Result<Self> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((part, of)) if part <= of => Ok(Shard { part, of }),
            _ => Err(Error::new(
                Code::Parameter,
                format!("`{text}`"),
                "shard",
                "write K/N with 1 <= K <= N, such as 1/4",
            )),
        }
    }

    /// Its settings: every N-th.
    pub fn part(self, settings: Vec<Setting>) -> Vec<Setting> {
        let mine = settings.into_iter().skip(self.part.get() - 1);
        mine.step_by(self.of.get()).collect()
    }
}
