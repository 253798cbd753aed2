//! The nodes of a grid in one arithmetic.

use super::{Ends, Grid, Shift, Spacing, Unit, beta, ramp};
use crate::arithmetic::{Rational, Real, rational, rational_from_f64};
use crate::error::{Code, Error, Result};
use crate::schedule::{Curve, Lambda, Point, Schedule, shifted};
use num_traits::{CheckedAdd, CheckedMul, CheckedSub};

impl Grid {
    /// The N+1 nodes for N = `steps`, from `start` to `end` in the schedule's time.
    ///
    /// # Errors
    /// `E-GRID-STEPS`, `E-GRID-UNFIT`, `E-GRID-ORDER`, `E-DOMAIN`.
    pub fn nodes<T: Real>(
        &self,
        curve: &Curve<T>,
        steps: usize,
        domain: (Rational, Rational),
    ) -> Result<Vec<Point<T>>> {
        let schedule = curve.schedule();
        let domain = match self.spacing {
            Spacing::Flow {
                train: Some(count), ..
            } => Self::trained_flow(count, steps),
            _ => domain,
        };
        self.check(schedule, steps, domain)?;
        let mut points = match &self.spacing {
            Spacing::Nodes(unit, values) => {
                return explicit(curve, *unit, values).and_then(ordered);
            }
            Spacing::Indexed(indices) => {
                let indices = indices.list(count(schedule)?, steps)?;
                let point = |i: i64| curve.at_exact_time(rational(i128::from(i), 1));
                indices.into_iter().map(point).collect::<Result<_>>()?
            }
            _ => self.ramp(curve, steps, domain)?,
        };
        if self.is_indexed() && self.ends != Ends::Zero {
            let last = curve.at_exact_time(rational(0, 1))?;
            if points.last().and_then(|p| p.t.as_ref()).map(Real::to_f64) == Some(0.0) {
                return Err(repeated_end(steps, "ends=zero, or an offset"));
            }
            points.push(last);
        }
        if self.ends == Ends::Zero {
            points.push(curve.no_noise());
        }
        ordered(points)
    }

    /// True if the last node is sigma = 0 on this schedule.
    pub(crate) fn reaches_zero(&self, schedule: &Schedule) -> bool {
        match &self.spacing {
            Spacing::Nodes(unit, values) => {
                values.last() == Some(&rational(0, 1)) && zero_is_no_noise(*unit, schedule)
            }
            _ => self.ends == Ends::Zero,
        }
    }

    /// The grid with its last node moved to sigma = 0.
    ///
    /// # Errors
    /// `E-POLICY-ZERO` for explicit nodes that end elsewhere.
    pub(crate) fn with_zero_end(&self, schedule: &Schedule) -> Result<Grid> {
        if matches!(self.spacing, Spacing::Nodes(..)) && !self.reaches_zero(schedule) {
            return Err(Error::new(
                Code::PolicyZero,
                "zero=on, but the last explicit node is not sigma = 0",
                "policy, zero",
                "give 0 as the last node (in t or sigma), or zero=off",
            ));
        }
        Ok(Grid {
            ends: Ends::Zero,
            ..self.clone()
        })
    }

    fn is_indexed(&self) -> bool {
        matches!(self.spacing, Spacing::Indexed(_))
    }

    /// Checks a number of steps (or model calls) before anything is made of it.
    ///
    /// # Errors
    /// `E-GRID-STEPS`.
    pub(crate) fn check_steps(steps: usize) -> Result<()> {
        match steps {
            1..=100_000 => Ok(()),
            _ => Err(Error::new(
                Code::GridSteps,
                format!("{steps} steps"),
                "steps",
                "choose 1 to 100000",
            )),
        }
    }

    fn check(
        &self,
        schedule: &Schedule,
        steps: usize,
        (start, end): (Rational, Rational),
    ) -> Result<()> {
        Self::check_steps(steps)?;
        if let Some(discrete) = schedule.discrete().filter(|d| steps > d.count) {
            let n = discrete.count;
            return Err(Error::new(
                Code::GridSteps,
                format!("{steps} steps on a schedule of {n} indices"),
                "steps",
                format!("choose at most {n}"),
            ));
        }
        if self.ends == Ends::Min && !self.is_indexed() {
            return Err(repeated_end(steps, "ends=full or ends=zero"));
        }
        if let Spacing::Nodes(_, values) = &self.spacing {
            if values.len() != steps + 1 {
                return Err(Error::new(
                    Code::GridSteps,
                    format!("{} nodes for {steps} steps", values.len()),
                    "steps",
                    "leave --steps out or give one node more than steps",
                ));
            }
            return Ok(());
        }
        if matches!(self.spacing, Spacing::Flow { .. }) && !matches!(schedule, Schedule::Flow(_)) {
            return Err(unfit("`flow` spacing", "a flow schedule", schedule));
        }
        schedule.check_time(start)?;
        schedule.check_time(end)?;
        if start <= end {
            return Err(Error::new(
                Code::GridOrder,
                format!("the grid would run from {start} to {end}"),
                "t-start and t-end",
                "choose t-start > t-end: sampling runs from noise to data",
            ));
        }
        Ok(())
    }

