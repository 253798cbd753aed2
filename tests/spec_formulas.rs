//! The formulas that the pages show have the values that the solvers compute.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test is built from fails the test"
)]

use dpm_spec::arithmetic::rational;
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::schedule::{Curve, Point, Schedule};
use dpm_spec::solver::{
    Family, Form, Method, Side, Solver, Step, ddim_eta, dpmpp_2m, final_weights, multistep_weights,
};
use dpm_spec::spec::{Equation, block};
use std::collections::HashMap;

/// Values of symbols and of what the equations define, by their LaTeX.
struct Values(HashMap<String, f64>);

impl Values {
    fn new(pairs: &[(&str, f64)]) -> Self {
        Values(pairs.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect())
    }

    /// Evaluates equations in their order; each left side becomes known.
    fn follow(&mut self, equations: &[Equation]) {
        for Equation { left, right } in equations {
            let value = right
                .evaluate_real(&|name| self.0.get(name).copied(), &1.0)
                .unwrap_or_else(|| panic!("{left} = {right} has an unbound symbol"));
            self.0.insert((*left).to_owned(), value);
        }
    }

    fn get(&self, name: &str) -> f64 {
        *self.0.get(name).unwrap_or(&0.0)
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-13 * (1.0 + a.abs().max(b.abs()))
}

fn step(c: f64) -> Step<f64> {
    Step::new(0.7, &c)
}

/// r_0, r_1, r_2 of a multistep method; r_1, r_2 of a single-step one.
const MULTISTEP: [f64; 3] = [1.3, 0.6, 0.8];
const SINGLESTEP: [f64; 2] = [0.4, 0.9];

fn named_values(solver: &Solver, step: &Step<f64>) -> Values {
    let mut values = Values::new(&[
        ("h", step.h),
        ("z", step.z),
        ("H_1", step.h_phi(1)),
        ("H_2", step.h_phi(2)),
        ("H_3", step.h_phi(3)),
        ("H_4", step.h_phi(4)),
    ]);
    let (first, ratios) = match solver.method.family() {
        Family::Multistep => (0, MULTISTEP.as_slice()),
        Family::Singlestep => (1, SINGLESTEP.as_slice()),
    };
    let ratios = ratios.iter().enumerate();
    values
        .0
        .extend(ratios.map(|(i, r)| (format!("r_{}", i + first), *r)));
    // What a step in rho has before it, and its own length.
    let (mut before, length) = (0.0_f64, -(-step.h).exp_m1());
    for (i, r) in MULTISTEP.iter().enumerate() {
        let (near, far) = (before.exp(), (before + r * step.h).exp());
        values.0.insert(format!("R_{i}"), (far - near) / length);
        before += r * step.h;
    }
    values
}

fn weights(solver: &Solver, step: &Step<f64>) -> Vec<f64> {
    let count = solver.method.outputs() - 1;
    match solver.method.family() {
        Family::Multistep => multistep_weights(solver.method, step, &MULTISTEP[..count]),
        Family::Singlestep => final_weights(solver.method, step, &SINGLESTEP[..count]),
    }
}

fn solvers() -> impl Iterator<Item = Solver> {
    Solver::ENTRIES
        .iter()
        .map(|entry| Solver::parse(entry.id).unwrap())
        .filter(|solver| solver.method != Method::DdimEta)
}

#[test]
fn displayed_increments_and_weights_are_what_the_solvers_compute() {
    for solver in solvers() {
        for c in [-1.0, 1.0, -1.5] {
            let step = step(c);
            let expected = weights(&solver, &step);
            let total: f64 = expected.iter().sum();
            assert!(
                close(total, step.h_phi(1)),
                "{solver}: weights sum to {total}"
            );
            let id = solver.entry.id;
            let mut shown = named_values(&solver, &step);
            shown.follow(&block(&format!("solver/{id}/weights")).unwrap().equations);
            for (j, weight) in expected.iter().enumerate() {
                assert!(
                    close(shown.get(&format!("w_{j}")), *weight),
                    "{solver}: w_{j}"
                );
                let mut values = named_values(&solver, &step);
                for i in 0..4 {
                    values
                        .0
                        .insert(format!("g_{i}"), f64::from(u8::from(i == j)));
                }
                values.follow(&block(&format!("solver/{id}/increment")).unwrap().equations);
                assert!(
                    close(values.get(r"\Delta"), *weight),
                    "{solver}: increment on g_{j}"
                );
            }
        }
    }
}

/// Rational weights of the classical methods to which the exponential ones tend.
#[test]
fn weights_tend_to_those_of_the_classical_methods() {
    let limits: [(&str, &[f64]); 11] = [
        ("ddim", &[1.0]),
        ("dpmpp-2m", &[1.5, -0.5]),
        ("dpmpp-2m-exact", &[1.5, -0.5]),
        ("dpmpp-3m", &[11.0 / 6.0, -7.0 / 6.0, 1.0 / 3.0]),
        ("dpmpp-3m-exact", &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0]),
        ("deis-rho-2", &[1.5, -0.5]),
        (
            "deis-rho-4",
            &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
        ),
        (
            "dpm-4m-exact",
            &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
        ),
        ("ipndm-3", &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0]),
        ("dpmpp-2s", &[0.0, 1.0, 0.0]),
        ("dpmpp-3s", &[0.25, 0.0, 0.75]),
    ];
    for (id, expected) in limits {
        let mut values = Values::new(&[]);
        values.follow(&block(&format!("solver/{id}/limit")).unwrap().equations);
        for (j, limit) in expected.iter().enumerate() {
            let shown = values.get(&format!(r"\lim_{{h \to 0}} w_{j}/h"));
            assert!(
                close(shown, *limit),
                "{id}: w_{j}/h tends to {limit}, not {shown}"
            );
        }
    }
}

