//! DPM-Solver++(2M) (Lu et al. 2022, Algorithm 2) and DDIM, its first order, in double precision.

mod dpm_spec_testee;

use dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};

struct Example {
    /// (sigma/alpha)^2 at the indices of `discrete-linear`.
    table: Vec<f64>,
}

struct Level {
    alpha: f64,
    sigma: f64,
    lambda: f64,
}

impl Example {
    fn new() -> Self {
        let (mut signal, mut noise) = (1.0, 0.0);
        let entry = |i: u32| {
            let beta = 0.0001 + (0.02 - 0.0001) * f64::from(i) / 999.0;
            // Summed, since 1 - signal would cancel.
            noise += signal * beta;
            signal *= 1.0 - beta;
            noise / signal
        };
        Example {
            table: (0..1000).map(entry).collect(),
        }
    }

    /// A time of `discrete-linear` is an index.
    fn level(&self, schedule: &str, t: f64) -> Result<Level, Stop> {
        let tau = if schedule == "vp-linear" {
            ((0.5 * (20.0 - 0.1) * t + 0.1) * t).exp_m1()
        } else if t.fract() == 0.0 {
            self.table[t as usize]
        } else {
            return Err(Stop::refused("times between two indices"));
        };
        Ok(Level {
            alpha: 1.0 / (1.0 + tau).sqrt(),
            sigma: (tau / (1.0 + tau)).sqrt(),
            lambda: -0.5 * tau.ln(),
        })
    }
}

impl Sampler for Example {
    fn sample(
        &mut self,
        case: &Case,
        runner: &mut Runner,
        mut x: Vec<f64>,
    ) -> Result<Vec<f64>, Stop> {
        let mut before: Option<(Vec<f64>, f64)> = None;
        for nodes in case.times.windows(2) {
            let from = self.level(&case.schedule, nodes[0])?;
            let to = self.level(&case.schedule, nodes[1])?;
            let h = to.lambda - from.lambda;
            x = runner.restart(x)?;
            let m = runner.model(nodes[0], &x)?;
            for (j, x) in x.iter_mut().enumerate() {
                let d = match &before {
                    Some((older, h_older)) if case.solver == "dpmpp-2m" => {
                        m[j] + (m[j] - older[j]) * h / (2.0 * h_older)
                    }
                    _ => m[j],
                };
                *x = to.sigma / from.sigma * *x - to.alpha * (-h).exp_m1() * d;
            }
            before = Some((m, h));
        }
        Ok(x)
    }
}

fn main() {
    let testee = Testee {
        name: "example",
        version: "1",
        solvers: &["ddim", "dpmpp-2m"],
        schedules: &["vp-linear", "discrete-linear"],
        local: true,
        ..Testee::default()
    };
    serve(&testee, &mut Example::new());
}