    /// Points along a ramp from `start` to `end`; both ends are the exact points.
    fn ramp<T: Real>(
        &self,
        curve: &Curve<T>,
        steps: usize,
        (start, end): (Rational, Rational),
    ) -> Result<Vec<Point<T>>> {
        let intervals = if self.ends == Ends::Zero {
            steps - 1
        } else {
            steps
        };
        let (first, last) = (
            self.end_point(curve, start, end)?,
            self.end_point(curve, end, end)?,
        );
        let mut points = vec![first.clone()];
        for i in 1..intervals {
            points.push(self.inner(curve, (&first, &last), (start, end), (i, intervals))?);
        }
        points.extend((intervals > 0).then_some(last));
        Ok(points)
    }

    fn end_point<T: Real>(&self, curve: &Curve<T>, t: Rational, end: Rational) -> Result<Point<T>> {
        match self.spacing {
            Spacing::Flow {
                shift, terminal, ..
            } if t != rational(1, 1) => Ok(flow_point(curve, (shift, terminal), t, end)),
            _ => curve.at_exact_time(t),
        }
    }

    /// Point `i` of `n` intervals.
    fn inner<T: Real>(
        &self,
        curve: &Curve<T>,
        (first, last): (&Point<T>, &Point<T>),
        (start, end): (Rational, Rational),
        (i, n): (usize, usize),
    ) -> Result<Point<T>> {
        let like = curve.witness();
        let fraction = like.like(i as i128, n as i128);
        let rho = |point: &Point<T>| point.sigma.clone() / &point.alpha;
        match &self.spacing {
            Spacing::Lambda | Spacing::Exponential => {
                let (from, to) = (lambda(first)?, lambda(last)?);
                Ok(curve.at_lambda(&ramp::linear(&from, &to, &fraction)))
            }
            Spacing::Polyexponential(p) => {
                let (from, to) = (lambda(first)?, lambda(last)?);
                let falling = like.like((n - i) as i128, n as i128);
                let p = like.constant(*p);
                Ok(curve.at_lambda(&ramp::polyexponential(&from, &to, &falling, &p)))
            }
            Spacing::Karras(p) => {
                lambda(first)?;
                let (from, to, p) = (rho(first), rho(last), like.constant(*p));
                Ok(curve.at_rho(&ramp::karras(&from, &to, &fraction, &p)))
            }
            Spacing::Time => curve.at_exact_time(exact_ramp(start, end, i, n)?),
            Spacing::Flow {
                shift, terminal, ..
            } => {
                let t = exact_ramp(start, end, i, n)?;
                Ok(flow_point(curve, (*shift, *terminal), t, end))
            }
            // Towards 0 the time is rational: kept exact, it can be rounded even where it is a tie.
            Spacing::Quadratic if end == rational(0, 1) => {
                let left = rational((n - i) as i128, n as i128);
                let t = start.checked_mul(&(left * left)).ok_or_else(too_long)?;
                curve.at_exact_time(t)
            }
            Spacing::Quadratic => {
                let (from, to) = (like.constant(start), like.constant(end));
                Ok(curve.at_time(&ramp::quadratic(&from, &to, &fraction)))
            }
            Spacing::Beta { a, b, on_sigma } => {
                let probability = rational((n - i) as i128, n as i128);
                let quantile = beta::quantile(*a, *b, probability);
                let fraction = like.from_f64(quantile);
                if *on_sigma {
                    lambda(first)?;
                    let (from, to) = (rho(first), rho(last));
                    return Ok(curve.at_rho(&ramp::linear(&to, &from, &fraction)));
                }
                // About one time in a thousand lies exactly between two floats: the exact rational
                // lets its rounding be decided.
                match rational_from_f64(quantile).and_then(|q| exact_linear(end, start, q)) {
                    Some(t) => curve.at_exact_time(t),
                    None => {
                        let (from, to) = (like.constant(start), like.constant(end));
                        Ok(curve.at_time(&ramp::linear(&to, &from, &fraction)))
                    }
                }
            }
            Spacing::Indexed(_) | Spacing::Nodes(..) => {
                Err(unfit("this spacing", "a ramp", curve.schedule()))
            }
        }
    }
}

