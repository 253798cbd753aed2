//! Reading a plan file: every field into its type.

use super::super::number::{Value, parse_f32, parse_f64, parse_pattern};
use super::super::{Initial, Node, Plan, Request};
use super::program;
use super::raw;
use super::{Certificate, FORMAT, Kind, PlanFile, VERSION, side};
use crate::arithmetic::{Rational, parse_rational};
use crate::error::{Code, Error, Result};
use crate::grid::Grid;
use crate::policy::Policy;
use crate::prediction::Prediction;
use crate::recipe::{Recipe, StateSpace};
use crate::schedule::{Lambda, Point, Schedule};
use crate::solver::Solver;
use crate::threshold::Threshold;

pub(super) fn parse(text: &str) -> Result<PlanFile> {
    let raw: raw::File = serde_json::from_str(text).map_err(|e| {
        Error::new(
            Code::Format,
            e.to_string(),
            format!("line {}, column {}", e.line(), e.column()),
            "give a plan file as `dpm-spec plan` writes it, complete and unchanged",
        )
    })?;
    if raw.format != FORMAT || raw.version != VERSION {
        let what = format!("`{}`, version {}", shown(&raw.format), raw.version);
        let remedy = format!("give a file of format {FORMAT}, version {VERSION}");
        return Err(Error::new(Code::Format, what, "format", remedy));
    }
    let certificate = certificate(&raw.certificate)?;
    let schedule = Schedule::parse(&raw.schedule.id).map_err(|e| e.at("schedule.id"))?;
    let recipe = recipe(&raw, &schedule)?;
    let request = request(&raw.grid, recipe, schedule)?;
    let values = Values {
        decimals: certificate.kind.has_decimals(),
    };
    if raw.initial.start_at != request.start_at {
        return Err(inconsistent(
            "initial.start_at",
            "the start differs from grid.start_at",
        ));
    }
    let initial = Initial {
        scale: values.read(&raw.initial.scale, "initial.scale")?,
        states: raw.initial.states,
        start_at: raw.initial.start_at,
    };
    let mut nodes = Vec::with_capacity(raw.nodes.len());
    for (i, node) in raw.nodes.iter().enumerate() {
        nodes.push(values.node(node, &format!("nodes[{i}]"))?);
    }
    let mut program = program::Reader::new(initial.states, nodes.len(), &request)?;
    for (i, instruction) in raw.program.iter().enumerate() {
        program.push(instruction, &values, &format!("program[{i}]"))?;
    }
    let plan = Plan {
        initial,
        nodes,
        program: program.finish()?,
        threshold: request.recipe.threshold,
    };
    Ok(PlanFile {
        request,
        plan,
        certificate,
    })
}

