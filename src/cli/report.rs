//! `dpm-spec report`: the main job on this machine.

use super::answer::{Answer, described, print_log};
use super::converge::studies_of;
use super::plan::derive;
use super::progress::bar;
use super::survey;
use clap::Args;
use dpm_spec::converge::{Study, sweep};
use dpm_spec::file::write_whole;
use dpm_spec::golden::{Published, published};
use dpm_spec::plan::{PlanFile, Request};
use dpm_spec::report::convergence::{document, figure};
use dpm_spec::report::figure::Figure;
use dpm_spec::report::{Ability, Content, Outcome, Sweep, Tested, page};
use dpm_spec::solver::Solver;
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// Options of `report`.
#[derive(Args)]
pub(crate) struct Options {
    /// Directory of the page; made if missing
    #[arg(short, long, value_name = "DIR", default_value = "target/report")]
    output: PathBuf,
    /// Samplers to ask besides this crate's own: JSON, a list of {"command": [...], "profile": "quick"}
    #[arg(long, value_name = "FILE")]
    testees: Option<PathBuf>,
}

/// The model shown in full: the stem of its configuration in `tests/data`, and its name.
const SHOWN: (&str, &str) = ("stable-diffusion-xl-base-dpmpp-2m", "Stable Diffusion XL");

/// What is measured for the page.
struct Measured {
    title: &'static str,
    /// After `dpm-spec converge`.
    arguments: &'static str,
}

const MEASURED: &[Measured] = &[
    Measured {
        title: "Data side: every solver reaches its order, dpmpp-3m only 2",
        arguments: "--lambda=-2,2 --policy start=exact --solver ddim,dpmpp-2m,dpmpp-2m-exact,dpmpp-3m,dpmpp-3m-exact,dpmpp-4m-exact,dpmpp-2s,dpmpp-2s-taylor,dpmpp-3s,dpmpp-3s-taylor",
    },
    Measured {
        title: "Noise side",
        arguments: "--lambda=-2,2 --policy start=exact --solver ddim,dpm-2m,dpm-2m-exact,dpm-3m,dpm-3m-exact,dpm-4m-exact,deis-rho-2,deis-rho-3,deis-rho-4,ipndm-2,ipndm-3,ipndm-4,dpm-2s,dpm-2s-taylor,dpm-3s,dpm-3s-taylor",
    },
    Measured {
        title: "Third order, lost twice: in dpmpp-3m's formula, and in the usual start by ddim",
        arguments: "--lambda=-2,2 --policy start=exact --policy start=ramp --solver dpmpp-3m,dpmpp-3m-exact --steps 20,40,80,160,320,640",
    },
];

