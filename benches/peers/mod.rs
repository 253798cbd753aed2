//! Peers in Python that take turns with a benchmark.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Threads of the other side sleep by then.
pub(crate) const REST: Duration = Duration::from_millis(20);

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A process that computes when it is asked to.
pub(crate) struct Peer {
    pub(crate) name: String,
    /// Whether its allocator keeps what was freed.
    pub(crate) keeping: bool,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(python: &str, script: &str, threads: usize, keeping: bool) -> Outcome<Self> {
        let mut command = Command::new(python);
        command
            .args([format!("benches/peers/{script}"), threads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if keeping {
            // glibc then neither maps tensors one by one nor gives them back.
            command
                .env("MALLOC_MMAP_THRESHOLD_", "33554432")
                .env("MALLOC_TRIM_THRESHOLD_", "4294967296");
        }
        let mut child = command.spawn()?;
        let questions = child.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut peer = Peer {
            name: String::new(),
            keeping,
            child,
            questions,
            answers,
        };
        let kept = if keeping { ", memory kept" } else { "" };
        peer.name = format!("{}{kept}", peer.line()?);
        Ok(peer)
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err("a peer ended; its error is above".into()),
            _ => Ok(line.trim().to_owned()),
        }
    }

    /// Seconds, and the numbers that came out.
    pub(crate) fn run(&mut self, question: &str) -> Outcome<(f64, Vec<f32>)> {
        writeln!(self.questions, "{question}")?;
        let line = self.line()?;
        let mut numbers = line.split_whitespace();
        let seconds = numbers.next().unwrap_or_default().parse()?;
        let first = numbers.map(str::parse).collect::<Result<_, _>>()?;
        Ok((seconds, first))
    }

    pub(crate) fn end(mut self) -> Outcome<()> {
        drop(self.questions);
        self.child.wait()?;
        Ok(())
    }
}

/// Peers that run a script with 1 and with 2 threads, as they are installed and with an allocator
/// that keeps what was freed; none, with a remark, without such a Python.
pub(crate) fn peers(script: &str) -> Vec<Peer> {
    let python =
        std::env::var("DPM_SPEC_PYTHON").unwrap_or_else(|_| "target/cross/bin/python".to_owned());
    let mut peers = Vec::new();
    for (threads, keeping) in [(1, false), (2, false), (1, true), (2, true)] {
        match Peer::start(&python, script, threads, keeping) {
            Ok(peer) => peers.push(peer),
            Err(why) => {
                println!(
                    "no comparison with {python}: {why}; run `make cross` or set DPM_SPEC_PYTHON"
                );
                return Vec::new();
            }
        }
    }
    peers
}
