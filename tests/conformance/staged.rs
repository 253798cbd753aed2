//! DPM-Solver++(2S) and (3S), DPM-Solver-2 and -3, and the two-step solver on noise predictions,
//! written from the papers, with slips as real libraries have made them.

use crate::curves::{Curve, Place};
use dpm_spec::conformance::{Declaration, Model, Noise, Precision, Sampler, Stop, Task};
use dpm_spec::policy::Blocks;
use dpm_spec::recipe::StateSpace;
use dpm_spec::solver::{Method, Side};

/// What is done otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Slip {
    None,
    StageToldStart,
    StageToldEnd,
    StageToldMiddle,
    StageInTime,
    StageInSigma,
    StageOfWholeStep,
    StagesSwapped,
    SecondStageAtHalf,
    FirstStageAtThird,
    SecondStageOfOrderOne,
    LastDividedByFirst,
    LastTakesFirstStage,
    OutputsReversed,
    DifferenceHalved,
    DifferenceSignFlipped,
    LambdaIsTime,
    LambdaIsLogSigma,
    TwoOfOrderOneAtThreeNMinusOne,
    FullBlocksAtThreeN,
    SignOfOutputs,
    AlphaAndSigmaSwapped,
    AlphaOfSource,
    IndexOffByOne,
    IndexTruncated,
    StepsByTheMeanStride,
    LastNodeRepeated,
}

pub(crate) struct Staged {
    pub(crate) slip: Slip,
}

const FAST: &str = "blocks=fast,outer=nodes";

/// (e^z - 1 - z)/z^2.
fn phi2(z: f64) -> f64 {
    if z.abs() > 1.0 {
        return (z.exp_m1() - z) / (z * z);
    }
    let (mut term, mut sum) = (0.5, 0.0);
    for k in 3..24 {
        sum += term;
        term *= z / f64::from(k);
    }
    sum
}

/// A step in lambda of a solver that integrates data (c = -1) or noise (c = 1).
struct Step<'a> {
    from: Place,
    h: f64,
    c: f64,
    x: &'a [f64],
    slip: Slip,
}

impl Step<'_> {
    /// The integral of e^{c u} over the first part of the step.
    fn gain(&self, part: f64) -> f64 {
        (self.c * part * self.h).exp_m1() / self.c
    }

    /// The same of a prediction that grows from 0 to 1.
    fn slope(&self, part: f64) -> f64 {
        part * self.h * phi2(self.c * part * self.h)
    }

    /// The state at `to`, from the one at the start and weighted outputs.
    fn state(&self, to: Place, outputs: &[(f64, &[f64])]) -> Vec<f64> {
        let alpha = match self.slip {
            Slip::AlphaOfSource => self.from.alpha,
            _ => to.alpha,
        };
        let sign = match self.slip {
            Slip::SignOfOutputs => -1.0,
            _ => 1.0,
        };
        let (kept, gained) = match self.c < 0.0 {
            true => (to.sigma / self.from.sigma, sign * alpha),
            false => (alpha / self.from.alpha, -sign * to.sigma),
        };
        let element = |i: usize| {
            let sum: f64 = outputs.iter().map(|(weight, m)| weight * m[i]).sum();
            kept * self.x[i] + gained * sum
        };
        (0..self.x.len()).map(element).collect()
    }
}

/// As many blocks of order 3 as fit; 2 and 1 at the end of a multiple of 3 (DPM-Solver, appendix D).
fn fast(order: usize, calls: usize, slip: Slip) -> Vec<usize> {
    let mut orders = vec![order; calls / order];
    match (order, calls % order) {
        (3, 0) if slip != Slip::FullBlocksAtThreeN => {
            orders.pop();
            orders.extend([2, 1]);
        }
        (3, 2) if slip == Slip::TwoOfOrderOneAtThreeNMinusOne => orders.extend([1, 1]),
        (_, 0) => {}
        (_, rest) => orders.push(rest),
    }
    orders
}

impl Staged {
    fn is(&self, slip: Slip) -> bool {
        self.slip == slip
    }

    /// The place of a time, as this sampler takes it.
    fn place(&self, curve: &Curve, t: f64) -> Place {
        self.taken(curve.at(t))
    }

    fn taken(&self, mut place: Place) -> Place {
        match self.slip {
            Slip::AlphaAndSigmaSwapped => std::mem::swap(&mut place.alpha, &mut place.sigma),
            Slip::LambdaIsTime => place.lambda = -place.t,
            Slip::LambdaIsLogSigma => place.lambda = -place.sigma.ln(),
            _ => {}
        }
        place
    }

    /// Where a stage lies.
    fn stage(&self, curve: &Curve, [from, to]: [Place; 2], part: f64) -> Place {
        let between = |of: fn(&Place) -> f64| of(&from) + part * (of(&to) - of(&from));
        let place = match self.slip {
            Slip::StageInTime | Slip::LambdaIsTime => curve.at(between(|it| it.t)),
            Slip::StageInSigma => curve.at_lambda(-between(|it| it.sigma / it.alpha).ln()),
            Slip::LambdaIsLogSigma if curve.is_scaled() => {
                curve.at_lambda(-between(|it| it.sigma.ln()))
            }
            Slip::LambdaIsLogSigma => {
                let sigma = between(|it| it.sigma.ln()).exp();
                curve.at_lambda(((1.0 - sigma) * (1.0 + sigma)).sqrt().ln() - sigma.ln())
            }
            _ => curve.at_lambda(between(|it| it.lambda)),
        };
        self.taken(place)
    }

