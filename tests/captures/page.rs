//! Writes the page of a run on three samplers of ours, two of them wrong, to the path that it is given.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a sample for the documentation, built by a test's sampler"
)]

#[path = "../conformance/paper.rs"]
mod paper;

use dpm_spec::conformance::{
    Declaration, Known, Model, Noise, Profile, Record, Sampler, Session, Stop, Task, settings,
};
use dpm_spec::report::{Files, Header, Views};
use paper::{Mistake, Paper};

/// A sampler under a name of its own.
struct Named(&'static str, Paper);

impl Sampler for Named {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        Declaration {
            name: self.0.to_owned(),
            version: "0.3.1".to_owned(),
            ..self.1.declaration()
        }
    }

    fn sample(
        &mut self,
        task: &Task,
        start: Vec<f64>,
        model: &mut Model<'_, f64>,
        noise: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        self.1.sample(task, start, model, noise)
    }
}

fn main() -> dpm_spec::Result<()> {
    let path = std::env::args_os().nth(1).unwrap();
    let mut views = Views::open(&Files {
        report: Some(path.into()),
        ..Files::default()
    })?;
    for (name, mistake) in [
        ("equal-steps", Mistake::EqualStepsAssumed),
        ("weights-in-f32", Mistake::WeightsInSinglePrecision),
        ("by-the-paper", Mistake::None),
    ] {
        let mut sampler = Named(name, Paper::new(mistake));
        let command = vec!["--".to_owned(), format!("./{name}")];
        views.begin(&Header::new(
            &sampler.declaration(),
            Profile::Quick,
            command,
        ))?;
        let mut session = Session::new(&mut sampler)?;
        let mut known = Known::default();
        for setting in settings() {
            for outcome in session.ask(&setting, |case| Profile::Quick.has(case)) {
                let record = Record::from(outcome);
                views.take(&record, known.judge(&record))?;
            }
        }
        views.end(&known.ending())?;
    }
    views.finish().map(|_| ())
}
