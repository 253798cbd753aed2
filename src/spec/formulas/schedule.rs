//! Formulas of schedules and grids.

use super::{Block, Equation, symbol};
use crate::arithmetic::{Field, Real, Symbolic};
use crate::grid::ramp;
use crate::schedule::{Interpolation, Lambda, Point, discrete, flow, vp_cosine, vp_linear};

fn equation(left: &'static str, right: Symbolic) -> Equation {
    Equation { left, right }
}

/// `vp-linear`, `vp-linear/inverse`, `vp-cosine`, ..., `discrete/recurrence`, `discrete/log-alpha`, ...
pub(super) fn block(id: &str, part: Option<&str>) -> Option<Block> {
    let (file, equations) = match (id, part) {
        ("vp", None) => ("curve", variance_preserving()),
        ("vp-linear", None) => ("vp_linear", linear()),
        ("vp-linear", Some("inverse")) => ("vp_linear", linear_inverse()),
        ("vp-cosine", None) => ("vp_cosine", cosine()),
        ("vp-cosine", Some("inverse")) => ("vp_cosine", cosine_inverse()),
        ("flow", None) => ("flow", flow_forward()),
        ("flow", Some("inverse")) => {
            let (rho, shift) = (symbol(r"\rho"), symbol("S"));
            ("flow", vec![equation("s", flow::time(&rho, &shift))])
        }
        ("discrete", Some("recurrence")) => ("discrete", recurrence()),
        ("discrete", Some("zero-snr")) => ("discrete", zero_snr()),
        ("discrete", Some("log-alpha")) => ("discrete", interpolation(Interpolation::LogAlpha)),
        ("discrete", Some("log-sigma")) => ("discrete", interpolation(Interpolation::LogSigma)),
        ("discrete", Some("sigma")) => ("discrete", interpolation(Interpolation::Sigma)),
        _ => return None,
    };
    Some(Block {
        source: format!("src/schedule/{file}.rs"),
        equations,
    })
}