#[test]
fn published_and_exact_second_weights_of_2m_differ_by_the_stated_term() {
    // H_1/2 - H_2 = h z/12 + O(h^3), from phi_1 = 1 + z/2 + z^2/6 + .., phi_2 = 1/2 + z/6 + z^2/24 + ..
    for h in [1e-2, 1e-3] {
        let step = Step::new(h, &-1.0);
        let g: [&f64; 2] = [&0.0, &1.0];
        let published = -dpmpp_2m::increment(&step, &1.0, g);
        let difference = published - step.h_phi(2);
        assert!(
            (difference - h * step.z / 12.0).abs() < h.powi(3),
            "h = {h}"
        );
    }
}

fn point(lambda: f64) -> Point<f64> {
    Point::vp(None, (-2.0 * lambda).exp())
}

/// The step block of a solver with every symbol bound; outputs are 1, 2, 3.
fn shown_step(solver: &Solver, eta: f64) -> Values {
    let (source, target) = (point(-0.3), point(0.4));
    let mut values = Values::new(&[
        ("h", 0.7),
        (r"\eta", eta),
        (r"\alpha_s", source.alpha),
        (r"\sigma_s", source.sigma),
        (r"\alpha_t", target.alpha),
        (r"\sigma_t", target.sigma),
        ("x_s", 0.0),
        (r"\xi", 0.0),
        (r"\Delta", 0.0),
    ]);
    for name in ["x", r"\varepsilon"] {
        for i in 0..4 {
            let output = format!(r"{name}_\theta^{{({i})}}");
            values.0.insert(output, f64::from(i + 1));
        }
    }
    let id = solver.entry.id;
    values.follow(&block(&format!("solver/{id}/step")).unwrap().equations);
    values
}

#[test]
fn displayed_steps_in_x_are_the_transfer_of_the_form() {
    for solver in solvers() {
        let etas = if solver.entry.stochastic {
            vec![(0, 1), (1, 2), (1, 1)]
        } else {
            vec![(0, 1)]
        };
        for (num, den) in etas {
            let eta = num as f64 / den as f64;
            let side = solver.entry.side;
            let form = Form {
                side,
                eta: rational(num, den),
            };
            let transfer = form.transfer(&point(-0.3), &point(0.4), &0.7);
            let equations = block(&format!("solver/{}/step", solver.entry.id))
                .unwrap()
                .equations;
            for (name, expected) in [
                ("x_s", transfer.state),
                (r"\Delta", transfer.output),
                (r"\xi", transfer.noise.unwrap_or(0.0)),
            ] {
                let mut values = shown_step(&solver, eta);
                for symbol in ["x_s", r"\Delta", r"\xi"] {
                    values
                        .0
                        .insert(symbol.to_owned(), f64::from(u8::from(symbol == name)));
                }
                values.follow(&equations);
                assert!(
                    close(values.get("x_t"), expected),
                    "{solver}, eta {eta}: {name}"
                );
            }
            let z = shown_step(&solver, eta).get("z");
            assert!(close(z, 0.7 * form.c(&1.0)), "{solver}: z = {z}");
        }
    }
}

