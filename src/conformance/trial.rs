//! A sampler run on problems whose flow is known: the network answers what it is shown.

use super::probe::Response;
use super::sampler::{Element, Model, Noise, Sampler, Stop, Task};
use super::verdict::SAME;
use super::{Convention, Declaration, Precision, Reference};
use crate::arithmetic::{DoubleDouble, Real, Widened, rational_from_f64};
use crate::error::Result;
use crate::plan::Request;
use crate::prediction::Prediction;
use crate::problem::{self, Problem};
use crate::schedule::{Curve, Point};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The problem of each component of the state, and its start in standard deviations of the noise.
pub(super) const COMPONENTS: [(&str, f64); 3] =
    [("mixture", 0.75), ("mixture", -1.5), ("guided", 0.75)];

/// alpha = 0 stands at no z: from here on z is 0 to every format.
const LEAST_ALPHA: f64 = 1.0 / (1_u64 << 60) as f64;

/// What a run came to.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// Of each component.
    pub(super) result: Vec<f64>,
}

impl Trial {
    /// Runs the task with a network that believes the times it is told.
    pub(super) fn of<S: Sampler>(
        sampler: &mut S,
        task: &Task,
        reference: &Reference,
        testee: &Declaration,
    ) -> std::result::Result<Trial, Stop> {
        let oracle = Oracle::new(reference, testee).map_err(failed)?;
        let mut calls = 0;
        let mut answer = |time: S::Element, state: &[S::Element]| {
            let state: Vec<DoubleDouble> =
                (state.iter().map(|x| DoubleDouble::exact(x.to_f64()))).collect();
            let output = oracle.answer(calls, time.to_f64(), &state)?;
            calls += 1;
            Ok(output
                .iter()
                .map(|x| S::Element::from_f64(x.hi()))
                .collect())
        };
        let zeros = vec![S::Element::from_f64(0.0); COMPONENTS.len()];
        let mut draw = || Ok(zeros.clone());
        let run = AssertUnwindSafe(|| {
            let mut model = Model {
                answer: &mut answer,
                script: &[],
                restart: None,
            };
            let mut noise = Noise {
                draw: &mut draw,
                script: &[],
            };
            let start = start(reference, testee.precision);
            let start = start.into_iter().map(S::Element::from_f64).collect();
            sampler.sample(task, start, &mut model, &mut noise)
        });
        let panicked = |_| Err(Stop::Failed("panicked on data of a known flow".to_owned()));
        let result = catch_unwind(run).unwrap_or_else(panicked)?;
        Ok(Trial {
            result: result.iter().map(|x| x.to_f64()).collect(),
        })
    }

    /// What a sampler whose models are scripts alone would come to: the rows that it showed, put
    /// together in double-double, without noise.
    pub(super) fn by_rows(
        response: &Response,
        reference: &Reference,
        testee: &Declaration,
    ) -> std::result::Result<Trial, Stop> {
        let oracle = Oracle::new(reference, testee).map_err(failed)?;
        let exact = |values: Vec<f64>| -> Vec<DoubleDouble> {
            values.into_iter().map(DoubleDouble::exact).collect()
        };
        let mut values = vec![exact(start(reference, testee.precision))];
        let combined = |row: &[f64], values: &[Vec<DoubleDouble>]| -> Vec<DoubleDouble> {
            let component = |i: usize| {
                let terms = row.iter().zip(values);
                terms.fold(DoubleDouble::exact(0.0), |sum, (entry, value)| {
                    sum + DoubleDouble::exact(*entry) * value[i]
                })
            };
            (0..COMPONENTS.len()).map(component).collect()
        };
        for (call, (row, told)) in response.rows.iter().zip(&response.labels).enumerate() {
            let output = oracle.answer(call, *told, &combined(row, &values))?;
            values.push(output);
        }
        let result = response.rows.last().map(|row| combined(row, &values));
        Ok(Trial {
            result: result.iter().flatten().map(|x| x.hi()).collect(),
        })
    }
}

/// The network of a run, which believes the times that it is told.
struct Oracle<'a> {
    network: Network<DoubleDouble>,
    reference: &'a Reference,
    points: Vec<[f64; 2]>,
    testee: &'a Declaration,
}

impl<'a> Oracle<'a> {
    fn new(reference: &'a Reference, testee: &'a Declaration) -> Result<Self> {
        Ok(Oracle {
            network: Network::new(&reference.request, &DoubleDouble::ONE)?,
            reference,
            points: standing(reference),
            testee,
        })
    }

    /// What it says at a call. A time that differs from the plan's by no more than roundings is
    /// the plan's.
    fn answer(
        &self,
        call: usize,
        told: f64,
        state: &[DoubleDouble],
    ) -> std::result::Result<Vec<DoubleDouble>, Stop> {
        let planned = (self.reference.labels.get(call)).zip(self.points.get(call));
        let u = SAME * self.testee.precision.schedule_unit().relative;
        let right = |label: &Widened| {
            let off = (told - label.to_f64()).abs();
            off <= label.radius().max(u * label.to_f64().abs())
        };
        let point = match planned {
            Some((label, point)) if right(label) => *point,
            Some(_) => {
                let (request, convention) = (&self.reference.request, self.testee.convention);
                believed(request, convention, told).map_err(failed)?
            }
            None => return Err(Stop::Ended("more model calls than the plan has".to_owned())),
        };
        let output = self.network.answer(point.map(DoubleDouble::exact), state);
        output.map_err(failed)
    }
}

