//! Formulas of the solvers.

use super::{Block, Equation, interpolant, number, symbol};
use crate::arithmetic::{Field, Symbolic};
use crate::schedule::{Lambda, Point};
use crate::solver::{
    Family, Method, Side, Solver, Step, Transfer, ddim, ddim_eta, dpmpp_2m, dpmpp_2m_exact,
    dpmpp_2s, dpmpp_2s_taylor, dpmpp_3m, dpmpp_3m_exact, dpmpp_3s, dpmpp_3s_taylor, final_weights,
    ipndm, multistep_weights,
};

const OUTPUTS: [&str; 4] = ["g_0", "g_1", "g_2", "g_3"];
const WEIGHTS: [&str; 4] = ["w_0", "w_1", "w_2", "w_3"];
const H: [&str; 4] = ["H_1", "H_2", "H_3", "H_4"];
const DATA: [&str; 4] = [
    r"x_\theta^{(0)}",
    r"x_\theta^{(1)}",
    r"x_\theta^{(2)}",
    r"x_\theta^{(3)}",
];
const NOISE: [&str; 4] = [
    r"\varepsilon_\theta^{(0)}",
    r"\varepsilon_\theta^{(1)}",
    r"\varepsilon_\theta^{(2)}",
    r"\varepsilon_\theta^{(3)}",
];

/// `increment`, `weights`, `limit`, `stages` or `step` of a solver.
pub(super) fn block(solver: Solver, part: &str) -> Option<Block> {
    let method = solver.method;
    let equations = match (part, method) {
        ("coefficients", Method::DdimEta) => ddim_eta_coefficients(),
        ("step", Method::DdimEta) => ddim_eta_step(),
        (_, Method::DdimEta) => return None,
        ("increment", _) => increment(method),
        ("weights", _) => weights(method),
        ("limit", _) => limit(method),
        ("stages", Method::TwoS(_) | Method::TwoSTaylor(_)) => first_stage(),
        ("stages", Method::ThreeS(..) | Method::ThreeSTaylor(..)) => {
            [first_stage(), second_stage()].concat()
        }
        ("step", _) => step_in_x(solver),
        _ => return None,
    };
    let file = if part == "step" && method != Method::DdimEta {
        "form"
    } else {
        solver.entry.stem
    };
    Some(Block {
        source: format!("src/solver/{file}.rs"),
        equations,
    })
}

/// A whole step with h and z = c h as they are called in the text.
fn whole() -> Step<Symbolic> {
    Step {
        h: symbol("h"),
        z: symbol("z"),
    }
}

pub(super) fn outputs() -> [Symbolic; 4] {
    OUTPUTS.map(Symbolic::vector)
}

/// The increment with named definitions, the definitions first.
fn increment(method: Method) -> Vec<Equation> {
    let step = whole();
    let [g0, g1, g2, _] = &outputs();
    let ([r0, r1, r2], d) = (["r_0", "r_1", "r_2"].map(symbol), Definitions::default());
    let difference = |a: &Symbolic, b: &Symbolic, r: &Symbolic| (a.clone() - b) / r;
    let differences = |mut d: Definitions| {
        d.define("D_{1,0}", difference(g0, g1, &r0));
        d.define("D_{1,1}", difference(g1, g2, &r1));
        let [d1, d2] = dpmpp_3m::differences(&r0, &r1, [g0, g1, g2]);
        d.define("D_1", d1);
        d.define("D_2", d2);
        d
    };
    let (d, full) = match method {
        Method::Ddim | Method::DdimEta => (d, ddim::increment(&step, [g0])),
        Method::TwoM => (
            d.with("D_{1,0}", difference(g0, g1, &r0)),
            dpmpp_2m::increment(&step, &r0, [g0, g1]),
        ),
        Method::TwoMExact => (
            d.with("D_{1,0}", difference(g0, g1, &r0)),
            dpmpp_2m_exact::increment(&step, &r0, [g0, g1]),
        ),
        Method::ThreeM => (
            differences(d),
            dpmpp_3m::increment(&step, &r0, &r1, [g0, g1, g2]),
        ),
        Method::ThreeMExact => (
            differences(d),
            dpmpp_3m_exact::increment(&step, &r0, &r1, [g0, g1, g2]),
        ),
        Method::Adams(points) => interpolant::in_lambda(d, &step, points),
        Method::DeisRho(points) => interpolant::in_rho(d, &step, points),
        Method::Ipndm(points) => {
            let outputs = outputs();
            let g: Vec<&Symbolic> = outputs[..points].iter().collect();
            (d, ipndm::increment(&step, &g))
        }
        Method::TwoS(_) => (
            d.with("E_1", difference(g1, g0, &r1)),
            dpmpp_2s::increment(&step, &r1, [g0, g1]),
        ),
        Method::TwoSTaylor(_) => (
            d.with("E_1", difference(g1, g0, &r1)),
            dpmpp_2s_taylor::increment(&step, &r1, [g0, g1]),
        ),
        Method::ThreeS(..) => (
            d.with("E_2", difference(g2, g0, &r2)),
            dpmpp_3s::increment(&step, &r2, [g0, g1, g2]),
        ),
        Method::ThreeSTaylor(..) => {
            let d = d
                .with("E_1", difference(g1, g0, &r1))
                .with("E_2", difference(g2, g0, &r2));
            let [d1, d2] = dpmpp_3s_taylor::differences(&r1, &r2, [g0, g1, g2]);
            (
                d.with("D_1", d1).with("D_2", d2),
                dpmpp_3s_taylor::increment(&step, &r1, &r2, [g0, g1, g2]),
            )
        }
    };
    let mut equations = d.equations;
    let full = abbreviated(&full, &equations);
    equations.push(Equation {
        left: r"\Delta",
        right: with_h(full, &step),
    });
    equations
}