    /// The time that is told for a place, in a step.
    fn told(&self, curve: &Curve, place: Place) -> f64 {
        match self.slip {
            Slip::IndexOffByOne if curve.is_table() => place.t - 1.0,
            Slip::IndexTruncated if curve.is_table() => place.t.floor(),
            _ => place.t,
        }
    }

    /// The state at a stage and the model's output there.
    fn evaluated(
        &self,
        curve: &Curve,
        model: &mut Model<'_, f64>,
        [from, at, to]: [Place; 3],
        state: &[f64],
    ) -> Result<Vec<f64>, Stop> {
        let time = match self.slip {
            Slip::StageToldStart => from.t,
            Slip::StageToldEnd => to.t,
            Slip::StageToldMiddle => (from.t + to.t) / 2.0,
            _ => self.told(curve, at),
        };
        model.call(time, state)
    }

    /// One block of an order, from a state with the model's output at its start.
    fn block(
        &self,
        curve: &Curve,
        model: &mut Model<'_, f64>,
        order: usize,
        step: &Step<'_>,
        to: Place,
        m: &[f64],
    ) -> Result<Vec<f64>, Stop> {
        let from = step.from;
        if order == 1 {
            return Ok(step.state(to, &[(step.gain(1.0), m)]));
        }
        let [r1, r2] = match (order, self.slip) {
            (2, Slip::FirstStageAtThird) => [1.0 / 3.0, 1.0],
            (2, _) => [0.5, 1.0],
            (_, Slip::StagesSwapped) => [2.0 / 3.0, 1.0 / 3.0],
            (_, Slip::SecondStageAtHalf) => [1.0 / 3.0, 0.5],
            _ => [1.0 / 3.0, 2.0 / 3.0],
        };
        let whole = self.is(Slip::StageOfWholeStep);
        let up_to = |part: f64| if whole { 1.0 } else { part };
        let at = self.stage(curve, [from, to], r1);
        let state = step.state(at, &[(step.gain(up_to(r1)), m)]);
        let m1 = self.evaluated(curve, model, [from, at, to], &state)?;
        let difference = match self.slip {
            Slip::DifferenceHalved => 0.5,
            Slip::DifferenceSignFlipped => -1.0,
            _ => 1.0,
        };
        if order == 2 {
            let half = difference * step.gain(1.0) / (2.0 * r1);
            let weights = [step.gain(1.0) - half, half];
            let [m, m1] = match self.slip {
                Slip::OutputsReversed => [m1.as_slice(), m],
                _ => [m, &m1],
            };
            return Ok(step.state(to, &[(weights[0], m), (weights[1], m1)]));
        }
        let at = self.stage(curve, [from, to], r2);
        let second = match self.slip {
            Slip::SecondStageOfOrderOne => 0.0,
            _ => difference * r2 / r1 * step.slope(up_to(r2)),
        };
        let state = step.state(at, &[(step.gain(up_to(r2)) - second, m), (second, &m1)]);
        let m2 = self.evaluated(curve, model, [from, at, to], &state)?;
        let divisor = if self.is(Slip::LastDividedByFirst) {
            r1
        } else {
            r2
        };
        let last = difference / divisor * step.slope(1.0);
        let stage = match self.slip {
            Slip::LastTakesFirstStage => &m1,
            _ => &m2,
        };
        Ok(step.state(to, &[(step.gain(1.0) - last, m), (last, stage)]))
    }
}

impl Sampler for Staged {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("staged", Precision::F64);
        let declared = declared.solvers(["dpmpp-2s", "dpmpp-3s", "dpm-2s", "dpm-3s", "dpm-2m"]);
        let declared =
            declared.and_then(|it| it.schedules(["vp-linear", "discrete-linear", "edm"]));
        let declared = declared.and_then(|it| it.policies([FAST])).unwrap();
        declared.spaces(&[StateSpace::Vp, StateSpace::Ve]).local()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        let curve = Curve::of(&task.schedule, task.space);
        let (times, steps) = (task.times::<f64>(), task.steps);
        let order = task.solver.method.outputs();
        let multistep = task.solver.method == Method::TwoM;
        let orders = match task.policy.blocks {
            Blocks::Fast(_) => fast(order, steps, self.slip),
            _ if multistep => vec![1; steps],
            _ => vec![order; steps],
        };
        let c = match task.solver.entry.side {
            Side::Data => -1.0,
            Side::Noise => 1.0,
        };
        let (mut x, mut node) = (start, 0);
        let mut before: Option<(f64, Vec<f64>)> = None;
        for order in orders {
            let stride = match task.policy.blocks {
                Blocks::Fast(_) => order,
                _ => 1,
            };
            let (s, mut t) = (times[node], times[node + stride]);
            node += stride;
            if self.is(Slip::StepsByTheMeanStride) && curve.is_table() {
                t = (s - (1000 / steps * stride) as f64).max(0.0);
            }
            if self.is(Slip::LastNodeRepeated) && node == steps {
                t = s;
            }
            x = model.restart(x);
            let (from, to) = (self.place(&curve, s), self.place(&curve, t));
            let m = model.call(self.told(&curve, from), &x)?;
            let step = Step {
                from,
                h: to.lambda - from.lambda,
                c,
                x: &x,
                slip: self.slip,
            };
            let h = step.h;
            let next = match &before {
                Some((older_h, older)) => {
                    let part = step.gain(1.0) * h / (2.0 * older_h);
                    step.state(to, &[(step.gain(1.0) + part, &m), (-part, older)])
                }
                None => self.block(&curve, model, order, &step, to, &m)?,
            };
            x = next;
            if multistep {
                before = Some((h, m));
            }
        }
        Ok(x)
    }
}
