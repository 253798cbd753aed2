//! `dpm-spec verify`: every digit of plan files by a second route.

use super::answer::Answer;
use clap::Args;
use dpm_spec::Result;
use std::path::PathBuf;

/// Options of `verify`.
#[derive(Args)]
pub(crate) struct Options {
    /// Plan files, as `plan --json` and `golden` write them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Verifies every file; the answer is no if a digit of one differs.
#[cfg(feature = "oracle")]
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    use dpm_spec::golden::verify::{Verified, verify};
    use dpm_spec::{file::read_text, plan::PlanFile};
    use serde_json::{Value, json};

    let bar = super::progress::bar(options.files.len());
    let (mut list, mut text, mut yes) = (Vec::<Value>::new(), String::new(), true);
    for path in &options.files {
        let name = path.display().to_string();
        bar.set_message(name.clone());
        let read = read_text(path).and_then(|text| PlanFile::parse(&text).map_err(|e| e.at(&name)));
        match read.and_then(|file| verify(&file)) {
            Ok(Verified {
                values,
                correct,
                precision,
            }) => {
                list.push(json!({"file": name, "verified": true, "values": values, "correctly_rounded": correct, "bits": precision}));
                text.push_str(&format!("{name}: verified, {values} numbers, {correct} of them correctly rounded ({precision} bits)\n"));
            }
            Err(error) if is_no(error.code) => {
                yes = false;
                list.push(json!({"file": name, "verified": false, "error": super::answer::described(&error)}));
                text.push_str(&format!("{name}: NOT verified: {error}\n"));
            }
            Err(error) => return Err(error),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let text = match json {
        true => Answer::json(&json!({ "files": list })).text,
        false => text.into(),
    };
    Ok(Answer { text, yes })
}

/// A digit that differs, contradicts the other formats of its number, or is none.
#[cfg(feature = "oracle")]
fn is_no(code: dpm_spec::Code) -> bool {
    use dpm_spec::Code::{Number, Undecided, Verify};
    matches!(code, Number | Undecided | Verify)
}

/// The second route takes arbitrary precision.
#[cfg(not(feature = "oracle"))]
pub(crate) fn run(_: &Options, _: bool) -> Result<Answer> {
    Err(super::answer::lacks_oracle("verify"))
}
