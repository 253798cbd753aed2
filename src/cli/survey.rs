//! The samplers that `dpm-spec report` asks: this crate's own, and those of a list.

use super::testee::{Command, Own, Timeout, told};
use dpm_spec::conformance::{
    Case, Known, Profile, Record, Shard, Source, chosen_settings, run as asked,
};
use dpm_spec::file::read_text;
use dpm_spec::report::{Files, Header, Tested, Views};
use dpm_spec::{Code, Error, Result};
use serde::Deserialize;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

/// This crate's own backends, and which part of the quick profile each is asked: a GPU that is
/// only simulated takes a minute for all of it.
const OWN: &[(&str, Option<&str>)] = &[
    ("cpu-f64", None),
    ("cpu-f32", None),
    ("cpu-f16", None),
    #[cfg(feature = "gpu")]
    ("gpu-f32", Some("1/20")),
    #[cfg(feature = "gpu")]
    ("gpu-f16", Some("1/20")),
];

/// One sampler, and what it is asked.
pub(crate) struct Asked {
    who: Who,
    profile: Profile,
    shard: Option<&'static str>,
}

enum Who {
    Own(&'static str),
    Command(Vec<String>),
}

/// An entry of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    command: Vec<String>,
    profile: Option<String>,
}

impl Asked {
    /// Whether it is one of this crate's.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.who, Who::Own(_))
    }

    /// What `dpm-spec check` is told of it.
    fn words(&self) -> Vec<String> {
        match &self.who {
            Who::Own(name) => vec!["--builtin".to_owned(), (*name).to_owned()],
            Who::Command(command) => told(command, None),
        }
    }
}

/// Everything that is to be asked.
pub(crate) fn plan(list: Option<&Path>) -> Result<Vec<Asked>> {
    let own = OWN.iter().map(|(name, shard)| Asked {
        who: Who::Own(name),
        profile: Profile::Quick,
        shard: *shard,
    });
    let mut all: Vec<Asked> = own.collect();
    let Some(path) = list else {
        return Ok(all);
    };
    let place = path.display().to_string();
    let text = read_text(path)?;
    let listed: Vec<Listed> = serde_json::from_str(&text).map_err(|error| {
        let remedy = "write a list such as [{\"command\": [\"python3\", \"my_sampler.py\"]}]";
        Error::new(Code::Format, error.to_string(), &place, remedy)
    })?;
    for entry in listed {
        let profile = entry.profile.as_deref().unwrap_or(Profile::Quick.name());
        all.push(Asked {
            profile: Profile::parse(profile).map_err(|error| error.at(&place))?,
            who: Who::Command(entry.command),
            shard: None,
        });
    }
    Ok(all)
}

/// Asks them one after the other; every case goes to the page `details`, too.
pub(crate) fn run(all: &[Asked], details: &Path, begin: &dyn Fn(&str)) -> Result<Vec<Tested>> {
    let mut views = Views::open(&Files {
        report: Some(details.to_owned()),
        ..Files::default()
    })?;
    let mut made = Vec::new();
    for one in all {
        begin(&one.words().join(" "));
        made.push(match &one.who {
            Who::Own(name) => ask(one, &Own(name), &mut views)?,
            Who::Command(command) => {
                let source = Command {
                    command,
                    timeout: Timeout::USUAL.0,
                    recorder: None,
                };
                ask(one, &source, &mut views)?
            }
        });
    }
    views.finish()?;
    Ok(made)
}

fn ask<S: Source>(one: &Asked, source: &S, views: &mut Views) -> Result<Tested> {
    let profile = one.profile;
    let mut what = format!("profile {}", profile.name());
    let mut settings = chosen_settings(|case| profile.has(case));
    if let Some(shard) = one.shard {
        settings = Shard::parse(shard)?.part(settings);
        what = format!("{what}, part {shard}");
    }
    let mut tested = Tested::new(&what, &one.words().join(" "));
    let jobs = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let chosen = |case: &Case| profile.has(case);
    let mut known = Known::default();
    let ending = asked(source, jobs, &settings, &chosen, |testee, outcomes| {
        if tested.testee.is_none() {
            let header = Header::new(testee, profile, one.words()).of_edition(testee);
            views.begin(&header)?;
            tested.testee = Some(header);
        }
        for outcome in outcomes {
            let record = Record::from(outcome);
            views.take(&record, known.judge(&record))?;
            tested.take(record);
        }
        Ok(())
    });
    match ending {
        Ok(ending) => tested.complaints = ending.complaints,
        // A sampler that cannot be asked is no reason to have no report.
        Err(error) if tested.testee.is_none() => {
            tested.complaints.push(error);
            return Ok(tested);
        }
        Err(error) => return Err(error),
    }
    views.end(&tested.complaints)?;
    Ok(tested)
}