fn certificate(raw: &raw::Certificate) -> Result<Certificate> {
    let kind = match (raw.kind.as_str(), raw.bits) {
        ("ball", Some(bits)) => Kind::Ball { bits },
        ("double-double", None) => Kind::DoubleDouble,
        _ => {
            return Err(inconsistent(
                "certificate",
                "neither kind `ball` with bits nor kind `double-double` without",
            ));
        }
    };
    if raw.formats != kind.formats() {
        let what = format!("kind `{}` has the formats {:?}", raw.kind, kind.formats());
        return Err(inconsistent("certificate.formats", what));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    if !raw.crate_version.chars().all(plain) {
        return Err(inconsistent("certificate.crate", "not a version"));
    }
    Ok(Certificate {
        kind,
        crate_version: raw.crate_version.clone(),
        data_version: raw.data_version,
    })
}

fn recipe(raw: &raw::File, schedule: &Schedule) -> Result<Recipe> {
    let solver = Solver::parse(&raw.recipe.solver).map_err(|e| e.at("recipe.solver"))?;
    let recipe = Recipe {
        solver,
        eta: rational(&raw.recipe.eta, "recipe.eta")?,
        prediction: Prediction::parse(&raw.prediction)?,
        policy: Policy::parse(&raw.recipe.policy).map_err(|e| e.at("recipe.policy"))?,
        state_space: StateSpace::parse(&raw.state_space)?,
        threshold: raw.recipe.threshold.as_ref().map(threshold).transpose()?,
    };
    recipe.check(schedule).map_err(|e| e.at("recipe"))?;
    if raw.recipe.side != side(recipe.form().side) {
        let what = format!("`{}` integrates the other prediction", recipe.solver);
        return Err(inconsistent("recipe.side", what));
    }
    Ok(recipe)
}

fn threshold(raw: &raw::Threshold) -> Result<Threshold> {
    let number = |text: &str| rational(text, "recipe.threshold");
    match raw {
        raw::Threshold::Static { bound } => Threshold::Static {
            bound: number(bound)?,
        },
        raw::Threshold::Dynamic { ratio, max } => Threshold::Dynamic {
            ratio: number(ratio)?,
            max: max.as_deref().map(number).transpose()?,
        },
    }
    .check()
}

fn request(raw: &raw::Grid, recipe: Recipe, schedule: Schedule) -> Result<Request> {
    let grid = match &raw.nodes {
        None => Grid::parse(&raw.id),
        Some(nodes) => {
            let node = |(i, text): (usize, &String)| rational(text, &format!("grid.nodes[{i}]"));
            let nodes: Result<Vec<Rational>> = nodes.iter().enumerate().map(node).collect();
            Grid::parse_explicit(&raw.id, nodes?)
        }
    }
    .map_err(|e| e.at("grid"))?;
    let ends = match (&raw.t_start, &raw.t_end) {
        (None, None) if grid.has_own_ends() => None,
        (Some(start), Some(end)) if !grid.has_own_ends() => {
            let ends = (
                rational(start, "grid.t_start")?,
                rational(end, "grid.t_end")?,
            );
            Some(ends).filter(|ends| *ends != schedule.domain())
        }
        _ => {
            let what = format!("`{grid}` takes both ends or neither");
            return Err(inconsistent("grid.t_start and grid.t_end", what));
        }
    };
    Ok(Request {
        recipe,
        schedule,
        grid,
        steps: raw.steps,
        domain: ends,
        start_at: raw.start_at,
    })
}

fn rational(text: &str, place: &str) -> Result<Rational> {
    parse_rational(text).map_err(|e| e.at(place))
}

/// Reads values; all have decimals or none has.
pub(super) struct Values {
    decimals: bool,
}

impl Values {
    pub(super) fn read(&self, raw: &raw::Value, place: &str) -> Result<Value> {
        if raw.dec.is_some() != self.decimals {
            let what = "dec stands exactly where the certificate lists it";
            return Err(inconsistent(format!("{place}.dec"), what));
        }
        let value = Value {
            dec: raw.dec.clone(),
            f64: parse_f64(&raw.f64).map_err(|e| e.at(format!("{place}.f64")))?,
            f32: parse_f32(&raw.f32).map_err(|e| e.at(format!("{place}.f32")))?,
            f16: parse_pattern(&raw.f16).map_err(|e| e.at(format!("{place}.f16")))?,
            bf16: parse_pattern(&raw.bf16).map_err(|e| e.at(format!("{place}.bf16")))?,
        };
        value.check().map_err(|e| e.at(place))?;
        Ok(value)
    }

    fn node(&self, raw: &raw::Node, place: &str) -> Result<Node<Value>> {
        let field = |value: &raw::Value, name: &str| self.read(value, &format!("{place}.{name}"));
        let optional =
            |value: &Option<raw::Value>, name| value.as_ref().map(|v| field(v, name)).transpose();
        let word = |text: &str, name: &str, right: &str| {
            let what = format!("`{}` is not {right}", shown(text));
            inconsistent(format!("{place}.{name}"), what)
        };
        let lambda = match &raw.lambda {
            raw::ValueOrWord::Value(value) => Lambda::Finite(field(value, "lambda")?),
            raw::ValueOrWord::Word(text) if text == "inf" => Lambda::NoNoise,
            raw::ValueOrWord::Word(text) if text == "-inf" => Lambda::NoSignal,
            raw::ValueOrWord::Word(text) => return Err(word(text, "lambda", "inf or -inf")),
        };
        let label = optional(&raw.label, "label")?;
        let t = match &raw.t {
            None => None,
            Some(raw::ValueOrWord::Value(value)) => Some(field(value, "t")?),
            Some(raw::ValueOrWord::Word(text)) if text == "label" && label.is_some() => {
                label.clone()
            }
            Some(raw::ValueOrWord::Word(text)) => {
                return Err(word(text, "t", "label, with a label to refer to"));
            }
        };
        Ok(Node {
            point: Point {
                t,
                alpha: field(&raw.alpha, "alpha")?,
                sigma: field(&raw.sigma, "sigma")?,
                lambda,
            },
            label,
            input_scale: field(&raw.input_scale, "input_scale")?,
        })
    }
}

pub(super) fn inconsistent(place: impl Into<String>, what: impl Into<String>) -> Error {
    let remedy = "give the file as it was written";
    Error::new(Code::Format, what, place, remedy)
}

/// The beginning of a text that may be long.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