fn failed(error: crate::Error) -> Stop {
    Stop::Failed(error.to_string())
}

/// What the recipe comes to, component by component, and how far a correct sampler may be from it.
pub(super) fn expected(reference: &Reference, precision: Precision) -> Result<Vec<Widened>> {
    let unit = precision.unit();
    let network = Network::new(&reference.request, &Widened::exact(1.0, unit))?;
    let mut values: Vec<Vec<Widened>> = vec![
        (start(reference, precision).iter())
            .map(|x| Widened::exact(*x, unit))
            .collect(),
    ];
    let mut state = Vec::new();
    let points = standing(reference);
    for (row, point) in reference.loosened(unit).iter().zip(&points) {
        let component = |i: usize| {
            let terms = row.iter().zip(&values);
            let zero = Widened::exact(0.0, unit);
            terms.fold(zero, |sum, (entry, value)| sum + &(*entry * &value[i]))
        };
        state = (0..COMPONENTS.len()).map(component).collect();
        if values.len() <= reference.labels.len() {
            let output = network.answer(point.map(|x| Widened::exact(x, unit)), &state)?;
            values.push(output.into_iter().map(|x| x.stored(unit)).collect());
        }
    }
    Ok(state)
}

/// Where the flow leads exactly; none from a start without signal.
pub(super) fn solution(reference: &Reference, precision: Precision) -> Option<Vec<f64>> {
    let points = standing(reference);
    let ([alpha_s, sigma_s], [alpha_t, sigma_t]) = (points.first()?, points.last()?);
    if *alpha_s <= LEAST_ALPHA {
        return None;
    }
    let tau = |alpha: &f64, sigma: &f64| {
        let rho = DoubleDouble::exact(*sigma) / DoubleDouble::exact(*alpha);
        rho * rho
    };
    let (from, to) = (tau(alpha_s, sigma_s), tau(alpha_t, sigma_t));
    let component = |((problem, _), x): (&(&str, f64), f64)| {
        let model = Problem::parse(problem).ok()?.model(&DoubleDouble::ONE);
        let z = DoubleDouble::exact(x) / DoubleDouble::exact(*alpha_s);
        let z = model.solution(&[z], &from, &to).ok()?;
        Some(z.first()?.hi() * alpha_t)
    };
    let starts = COMPONENTS.iter().zip(start(reference, precision));
    starts.map(component).collect()
}

/// alpha and sigma where each row stands, as both sides take them.
fn standing(reference: &Reference) -> Vec<[f64; 2]> {
    let numbers =
        |point: &Point<Widened>| [point.alpha.to_f64().max(LEAST_ALPHA), point.sigma.to_f64()];
    reference.points().map(numbers).collect()
}

/// The start of every component, in the format.
fn start(reference: &Reference, precision: Precision) -> Vec<f64> {
    let points = standing(reference);
    let size = points
        .first()
        .map_or(1.0, |[alpha, sigma]| alpha.hypot(*sigma));
    let component = |(_, deviations): &(&str, f64)| precision.near(deviations * size);
    COMPONENTS.iter().map(component).collect()
}

/// Where a time that no state stands at would be.
fn believed(request: &Request, convention: Convention, told: f64) -> Result<[f64; 2]> {
    let curve = Curve::new(&request.schedule, &DoubleDouble::ONE);
    let value = DoubleDouble::exact(told);
    let point = match (convention, rational_from_f64(told)) {
        (Convention::Sigma, _) => curve.at_rho(&value),
        (Convention::Lambda, _) => curve.at_lambda(&value),
        (_, Some(time)) => curve.at_exact_time(time)?,
        (_, None) => curve.at_time(&value),
    };
    Ok([point.alpha.hi().max(LEAST_ALPHA), point.sigma.hi()])
}

/// The exact denoisers, as networks of the request's prediction.
struct Network<T> {
    models: Vec<problem::Model<T>>,
    prediction: Prediction,
}

impl<T: Real> Network<T> {
    fn new(request: &Request, witness: &T) -> Result<Self> {
        let model = |(problem, _): &(&str, f64)| Ok(Problem::parse(problem)?.model(witness));
        Ok(Network {
            models: COMPONENTS.iter().map(model).collect::<Result<_>>()?,
            prediction: request.recipe.prediction,
        })
    }

    fn answer(&self, [alpha, sigma]: [T; 2], state: &[T]) -> Result<Vec<T>> {
        let rho = sigma.clone() / &alpha;
        let tau = rho.clone() * &rho;
        let mut outputs = Vec::with_capacity(state.len());
        for (model, x) in self.models.iter().zip(state) {
            let data = model.denoise(&tau, &[x.clone() / &alpha])?;
            for data in data {
                outputs.push(match self.prediction {
                    Prediction::Noise => (x.clone() - &(data * &alpha)) / &sigma,
                    _ => data,
                });
            }
        }
        Ok(outputs)
    }
}