/// alpha, sigma, lambda of a point, in this order.
fn coordinates(point: Point<Symbolic>) -> Vec<Equation> {
    let lambda = match point.lambda {
        Lambda::Finite(lambda) => Some(equation(r"\lambda", lambda)),
        Lambda::NoSignal | Lambda::NoNoise => None,
    };
    [
        Some(equation(r"\alpha", point.alpha)),
        Some(equation(r"\sigma", point.sigma)),
        lambda,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn variance_preserving() -> Vec<Equation> {
    coordinates(Point::vp(None, symbol(r"\tau")))
}

fn betas() -> [Symbolic; 2] {
    [r"\beta_{\min}", r"\beta_{\max}"].map(symbol)
}

fn linear() -> Vec<Equation> {
    let [beta_min, beta_max] = betas();
    vec![
        equation("S", vp_linear::exponent(&symbol("t"), &beta_min, &beta_max)),
        equation(r"\tau", symbol("S").exp_m1()),
    ]
}

fn linear_inverse() -> Vec<Equation> {
    let [beta_min, beta_max] = betas();
    vec![
        equation("S", symbol(r"\tau").ln_1p()),
        equation("t", vp_linear::time(&symbol("S"), &beta_min, &beta_max)),
    ]
}

fn cosine() -> Vec<Equation> {
    let (t, s) = (symbol("t"), symbol("s"));
    let [alpha, sigma] = vp_cosine::alpha_sigma(&t, &s);
    let scale = vp_cosine::scale(&s);
    let named = |x: Symbolic| x.abbreviated(&scale, &symbol("k"));
    vec![
        equation("k", scale.clone()),
        equation(r"\alpha", named(alpha)),
        equation(r"\sigma", named(sigma)),
    ]
}

fn cosine_inverse() -> Vec<Equation> {
    let s = symbol("s");
    let (alpha, sigma2) = (symbol(r"\alpha"), symbol(r"\sigma^2"));
    let scale = vp_cosine::scale(&s);
    let angle = s.clone() / &scale;
    let root = vp_cosine::root(&alpha, &sigma2, &angle.sin_pi());
    let definitions = [
        equation("k", scale),
        equation("c_0", angle.cos_pi()),
        equation("s_0", angle.sin_pi()),
        equation("q", root),
        equation("t", vp_cosine::time(&alpha, &sigma2, &s)),
    ];
    let mut equations: Vec<Equation> = Vec::new();
    for Equation { left, right } in definitions {
        let right = equations.iter().fold(right, |right, known| {
            right.abbreviated(&known.right, &symbol(known.left))
        });
        equations.push(equation(left, right));
    }
    equations
}

fn flow_forward() -> Vec<Equation> {
    let [alpha, sigma] = flow::alpha_sigma(&symbol("s"), &symbol("S"));
    vec![equation(r"\alpha", alpha), equation(r"\sigma", sigma)]
}

fn recurrence() -> Vec<Equation> {
    let (abar, noise) = (symbol(r"\bar\alpha_{i-1}"), symbol(r"n_{i-1}"));
    let (next, lost) = discrete::multiplied(&abar, &noise, &symbol(r"\beta_i"));
    vec![equation(r"\bar\alpha_i", next), equation("n_i", lost)]
}

fn zero_snr() -> Vec<Equation> {
    let [root, first, last] = ["q_i", "q_0", "q_{n-1}"].map(symbol);
    vec![equation(
        r"\bar\alpha_i",
        discrete::rescaled_abar(&root, &first, &last),
    )]
}

fn interpolation(kind: Interpolation) -> Vec<Equation> {
    let (abar, noise) = (symbol(r"\bar\alpha_i"), symbol("n_i"));
    let from = symbol("y_i");
    let between = ramp::linear(&from, &symbol("y_{i+1}"), &symbol("f"));
    vec![
        equation("y_i", kind.coordinate(&abar, &noise)),
        equation("y", between),
        equation(r"\tau", kind.tau(&symbol("y"))),
        equation(r"y(\tau)", kind.at_tau(&symbol(r"\tau"))),
    ]
}

/// `lambda`, `quadratic`, `karras`, `polyexponential`, `beta`, `flow`, `flow/terminal`.
pub(super) fn grid(id: &str, part: Option<&str>) -> Option<Block> {
    let fraction = symbol("i") / &symbol("N");
    let p = symbol("p");
    let ends = |name: &str| [format!("{name}_0"), format!("{name}_N")].map(|x| symbol(&x));
    let (file, equations) = match (id, part) {
        ("lambda", None) => {
            let [from, to] = ends(r"\lambda");
            let right = ramp::linear(&from, &to, &fraction);
            ("grid/ramp", vec![equation(r"\lambda_i", right)])
        }
        ("time", None) => {
            let [from, to] = ends("t");
            let right = ramp::linear(&from, &to, &fraction);
            ("grid/ramp", vec![equation("t_i", right)])
        }
        ("quadratic", None) => {
            let [from, to] = ends("t");
            let right = ramp::quadratic(&from, &to, &fraction);
            ("grid/ramp", vec![equation("t_i", right)])
        }
        ("karras", None) => {
            let [from, to] = ends(r"\rho");
            let right = ramp::karras(&from, &to, &fraction, &p);
            ("grid/ramp", vec![equation(r"\rho_i", right)])
        }
        ("polyexponential", None) => {
            let [from, to] = ends(r"\lambda");
            let falling = (symbol("N") - &symbol("i")) / &symbol("N");
            let right = ramp::polyexponential(&from, &to, &falling, &p);
            ("grid/ramp", vec![equation(r"\lambda_i", right)])
        }
        ("beta", None) => {
            let [from, to] = ends("y");
            let right = ramp::linear(&to, &from, &symbol("q_i"));
            ("grid/ramp", vec![equation("y_i", right)])
        }
        ("flow", None) => {
            let right = flow::shifted(&symbol("s"), &symbol("S"));
            ("schedule/flow", vec![equation("s'", right)])
        }
        ("flow", Some("terminal")) => {
            let right = ramp::stretched(&symbol("s'"), &symbol("s'_N"), &symbol("T"));
            ("grid/ramp", vec![equation("s''", right)])
        }
        _ => return None,
    };
    Some(Block {
        source: format!("src/{file}.rs"),
        equations,
    })
}
