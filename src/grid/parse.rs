//! Grid ids and node files.

use super::{Convention, Ends, Grid, Indices, Pattern, Rounding, Shift, Spacing, Unit, beta};
use crate::arithmetic::{Rational, parse_rational, rational};
use crate::error::{Code, Error, Result};
use crate::id::{Id, suggestion};
use std::fmt;

const ENDS: &[(&str, Ends)] = &[
    ("full", Ends::Full),
    ("zero", Ends::Zero),
    ("min", Ends::Min),
];
const ROUNDING: &[(&str, Rounding)] = &[
    ("none", Rounding::None),
    ("index", Rounding::Index),
    ("floor", Rounding::Floor),
];

/// Own parameters, and the ones of every grid.
macro_rules! levels {
    ($own:literal) => {
        concat!($own, "ends=full|zero,rounding=none|index|floor")
    };
}

/// Own parameters, and the ones of every grid of indices: these may also end at index 0 apart.
macro_rules! indices {
    ($own:literal) => {
        concat!($own, "ends=full|zero|min,rounding=none|index|floor")
    };
}

impl Grid {
    /// The ids of all grids, with their parameters.
    pub const IDS: &'static [(&'static str, &'static str)] = &[
        ("lambda", levels!("")),
        ("time", levels!("")),
        ("quadratic", levels!("")),
        ("karras", levels!("rho=7,")),
        ("exponential", levels!("")),
        ("polyexponential", levels!("p=1,")),
        ("beta", indices!("a=0.6,b=0.6,on=index|sigma|whole-index,")),
        ("leading", indices!("dpm|ddim,offset=0,top=n-1,")),
        ("linspace", indices!("dpm|ddim,top=n-1,")),
        ("trailing", indices!("top=n-1,")),
        ("flow", levels!("shift=1|mu=0,terminal=T|train=n,")),
    ];

    /// Parses a grid id; every grid also takes `ends=full|zero|min` and `rounding=none|index|floor`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, `E-NUMBER`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut id = Id::parse(text)?;
        let ends = id.take_choice("ends", ENDS, Ends::Full)?;
        let rounding = id.take_choice("rounding", ROUNDING, Rounding::None)?;
        let one = rational(1, 1);
        let mut known = vec!["ends=full|zero|min", "rounding=none|index|floor"];
        let spacing = match id.name.as_str() {
            "lambda" => Spacing::Lambda,
            "exponential" => Spacing::Exponential,
            "time" => Spacing::Time,
            "quadratic" => Spacing::Quadratic,
            "karras" => {
                known.push("rho");
                let rho = id.take_number("rho", rational(7, 1))?;
                Spacing::Karras(positive(rho, "karras exponent")?)
            }
            "polyexponential" => {
                known.push("p");
                Spacing::Polyexponential(positive(id.take_number("p", one)?, "ramp exponent")?)
            }
            "beta" => {
                known.extend(["a", "b", "on=index|sigma|whole-index"]);
                let a = shape(id.take_number("a", rational(6, 10))?, "beta a")?;
                let b = shape(id.take_number("b", rational(6, 10))?, "beta b")?;
                let whole = Spacing::Indexed(Indices {
                    pattern: Pattern::Beta(a, b),
                    top: None,
                });
                let along = |on_sigma| Spacing::Beta { a, b, on_sigma };
                let choices = [
                    ("index", along(false)),
                    ("sigma", along(true)),
                    ("whole-index", whole),
                ];
                id.take_choice("on", &choices, along(false))?
            }
            "linspace" | "leading" | "trailing" => Spacing::Indexed(indices(&mut id, &mut known)?),
            "flow" => {
                known.extend(["shift", "mu", "terminal", "train"]);
                let shift = match id.take("mu") {
                    Some(mu) => Shift::Exp(parse_rational(&mu)?),
                    None => Shift::By(positive(id.take_number("shift", one)?, "shift")?),
                };
                let terminal = id
                    .take("terminal")
                    .map(|text| parse_rational(&text))
                    .transpose()?;
                if let Some(value) = terminal.filter(|t| *t <= rational(0, 1) || *t >= one) {
                    return Err(range("terminal", value, "0 < terminal < 1"));
                }
                let train = id
                    .take("train")
                    .map(|text| {
                        trained(
                            parse_rational(&text)?,
                            terminal.is_none() && ends == Ends::Zero,
                        )
                    })
                    .transpose()?;
                Spacing::Flow {
                    shift,
                    terminal,
                    train,
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

    /// Parses the id that a grid of explicit nodes prints, such as `nodes:unit=t`.
    ///
    /// # Errors
    /// `E-ID-UNKNOWN`, `E-PARAMETER`, and those of [`Grid::explicit`].
    pub fn parse_explicit(text: &str, values: Vec<Rational>) -> Result<Self> {
        let mut id = Id::parse(text)?;
        if id.name != "nodes" {
            return Err(Error::new(
                Code::UnknownId,
                format!("grid `{}` has no list of nodes", id.name),
                "grid",
                "use the id nodes:unit=t|sigma|lambda",
            ));
        }
        let units = [Unit::Time, Unit::Sigma, Unit::Lambda].map(|unit| (unit.name(), unit));
        let unit = id.take_choice("unit", &units, Unit::Time)?;
        let ends = id.take_choice("ends", ENDS, Ends::Full)?;
        let rounding = id.take_choice("rounding", ROUNDING, Rounding::None)?;
        id.finish(&["unit", "ends", "rounding"])?;
        Ok(Grid {
            ends,
            rounding,
            ..Grid::explicit(unit, values)?
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

/// The parameters of `linspace`, `leading`, `trailing`.
fn indices(id: &mut Id, known: &mut Vec<&str>) -> Result<Indices> {
    known.push("top");
    let convention = match id.name.as_str() {
        "trailing" => Convention::Dpm,
        _ => {
            known.extend(["dpm", "ddim"]);
            // With both flags the second is left over, and refused.
            match id.take_flag("dpm") || !id.take_flag("ddim") {
                true => Convention::Dpm,
                false => Convention::Ddim,
            }
        }
    };
    let top = id
        .take("top")
        .map(|text| parse_rational(&text).and_then(|top| whole("top", top)))
        .transpose()?;
    let pattern = match id.name.as_str() {
        "linspace" => Pattern::Linspace(convention),
        "trailing" => Pattern::Trailing,
        _ => {
            known.push("offset");
            Pattern::Leading(
                convention,
                whole("offset", id.take_number("offset", rational(0, 1))?)?,
            )
        }
    };
    Ok(Indices { pattern, top })
}

fn whole(name: &str, value: Rational) -> Result<usize> {
    match value.is_integer() && (0..=100_000).contains(value.numer()) {
        true => Ok(value.to_integer() as usize),
        false => Err(range(name, value, "a whole number from 0 to 100000")),
    }
}

/// n of `flow:train=n`, if the rest of the grid fits it.
fn trained(value: Rational, fits: bool) -> Result<usize> {
    let count = whole("train", value)?;
    match fits && count > 1 {
        true => Ok(count),
        false => Err(range(
            "train",
            value,
            "train=1000 with ends=zero and without terminal",
        )),
    }
}

fn positive(value: Rational, name: &str) -> Result<Rational> {
    if value > rational(0, 1) {
        Ok(value)
    } else {
        Err(range(name, value, "a number > 0"))
    }
}

fn shape(value: Rational, name: &str) -> Result<Rational> {
    match beta::is_shape(value) {
        true => Ok(value),
        false => Err(range(name, value, "a number from 0.1 to 100")),
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
            Spacing::Indexed(indices) => indices.words(),
            Spacing::Flow {
                shift,
                terminal,
                train,
            } => {
                let shift = match shift {
                    Shift::By(shift) => format!("shift={shift}"),
                    Shift::Exp(mu) => format!("mu={mu}"),
                };
                let terminal = terminal.map(|terminal| format!("terminal={terminal}"));
                let train = train.map(|count| format!("train={count}"));
                let more = terminal.into_iter().chain(train);
                ("flow", std::iter::once(shift).chain(more).collect())
            }
            Spacing::Nodes(unit, _) => ("nodes", vec![format!("unit={}", unit.name())]),
        };
        if let Some((name, _)) = ENDS
            .iter()
            .find(|(_, ends)| *ends == self.ends && *ends != Ends::Full)
        {
            parameters.push(format!("ends={name}"));
        }
        if let Some((name, _)) = ROUNDING
            .iter()
            .find(|(_, rounding)| *rounding == self.rounding && *rounding != Rounding::None)
        {
            parameters.push(format!("rounding={name}"));
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
