//! Which times a sampler visits: N steps are N+1 nodes, from noise to data.
//!
//! Clauses: `spec/grids.md`. Each grid states the library convention it comes from as a parameter.

mod beta;
mod nodes;
mod spacing;

pub use spacing::Convention;

use crate::arithmetic::{Rational, parse_rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::{Id, suggestion};
use std::fmt;

/// How a grid ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// N+1 points, the last at the end of the domain.
    Full,
    /// N points, then sigma = 0.
    Zero,
    /// N points, then the end of the domain (the smallest sigma).
    Min,
}

/// What the network is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The node's own time.
    None,
    /// The nearest index, ties to even.
    Index,
}

/// The coordinate in which explicit nodes are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The schedule's own time.
    Time,
    /// sigma/alpha.
    Sigma,
    /// ln(alpha/sigma).
    Lambda,
}

/// How the nodes are spaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Linear in lambda.
    Lambda,
    /// Linear in ln(sigma/alpha): the same nodes as `Lambda` under k-diffusion's name.
    Exponential,
    /// Linear in time.
    Time,
    /// sqrt(t) linear.
    Quadratic,
    /// (sigma/alpha)^(1/p) linear (Karras et al. 2022, eq. 5).
    Karras(Rational),
    /// ln(sigma/alpha) along ramp^p.
    Polyexponential(Rational),
    /// Quantiles of the Beta(a, b) distribution (f64), on the index or on sigma/alpha.
    Beta {
        /// First shape parameter.
        a: Rational,
        /// Second shape parameter.
        b: Rational,
        /// True: along sigma/alpha (diffusers); false: along time.
        on_sigma: bool,
    },
    /// Indices spread from the last to 0.
    Linspace(Convention),
    /// Multiples of a step ratio, plus an offset.
    Leading(Convention, i64),
    /// Multiples of a step ratio counted from the last index.
    Trailing,
    /// s linear, then shifted: by an exact shift, or by e^mu.
    Flow(Shift),
    /// Explicit nodes.
    Nodes(Unit, Vec<Rational>),
}

/// The shift of a flow grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// s' = S s/(1 + (S-1) s).
    By(Rational),
    /// The same with S = e^mu.
    Exp(Rational),
}

/// A grid: spacing, end rule and label rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Spacing of the nodes.
    pub spacing: Spacing,
    /// How it ends.
    pub ends: Ends,
    /// What the network is told.
    pub rounding: Rounding,
}

const ENDS: &[(&str, Ends)] = &[
    ("full", Ends::Full),
    ("zero", Ends::Zero),
    ("min", Ends::Min),
];
const ROUNDING: &[(&str, Rounding)] = &[("none", Rounding::None), ("index", Rounding::Index)];

