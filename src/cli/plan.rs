//! `dpm-spec plan`: from options to a plan in the format asked for.

use super::answer::{Answer, print_log};
use super::request;
use clap::{Args, ValueEnum};
use dpm_spec::file::write_whole;
use dpm_spec::plan::{PlanFile, Request};
use dpm_spec::report;
use dpm_spec::{Code, Error, Result};
use serde_json::json;
use std::path::PathBuf;

/// How a plan is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table to read
    Text,
    /// The plan file
    Json,
    /// One number a row
    Csv,
    /// Markdown tables
    Markdown,
    /// A LaTeX fragment
    Latex,
    /// NumPy arrays; needs -o
    Npz,
}

/// Options of `plan`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    request: request::Options,
    /// Significant digits of decimals, 1 to 40 [default: 10, in csv all there are]
    #[arg(long, allow_negative_numbers = true)]
    digits: Option<usize>,
    /// Format [default: text, with --json json]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Digits of a table that a person reads.
const READABLE: usize = 10;

/// Derives a plan and writes it.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let (request, notes) = options.request.build()?;
    let format = match (options.format, json && options.output.is_none()) {
        (Some(format), true) if format != Format::Json => return Err(two_documents()),
        (Some(format), _) => format,
        (None, _) if json => Format::Json,
        (None, _) => Format::Text,
    };
    let file = derive(&request)?;
    for note in &notes {
        print_log(&format!("note: {note}"));
    }
    let bytes = written(&file, format, options.digits)?;
    let Some(path) = &options.output else {
        return String::from_utf8(bytes)
            .map(Answer::yes)
            .map_err(|_| binary());
    };
    write_whole(path, &bytes)?;
    Ok(match json {
        true => Answer::json(
            &json!({"wrote": path.display().to_string(), "bytes": bytes.len(), "notes": notes}),
        ),
        false => Answer::yes(format!("wrote {}\n", path.display())),
    })
}

/// The best plan that this build can make: certified with the feature `oracle`, else in double-double.
pub(crate) fn derive(request: &Request) -> Result<PlanFile> {
    #[cfg(feature = "oracle")]
    return dpm_spec::golden::certify(request);
    #[cfg(not(feature = "oracle"))]
    return dpm_spec::plan::double_double_plan(request);
}

fn written(file: &PlanFile, format: Format, digits: Option<usize>) -> Result<Vec<u8>> {
    if digits.is_some() && matches!(format, Format::Json | Format::Npz) {
        return Err(Error::new(
            Code::Usage,
            "json and npz hold every digit there is",
            "--digits",
            "leave --digits out, or choose text, csv, markdown or latex",
        ));
    }
    let readable = digits.unwrap_or(READABLE);
    let text = match format {
        Format::Npz => return Ok(report::npz(file)),
        Format::Json => file.to_json(),
        Format::Text => report::terminal(file, readable)?,
        Format::Csv => report::csv(file, digits.unwrap_or(report::most_digits(file)))?,
        Format::Markdown => report::markdown(file, readable)?,
        Format::Latex => report::latex(file, readable)?,
    };
    Ok(text.into_bytes())
}

fn two_documents() -> Error {
    Error::new(
        Code::Usage,
        "--json prints one JSON document, --format asks for another",
        "--format",
        "leave --json out, or name a file with -o",
    )
}

fn binary() -> Error {
    Error::new(
        Code::Usage,
        "npz is not text",
        "--format npz",
        "name a file with -o FILE",
    )
}
