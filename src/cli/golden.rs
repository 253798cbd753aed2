//! `dpm-spec golden`: the published set of certified plans.

use super::answer::Answer;
use clap::Args;
use dpm_spec::Result;
use std::path::PathBuf;

/// Options of `golden`.
#[derive(Args)]
pub(crate) struct Options {
    /// Directory of the published set
    #[arg(long, value_name = "DIR", default_value = "spec/golden")]
    out: PathBuf,
    /// Write nothing; derive every plan anew and compare with the files, byte for byte
    #[arg(long)]
    check: bool,
}

/// Writes or checks the published set.
#[cfg(feature = "oracle")]
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    use dpm_spec::golden::{check, published, write};
    let Options { out, check: checks } = options;
    let (count, place) = (published()?.len(), out.display().to_string());
    let bar = super::progress::bar(count);
    let certified = |path: &str| {
        bar.set_message(path.to_owned());
        bar.inc(1);
    };
    let (key, said) = if *checks {
        check(out, &certified)?;
        (
            "checked",
            format!("{count} plans in {place} are what this build derives, byte for byte\n"),
        )
    } else {
        write(out, &certified)?;
        (
            "wrote",
            format!("wrote {count} plans and their MANIFEST to {place}\n"),
        )
    };
    bar.finish_and_clear();
    Ok(match json {
        true => Answer::json(&serde_json::json!({key: place, "plans": count})),
        false => Answer::yes(said),
    })
}

/// Certifying takes arbitrary precision.
#[cfg(not(feature = "oracle"))]
pub(crate) fn run(_: &Options, _: bool) -> Result<Answer> {
    Err(super::answer::lacks_oracle("golden"))
}
