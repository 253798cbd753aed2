//! The command: what it uses, what it says, what it leaves behind.

use super::hostile::{Way, all, each};
use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// The most memory of the runner, in KiB.
pub(crate) const MOST: u64 = 64 << 10;

/// One setting.
const FEW: &str = "*/ddim/*/vp-linear:n=3:grid=lambda";

/// Marks all processes of a run: they inherit it.
pub(crate) const MARK: &str = "DPM_SPEC_TEST_RUN";

pub(crate) fn check(way: &Way, cases: &str, timeout: Duration, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
    command.args(["check", "--only", cases, "--timeout"]);
    command.arg(timeout.as_secs().to_string());
    command.args(options).arg("--").args(way.command());
    command
}

/// The most memory that a process has used until now, in KiB; none where the system does not say.
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Waits for a process; its status, and the most memory that it used, in KiB.
pub(crate) fn watched(mut child: Child) -> (ExitStatus, u64) {
    let mut most = 0;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status, most);
        }
        most = most.max(peak(&child).unwrap_or(0));
        sleep(Duration::from_millis(2));
    }
}

/// Processes that bear a mark; none where the system does not say.
pub(crate) fn marked(mark: &str) -> Vec<String> {
    let wanted = format!("{MARK}={mark}");
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let bears = |path: &std::path::PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        let mut all = environment.split(|byte| *byte == 0);
        all.any(|one| one == wanted.as_bytes())
    };
    let paths = processes.map(|entry| entry.path()).filter(bears);
    paths.map(|path| path.display().to_string()).collect()
}

/// The processes that still bear a mark after what was killed has had the time to end.
pub(crate) fn remaining(mark: &str) -> Vec<String> {
    let mut left = marked(mark);
    for _ in 0..20 {
        if left.is_empty() {
            break;
        }
        sleep(Duration::from_millis(50));
        left = marked(mark);
    }
    left
}

pub(crate) fn complaint(way: &Way, cases: &str, jobs: u32) -> Result<(), String> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mark = format!(
        "{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    // Testees that start at once share the processors: each has the longer time.
    let timeout = way.timeout() * jobs;
    let mut command = check(way, cases, timeout, &["--jobs", &jobs.to_string()]);
    command.env(MARK, &mark);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(&child).unwrap_or(0));
        sleep(Duration::from_millis(2));
    }
    let done = child.wait_with_output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8(said).map_err(|error| error.to_string())?;
    println!("{}: {} KiB", way.name, most);
    let code = match way.outcome.as_str() {
        "passes" => 0,
        "undeclared" => 2,
        "start" => 3,
        _ => 1,
    };
    // A process that has left the group is out of reach.
    let out_of_reach = way.name.starts_with("grandchild-in-its-own-session");
    let left = match out_of_reach {
        true => Vec::new(),
        false => remaining(&mark),
    };
    match done.status.code() {
        Some(got) if got != code => Err(format!("exit code {got}, not {code}: {said}")),
        None => Err(format!("{}: {said}", done.status)),
        _ if said.contains("panicked") => Err(said),
        _ if said.contains(|it: char| it.is_control() && it != '\n') => Err(format!("{said:?}")),
        _ if most > MOST => Err(format!("{most} KiB of memory, more than {MOST}")),
        _ if !left.is_empty() => Err(format!("left behind {left:?}")),
        _ => Ok(()),
    }
}

#[test]
fn the_command_stays_small_and_calm_and_leaves_nothing_behind() {
    each(|way| complaint(way, FEW, 1).err());
}

/// One of each kind.
const TELLING: [&str; 9] = [
    "aborts",
    "crlf",
    "ends-badly",
    "half-a-line",
    "out-of-order",
    "refuses-what-it-declared",
    "state-leaks",
    "terminal-control-before-its-end",
    "wrong-seq",
];

#[test]
fn a_transcript_of_any_behaviour_gives_the_same_verdicts_without_the_testee() {
    each(|way| {
        if !TELLING.contains(&way.name.as_str()) {
            return None;
        }
        let file = format!("{}/{}.transcript", env!("CARGO_TARGET_TMPDIR"), way.name);
        let recorded = check(way, FEW, way.timeout(), &["--record", &file])
            .output()
            .unwrap();
        let mut replay = Command::new(env!("CARGO_BIN_EXE_dpm-spec"));
        let replayed = replay.args(["check", "--replay", &file]).output().unwrap();
        let same = recorded.status.code() == replayed.status.code()
            && verdicts(&recorded.stdout) == verdicts(&replayed.stdout)
            && recorded.stderr == replayed.stderr;
        (!same).then(|| format!("{recorded:?}\n{replayed:?}"))
    });
}

/// What is printed, but for the commands that repeat a case.
fn verdicts(printed: &[u8]) -> Vec<String> {
    let printed = String::from_utf8_lossy(printed);
    let lines = printed
        .lines()
        .filter(|line| !line.contains("dpm-spec check"));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_testee_that_breaks_three_times_in_a_row_is_left_alone() {
    let mut ways = all().into_iter();
    let way = ways.find(|it| it.name == "exits-in-a-run-with-1").unwrap();
    let options = ["--json", "--jobs", "1"];
    let mut command = check(&way, "core/ddim/rows/vp-linear", way.timeout(), &options);
    let printed = command.output().unwrap().stdout;
    let document: serde_json::Value = serde_json::from_slice(&printed).unwrap();
    let results = document["results"].as_array().unwrap();
    let asked = results.iter().filter(|it| it["verdict"] == "fails");
    let messages: Vec<&str> = asked.map(|it| it["message"].as_str().unwrap()).collect();
    let (broken, left): (Vec<&str>, Vec<&str>) = messages
        .iter()
        .partition(|it| it.starts_with("E-PROTOCOL: ended with exit status: 1"));
    assert_eq!(broken.len(), 3, "{messages:?}");
    assert!(left.len() > 20, "{messages:?}");
    assert!(
        left.iter()
            .all(|it| it.starts_with("not run: the testee broke three times in a row"))
    );
}
