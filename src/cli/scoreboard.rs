//! `dpm-spec scoreboard`: the results of many libraries in one table.

use super::answer::{Answer, Text, print_log};
use clap::Args;
use dpm_spec::file::{read_text, write_whole};
use dpm_spec::report::{Explained, Scoreboard};
use dpm_spec::{Code, Error, Result};
use std::fs::File;
use std::path::PathBuf;

/// Options of `scoreboard`.
#[derive(Args)]
pub(crate) struct Options {
    /// Results that `check --ndjson` wrote, a library each
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which finding explains which cases: a list in JSON
    #[arg(long, value_name = "FILE.json")]
    explained: Option<PathBuf>,
    /// A library that could not be asked, and why
    #[arg(long, value_name = "NAME=REASON")]
    skipped: Vec<String>,
    /// Folder for scoreboard.json, scoreboard.md and scoreboard.html
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The answer is yes if everything that is not as it should be is explained, and every explanation
/// explains something.
pub(crate) fn run(options: &Options, json: bool) -> Result<Answer> {
    let mut explained = match &options.explained {
        Some(path) => Explained::parse(&read_text(path)?, &path.display().to_string())?,
        None => Explained::default(),
    };
    let mut scoreboard = Scoreboard::default();
    for path in &options.files {
        let place = path.display().to_string();
        let file = File::open(path).map_err(|error| {
            let remedy = "give files that `dpm-spec check --ndjson` wrote";
            Error::new(Code::File, error.to_string(), &place, remedy)
        })?;
        scoreboard.add(file, &place, &mut explained)?;
    }
    for skipped in &options.skipped {
        let (name, reason) = skipped.split_once('=').ok_or_else(|| {
            Error::new(
                Code::Usage,
                format!("`{}` gives no reason", skipped.escape_debug()),
                "--skipped",
                "write NAME=REASON",
            )
        })?;
        scoreboard.skip(name, reason);
    }
    let markdown = scoreboard.markdown();
    if let Some(folder) = &options.out {
        let pages = [
            ("scoreboard.json", scoreboard.to_json()?),
            ("scoreboard.md", markdown.clone()),
            ("scoreboard.html", scoreboard.html()?),
        ];
        for (name, text) in pages {
            write_whole(&folder.join(name), text.as_bytes())?;
        }
    }
    let complaints = explained.complaints();
    complaints.iter().for_each(|line| print_log(line));
    let text = match (json, &options.out) {
        (true, _) => scoreboard.to_json()?,
        (false, Some(_)) => String::new(),
        (false, None) => markdown,
    };
    Ok(Answer {
        text: Text::from(text),
        yes: complaints.is_empty(),
    })
}
