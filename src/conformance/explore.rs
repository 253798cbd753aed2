//! Random settings: uneven nodes, any eta, any number of steps. What they find becomes a fixed case.

use super::Declaration;
use super::case::{Setting, Subject, integrated};
use crate::arithmetic::{Rational, rational};
use crate::grid::{Grid, Unit};
use crate::noise::philox4x32;
use crate::plan::{Request, derive};
use crate::recipe::Recipe;
use std::collections::BTreeSet;

/// The most steps.
const MOST_STEPS: u64 = 40;

/// Attempts at a setting that a recipe can do.
const ATTEMPTS: usize = 64;

/// The `number`-th random setting of a seed for a sampler: the same every time. None if nothing
/// that the sampler declares goes together.
pub fn explored(seed: u64, number: u64, declared: &Declaration) -> Option<Setting> {
    let mut random = Random {
        seed,
        number,
        drawn: 0,
    };
    (0..ATTEMPTS).find_map(|_| attempt(&mut random, declared, seed, number))
}

fn attempt(random: &mut Random, declared: &Declaration, seed: u64, number: u64) -> Option<Setting> {
    let solver = *random.one_of(&declared.solvers)?;
    let schedule = random.one_of(&declared.schedules)?.clone();
    let recipe = Recipe::new(solver, &schedule);
    let usual = integrated(recipe.form().side);
    let predictions = [&[usual], declared.predictions.as_slice()].concat();
    let eta = match solver.entry.stochastic {
        true => rational(i128::from(random.below(17)), 16),
        false => rational(0, 1),
    };
    let recipe = Recipe {
        eta,
        prediction: *random.one_of(&predictions)?,
        policy: *random.one_of(&declared.policies)?,
        state_space: *random.one_of(&declared.spaces)?,
        ..recipe
    };
    recipe.check(&schedule).ok()?;
    let steps = 1 + random.below(MOST_STEPS);
    let (first, last) = schedule.domain();
    // Times on a fine lattice inside the domain, not evenly spread; indices where there are some.
    let pieces = match schedule.discrete() {
        Some(discrete) => discrete.count as u64 - 1,
        None => 1 << 12,
    };
    let mut places = BTreeSet::new();
    while (places.len() as u64) < (steps + 1).min(pieces - 1) {
        places.insert(1 + random.below(pieces - 1));
    }
    let time =
        |place: &u64| first + (last - first) * rational(i128::from(*place), i128::from(pieces));
    let times: Vec<Rational> = places.iter().map(time).collect();
    let steps = times.len().checked_sub(1)?;
    let grid = Grid::explicit(Unit::Time, times).ok()?;
    // Its parameters are those that the sampler declares.
    let name = schedule.to_string();
    let name = name.split(':').next().unwrap_or_default().to_owned();
    let ground = (
        name.into(),
        format!("nodes:seed={seed}:case={number}").into(),
    );
    let request = Request::new(recipe, schedule, grid, steps);
    // What cannot be planned on nodes of its own would be skipped whoever is asked.
    derive(&request, &1.0_f64).ok()?;
    Some(Setting {
        subject: Subject::Run,
        ground,
        request,
    })
}

/// Words of the portable noise: each setting has a stream of its own.
struct Random {
    seed: u64,
    number: u64,
    drawn: u64,
}

impl Random {
    fn next(&mut self) -> u32 {
        let words = |x: u64| [x as u32, (x >> 32) as u32];
        let ([a, b], [c, d]) = (words(self.drawn), words(self.number));
        self.drawn += 1;
        let [word, ..] = philox4x32([a, b, c, d], words(self.seed));
        word
    }

    /// Below `end`; the bias of the remainder is of no matter here.
    fn below(&mut self, end: u64) -> u64 {
        u64::from(self.next()) % end.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.below(all.len() as u64);
        all.get(place as usize)
    }
}