impl Grid {
    /// The ids of all grids, with their parameters.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("lambda", ""),
        ("time", ""),
        ("quadratic", ""),
        ("karras", "rho=7"),
        ("exponential", ""),
        ("polyexponential", "p=1"),
        ("beta", "a=0.6,b=0.6,on=index|sigma"),
        ("leading", "ddim|dpm,offset=0"),
        ("linspace", "ddim|dpm"),
        ("trailing", ""),
        ("flow", "shift=1 or mu=0"),
    ];

    /// Parses a grid id; every grid also takes `ends=full|zero|min` and `rounding=none|index`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, `E-NUMBER`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut id = Id::parse(text)?;
        let ends = id.take_choice("ends", ENDS, Ends::Full)?;
        let rounding = id.take_choice("rounding", ROUNDING, Rounding::None)?;
        let one = rational(1, 1);
        let mut known = vec!["ends=full|zero|min", "rounding=none|index"];
        let spacing = match id.name.as_str() {
            "lambda" => Spacing::Lambda,
            "exponential" => Spacing::Exponential,
            "time" => Spacing::Time,
            "quadratic" => Spacing::Quadratic,
            "trailing" => Spacing::Trailing,
            "karras" => {
                known.push("rho");
                let rho = id.take_number("rho", rational(7, 1))?;
                Spacing::Karras(positive(id.take_number("p", rho)?, "karras exponent")?)
            }
            "polyexponential" => {
                known.push("p");
                Spacing::Polyexponential(positive(id.take_number("p", one)?, "ramp exponent")?)
            }
            "beta" => {
                known.extend(["a", "b", "on=index|sigma"]);
                let a = positive(id.take_number("a", rational(6, 10))?, "beta a")?;
                let b = positive(id.take_number("b", rational(6, 10))?, "beta b")?;
                let on_sigma = id.take_choice("on", &[("index", false), ("sigma", true)], false)?;
                Spacing::Beta { a, b, on_sigma }
            }
            "linspace" | "leading" => {
                known.extend(["ddim", "dpm"]);
                let ddim = id.take_flag("ddim");
                let convention = if ddim && !id.take_flag("dpm") {
                    Convention::Ddim
                } else {
                    Convention::Dpm
                };
                id.take_flag("dpm");
                if id.name == "linspace" {
                    Spacing::Linspace(convention)
                } else {
                    known.push("offset");
                    let offset = id.take_number("offset", rational(0, 1))?;
                    if !offset.is_integer()
                        || offset < rational(0, 1)
                        || offset > rational(100_000, 1)
                    {
                        return Err(range("offset", offset, "a whole number >= 0"));
                    }
                    Spacing::Leading(convention, offset.to_integer() as i64)
                }
            }
            "flow" => {
                known.extend(["shift", "mu"]);
                match id.take("mu") {
                    Some(mu) => Spacing::Flow(Shift::Exp(parse_rational(&mu)?)),
                    None => {
                        Spacing::Flow(Shift::By(positive(id.take_number("shift", one)?, "shift")?))
                    }
                }
            }
            name => {
                let names: Vec<&str> = Self::IDS.iter().map(|(name, _)| *name).collect();
                return Err(Error::new(
                    Code::UnknownId,
                    format!("unknown grid `{name}`"),
                    "grid",
                    suggestion(name, &names),
                ));
            }
        };
        id.finish(&known)?;
        Ok(Grid {
            spacing,
            ends,
            rounding,
        })
    }

    /// Reads a node file: the unit (`t`, `sigma` or `lambda`) on the first line, then one exact number a line.
    ///
    /// # Errors
    /// `E-FORMAT`, `E-NUMBER` with the line; `E-GRID-ORDER` for unordered or repeated nodes.
    pub fn from_node_file(text: &str) -> Result<Self> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(i, line)| (i + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty());
        let unit = match lines.next() {
            Some((_, "t")) => Unit::Time,
            Some((_, "sigma")) => Unit::Sigma,
            Some((_, "lambda")) => Unit::Lambda,
            _ => {
                return Err(Error::new(
                    Code::Format,
                    "the first line is not a unit",
                    "node file, line 1",
                    "write `t`, `sigma` (sigma/alpha) or `lambda` on the first line",
                ));
            }
        };
        let values: Result<Vec<Rational>> = lines
            .map(|(n, line)| parse_rational(line).map_err(|e| e.at(format!("node file, line {n}"))))
            .collect();
        Grid::explicit(unit, values?)
    }

    /// A grid of explicit nodes, from noise to data.
    ///
    /// # Errors
    /// `E-GRID-STEPS` for fewer than two nodes, `E-GRID-ORDER` for unordered or repeated ones.
    pub fn explicit(unit: Unit, values: Vec<Rational>) -> Result<Self> {
        if values.len() < 2 {
            return Err(Error::new(
                Code::GridSteps,
                format!("{} nodes", values.len()),
                "nodes",
                "give at least two nodes",
            ));
        }
        let ordered = |a: &Rational, b: &Rational| if unit == Unit::Lambda { a < b } else { a > b };
        if let Some(i) = values
            .windows(2)
            .position(|pair| !ordered(&pair[0], &pair[1]))
        {
            return Err(Error::new(
                Code::GridOrder,
                format!("node {} does not follow node {i} from noise to data", i + 1),
                format!("nodes {i} and {}", i + 1),
                "give strictly decreasing t or sigma, or strictly increasing lambda",
            ));
        }
        Ok(Grid {
            spacing: Spacing::Nodes(unit, values),
            ends: Ends::Full,
            rounding: Rounding::None,
        })
    }
}

fn positive(value: Rational, name: &str) -> Result<Rational> {
    if value > rational(0, 1) {
        Ok(value)
    } else {
        Err(range(name, value, "a number > 0"))
    }
}

fn range(name: &str, value: Rational, right: &str) -> Error {
    Error::new(
        Code::Parameter,
        format!("{name} = {value}"),
        "grid",
        format!("choose {right}"),
    )
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, mut parameters): (&str, Vec<String>) = match &self.spacing {
            Spacing::Lambda => ("lambda", vec![]),
            Spacing::Exponential => ("exponential", vec![]),
            Spacing::Time => ("time", vec![]),
            Spacing::Quadratic => ("quadratic", vec![]),
            Spacing::Karras(p) => ("karras", vec![format!("rho={p}")]),
            Spacing::Polyexponential(p) => ("polyexponential", vec![format!("p={p}")]),
            Spacing::Beta { a, b, on_sigma } => (
                "beta",
                vec![
                    format!("a={a}"),
                    format!("b={b}"),
                    format!("on={}", if *on_sigma { "sigma" } else { "index" }),
                ],
            ),
            Spacing::Linspace(convention) => ("linspace", vec![convention.to_string()]),
            Spacing::Leading(convention, offset) => (
                "leading",
                vec![convention.to_string(), format!("offset={offset}")],
            ),
            Spacing::Trailing => ("trailing", vec![]),
            Spacing::Flow(Shift::By(shift)) => ("flow", vec![format!("shift={shift}")]),
            Spacing::Flow(Shift::Exp(mu)) => ("flow", vec![format!("mu={mu}")]),
            Spacing::Nodes(unit, _) => ("nodes", vec![format!("unit={}", unit.name())]),
        };
        if let Some((name, _)) = ENDS
            .iter()
            .find(|(_, ends)| *ends == self.ends && *ends != Ends::Full)
        {
            parameters.push(format!("ends={name}"));
        }
        if self.rounding == Rounding::Index {
            parameters.push("rounding=index".to_owned());
        }
        match parameters.is_empty() {
            true => f.write_str(name),
            false => write!(f, "{name}:{}", parameters.join(",")),
        }
    }
}

impl Unit {
    /// The word on the first line of a node file.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Time => "t",
            Unit::Sigma => "sigma",
            Unit::Lambda => "lambda",
        }
    }
}
