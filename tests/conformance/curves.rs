//! Schedules written from their definitions, and their inverses, in f64.

use dpm_spec::recipe::StateSpace;
use dpm_spec::schedule::Schedule;

/// A place on a schedule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) t: f64,
    pub(crate) alpha: f64,
    pub(crate) sigma: f64,
    pub(crate) lambda: f64,
}

/// A schedule in a state space.
pub(crate) struct Curve {
    kind: Kind,
    /// Of states x/alpha.
    scaled: bool,
}

/// A schedule with its default parameters.
enum Kind {
    /// beta from 0.1 to 20, linear in t.
    Linear,
    /// 1000 betas from 1e-4 to 0.02, linear in the index: ln alpha^2 at every index.
    Table(Vec<f64>),
    /// sigma = t.
    Edm,
}

impl Curve {
    pub(crate) fn of(schedule: &Schedule, space: StateSpace) -> Self {
        let kind = match schedule {
            Schedule::VpLinear(_) => Kind::Linear,
            Schedule::Discrete(_) => {
                let beta = |i: u32| 1e-4 + (0.02 - 1e-4) * f64::from(i) / 999.0;
                let mut sum = 0.0;
                let logs = (0..1000).map(|i| {
                    sum += (-beta(i)).ln_1p();
                    sum
                });
                Kind::Table(logs.collect())
            }
            _ => Kind::Edm,
        };
        let scaled = space == StateSpace::Ve;
        Curve { kind, scaled }
    }

    /// ln alpha^2 of the variance preserving ones.
    fn log_alpha2(&self, t: f64) -> f64 {
        match &self.kind {
            Kind::Linear => -t * (0.5 * t * 19.9 + 0.1),
            Kind::Table(logs) => {
                let below = (t.floor() as usize).min(logs.len() - 2);
                logs[below] + (t - below as f64) * (logs[below + 1] - logs[below])
            }
            Kind::Edm => 0.0,
        }
    }

    pub(crate) fn at(&self, t: f64) -> Place {
        if matches!(self.kind, Kind::Edm) {
            let lambda = -t.ln();
            return Place {
                t,
                alpha: 1.0,
                sigma: t,
                lambda,
            };
        }
        let log = self.log_alpha2(t);
        let noise = -log.exp_m1();
        self.scaled(Place {
            t,
            alpha: (log / 2.0).exp(),
            sigma: noise.sqrt(),
            lambda: (log - noise.ln()) / 2.0,
        })
    }

    pub(crate) fn at_lambda(&self, lambda: f64) -> Place {
        let tau = (-2.0 * lambda).exp();
        let log = -tau.ln_1p();
        let t = match &self.kind {
            Kind::Edm => {
                let t = (-lambda).exp();
                return Place {
                    t,
                    alpha: 1.0,
                    sigma: t,
                    lambda,
                };
            }
            // 9.95 t^2 + 0.1 t = -log.
            Kind::Linear => -2.0 * log / (0.1 + (0.01 - 4.0 * 9.95 * log).sqrt()),
            Kind::Table(logs) => {
                let above = logs.partition_point(|knot| *knot >= log);
                let below = above.clamp(1, logs.len() - 1) - 1;
                below as f64 + (log - logs[below]) / (logs[below + 1] - logs[below])
            }
        };
        self.scaled(Place {
            t,
            alpha: 1.0 / (1.0 + tau).sqrt(),
            sigma: (tau / (1.0 + tau)).sqrt(),
            lambda,
        })
    }

    fn scaled(&self, place: Place) -> Place {
        match self.scaled {
            true => Place {
                alpha: 1.0,
                sigma: place.sigma / place.alpha,
                ..place
            },
            false => place,
        }
    }

    /// Whether alpha is 1 everywhere.
    pub(crate) fn is_scaled(&self) -> bool {
        self.scaled
    }

    /// Whether times are indices.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.kind, Kind::Table(_))
    }
}
