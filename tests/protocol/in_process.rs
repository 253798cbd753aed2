//! Verdicts and the time that they take.

use super::hostile::{Way, each};
use dpm_spec::Code;
use dpm_spec::conformance::{Session, Verdict, settings};
use dpm_spec::protocol::Remote;
use std::time::{Duration, Instant};

/// Beyond the time-out.
const SPARE: Duration = Duration::from_secs(1);

/// Does something; what it gave, unless it took longer than is allowed.
fn timed<T>(way: &Way, what: &str, action: impl FnOnce() -> T) -> Result<T, String> {
    let start = Instant::now();
    let made = action();
    let (took, most) = (start.elapsed(), way.timeout() + SPARE);
    println!("{}: {what} took {took:.2?} of {most:?}", way.name);
    match took <= most {
        true => Ok(made),
        false => Err(format!("{what} took {took:?}, more than {most:?}")),
    }
}

fn complaint(way: &Way) -> Result<(), String> {
    let start = || Remote::start(&way.command(), way.timeout());
    let mut remote = match (timed(way, "the start", start)?, way.outcome.as_str()) {
        (Err(error), "start") if error.code == Code::Testee => return Ok(()),
        (Err(error), _) => return Err(format!("did not start: {error}")),
        (Ok(_), "start") => return Err("started".to_owned()),
        (Ok(remote), _) => remote,
    };
    let settings = settings();
    let mut session = match (Session::new(&mut remote), way.outcome.as_str()) {
        (Err(error), "undeclared") if error.code == Code::Declaration => return Ok(()),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(session), _) => session,
    };
    let first = settings
        .iter()
        .find(|it| it.request.recipe.solver.entry.id == "ddim" && it.request.steps == 3)
        .unwrap();
    let outcomes = timed(way, "the run", || session.ask(first, |_| true))?;
    let verdicts: Vec<Verdict> = outcomes.iter().map(|it| it.finding.verdict).collect();
    let all = |one: &[Verdict]| verdicts.iter().all(|it| one.contains(it));
    let as_wanted = match way.outcome.as_str() {
        "passes" | "ends" => all(&[Verdict::Exact, Verdict::Conforms]),
        "fails" => verdicts.contains(&Verdict::Fails),
        "deviates" => verdicts.contains(&Verdict::Deviates) && !verdicts.contains(&Verdict::Fails),
        "skipped" => all(&[Verdict::Skipped]),
        _ => false,
    };
    if !as_wanted {
        let messages: Vec<&String> = outcomes.iter().map(|it| &it.finding.message).collect();
        return Err(format!("{verdicts:?}, not {}: {messages:?}", way.outcome));
    }
    match (
        timed(way, "the end", || remote.end())?,
        way.outcome.as_str(),
    ) {
        // What the last run left unread is found at the end.
        (Err(error), "ends" | "fails") if error.code == Code::Protocol => Ok(()),
        (Ok(()), "ends") => Err("its end was taken for clean".to_owned()),
        (Err(error), _) => Err(format!("after it all: {error}")),
        (Ok(()), _) => Ok(()),
    }
}

#[test]
fn every_behaviour_comes_to_its_verdict_within_the_time_out_and_a_second() {
    each(|way| complaint(way).err());
}
