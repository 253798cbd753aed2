//! Lets `dpm-spec check` ask a sampler written in Rust. One file; needs `serde_json`.
//!
//! ```ignore
//! use dpm_spec_testee::{Case, Runner, Sampler, Stop, Testee, serve};
//!
//! struct Mine;
//!
//! impl Sampler for Mine {
//!     fn sample(&mut self, case: &Case, runner: &mut Runner, mut x: Vec<f64>) -> Result<Vec<f64>, Stop> {
//!         for nodes in case.times.windows(2) {
//!             let m = runner.model(nodes[0], &x)?;
//!             x = ...;
//!         }
//!         Ok(x)
//!     }
//! }
//!
//! fn main() {
//!     let testee = Testee { name: "mine", solvers: &["dpmpp-2m"], schedules: &["vp-linear"], ..Testee::default() };
//!     serve(&testee, &mut Mine);
//! }
//! ```
//!
//! Then: `cargo build --release && dpm-spec check -- target/release/mine`
//!
//! States, outputs and noises are vectors of f64, which hold numbers of every `element`. Pass the
//! errors of `model` and `noise` on with `?`; those of any other library too, which are failures of
//! the case. `Stop::refused(reason)` is for what the sampler cannot do: the case is skipped. A panic
//! is a failure. Standard output carries the protocol: log to standard error.
//!
//! The protocol: spec/protocol.md of dpm-spec.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module of any crate, of which no sampler uses all"
)]

use serde_json::{Map, Value, json};
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a sampler is and can do.
pub struct Testee<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// What it computes in: `f64`, `f32`, `f16` or `bf16`.
    pub element: &'a str,
    /// What its times are: `continuous`, `discrete`, `sigma` or `lambda`.
    pub time: &'a str,
    pub spaces: &'a [&'a str],
    pub solvers: &'a [&'a str],
    pub schedules: &'a [&'a str],
    pub predictions: &'a [&'a str],
    pub policies: &'a [&'a str],
    pub models: &'a [&'a str],
    pub grids: &'a [&'a str],
    pub thresholds: bool,
    /// Whether `sample` calls `x = runner.restart(x)?` at the start of every step.
    pub local: bool,
}

impl Default for Testee<'_> {
    fn default() -> Self {
        Testee {
            name: "unnamed",
            version: "",
            element: "f64",
            time: "continuous",
            spaces: &["vp"],
            solvers: &[],
            schedules: &[],
            predictions: &[],
            policies: &[],
            models: &["script", "callback"],
            grids: &[],
            thresholds: false,
            local: false,
        }
    }
}

/// A sampler under test.
pub trait Sampler {
    /// Runs along the nodes of `case` from the state `x`; the last state.
    fn sample(&mut self, case: &Case, runner: &mut Runner, x: Vec<f64>) -> Result<Vec<f64>, Stop>;

    /// The `steps` + 1 times of one of its grids.
    fn nodes(&mut self, schedule: &str, grid: &str, steps: usize) -> Result<Vec<f64>, Stop> {
        let _ = (schedule, steps);
        Err(Stop::refused(format!("makes no grid {grid}")))
    }

    /// The samples after the rule.
    fn threshold(&mut self, rule: &Rule, samples: Vec<Vec<f64>>) -> Result<Vec<Vec<f64>>, Stop> {
        let _ = (rule, samples);
        Err(Stop::refused("has no thresholds"))
    }
}

/// What a run is asked for.
pub struct Case {
    pub solver: String,
    pub schedule: String,
    pub prediction: String,
    pub space: String,
    /// What the solver's formula leaves open: `start`, `final`, `zero`, `blocks`, `outer` and `stages`.
    pub policy: Map<String, Value>,
    pub eta: f64,
    /// From noise to data, one more than steps.
    pub times: Vec<f64>,
}

/// What a threshold does.
pub enum Rule {
    Static { bound: f64 },
    Dynamic { ratio: f64, max: f64 },
}

/// Why there is no result.
pub enum Stop {
    Refused(String),
    Failed(String),
    /// The runner has ended the run.
    Ended,
}

