//! What is proved of a solver, by whichever route.

use super::eta::{self, EtaProof};
use super::moments::{self, Leading, Moments, Proven};
use super::ratios::{self, Claim, RatioProof};
use super::trees::{self, Condition, Examination};
use super::whole_run::after_usual_start;
use crate::arithmetic::{Rational, rational};
use crate::solver::{Family, Method, Solver, claimed_order};
use serde_json::{Value, json};

/// What is proved of the order of a solver.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The solver's id.
    pub solver: String,
    /// What the catalogue says.
    pub claimed: String,
    /// What is proved: for a stochastic solver, of its drift.
    pub proven: Proven,
    /// Proof or sample.
    pub evidence: Evidence,
    /// The condition that fails for the next order.
    pub first_failing: Option<Failing>,
    /// Conditions that hold for every h, not only as h tends to 0.
    pub identically_exact: Vec<String>,
    /// Order of a whole run that starts as usual: `ddim`, then `2m`, then the method.
    pub with_ddim_start: u32,
    /// Every condition that fails for the next order: together the leading term of a step's error.
    pub error_constants: Vec<Failing>,
    /// What proves it.
    pub grounds: Grounds,
}

/// Whether what was computed covers every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It does.
    Proof,
    /// Some ratios were tried.
    Sampled,
}

/// An order condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Its name, and the powers that its coefficient belongs to.
    pub condition: String,
    /// The coefficient, an exact fraction.
    pub leading: String,
}

/// Everything that was computed.
#[derive(Clone, Debug)]
pub enum Grounds {
    /// Moments of a multistep method.
    Moments(Moments),
    /// The drift and the noise of `ddim-eta`.
    Eta(EtaProof),
    /// Trees of a single-step method at its own stages, and for all stages at once.
    Trees {
        /// At the stages of this solver, for c = [`ratios::C`].
        examination: Examination,
        /// For all stage positions; none if there are no degree bounds.
        all_stages: Option<RatioProof>,
    },
}

/// Proves the order of a solver.
pub fn prove(solver: &Solver) -> Proof {
    let method = solver.method;
    match method.family() {
        Family::Multistep if method == Method::DdimEta => by_eta(solver),
        Family::Multistep => by_moments(solver),
        Family::Singlestep => by_trees(solver),
    }
}

impl Proof {
    /// True if the proof gives the order that the catalogue claims, and is a proof.
    pub fn confirms(&self) -> bool {
        let claimed = claimed_drift(&self.claimed, &self.solver);
        self.evidence == Evidence::Proof && claimed == Some(self.proven.arbitrary)
    }

    /// `moments` or `trees`.
    pub fn method(&self) -> &'static str {
        match self.grounds {
            Grounds::Moments(_) | Grounds::Eta(_) => "moments",
            Grounds::Trees { .. } => "trees",
        }
    }

    /// One entry of `dpm-spec order --json`.
    pub fn to_json(&self) -> Value {
        let constants: Vec<Value> = self.error_constants.iter().map(Failing::to_json).collect();
        json!({
            "solver": self.solver,
            "claimed": self.claimed,
            "proven": {
                "arbitrary": self.proven.arbitrary,
                "smooth": self.proven.smooth,
                "uniform": self.proven.uniform,
            },
            "method": self.method(),
            "evidence": match self.evidence {
                Evidence::Proof => "proof",
                Evidence::Sampled => "sampled",
            },
            "first_failing": self.first_failing.as_ref().map(Failing::to_json),
            "identically_exact": self.identically_exact,
            "with_ddim_start": self.with_ddim_start,
            "error_constants": constants,
        })
    }
}

impl Failing {
    fn to_json(&self) -> Value {
        json!({ "condition": self.condition, "leading": self.leading })
    }
}

/// The order of the drift that a claim of the catalogue comes to, where it is another than the weak one.
fn claimed_drift(claim: &str, solver: &str) -> Option<u32> {
    let drift = claim.split_once(", drift ").map(|(_, drift)| drift);
    claimed_order(drift.unwrap_or(claim), solver)
}

