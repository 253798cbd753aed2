//! `dpm-spec report`: the main job on this machine.

use super::answer::{Answer, described, print_log};
use super::plan::derive;
use super::progress::bar;
use clap::Args;
use dpm_spec::file::write_whole;
use dpm_spec::golden::{Published, published};
use dpm_spec::plan::{PlanFile, Request};
use dpm_spec::report::{Ability, Outcome, page};
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
}

/// The model shown in full: the stem of its configuration in `tests/data`, and its name.
const SHOWN: (&str, &str) = ("stable-diffusion-xl-base-dpmpp-2m", "Stable Diffusion XL");

/// Derives the published plans of real models and writes the page.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let mut models: Vec<(String, Request)> = published()?.into_iter().filter_map(model).collect();
    models.sort_by_key(|(stem, _)| stem != SHOWN.0);
    let place = options.output.display();
    print_log(&format!(
        "report: deriving the plans of {} configurations of real models, then one page in {place}",
        models.len()
    ));
    let bar = bar(models.len());
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
    bar.finish_and_clear();
    let abilities = abilities();
    let html = page(SHOWN.1, &outcomes, &abilities)?;
    fs::create_dir_all(&options.output).map_err(|error| {
        Error::new(
            Code::File,
            format!("could not make the directory: {error}"),
            options.output.display().to_string(),
            "choose a place that can be written",
        )
    })?;
    let index = options.output.join("index.html");
    write_whole(&index, html.as_bytes())?;
    let page = index.display().to_string();
    let text = match json {
        true => Answer::json(&summary(&page, &outcomes, &abilities)).text,
        false => format!("{page}\n"),
    };
    let yes = outcomes.iter().all(|outcome| outcome.plan.is_ok());
    Ok(Answer { text, yes })
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

fn summary(page: &str, outcomes: &[Outcome], abilities: &[Ability]) -> Value {
    let models: Vec<Value> = outcomes
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
    json!({"page": page, "models": models, "features": abilities})
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