impl Stop {
    /// The sampler cannot do this.
    pub fn refused(reason: impl Into<String>) -> Self {
        Stop::Refused(reason.into())
    }
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.to_string())
    }
}

/// Answers the runner until it says bye.
pub fn serve(testee: &Testee, sampler: &mut impl Sampler) {
    let mut runner = Runner {
        seq: json!(0),
        script: None,
        local: false,
        calls: 0,
        draws: vec![],
        steps: 0,
        seen: vec![],
    };
    loop {
        let request = runner.read();
        match request["type"].as_str() {
            Some("hello") => runner.reply("hello", hello(testee)),
            Some("bye") => return runner.reply("bye", json!({})),
            _ => {
                let answer = AssertUnwindSafe(|| runner.answer(sampler, &request));
                let answer =
                    catch_unwind(answer).unwrap_or_else(|panic| Err(Stop::Failed(said(&*panic))));
                match answer {
                    Ok((kind, fields)) => runner.reply(kind, fields),
                    Err(Stop::Refused(reason)) => {
                        runner.reply("skipped", json!({ "reason": reason }))
                    }
                    Err(Stop::Failed(message)) => {
                        runner.reply("error", json!({ "message": message }))
                    }
                    Err(Stop::Ended) => runner.reply("stopped", json!({})),
                }
            }
        }
    }
}

/// What a sampler calls, and the conversation behind it.
pub struct Runner {
    seq: Value,
    /// Where outputs and noises are known beforehand.
    script: Option<Script>,
    local: bool,
    calls: usize,
    /// Number of calls before each.
    draws: Vec<usize>,
    steps: usize,
    /// Time and state of every call of a script.
    seen: Vec<Value>,
}

struct Script {
    outputs: Vec<Vec<f64>>,
    noises: Vec<Vec<f64>>,
}

impl Runner {
    /// The network's output for the state `x` at time `t`.
    pub fn model(&mut self, t: f64, x: &[f64]) -> Result<Vec<f64>, Stop> {
        let call = self.calls;
        self.calls += 1;
        let Some(Script { outputs, .. }) = &self.script else {
            let shown = json!({ "call": call, "time": text(t), "state": texts(x) });
            return self.ask("eval", shown, "output");
        };
        let output = outputs.get(call).cloned();
        self.seen
            .push(json!({ "time": text(t), "state": texts(x) }));
        output.ok_or_else(|| {
            Stop::Failed(format!("model call {call}: far more than the solver makes"))
        })
    }

    /// The next noise.
    pub fn noise(&mut self) -> Result<Vec<f64>, Stop> {
        let draw = self.draws.len();
        self.draws.push(self.calls);
        let Some(Script { outputs, noises }) = &self.script else {
            return self.ask("draw", json!({ "draw": draw }), "noise");
        };
        // Beyond what is known the last one comes again.
        let known = noises.get(draw).or(noises.last());
        let known = known.filter(|_| draw < noises.len() + 4 * outputs.len());
        known
            .cloned()
            .ok_or_else(|| Stop::Failed(format!("noise {draw}: far more than the solver draws")))
    }

