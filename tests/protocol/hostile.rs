//! The ways in which `hostile.py` misbehaves.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol/hostile.py");

/// At once: more would only wait for processors, and the tests measure time.
const WORKERS: usize = 3;

/// One way to misbehave.
pub(crate) struct Way {
    pub(crate) name: String,
    /// What must come of it.
    pub(crate) outcome: String,
    /// The interpreter itself.
    python: String,
}

/// The interpreter, and every way with its outcome.
fn listed() -> String {
    let said = Command::new("python3").args([SCRIPT, "--list"]).output();
    let said = said.unwrap_or_else(|error| panic!("python3: {error}; `make setup` installs it"));
    String::from_utf8(said.stdout).unwrap()
}

impl Way {
    pub(crate) fn command(&self) -> Vec<String> {
        // Without what takes a Python long to start.
        let command = [&self.python, "-S", "-E", SCRIPT, &self.name];
        command.map(str::to_owned).to_vec()
    }

    /// Short, unless the testee is to have the time that it needs.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(match self.outcome.as_str() {
            "start" => 1,
            "fails" | "ends" => 2,
            _ => 10,
        })
    }
}

/// All ways.
pub(crate) fn all() -> Vec<Way> {
    let list = listed();
    let mut lines = list.lines();
    let python = lines.next().unwrap();
    let way = |line: &str| {
        let (name, outcome) = line.split_once(' ').unwrap();
        let (name, outcome) = (name.to_owned(), outcome.to_owned());
        let python = python.to_owned();
        Way {
            name,
            outcome,
            python,
        }
    };
    lines.map(way).collect()
}

/// Does something with every way, several at once; all that went wrong.
pub(crate) fn each(complaint: impl Fn(&Way) -> Option<String> + Sync) {
    static ONE_TEST_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_TEST_AT_A_TIME
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let ways = all();
    assert!(ways.len() > 60, "{} ways", ways.len());
    let (left, found) = (Mutex::new(ways.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let way = left.lock().unwrap().next();
                    let Some(way) = way else { break };
                    let wrong = complaint(&way);
                    let wrong = wrong.map(|wrong| format!("{}: {wrong}", way.name));
                    found.lock().unwrap().extend(wrong);
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
