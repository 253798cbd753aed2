//! Ctrl-C: no process and no file that is not whole stays behind.

use super::command::{MARK, check, marked, remaining};
use super::hostile::all;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sends a signal to a runner whose testees, and what they have started, ignore it.
fn interrupted(signal: &str) -> Option<i32> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("interrupted-{signal}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut ways = all().into_iter();
    let way = ways.find(|it| it.name == "ignores-signals-as-does-a-grandchild");
    let way = way.unwrap();
    let files = ["ndjson", "junit", "report"];
    let files = files.map(|it| format!("--{it}={}", folder.join(it).display()));
    let options: Vec<&str> = files.iter().map(String::as_str).collect();
    let options = [&options[..], &["--jobs", "2"]].concat();
    let mark = format!("{}-{signal}", std::process::id());
    let mut command = check(&way, "core/ddim", Duration::from_secs(600), &options);
    command
        .env(MARK, &mark)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut runner = command.spawn().unwrap();
    // The runner, two testees in a run, and what each of them has started.
    let start = Instant::now();
    while marked(&mark).len() < 5 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            marked(&mark)
        );
        sleep(Duration::from_millis(10));
    }
    let partial = || fs::read_dir(&folder).unwrap().count();
    assert_eq!(partial(), 3);
    let id = runner.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(sent.unwrap().success());
    let ended = runner.wait().unwrap();
    assert_eq!(remaining(&mark), [""; 0]);
    assert_eq!(partial(), 0);
    ended.code()
}

#[test]
fn sigint_and_sigterm_end_everything_and_leave_nothing_behind() {
    assert_eq!(interrupted("INT"), Some(130));
    assert_eq!(interrupted("TERM"), Some(143));
}