    /// The state that a step starts from.
    pub fn restart(&mut self, x: Vec<f64>) -> Result<Vec<f64>, Stop> {
        if !self.local {
            return Ok(x);
        }
        self.steps += 1;
        self.ask(
            "restart",
            json!({ "step": self.steps - 1, "state": texts(&x) }),
            "state",
        )
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => std::process::exit(0),
            Ok(_) => {}
        }
        let request: Value = serde_json::from_str(&line).expect("the runner's line is no JSON");
        self.seq = request["seq"].clone();
        request
    }

    fn reply(&self, kind: &str, mut fields: Value) {
        fields["type"] = json!(kind);
        fields["seq"] = self.seq.clone();
        let mut output = std::io::stdout().lock();
        writeln!(output, "{fields}")
            .and_then(|()| output.flush())
            .expect("the runner reads");
    }

    /// A question within a run, and the vector in its answer.
    fn ask(&mut self, kind: &str, fields: Value, answer: &str) -> Result<Vec<f64>, Stop> {
        self.reply(kind, fields);
        let message = self.read();
        if message["type"] == "stop" {
            Err(Stop::Ended)
        } else {
            Ok(vector(&message[answer]))
        }
    }

    fn answer(
        &mut self,
        sampler: &mut impl Sampler,
        request: &Value,
    ) -> Result<(&'static str, Value), Stop> {
        match request["type"].as_str() {
            Some("run") => self.run(sampler, request),
            Some("grid") => {
                let steps = request["steps"].as_u64().unwrap_or(0) as usize;
                let times =
                    sampler.nodes(&word(&request["schedule"]), &word(&request["grid"]), steps)?;
                Ok(("nodes", json!({ "times": texts(&times) })))
            }
            Some("threshold") => {
                let rule = &request["rule"];
                let rule = match rule["kind"].as_str() {
                    Some("static") => Rule::Static {
                        bound: number(&rule["bound"]),
                    },
                    _ => Rule::Dynamic {
                        ratio: number(&rule["ratio"]),
                        max: number(&rule["max"]),
                    },
                };
                let samples = sampler.threshold(&rule, vectors(&request["samples"]))?;
                let samples: Vec<_> = samples.iter().map(|sample| texts(sample)).collect();
                Ok(("samples", json!({ "samples": samples })))
            }
            other => panic!("the runner says {other:?}, which nobody asked for"),
        }
    }

    fn run(
        &mut self,
        sampler: &mut impl Sampler,
        request: &Value,
    ) -> Result<(&'static str, Value), Stop> {
        let asked = &request["case"];
        let case = Case {
            solver: word(&asked["solver"]),
            schedule: word(&asked["schedule"]),
            prediction: word(&asked["prediction"]),
            space: word(&asked["space"]),
            policy: asked["policy"].as_object().cloned().unwrap_or_default(),
            eta: number(&asked["eta"]),
            times: vector(&asked["times"]),
        };
        let script = request.get("script");
        self.script = script.map(|script| Script {
            outputs: vectors(&script["outputs"]),
            noises: vectors(&script["noises"]),
        });
        self.local = request["local"] == true;
        (self.calls, self.steps) = (0, 0);
        self.draws.clear();
        self.seen.clear();
        let state = sampler.sample(&case, self, vector(&request["start"]))?;
        let mut result = json!({ "state": texts(&state) });
        if script.is_some() {
            result["calls"] = json!(self.seen);
            result["draws"] = json!(self.draws);
        }
        Ok(("result", result))
    }
}

fn hello(testee: &Testee) -> Value {
    json!({
        "protocol": 1, "name": testee.name, "version": testee.version, "language": "Rust",
        "element": testee.element, "time": testee.time, "spaces": testee.spaces,
        "solvers": testee.solvers, "schedules": testee.schedules,
        "predictions": testee.predictions, "policies": testee.policies, "models": testee.models,
        "grids": testee.grids, "thresholds": testee.thresholds, "local": testee.local,
    })
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    format!(
        "panic: {}",
        text.or(panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a word")
    )
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn vectors(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().into_iter().flatten().map(vector).collect()
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(number).collect()
}

/// A hexadecimal or decimal number, inf or nan.
fn number(value: &Value) -> f64 {
    let text = value.as_str().unwrap_or_default();
    let (sign, size) = text
        .strip_prefix('-')
        .map_or((1.0, text), |size| (-1.0, size));
    let Some((digits, exponent)) = size.strip_prefix("0x").and_then(|hex| hex.split_once('p'))
    else {
        return text.parse().expect("the runner writes numbers");
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits =
        u64::from_str_radix(&format!("{whole}{fraction}"), 16).expect("the runner writes numbers");
    let exponent: i32 = exponent.parse().expect("the runner writes numbers");
    let exponent = exponent - 4 * fraction.len() as i32;
    // In two steps, since 2^exponent may be too small for a number.
    sign * digits as f64 * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2)
}

fn texts(vector: &[f64]) -> Vec<String> {
    vector.iter().map(|value| text(*value)).collect()
}

/// Decimal, with as many digits as the number has.
fn text(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else {
        format!("{number:e}")
    }
}
