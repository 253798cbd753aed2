//! What the runner costs: time a case over testees that compute nothing, and memory.
//!
//! `cargo bench --features cli --bench runner`. The testees are this program itself: one refuses
//! every run; one shows its start at as many calls as the script has outputs, so that the messages
//! have the size of real ones and every row deviates, which is the dearest verdict.
//! A setting's runs answer several cases: its time is divided among the applicable ones. The
//! last column is that of a case which is the only one chosen of its setting.

use dpm_spec::Result;
use dpm_spec::conformance::{Precision, Session, Verdict, everything, settings};
use dpm_spec::protocol::Remote;
use serde_json::{Value, json};
use std::io::{BufRead, Write, stdin, stdout};
use std::time::{Duration, Instant};

const CASES: usize = 10_000;
/// Prime, so that every kind of setting is among them.
const STRIDE: usize = 7;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("testee") {
        answer(arguments.next().as_deref() == Some("shows"));
        return Ok(());
    }
    let program = std::env::current_exe().unwrap_or_default();
    println!("ms a case");
    println!("testee    cases   median      p99      memory   p99 alone");
    for kind in ["refuses", "shows"] {
        let command = [&program.to_string_lossy(), "testee", kind].map(str::to_owned);
        let mut remote = Remote::start(&command, Duration::from_secs(10))?;
        let mut session = Session::new(&mut remote)?;
        let (mut shared, mut alone) = (Vec::new(), Vec::new());
        for setting in settings().iter().cycle().step_by(STRIDE) {
            let start = Instant::now();
            let outcomes = session.ask(setting, |_| true);
            let took = start.elapsed();
            let asked = outcomes.iter();
            let asked = asked.filter(|it| it.finding.verdict != Verdict::NotApplicable);
            let asked = asked.count();
            shared.extend(vec![took / asked.max(1) as u32; asked]);
            alone.push(took);
            if shared.len() >= CASES {
                break;
            }
        }
        remote.end()?;
        println!(
            "{kind:8} {:6} {:8.3} {:8.3} {:>11} {:11.3}",
            shared.len(),
            percentile(&mut shared, 50),
            percentile(&mut shared, 99),
            memory().unwrap_or_else(|| "not known".to_owned()),
            percentile(&mut alone, 99),
        );
    }
    Ok(())
}

/// In milliseconds.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    let place = times.len().saturating_sub(1) * percent / 100;
    times.get(place).map_or(0.0, Duration::as_secs_f64) * 1e3
}

/// The most memory that this process has held so far.
fn memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.1} MiB", kilobytes / 1024.0))
}

fn answer(shows: bool) {
    for line in stdin().lock().lines().map_while(std::result::Result::ok) {
        let request: Value = serde_json::from_str(&line).unwrap_or_default();
        let start = &request["start"];
        let outputs = request["script"]["outputs"].as_array().map_or(0, Vec::len);
        let mut reply = match request["type"].as_str() {
            Some("hello") => hello(),
            Some("run") if shows => json!({
                "type": "result",
                "state": start,
                "calls": vec![json!({ "time": "0x1p-1", "state": start }); outputs],
                "draws": [],
            }),
            Some("run") => json!({ "type": "skipped", "reason": "computes nothing" }),
            _ => json!({ "type": "bye" }),
        };
        reply["seq"] = request["seq"].clone();
        let mut out = stdout().lock();
        if writeln!(out, "{reply}").and_then(|()| out.flush()).is_err() {
            break;
        }
    }
}

fn hello() -> Value {
    let Ok(all) = everything("idle", Precision::F64) else {
        return Value::Null;
    };
    let mut hello = all.to_json();
    hello["type"] = json!("hello");
    hello["protocol"] = json!(1);
    hello["models"] = json!(["script"]);
    hello
}