/// Derives the published plans of real models, proves orders, measures errors and writes the page.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let mut models: Vec<(String, Request)> = published()?.into_iter().filter_map(model).collect();
    models.sort_by_key(|(stem, _)| stem != SHOWN.0);
    let asked = survey::plan(options.testees.as_deref())?;
    fs::create_dir_all(&options.output).map_err(|error| {
        Error::new(
            Code::File,
            format!("could not make the directory: {error}"),
            options.output.display().to_string(),
            "choose a place that can be written",
        )
    })?;
    let place = options.output.display();
    print_log(&format!(
        "report: deriving the plans of {} configurations of real models, orders and errors, then one page in {place}",
        models.len()
    ));
    let studies: Vec<Vec<Study>> = MEASURED
        .iter()
        .map(|measured| studies_of(&measured.arguments()))
        .collect::<Result<_>>()?;
    let runs: usize = studies
        .iter()
        .flatten()
        .map(|study| study.steps.len())
        .sum();
    let bar = bar(models.len() + Solver::ENTRIES.len() + runs + asked.len());
    let outcomes: Vec<Outcome> = models
        .into_iter()
        .map(|(model, request)| {
            bar.set_message(model.clone());
            let derived = derive(&request).and_then(verified);
            bar.inc(1);
            let (plan, verified) = match derived {
                Ok((file, verified)) => (Ok(file), verified),
                Err(error) => (Err(error), None),
            };
            Outcome {
                model,
                plan,
                verified,
            }
        })
        .collect();
    bar.set_message("orders");
    let orders = orders(&|| bar.inc(1))?;
    bar.set_message("errors");
    let mut sweeps = Vec::new();
    for (measured, studies) in MEASURED.iter().zip(&studies) {
        let results = sweep(studies, &|| bar.inc(1))?;
        let figure = Figure {
            title: measured.title.to_owned(),
            ..figure(&results)
        };
        sweeps.push(Sweep {
            command: format!("dpm-spec converge {}", measured.arguments()),
            figure,
            results,
        });
    }
    let details = options.output.join("conformance.html");
    let tested = survey::run(&asked, &details, &|name| {
        bar.set_message(name.to_owned());
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    let content = Content {
        name: SHOWN.1.to_owned(),
        outcomes,
        abilities: abilities(),
        orders,
        sweeps,
        tested,
    };
    let html = page(&content)?;
    let index = options.output.join("index.html");
    write_whole(&index, html.as_bytes())?;
    let page = index.display().to_string();
    let text = match json {
        true => Answer::json(&summary(&page, &content)).text,
        false => format!("{page}\n").into(),
    };
    let own = content.tested.iter().zip(&asked);
    let mut own = own.filter(|(_, asked)| asked.is_own());
    let yes = content.outcomes.iter().all(|outcome| outcome.plan.is_ok())
        && own.all(|(tested, _)| tested.passes() || tested.testee.is_none());
    Ok(Answer { text, yes })
}

impl Measured {
    /// On the widest numbers that this build measures quickly.
    fn arguments(&self) -> String {
        let backend = if cfg!(feature = "oracle") {
            "big:128"
        } else {
            "f64"
        };
        format!("{} --backend {backend}", self.arguments)
    }
}

/// The proofs of all solvers, as `dpm-spec order --json` writes them; none without exact rationals.
#[cfg(feature = "oracle")]
fn orders(done: &dyn Fn()) -> Result<Vec<Value>> {
    let proved = |entry: &dpm_spec::solver::Entry| {
        let proof = dpm_spec::order::prove(&Solver::parse(entry.id)?);
        done();
        Ok(proof.to_json())
    };
    Solver::ENTRIES.iter().map(proved).collect()
}

#[cfg(not(feature = "oracle"))]
fn orders(_: &dyn Fn()) -> Result<Vec<Value>> {
    Ok(Vec::new())
}

/// The plan and how many of its numbers the second route confirms.
fn verified(file: PlanFile) -> Result<(PlanFile, Option<usize>)> {
    #[cfg(feature = "oracle")]
    let numbers = Some(dpm_spec::golden::verify::verify(&file)?.values);
    #[cfg(not(feature = "oracle"))]
    let numbers = None;
    Ok((file, numbers))
}

/// The stem of a model's configuration and its request, if the plan is a model's.
fn model(plan: Published) -> Option<(String, Request)> {
    let stem = plan.path.strip_prefix("models/")?.rsplit_once("-n")?.0;
    Some((stem.to_owned(), plan.request))
}

fn summary(page: &str, content: &Content) -> Value {
    let models: Vec<Value> = content
        .outcomes
        .iter()
        .map(
            |Outcome {
                 model,
                 plan,
                 verified,
             }| match plan {
                Ok(file) => json!({
                    "model": model,
                    "solver": file.request.recipe.solver.to_string(),
                    "steps": file.request.steps,
                    "calls": file.plan.calls(),
                    "verified_numbers": verified,
                }),
                Err(error) => json!({
                    "model": model,
                    "error": described(error),
                }),
            },
        )
        .collect();
    let convergence: Vec<Value> = content
        .sweeps
        .iter()
        .map(|sweep| json!({"command": sweep.command, "results": document(&sweep.results)}))
        .collect();
    json!({
        "page": page,
        "models": models,
        "orders": content.orders,
        "convergence": convergence,
        "conformance": content.tested.iter().map(Tested::to_json).collect::<Vec<_>>(),
        "features": content.abilities,
    })
}

fn abilities() -> Vec<Ability> {
    let ability = |feature: &str, present: bool, gives: String| Ability {
        feature: feature.to_owned(),
        present,
        gives,
    };
    vec![
        ability("cli", true, "this command line, pure Rust".to_owned()),
        ability(
            "oracle",
            cfg!(feature = "oracle"),
            "certified plans, 40 digits, golden tables, verification (builds GMP and MPFR from C)"
                .to_owned(),
        ),
        ability("gpu", cfg!(feature = "gpu"), adapters()),
    ]
}

/// The adapters of this machine, in words.
fn adapters() -> String {
    #[cfg(feature = "gpu")]
    return match dpm_spec::gpu::adapters() {
        Ok(list) => {
            let words = list.iter().map(|adapter| {
                format!("{} ({}, {})", adapter.name, adapter.backend, adapter.driver)
            });
            format!(
                "finds on this machine: {}",
                words.collect::<Vec<String>>().join("; ")
            )
        }
        Err(error) => error.to_string(),
    };
    #[cfg(not(feature = "gpu"))]
    return "the adapters of this machine (wgpu)".to_owned();
}
