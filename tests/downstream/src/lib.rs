//! DPM-Solver++(2M) on the linear schedule, written from the paper (Lu et al. 2022, Algorithm 2).

fn marginal(t: f32) -> (f32, f32, f32) {
    let log_alpha = -0.25 * t * t * (20.0 - 0.1) - 0.5 * t * 0.1;
    let sigma = (-(2.0 * log_alpha).exp_m1()).sqrt();
    (log_alpha.exp(), sigma, log_alpha - sigma.ln())
}

/// Runs from `times[0]` to the last of `times`; `model` predicts the clean data.
pub fn sample<E>(
    times: &[f32],
    mut x: Vec<f32>,
    mut model: impl FnMut(f32, &[f32]) -> Result<Vec<f32>, E>,
) -> Result<Vec<f32>, E> {
    let mut before: Option<(Vec<f32>, f32)> = None;
    for pair in times.windows(2) {
        let (_, sigma_s, lambda_s) = marginal(pair[0]);
        let (alpha, sigma, lambda) = marginal(pair[1]);
        let h = lambda - lambda_s;
        let m = model(pair[0], &x)?;
        for i in 0..x.len() {
            let d = match &before {
                Some((older, h_older)) => m[i] + (m[i] - older[i]) * h / h_older / 2.0,
                None => m[i],
            };
            x[i] = sigma / sigma_s * x[i] - alpha * (-h).exp_m1() * d;
        }
        before = Some((m, h));
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use dpm_spec::conformance::{Declaration, Model, Noise, Precision, Sampler, Stop, Task};

    struct Mine;

    impl Sampler for Mine {
        type Element = f32;

        fn declaration(&self) -> Declaration {
            let mine = Declaration::new("mine", Precision::F32);
            let mine = mine.solvers(["dpmpp-2m"]).unwrap();
            mine.schedules(["vp-linear"]).unwrap()
        }

        fn sample(
            &mut self,
            task: &Task,
            start: Vec<f32>,
            model: &mut Model<'_, f32>,
            _: &mut Noise<'_, f32>,
        ) -> Result<Vec<f32>, Stop> {
            super::sample(&task.times(), start, |t, x| model.call(t, x))
        }
    }

    dpm_spec::conformance_tests!(mine, Mine);
}
