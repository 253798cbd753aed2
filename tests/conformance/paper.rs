//! A sampler written from the papers, by hand, with knobs that break it as real libraries were
//! broken: the suite must reject each, by the check that should.

use dpm_spec::conformance::{Declaration, Model, Noise, Precision, Sampler, Stop, Task};
use dpm_spec::solver::Method;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    None,
    RatioInverted,
    EqualStepsAssumed,
    RatioInTime,
    RatioInLogSigma,
    MeanOfSteps,
    DifferenceHalved,
    DifferenceDoubled,
    DifferenceSignFlipped,
    HistoryOffByOne,
    HistoryNeverAdvances,
    StartsSecondOrder,
    NeverLeavesFirstOrder,
    LastStepEuler,
    LastStepLeftOut,
    FirstNodeRepeated,
    OutputTakenForNoise,
    ExponentialWithoutMinusOne,
    SignOfStepFlipped,
    AlphaOfSource,
    SigmaOfSource,
    StateFactorInverted,
    LabelOfTarget,
    LabelOfFirstNode,
    LabelRounded,
    LabelInThousands,
    ExtraCallAtEnd,
    ExtraCallEachStep,
    CallLeftOut,
    NanWithOneStep,
    NanAtThreeNMinusOne,
    PanicsWithTwoSteps,
    KeepsHistoryBetweenRuns,
    CountsRuns,
    BreaksInSecondRun,
    CountsCalls,
    DrawsAtEtaZero,
    DrawsTwice,
    NoiseIsVariance,
    NoiseWithoutEta,
    DriftWithoutEta,
    NoiseLeftOutAtEnd,
    ResultIsPrediction,
    WrongLength,
    RunsForEver,
    AveragesStates,
    ClampsOutputs,
    ClampsStates,
    NoiseHalved,
    WeightsInSinglePrecision,
    SigmaByCancellation,
    SigmaByCancellationAndLabelOfTarget,
    WeightsOnePercentOff,
    RestartsLeftOut,
    LambdaIsTime,
    LambdaIsLogSigma,
    NodesRounded,
    NodesShifted,
    FirstStepLeftOut,
    NoiseOfEtaOne,
    InterpolatedInTime,
    RestartsIgnored,
    HistoryOfZerosInside,
    StartScaledInside,
}

pub(crate) struct Paper {
    pub(crate) mistake: Mistake,
    kept: Option<(Vec<f64>, f64)>,
    runs: usize,
}

impl Paper {
    pub(crate) fn new(mistake: Mistake) -> Self {
        Paper {
            mistake,
            kept: None,
            runs: 0,
        }
    }

    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == mistake
    }
}

/// alpha, sigma, lambda of vp-linear with the usual betas.
fn marginal(t: f64, cancels: bool) -> (f64, f64, f64) {
    let log_alpha = -0.25 * t * t * 19.9 - 0.05 * t;
    let alpha = log_alpha.exp();
    let sigma = match cancels {
        true => (1.0 - alpha * alpha).sqrt(),
        false => (-(2.0 * log_alpha).exp_m1()).sqrt(),
    };
    (alpha, sigma, log_alpha - sigma.ln())
}

/// The integral of e^{-c (h - u)} (tau - s)/(s - before) du c over a step from s to t, tau(u) its time.
fn slope_in_time(before: f64, s: f64, t: f64, c: f64) -> f64 {
    let lambda = |t: f64| marginal(t, false).2;
    let end = lambda(t);
    // In tau, where the integrand is smooth: e^{-c (lambda_t - lambda)} (tau - s)/(s - before) c dlambda.
    let pieces = 20_000;
    let value = |tau: f64| (tau - s) / (s - before);
    let place = |k: usize| s + (t - s) * k as f64 / f64::from(pieces);
    let piece = |k: usize| {
        let (a, b) = (place(k), place(k + 1));
        let decay = |tau: f64| (-c * (end - lambda(tau))).exp();
        let middle = (a + b) / 2.0;
        // Exact for the decay, second order for the rest.
        (decay(b) - decay(a)) * value(middle)
    };
    (0..pieces as usize).map(piece).sum()
}

fn sum(parts: &[(f64, &[f64])]) -> Vec<f64> {
    let length = parts.first().map_or(0, |(_, x)| x.len());
    let element = |i: usize| parts.iter().map(|(w, x)| w * x[i]).sum();
    (0..length).map(element).collect()
}