/// Named parts of a formula, each written in terms of those before.
#[derive(Default)]
pub(super) struct Definitions {
    equations: Vec<Equation>,
}

impl Definitions {
    /// Adds a definition, written in terms of the earlier ones.
    pub(super) fn define(&mut self, left: &'static str, right: Symbolic) {
        let right = abbreviated(&right, &self.equations);
        self.equations.push(Equation { left, right });
    }

    fn with(mut self, left: &'static str, right: Symbolic) -> Self {
        self.define(left, right);
        self
    }
}

/// The expression in terms of the definitions, applied in their order.
fn abbreviated(expression: &Symbolic, definitions: &[Equation]) -> Symbolic {
    definitions.iter().fold(
        expression.clone(),
        |expression, Equation { left, right }| {
            expression.abbreviated(right, &Symbolic::vector(left))
        },
    )
}

/// H_k for h phi_k(z).
fn with_h(expression: Symbolic, step: &Step<Symbolic>) -> Symbolic {
    H.iter().zip(1..).fold(expression, |expression, (name, k)| {
        expression.abbreviated(&step.h_phi(k), &symbol(name))
    })
}

/// The weights on g_0, g_1, g_2, zero ones left out.
fn weights(method: Method) -> Vec<Equation> {
    let step = whole();
    let names = match method {
        Method::DeisRho(_) => interpolant::RATIOS,
        _ => ["r_0", "r_1", "r_2"],
    };
    let names = names.map(symbol);
    let zero = number(0, 1);
    weights_of(method, &step, &names)
        .into_iter()
        .zip(WEIGHTS)
        .filter(|(weight, _)| *weight != zero)
        .map(|(weight, left)| Equation {
            left,
            right: with_h(weight, &step),
        })
        .collect()
}

/// Weights with ratios named by their symbols: r_0, r_1 of a multistep method, R_0, R_1, R_2 of one
/// in rho, r_1, r_2 of a single-step one.
fn weights_of(method: Method, step: &Step<Symbolic>, names: &[Symbolic; 3]) -> Vec<Symbolic> {
    if let Method::DeisRho(points) = method {
        return interpolant::weights_in_rho(step, &names[..points - 1]);
    }
    let outputs = method.outputs();
    match method.family() {
        Family::Multistep => multistep_weights(method, step, &names[..outputs - 1]),
        Family::Singlestep => final_weights(method, step, &names[1..outputs]),
    }
}

/// w_j/h as h -> 0 on a uniform grid, or with the stages at their defaults.
fn limit(method: Method) -> Vec<Equation> {
    let step = Step {
        h: number(1, 1),
        z: number(0, 1),
    };
    let stages = method.stages();
    let stage = |k: usize| {
        stages
            .get(k)
            .map_or(number(1, 1), |r| symbol("h").constant(*r))
    };
    let ratios = match method.family() {
        Family::Multistep => [number(1, 1), number(1, 1), number(1, 1)],
        Family::Singlestep => [number(1, 1), stage(0), stage(1)],
    };
    let lefts = [
        r"\lim_{h \to 0} w_0/h",
        r"\lim_{h \to 0} w_1/h",
        r"\lim_{h \to 0} w_2/h",
        r"\lim_{h \to 0} w_3/h",
    ];
    weights_of(method, &step, &ratios)
        .into_iter()
        .zip(lefts)
        .map(|(right, left)| Equation { left, right })
        .collect()
}

/// u at r_1: a ddim step of length r_1 h.
fn first_stage() -> Vec<Equation> {
    let (step, [g0, ..]) = (whole(), outputs());
    vec![Equation {
        left: r"\Delta_1",
        right: ddim::increment(&step.part(&symbol("r_1")), [&g0]),
    }]
}