#[test]
fn displayed_schedules_are_the_schedules() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12 * (1.0 + b.abs());
    for (id, name, parameters, t) in [
        (
            "vp-linear",
            "t",
            vec![(r"\beta_{\min}", 0.1), (r"\beta_{\max}", 20.0)],
            0.37,
        ),
        ("vp-cosine", "t", vec![("s", 0.008)], 0.37),
        ("flow:shift=3", "s", vec![("S", 3.0)], 0.37),
    ] {
        let schedule = Schedule::parse(id).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&t);
        let id = id.split(':').next().unwrap();
        let follow = |extra: &[(&str, f64)], blocks: &[&str]| {
            let mut values = Values::new(&parameters);
            values
                .0
                .extend(extra.iter().map(|(k, v)| ((*k).to_owned(), *v)));
            values.0.insert(r"\pi".to_owned(), std::f64::consts::PI);
            for name in blocks {
                values.follow(&block(name).unwrap().equations);
            }
            values
        };
        let forward = format!("schedule/{id}");
        let vp = if id == "vp-linear" {
            vec![forward.as_str(), "schedule/vp"]
        } else {
            vec![forward.as_str()]
        };
        let shown = follow(&[(name, t)], &vp);
        assert!(near(shown.get(r"\alpha"), point.alpha), "{id}: alpha");
        assert!(near(shown.get(r"\sigma"), point.sigma), "{id}: sigma");
        let rho = point.sigma / point.alpha;
        let inverse = [
            (r"\tau", rho * rho),
            (r"\rho", rho),
            (r"\alpha", point.alpha),
            (r"\sigma^2", point.sigma * point.sigma),
        ];
        let shown = follow(&inverse, &[&format!("schedule/{id}/inverse")]);
        assert!(
            near(shown.get(name), t),
            "{id}: inverse {}",
            shown.get(name)
        );
    }
}

#[test]
fn displayed_conversions_are_the_predictions() {
    for (id, schedule, t) in [
        ("noise", "vp-linear", 0.4),
        ("data", "vp-cosine", 0.4),
        ("v", "discrete-linear", 400.5),
        ("flow", "flow:shift=3", 0.4),
        ("score", "vp-linear", 0.4),
        ("edm", "edm", 2.0),
    ] {
        let prediction = Prediction::parse(id).unwrap();
        let schedule = Schedule::parse(schedule).unwrap();
        let point = Curve::new(&schedule, &1.0_f64).at_time(&t);
        let (x, output) = (0.35, -1.2);
        let mut shown = Values::new(&[
            (r"\alpha_t", point.alpha),
            (r"\sigma_t", point.sigma),
            (r"\sigma_d", 0.5),
            ("x", x),
            ("F", output),
        ]);
        shown.follow(&block(&format!("prediction/{id}")).unwrap().equations);
        for (side, name) in [
            (Side::Data, r"x_\theta"),
            (Side::Noise, r"\varepsilon_\theta"),
        ] {
            let weights = prediction.conversion(side, &point, &schedule).unwrap();
            let made = weights.state * x + weights.output * output;
            assert!(close(shown.get(name), made), "{id} to {side:?}: {made}");
        }
        if let Some(scale) = prediction.input_scale(&point, &schedule) {
            assert!(close(shown.get(r"c_{\text{in}}"), scale));
        }
    }
}

#[test]
fn displayed_ddim_eta_is_the_solver() {
    let (source, target) = (point(-0.3), point(0.4));
    let coefficients = ddim_eta::coefficients(&0.7, &0.4);
    let (kept, data, noise) = (coefficients.kept, coefficients.data, coefficients.noise);
    let transfer = coefficients.transfer(&source, &target);
    let mut values = Values::new(&[
        ("h", 0.7),
        (r"\eta", 0.4),
        (r"\alpha_s", source.alpha),
        (r"\alpha_t", target.alpha),
        (r"\sigma_t", target.sigma),
        ("x_s", 1.5),
        (r"x_\theta^{(0)}", -0.7),
        (r"\xi", 0.3),
    ]);
    values.follow(&block("solver/ddim-eta/coefficients").unwrap().equations);
    for (name, value) in [("k", kept), ("d", data), ("s", noise)] {
        assert!(close(values.get(name), value), "{name}");
    }
    values.follow(&block("solver/ddim-eta/step").unwrap().equations);
    let moved = 1.5 * transfer.state - 0.7 * transfer.output + 0.3 * transfer.noise.unwrap();
    assert!(close(values.get("x_t"), moved));
}

#[test]
fn displayed_gaussian_is_the_problem() {
    let model = Problem::parse("gaussian:mu=3/2,s2=1/4")
        .unwrap()
        .model(&1.0);
    let mut values = Values::new(&[
        (r"\mu", 1.5),
        ("s^2", 0.25),
        (r"\tau", 0.75),
        ("z", -2.0),
        ("z_s", -2.0),
        (r"\tau_s", 0.75),
        (r"\tau_t", 0.125),
    ]);
    for part in ["denoiser", "solution"] {
        let block = block(&format!("problem/gaussian/{part}")).unwrap();
        values.follow(&block.equations);
    }
    let denoised = model.denoise(&0.75, &[-2.0]).unwrap()[0];
    let solved = model.solution(&[-2.0], &0.75, &0.125).unwrap()[0];
    assert!(close(values.get("m"), denoised) && close(values.get("z_t"), solved));
}