impl Sampler for Paper {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = Declaration::new("paper", Precision::F64);
        let declared = declared.solvers(["dpmpp-2m", "sde-dpmpp-2m"]);
        let declared = declared.and_then(|it| it.schedules(["vp-linear"]));
        declared.unwrap().local()
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        use Mistake as M;
        assert!(matches!(task.solver.method, Method::TwoM));
        let times = task.times::<f64>();
        let steps = task.steps;
        self.runs += 1;
        let fits = self
            .kept
            .as_ref()
            .is_some_and(|(m, _)| m.len() == start.len());
        if !self.is(M::KeepsHistoryBetweenRuns) || !fits {
            self.kept = None;
        }
        if self.is(M::NanWithOneStep) && steps == 1 {
            return Ok(vec![f64::NAN; start.len()]);
        }
        if self.is(M::NanAtThreeNMinusOne) && steps % 3 == 2 {
            return Ok(vec![f64::INFINITY; start.len()]);
        }
        assert!(!(self.is(M::PanicsWithTwoSteps) && steps == 2), "two steps");
        let late = self.is(M::SigmaByCancellationAndLabelOfTarget);
        let cancels = late || self.is(M::SigmaByCancellation);
        let mut x = start;
        let inside = times[0] < 0.99;
        if self.is(M::StartScaledInside) && inside {
            let (alpha, _, _) = marginal(times[0], false);
            x = sum(&[(alpha, &x)]);
        }
        if self.is(M::HistoryOfZerosInside) && inside {
            self.kept = Some((vec![0.0; x.len()], 0.1));
        }
        for i in 0..steps {
            if self.is(M::RestartsIgnored) {
                model.restart(x.clone());
            } else if !self.is(M::RestartsLeftOut) {
                x = model.restart(x);
            }
            let (s, t) = (times[i], times[i + 1]);
            let ends = match self.mistake {
                M::NodesRounded => [s, t].map(|t| (t * 1000.0).round() / 1000.0),
                M::NodesShifted => [t, times[(i + 2).min(steps)]],
                _ => [s, t],
            };
            let [mut from, mut to] = ends.map(|t| marginal(t, cancels));
            if self.is(M::LambdaIsTime) {
                (from.2, to.2) = (-s, -t);
            }
            if self.is(M::LambdaIsLogSigma) {
                (from.2, to.2) = (-from.1.ln(), -to.1.ln());
            }
            let (last_step, first_step) = (i + 1 == steps, i == 0);
            let ((alpha_s, sigma_s, lambda_s), (alpha_t, sigma_t, lambda_t)) = (from, to);
            let mut h = lambda_t - lambda_s;
            if self.is(M::SignOfStepFlipped) {
                h = -h;
            }
            let label = match self.mistake {
                M::LabelOfTarget | M::SigmaByCancellationAndLabelOfTarget => t,
                M::LabelOfFirstNode => times[0],
                M::LabelRounded => (s * 1000.0).round() / 1000.0,
                M::LabelInThousands => 1000.0 * s,
                _ => s,
            };
            if self.is(M::CallLeftOut) && i == 2 {
                continue;
            }
            let mut m = model.call(label, &x)?;
            if self.is(M::FirstStepLeftOut) && i == 0 {
                continue;
            }
            if self.is(M::ClampsOutputs) {
                m = m.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
            }
            if self.is(M::ExtraCallEachStep) {
                m = model.call(label, &x)?;
            }
            while self.is(M::RunsForEver) {
                m = model.call(label, &x)?;
            }
            if self.is(M::OutputTakenForNoise) {
                m = sum(&[(1.0 / alpha_s, &x), (-sigma_s / alpha_s, &m)]);
            }
            let eta = task.eta;
            let c = if self.is(M::DriftWithoutEta) {
                1.0
            } else {
                1.0 + eta
            };
            let history = match self.mistake {
                M::NeverLeavesFirstOrder => None,
                M::LastStepEuler if last_step && steps > 1 => None,
                M::StartsSecondOrder if first_step => Some((vec![0.0; x.len()], h)),
                _ => self.kept.clone(),
            };
            let gained = match self.mistake {
                M::MeanOfSteps => {
                    let other = history.as_ref().map_or(h, |(_, h_older)| *h_older);
                    -(-c * (h + other) / 2.0).exp_m1()
                }
                M::ExponentialWithoutMinusOne => -(-c * h).exp(),
                M::WeightsOnePercentOff => -(-c * h).exp_m1() * 1.01,
                M::WeightsInSinglePrecision => f64::from(-(-c * h).exp_m1() as f32),
                _ => -(-c * h).exp_m1(),
            };
            let (alpha, sigma) = match self.mistake {
                M::AlphaOfSource => (alpha_s, sigma_t),
                M::SigmaOfSource => (alpha_t, sigma_s),
                _ => (alpha_t, sigma_t),
            };
            let mut d = m.clone();
            if let Some((older, h_older)) = history {
                let r = match self.mistake {
                    M::RatioInverted => h / h_older,
                    M::EqualStepsAssumed => 1.0,
                    M::RatioInTime if i > 0 => (times[i] - times[i - 1]) / (t - s),
                    M::RatioInLogSigma if i > 0 => {
                        (sigma_s.ln() - marginal(times[i - 1], cancels).1.ln())
                            / (sigma_t.ln() - sigma_s.ln())
                    }
                    M::MeanOfSteps => h.max(h_older) / h.min(h_older),
                    M::DifferenceHalved => 2.0 * h_older / h,
                    M::DifferenceDoubled => 0.5 * h_older / h,
                    M::DifferenceSignFlipped => -h_older / h,
                    _ => h_older / h,
                };
                let mut k = 1.0 / (2.0 * r);
                if self.is(M::InterpolatedInTime) && i > 0 {
                    k = slope_in_time(times[i - 1], s, t, c) / gained;
                }
                d = sum(&[(1.0 + k, &m), (-k, &older)]);
            }
            let factor = match self.mistake {
                M::StateFactorInverted => sigma_s / sigma,
                _ => sigma / sigma_s,
            };
            let before = x.clone();
            x = sum(&[(factor * (-eta * h).exp(), &x), (alpha * gained, &d)]);
            if self.is(M::ClampsStates) {
                x = x.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
            }
            if self.is(M::AveragesStates) {
                x = sum(&[(0.999, &x), (0.001, &before)]);
            }
            let drawn = eta > 0.0 || self.is(M::DrawsAtEtaZero);
            if drawn && !(self.is(M::NoiseLeftOutAtEnd) && last_step) {
                let variance = match self.mistake {
                    M::NoiseOfEtaOne => -(-2.0 * h).exp_m1(),
                    M::NoiseWithoutEta => -(-2.0 * h).exp_m1() * f64::from(eta != 1.0) * 0.5,
                    _ => -(-2.0 * eta * h).exp_m1(),
                };
                let scale = if self.is(M::NoiseIsVariance) {
                    variance
                } else {
                    variance.sqrt()
                };
                let scale = if self.is(M::NoiseHalved) {
                    scale / 2.0
                } else {
                    scale
                };
                let mut z = noise.draw()?;
                if self.is(M::DrawsTwice) {
                    z = noise.draw()?;
                }
                x = sum(&[(1.0, &x), (sigma_t * scale, &z)]);
            }
            if self.is(M::FirstNodeRepeated) && first_step {
                continue;
            }
            if self.is(M::ResultIsPrediction) && last_step {
                x = m.clone();
            }
            let keep = match self.mistake {
                M::HistoryNeverAdvances => self.kept.is_none(),
                M::HistoryOffByOne => i % 2 == 0,
                _ => true,
            };
            if keep {
                self.kept = Some((m, h));
            }
            if self.is(M::LastStepLeftOut) && i + 2 == steps {
                break;
            }
        }
        if self.is(M::ExtraCallAtEnd) {
            model.call(times[steps], &x)?;
        }
        if self.is(M::CountsRuns) {
            x[0] *= 1.0 + 1e-15 * self.runs as f64;
        }
        if self.is(M::CountsCalls) && self.runs.is_multiple_of(4) {
            x[0] *= 1.0 + 4.0 * f64::EPSILON;
        }
        if self.is(M::BreaksInSecondRun) && self.runs.is_multiple_of(2) {
            return Err(Stop::Failed("its buffers are gone".to_owned()));
        }
        if self.is(M::WrongLength) {
            x.pop();
        }
        Ok(x)
    }
}
