//! What a sampler declares that no case of the edition asks it: nobody should take it for tested.

use super::edition::one_by_one;
use super::{Case, Declaration, Setting, Subject, explored};
use crate::policy::Policy;
use crate::recipe::StateSpace;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Random settings among which one is looked for that asks it.
const EXPLORED: u64 = 200;

/// Something that is declared, but that no case asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unasked {
    /// `solver`, `schedule`, `prediction`, `policy`, `state space` or `grid`.
    pub kind: String,
    /// The id.
    pub id: String,
    /// Whether `dpm-spec explore` asks it.
    pub explored: bool,
}

impl fmt::Display for Unasked {
    /// `solver dpmpp-2s:r1=1/3 (dpm-spec explore asks it)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unasked { kind, id, explored } = self;
        let hint = match explored {
            true => " (dpm-spec explore asks it)",
            false => "",
        };
        write!(f, "{kind} {id}{hint}")
    }
}

impl Unasked {
    /// As a person is told of it.
    pub fn sentence(&self, edition: &str) -> String {
        format!("declared, but asked by no case of edition {edition}: {self}")
    }
}

/// Kind and id of what is declared, and whether a setting asks it.
type Item<'a> = (&'static str, String, Box<dyn Fn(&Setting) -> bool + 'a>);

impl Declaration {
    /// What is declared, but asked by none of the edition's cases that apply: parameters and
    /// policies that no case has, or none of a solver and a schedule that are declared. The default
    /// policy and the schedules' own coordinates are everyone's.
    pub fn unasked(&self) -> Vec<Unasked> {
        let mut idle = self.items();
        for setting in one_by_one() {
            let applies = |case: Case| case.inapplicable(self).is_none();
            if !idle.is_empty() && setting.cases().any(applies) {
                idle.retain(|(.., has)| !has(&setting));
            }
        }
        if idle.is_empty() {
            return Vec::new();
        }
        let random = (0..EXPLORED).filter_map(|number| explored(0, number, self));
        let random: Vec<Setting> = random.collect();
        idle.into_iter()
            .map(|(kind, id, has)| Unasked {
                kind: kind.to_owned(),
                id,
                explored: random.iter().any(has),
            })
            .collect()
    }

    /// Everything that is declared by its id.
    fn items(&self) -> Vec<Item<'_>> {
        let run = |of: &Setting| matches!(of.subject, Subject::Run | Subject::Steps);
        let mut items: Vec<Item<'_>> = Vec::new();
        for it in &self.solvers {
            let has = move |of: &Setting| run(of) && of.request.recipe.solver == *it;
            items.push(("solver", it.to_string(), Box::new(has)));
        }
        for it in &self.schedules {
            let has = move |of: &Setting| run(of) && of.request.schedule == *it;
            items.push(("schedule", it.to_string(), Box::new(has)));
        }
        for it in &self.predictions {
            let has = move |of: &Setting| run(of) && of.request.recipe.prediction == *it;
            items.push(("prediction", it.name().to_owned(), Box::new(has)));
        }
        for it in self.policies.iter().filter(|it| **it != Policy::default()) {
            let has = move |of: &Setting| run(of) && of.request.policy() == *it;
            items.push(("policy", it.to_string(), Box::new(has)));
        }
        for it in self.spaces.iter().filter(|it| **it == StateSpace::Ve) {
            let has = move |of: &Setting| run(of) && of.request.recipe.state_space == *it;
            items.push(("state space", it.name().to_owned(), Box::new(has)));
        }
        for it in &self.grids {
            let has = move |of: &Setting| of.subject == Subject::Nodes && of.request.grid == *it;
            items.push(("grid", it.to_string(), Box::new(has)));
        }
        items
    }
}
