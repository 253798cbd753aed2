//! A recipe: solver, eta, prediction, policy, state space. With a schedule and a grid it is a plan.

use crate::arithmetic::{Rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::choose;
use crate::policy::{Blocks, Final, Policy, Stages, Start};
use crate::prediction::Prediction;
use crate::schedule::Schedule;
use crate::solver::{Family, Form, Method, Solver};
use crate::threshold::Threshold;

/// The coordinates of the states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateSpace {
    /// The schedule's own x = alpha x_0 + sigma eps, alpha^2 + sigma^2 = 1.
    Vp,
    /// x/alpha: alpha becomes 1, sigma becomes sigma/alpha; the network is shown alpha (x/alpha).
    Ve,
    /// The schedule's own x with alpha + sigma = 1.
    Flow,
}

impl StateSpace {
    /// Parses `vp`, `ve` or `flow`.
    ///
    /// # Errors
    /// `E-PARAMETER` with the nearest suggestion.
    pub fn parse(text: &str) -> Result<Self> {
        let spaces = [StateSpace::Vp, StateSpace::Ve, StateSpace::Flow];
        let names = spaces.map(|space| (space.name(), space));
        choose(text, &names, Code::Parameter, "state space")
    }

    /// `vp`, `ve` or `flow`.
    pub fn name(self) -> &'static str {
        match self {
            StateSpace::Vp => "vp",
            StateSpace::Ve => "ve",
            StateSpace::Flow => "flow",
        }
    }

    /// The schedule's own coordinates.
    pub fn native(schedule: &Schedule) -> Self {
        match schedule {
            Schedule::Edm(_) => StateSpace::Ve,
            Schedule::Flow(_) => StateSpace::Flow,
            _ => StateSpace::Vp,
        }
    }
}

/// Everything about a sampler but its schedule and grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The formula.
    pub solver: Solver,
    /// Noise, in [0, 1]; 0 for deterministic solvers.
    pub eta: Rational,
    /// What the network predicts.
    pub prediction: Prediction,
    /// Start-up, final order, zero, blocks.
    pub policy: Policy,
    /// The coordinates of the states.
    pub state_space: StateSpace,
    /// Thresholding of the data prediction.
    pub threshold: Option<Threshold>,
}

impl Recipe {
    /// A recipe with defaults for the schedule: its usual prediction, its own coordinates, eta = 1 if stochastic.
    pub fn new(solver: Solver, schedule: &Schedule) -> Self {
        Recipe {
            solver,
            eta: rational(i128::from(solver.entry.stochastic), 1),
            prediction: Prediction::default_for(schedule),
            policy: Policy::default(),
            state_space: StateSpace::native(schedule),
            threshold: None,
        }
    }

    /// The form of the equation that the solver integrates.
    pub fn form(&self) -> Form {
        let eta = if self.solver.method == Method::DdimEta {
            rational(0, 1)
        } else {
            self.eta
        };
        Form {
            side: self.solver.entry.side,
            eta,
        }
    }

    /// Checks that the parts fit each other and the schedule.
    ///
    /// # Errors
    /// `E-ETA`, `E-POLICY`, `E-PREDICTION`, `E-THRESHOLD`.
    pub fn check(&self, schedule: &Schedule) -> Result<()> {
        self.prediction.check(schedule)?;
        self.check_eta()?;
        check_policy(&self.solver, &self.policy)?;
        if let Some(threshold) = self.threshold {
            threshold.check()?;
            if self.form().side != crate::solver::Side::Data {
                return Err(Error::new(
                    Code::Threshold,
                    format!("`{}` integrates the noise prediction", self.solver),
                    "threshold",
                    "choose a solver that integrates the data prediction (dpmpp-*)",
                ));
            }
        }
        let native = StateSpace::native(schedule);
        if self.state_space != native && self.state_space != StateSpace::Ve {
            return Err(Error::new(
                Code::Parameter,
                format!("state space `{}` on `{schedule}`", self.state_space.name()),
                "state space",
                format!("choose {} or ve", native.name()),
            ));
        }
        Ok(())
    }

    fn check_eta(&self) -> Result<()> {
        let (zero, one) = (rational(0, 1), rational(1, 1));
        if !self.solver.entry.stochastic && self.eta != zero {
            let what = format!("`{}` is deterministic and takes no eta", self.solver);
            return Err(Error::new(
                Code::Eta,
                what,
                "eta",
                "leave eta out, or choose sde-dpmpp-1, sde-dpmpp-2m, ddim-eta",
            ));
        }
        if self.eta < zero || self.eta > one {
            return Err(Error::new(
                Code::Eta,
                format!("eta = {}", self.eta),
                "eta",
                "choose 0 <= eta <= 1",
            ));
        }
        Ok(())
    }
}

/// Checks that a policy means something for a solver.
pub(crate) fn check_policy(solver: &Solver, policy: &Policy) -> Result<()> {
    let Policy {
        start,
        last,
        blocks,
        stages,
        ..
    } = *policy;
    let misfit = |what: &str, remedy: &str| {
        Err(Error::new(
            Code::Policy,
            what,
            format!("`{solver}`"),
            remedy,
        ))
    };
    match solver.method.family() {
        Family::Multistep if blocks != Blocks::Fixed => {
            misfit("a multistep solver has no blocks", "drop blocks=")
        }
        Family::Multistep if start == Start::RampExact && solver.method.has_own_lower_orders() => {
            misfit("its lower orders are its own", "drop start=ramp-exact")
        }
        Family::Singlestep if start != Start::Ramp => {
            misfit("a single-step solver needs no start-up", "drop start=")
        }
        Family::Multistep if stages != Stages::Ratios => {
            misfit("a multistep solver has no stages", "drop stages=")
        }
        Family::Singlestep
            if stages != Stages::Ratios
                && solver.method.stages() != solver.method.even_stages() =>
        {
            misfit(
                "stages=time places the stages itself",
                "drop r1, r2 or stages=",
            )
        }
        Family::Singlestep if stages != Stages::Ratios && blocks == Blocks::Progressive => misfit(
            "with progressive blocks stages are grid nodes",
            "drop stages=",
        ),
        Family::Singlestep if matches!(blocks, Blocks::Fast(_)) && last != Final::Full => {
            misfit("fast blocks fix the final order", "drop final=")
        }
        _ => Ok(()),
    }
}
