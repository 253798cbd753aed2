//! Many settings asked of several samplers of one kind at once, their outcomes in one order.

use super::Declaration;
use super::case::{Case, Setting};
use super::sampler::Sampler;
use super::session::{Outcome, Session};
use crate::error::{Code, Error, Result};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::scope;

/// Where samplers under test come from: one a job.
pub trait Source: Sync {
    /// What they are.
    type Sampler: Sampler;

    /// Opens the sampler of a job, counted from 0.
    ///
    /// # Errors
    /// Why it cannot be asked.
    fn open(&self, job: usize) -> Result<Self::Sampler>;

    /// Ends a sampler that has answered everything.
    ///
    /// # Errors
    /// What it did at its end that it should not have done.
    fn close(&self, sampler: Self::Sampler) -> Result<()>;
}

/// What is left to say when every setting was asked.
#[derive(Debug)]
pub struct Ending {
    /// Who was asked.
    pub testee: Declaration,
    /// What samplers did at their end that they should not have done.
    pub complaints: Vec<Error>,
}

/// Settings that a job may be ahead of what was taken from it.
const AHEAD: usize = 64;

/// Asks every setting its chosen cases and hands over its outcomes, in the order of the settings
/// whatever the number of jobs. Setting k is asked by job k modulo `jobs`, so that every sampler
/// sees the same settings in the same order each time.
///
/// # Errors
/// What opening a sampler says; `E-DECLARATION` if a sampler declares nothing or another
/// thing than the first one; the first error of `each`.
pub fn run<S: Source>(
    source: &S,
    jobs: NonZeroUsize,
    settings: &[Setting],
    chosen: &(dyn Fn(&Case) -> bool + Sync),
    mut each: impl FnMut(&Declaration, Vec<Outcome>) -> Result<()>,
) -> Result<Ending> {
    let jobs = jobs.get().min(settings.len().max(1));
    scope(|threads| {
        let mut running: Vec<Receiver<Result<Said>>> = Vec::with_capacity(jobs);
        for job in 0..jobs {
            let (say, heard) = sync_channel(AHEAD);
            let mine = settings.iter().skip(job).step_by(jobs);
            threads.spawn(move || {
                if let Err(error) = answer(source, job, mine, chosen, &say) {
                    // Nobody listens any more if another job has failed before.
                    let _ = say.send(Err(error));
                }
            });
            running.push(heard);
        }
        let mut testee: Option<Declaration> = None;
        for heard in &running {
            match (next(heard)?, &testee) {
                (Said::Declared(it), None) => testee = Some(*it),
                (Said::Declared(it), Some(first)) if *it == *first => {}
                _ => return Err(differs()),
            }
        }
        let testee = testee.ok_or_else(differs)?;
        for k in 0..settings.len() {
            let Said::Asked(outcomes) = next(&running[k % jobs])? else {
                return Err(differs());
            };
            each(&testee, outcomes)?;
        }
        let mut complaints = Vec::new();
        for heard in &running {
            if let Said::Ended(Some(complaint)) = next(heard)? {
                complaints.push(complaint);
            }
        }
        Ok(Ending { testee, complaints })
    })
}

/// What a job says: first what its sampler declares, then outcomes, then that it has ended.
enum Said {
    Declared(Box<Declaration>),
    Asked(Vec<Outcome>),
    Ended(Option<Error>),
}

fn answer<'s, S: Source>(
    source: &S,
    job: usize,
    settings: impl Iterator<Item = &'s Setting>,
    chosen: &(dyn Fn(&Case) -> bool + Sync),
    say: &SyncSender<Result<Said>>,
) -> Result<()> {
    let mut sampler = source.open(job)?;
    let mut session = Session::new(&mut sampler)?;
    let mut heard = say
        .send(Ok(Said::Declared(Box::new(session.testee().clone()))))
        .is_ok();
    for setting in settings {
        if !heard {
            break;
        }
        let outcomes = session.ask(setting, chosen);
        heard = say.send(Ok(Said::Asked(outcomes))).is_ok();
    }
    let complaint = source.close(sampler).err();
    // As above.
    let _ = say.send(Ok(Said::Ended(complaint)));
    Ok(())
}

fn next(heard: &Receiver<Result<Said>>) -> Result<Said> {
    let ended = |_| {
        Err(Error::new(
            Code::Environment,
            "a job ended without a word",
            "jobs",
            "run it again, with fewer jobs",
        ))
    };
    heard.recv().unwrap_or_else(ended)
}

fn differs() -> Error {
    Error::new(
        Code::Declaration,
        "two runs of the testee declare different things",
        "declaration",
        "declare the same every time",
    )
}