/// The shifted s, stretched so that the shifted `end` becomes the terminal value:
/// 1 - s'' = (1 - s') (1 - terminal)/(1 - s'_end) (diffusers' `stretch_shift_to_terminal`).
fn flow_point<T: Real>(
    curve: &Curve<T>,
    (shift, terminal): (Shift, Option<Rational>),
    t: Rational,
    end: Rational,
) -> Point<T> {
    let like = curve.witness();
    let shift = match shift {
        Shift::By(shift) => like.constant(shift),
        Shift::Exp(mu) => like.constant(mu).exp(),
    };
    let shifted = |t: Rational| shifted(&like.constant(t), &shift);
    let s = match terminal {
        None => shifted(t),
        Some(terminal) => ramp::stretched(&shifted(t), &shifted(end), &like.constant(terminal)),
    };
    curve.at_time(&s)
}

fn zero_is_no_noise(unit: Unit, schedule: &Schedule) -> bool {
    unit == Unit::Sigma || (unit == Unit::Time && schedule.discrete().is_none())
}

fn explicit<T: Real>(curve: &Curve<T>, unit: Unit, values: &[Rational]) -> Result<Vec<Point<T>>> {
    let (like, schedule) = (curve.witness(), curve.schedule());
    let zero = rational(0, 1);
    let node = |i: usize, value: Rational| {
        if value == zero && i + 1 == values.len() && zero_is_no_noise(unit, schedule) {
            return Ok(curve.no_noise());
        }
        let point = match unit {
            Unit::Time => return curve.at_exact_time(value),
            Unit::Lambda => curve.at_lambda(&like.constant(value)),
            Unit::Sigma if value > zero => curve.at_rho(&like.constant(value)),
            Unit::Sigma => {
                return Err(Error::new(
                    Code::Domain,
                    format!("sigma = {value}"),
                    "sigma",
                    "choose sigma > 0, or 0 last",
                ));
            }
        };
        let found = point.t.as_ref().map_or(f64::NAN, Real::to_f64);
        schedule.check_found_time(found).map(|()| point)
    };
    let nodes = values.iter().enumerate();
    nodes
        .map(|(i, value)| node(i, *value).map_err(|e| e.at(format!("node {i}"))))
        .collect()
}

/// The points, if lambda increases from each to the next; compared in f64, so that nodes nearer
/// than its resolution count as repeated.
fn ordered<T: Real>(points: Vec<Point<T>>) -> Result<Vec<Point<T>>> {
    let value = |point: &Point<T>| match &point.lambda {
        Lambda::Finite(lambda) => lambda.to_f64(),
        Lambda::NoSignal => f64::NEG_INFINITY,
        Lambda::NoNoise => f64::INFINITY,
    };
    match points
        .windows(2)
        .position(|pair| value(&pair[0]) >= value(&pair[1]))
    {
        None => Ok(points),
        Some(i) => Err(Error::new(
            Code::GridOrder,
            format!(
                "lambda = {:.6} is followed by {:.6}: a node repeats or runs back",
                value(&points[i]),
                value(&points[i + 1])
            ),
            format!("nodes {i} and {}", i + 1),
            "choose fewer steps, another grid or another end rule",
        )),
    }
}

fn count(schedule: &Schedule) -> Result<usize> {
    schedule
        .discrete()
        .map(|d| d.count)
        .ok_or_else(|| unfit("an index spacing", "a discrete schedule", schedule))
}

fn exact_ramp(start: Rational, end: Rational, i: usize, n: usize) -> Result<Rational> {
    exact_linear(start, end, rational(i as i128, n as i128)).ok_or_else(too_long)
}

/// from + (to - from) fraction, unless it overflows.
fn exact_linear(from: Rational, to: Rational, fraction: Rational) -> Option<Rational> {
    let part = to.checked_sub(&from)?.checked_mul(&fraction)?;
    from.checked_add(&part)
}

fn too_long() -> Error {
    Error::new(
        Code::Number,
        "a node needs too many digits",
        "t-start, t-end",
        "give fewer digits",
    )
}

fn lambda<T: Real>(point: &Point<T>) -> Result<T> {
    point.lambda.finite().cloned().ok_or_else(|| {
        Error::new(
            Code::GridUnfit,
            "lambda is infinite at the end of the grid",
            "t-start",
            "start where alpha > 0 (for flow: --t-start 0.999), or use the time or flow grid",
        )
    })
}

fn unfit(what: &str, needs: &str, schedule: &Schedule) -> Error {
    Error::new(
        Code::GridUnfit,
        format!("{what} is not defined on `{schedule}`"),
        "grid",
        format!("choose {needs}"),
    )
}

fn repeated_end(steps: usize, remedy: &str) -> Error {
    Error::new(
        Code::GridOrder,
        "the end node repeats the smallest sigma: the last step would do nothing",
        format!("nodes {} and {steps}", steps - 1),
        format!("use {remedy}"),
    )
}
