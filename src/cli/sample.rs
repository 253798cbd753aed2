//! `dpm-spec sample`: the production path on a problem with an exact solution.

use super::answer::{Answer, print_log};
use super::request;
use clap::Args;
use dpm_spec::converge::Backend;
use dpm_spec::fused::Shape;
use dpm_spec::problem::Problem;
use dpm_spec::sample::{Bandwidth, CHECKED, Finding, Study, run as sampled};
use dpm_spec::{Code, Error, Result};
use serde_json::{Value, json};

/// Options of `sample`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    request: request::Options,
    /// Problem id, e.g. gaussian, guided:G=7, mixture
    #[arg(long, default_value = "gaussian")]
    problem: String,
    /// Guidance scale, at least 1; of the problem guided, which runs with two networks
    #[arg(long, allow_negative_numbers = true)]
    guidance: Option<String>,
    /// gpu-f32, gpu-f16, cpu-f32 or cpu-f16 [default: gpu-f32 if there is an adapter, else cpu-f32]
    #[arg(long)]
    backend: Option<String>,
    /// The first adapter whose name, backend or driver holds this, whatever its case
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Samples, at least 1
    #[arg(long, default_value = "1", allow_negative_numbers = true)]
    batch: usize,
    /// One sample's shape
    #[arg(long, value_name = "CxHxW", default_value = "4x64x64")]
    shape: String,
    /// Determines the start
    #[arg(long, default_value = "0")]
    seed: u64,
    /// Bar the compiler of the adapter from fusing and rearranging
    #[arg(long)]
    deterministic: bool,
}

/// Runs, compares, measures; the answer is no if a step is not within its bound.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let (study, notes) = options.study()?;
    for note in &notes {
        print_log(&format!("note: {note}"));
    }
    let finding = sampled(&study)?;
    if let Some(why) = &finding.without_gpu {
        print_log(&format!("note: {why}: this is {}", finding.backend));
    }
    let text = match json {
        true => format!("{:#}\n", document(&finding)),
        false => text(&study, &finding),
    };
    Ok(Answer {
        text: text.into(),
        yes: finding.steps.within_bound,
    })
}

impl Options {
    fn study(&self) -> Result<(Study, Vec<String>)> {
        let (request, notes) = self.request.build()?;
        let backend = self.backend.as_deref().map(Backend::parse).transpose()?;
        let study = Study {
            request,
            problem: self.problem()?,
            backend,
            adapter: self.adapter.clone(),
            shape: Shape {
                batch: self.batch,
                elements: elements(&self.shape)?,
            },
            seed: self.seed,
            deterministic: self.deterministic,
        };
        Ok((study, notes))
    }

    fn problem(&self) -> Result<Problem> {
        let problem = Problem::parse(&self.problem)?;
        let Some(scale) = request::number(self.guidance.as_deref(), "--guidance")? else {
            return Ok(problem);
        };
        match problem {
            Problem::Guided(guided) => guided
                .guided_by(scale)
                .map(Problem::Guided)
                .map_err(|error| error.at("--guidance")),
            _ => Err(Error::new(
                Code::Parameter,
                format!("`{}` has one network", self.problem),
                "--guidance",
                "choose --problem guided, which has a conditional and an unconditional one",
            )),
        }
    }
}

/// `4x64x64`: a product of positive numbers.
fn elements(shape: &str) -> Result<usize> {
    let product = shape.split('x').try_fold(1_usize, |product, factor| {
        let factor = factor.parse().ok().filter(|factor| *factor > 0)?;
        product.checked_mul(factor)
    });
    product.ok_or_else(|| {
        Error::new(
            Code::Shape,
            format!("`{shape}`"),
            "--shape",
            "write sizes of at least 1, such as 4x64x64",
        )
    })
}

/// The keys that scripts rely on.
fn document(finding: &Finding) -> Value {
    let Bandwidth {
        step,
        copy,
        buffer_copy,
        ratio,
        ..
    } = &finding.bandwidth;
    json!({
        "backend": finding.backend.to_string(),
        "adapter": finding.adapter,
        "within_bound": finding.steps.within_bound,
        "max_error_u": finding.steps.max_error_u,
        "bound_u": finding.steps.bound_u,
        "bit_equal_reference": finding.bit_equal_reference,
        "bytes_per_s": step,
        "copy_bytes_per_s": copy,
        "ratio_to_copy": ratio,
        "buffer_copy_bytes_per_s": buffer_copy,
    })
}

fn text(study: &Study, finding: &Finding) -> String {
    let Shape { batch, elements } = study.shape;
    let request = &study.request;
    let yes = |answer: bool| if answer { "yes" } else { "NO" };
    let answers = finding.probe.iter().map(|(question, answer)| {
        let answer = if *answer { "yes" } else { "no" };
        format!("{} {answer}", question.replace('_', " "))
    });
    let probe = answers.collect::<Vec<_>>().join(", ");
    let error = finding.error.map_or_else(
        || "thresholding changes the flow: no exact solution".to_owned(),
        |error| format!("max |x_N/alpha_N - exact| = {error:.2e}, of method, network and rounding"),
    );
    let checked = (batch * elements).min(CHECKED);
    let Bandwidth {
        step,
        copy,
        copy_kernel,
        buffer_copy,
        ratio,
    } = &finding.bandwidth;
    let giga = |bytes: &f64| format!("{:.2} GB/s", bytes / 1e9);
    let mut rows = vec![
        ("problem", study.problem.to_string()),
        (
            "solver",
            format!("{}, {} steps", request.recipe.solver, request.steps),
        ),
        ("grid", format!("{} on {}", request.grid, request.schedule)),
        (
            "tensor",
            format!("{batch} x {elements}, {}", finding.backend),
        ),
        ("adapter", finding.adapter.clone()),
        ("probe", probe),
        (
            "bound",
            format!(
                "{}: at {checked} elements of every step, at most {:.2} of {:.2} u S",
                yes(finding.steps.within_bound),
                finding.steps.max_error_u,
                finding.steps.bound_u
            ),
        ),
        (
            "reference",
            match finding.bit_equal_reference {
                true => "equal, every bit of every state shown".to_owned(),
                false => "not equal bit for bit".to_owned(),
            },
        ),
        ("exact", error),
        (
            "step",
            format!("{}, {ratio:.3} of the copy kernel", giga(step)),
        ),
        ("copy", format!("{} ({copy_kernel})", giga(copy))),
    ];
    if let Some(speed) = buffer_copy {
        rows.push(("", format!("{} by the device's own copy", giga(speed))));
    }
    let lines = rows
        .iter()
        .map(|(name, value)| format!("{name:10}{value}\n"));
    lines.collect()
}