fn by_moments(solver: &Solver) -> Proof {
    let moments = moments::examine(&solver.method);
    let error_constants: Vec<Failing> = {
        let failing = |leading: &Leading| leading.failing(moments.in_rho);
        moments.principal.iter().map(failing).collect()
    };
    let names = moments.identically_exact.iter().map(|j| format!("R_{j}"));
    Proof {
        solver: solver.to_string(),
        claimed: solver.entry.order.to_owned(),
        proven: moments.proven,
        evidence: match moments.degrees {
            Some(_) => Evidence::Proof,
            None => Evidence::Sampled,
        },
        first_failing: error_constants.first().cloned(),
        identically_exact: names.collect(),
        with_ddim_start: after_usual_start(moments.proven.arbitrary, solver.method),
        error_constants,
        grounds: Grounds::Moments(moments),
    }
}

impl Leading {
    fn failing(&self, in_rho: bool) -> Failing {
        let powers = powers(self.power, self.moment + 1);
        let ratios: Vec<String> = self
            .ratios
            .iter()
            .enumerate()
            .map(|(i, r)| format!(", r{i} = {r}"))
            .collect();
        let elsewhere = self.ratios.iter().any(|r| *r != rational(1, 1));
        Failing {
            condition: format!(
                "R_{}{} at {powers}{}",
                self.moment,
                if in_rho { " in rho" } else { "" },
                if elsewhere {
                    ratios.concat()
                } else {
                    String::new()
                }
            ),
            leading: described(self.value.as_ref()),
        }
    }
}

fn by_eta(solver: &Solver) -> Proof {
    let proof = eta::examine();
    let order = proof.order();
    Proof {
        solver: solver.to_string(),
        claimed: solver.entry.order.to_owned(),
        proven: every_grid(order),
        evidence: Evidence::Proof,
        first_failing: proof.first_failing(),
        identically_exact: Vec::new(),
        with_ddim_start: order,
        error_constants: proof.defects.iter().map(eta::Defect::failing).collect(),
        grounds: Grounds::Eta(proof),
    }
}

fn by_trees(solver: &Solver) -> Proof {
    let (num, den) = ratios::C;
    let examination = trees::examine(&solver.method, rational(num, den));
    let error_constants: Vec<Failing> = examination.principal().map(failing_tree).collect();
    let identical = examination.identically_exact().into_iter();
    Proof {
        solver: solver.to_string(),
        claimed: solver.entry.order.to_owned(),
        proven: every_grid(examination.order),
        evidence: Evidence::Proof,
        first_failing: error_constants.first().cloned(),
        identically_exact: identical.map(str::to_owned).collect(),
        with_ddim_start: examination.order,
        error_constants,
        grounds: Grounds::Trees {
            all_stages: Claim::of(solver.method)
                .and_then(|claim| ratios::prove(&solver.method, claim)),
            examination,
        },
    }
}

/// A step that remembers nothing has one order on all grids.
fn every_grid(order: u32) -> Proven {
    Proven {
        arbitrary: order,
        smooth: order,
        uniform: order,
    }
}

fn failing_tree(condition: &Condition) -> Failing {
    let (power, value) = condition.leading().unwrap_or((0, None));
    let powers = powers(power as usize, condition.tree.vertices);
    Failing {
        condition: format!("tree {} at {powers}", condition.tree.name),
        leading: described(value.as_ref()),
    }
}

/// h^power with what it takes of c: a condition of weight w depends on h^w and c h alone.
fn powers(power: usize, weight: usize) -> String {
    match power.saturating_sub(weight) {
        0 => format!("h^{power}"),
        1 => format!("c h^{power}"),
        n => format!("c^{n} h^{power}"),
    }
}

fn described(value: Option<&rug::Rational>) -> String {
    value.map_or_else(|| "not known".to_owned(), rug::Rational::to_string)
}

pub(super) fn fraction(value: Rational) -> rug::Rational {
    rug::Rational::from((*value.numer(), *value.denom()))
}