/// u at r_2.
fn second_stage() -> Vec<Equation> {
    let (step, [g0, g1, ..]) = (whole(), outputs());
    vec![Equation {
        left: r"\Delta_2",
        right: dpmpp_3s::second_stage(&step, &symbol("r_1"), &symbol("r_2"), [&g0, &g1]),
    }]
}

/// A point of the forward process with this subscript.
pub(super) fn point(subscript: &str) -> Point<Symbolic> {
    let [alpha, sigma, lambda] =
        ["alpha", "sigma", "lambda"].map(|name| symbol(&format!(r"\{name}_{subscript}")));
    Point {
        t: None,
        alpha,
        sigma,
        lambda: Lambda::Finite(lambda),
    }
}

/// A symbol in a stochastic form, 0 in a deterministic one.
fn eta(stochastic: bool) -> Symbolic {
    if stochastic {
        symbol(r"\eta")
    } else {
        number(0, 1)
    }
}

/// c of a form and its step in x.
pub(super) fn form(side: Side, stochastic: bool) -> Block {
    let equations = vec![
        Equation {
            left: "c",
            right: side.c(&eta(stochastic)),
        },
        moved(side, stochastic),
    ];
    Block {
        source: "src/solver/form.rs".to_owned(),
        equations,
    }
}

/// x_t by the increment.
fn moved(side: Side, stochastic: bool) -> Equation {
    let transfer = side.transfer(&eta(stochastic), &point("s"), &point("t"), &symbol("h"));
    let noise = transfer.noise.filter(|_| stochastic);
    in_x(Transfer { noise, ..transfer }, r"\Delta")
}

fn in_x(transfer: Transfer<Symbolic>, increment: &str) -> Equation {
    x_t(
        Some(transfer.state),
        (transfer.output, increment),
        transfer.noise,
    )
}

/// x_t from the factors of x_s, of a named output and of xi.
pub(super) fn x_t(
    state: Option<Symbolic>,
    (weight, output): (Symbolic, &str),
    noise: Option<Symbolic>,
) -> Equation {
    let [x, output, xi] = ["x_s", output, r"\xi"].map(Symbolic::vector);
    let terms = [
        state.map(|factor| factor * &x),
        Some(weight * &output),
        noise.map(|amplitude| amplitude * &xi),
    ];
    let right = terms
        .into_iter()
        .flatten()
        .fold(number(0, 1), |sum, term| sum + &term);
    Equation { left: "x_t", right }
}

/// The step back in x for the solver's form: z, H_k, g_i and x_t.
fn step_in_x(solver: Solver) -> Vec<Equation> {
    let (side, stochastic) = (solver.entry.side, solver.entry.stochastic);
    let step = Step::new(symbol("h"), &side.c(&eta(stochastic)));
    let names = match side {
        Side::Data => DATA,
        Side::Noise => NOISE,
    };
    let full = increment(solver.method);
    let used = |text: &str| full.iter().any(|e| e.right.to_string().contains(text));
    let mut equations = vec![Equation {
        left: "z",
        right: step.z.clone(),
    }];
    for (left, k) in H.into_iter().zip(1..).filter(|(name, _)| used(name)) {
        equations.push(Equation {
            left,
            right: step.h_phi(k),
        });
    }
    for (left, name) in OUTPUTS
        .into_iter()
        .zip(names)
        .filter(|(left, _)| used(left))
    {
        equations.push(Equation {
            left,
            right: Symbolic::vector(name),
        });
    }
    equations.push(moved(side, stochastic));
    equations
}

/// The three numbers of `ddim-eta`, E for 1 - e^(-2h).
fn ddim_eta_coefficients() -> Vec<Equation> {
    let h = symbol("h");
    let lost = ddim_eta::lost(&h);
    let ddim_eta::Coefficients { kept, data, noise } = ddim_eta::coefficients(&h, &symbol(r"\eta"));
    let named = |expression: Symbolic| expression.abbreviated(&lost, &symbol("E"));
    let kept = named(kept);
    let data = named(data).abbreviated(&kept, &symbol("k"));
    vec![
        Equation {
            left: "E",
            right: lost.clone(),
        },
        Equation {
            left: "k",
            right: kept,
        },
        Equation {
            left: "d",
            right: data,
        },
        Equation {
            left: "s",
            right: named(noise),
        },
    ]
}

fn ddim_eta_step() -> Vec<Equation> {
    let coefficients = ddim_eta::Coefficients {
        kept: symbol("k"),
        data: symbol("d"),
        noise: symbol("s"),
    };
    let transfer = coefficients.transfer(&point("s"), &point("t"));
    vec![in_x(transfer, DATA[0])]
}
