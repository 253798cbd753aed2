//! The modules say what spec/protocol.md says, message by message.

use super::{compiled, example, path};
use dpm_spec::conformance::Precision;
use dpm_spec::protocol::{
    Lines, PROTOCOL, Reply, Request, Rule, Script, read_number, read_reply, read_request,
    write_message, write_number,
};
use serde_json::json;
use std::io::Write;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A testee that the test itself speaks to.
struct Testee {
    child: Child,
    input: ChildStdin,
    output: Lines<ChildStdout>,
    seq: u64,
}

impl Testee {
    fn start(command: &[&str]) -> Self {
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{command:?}: {error}; `make setup` installs what is missing")
            });
        let input = child.stdin.take().unwrap();
        let output = Lines::new(child.stdout.take().unwrap());
        let seq = 0;
        Testee {
            child,
            input,
            output,
            seq,
        }
    }

    /// Says something and reads the reply, which bears the same number.
    fn say(&mut self, request: &Request) -> Reply {
        let line = write_message(self.seq, request).unwrap();
        writeln!(self.input, "{line}").unwrap();
        let line = self.output.read().unwrap().unwrap();
        let (seq, reply) = read_reply(&line).unwrap();
        assert_eq!(seq, self.seq, "{reply:?}");
        reply
    }

    /// The same, as a new request.
    fn ask(&mut self, request: &Request) -> Reply {
        self.seq += 7;
        self.say(request)
    }
}

fn texts(values: &[f64]) -> Vec<String> {
    values.iter().map(|value| write_number(*value)).collect()
}

fn values(texts: &[String]) -> Vec<f64> {
    let number = |text: &String| read_number(text, Precision::F64).unwrap();
    texts.iter().map(number).collect()
}

fn run(solver: &str, script: Option<(&[f64], &[f64])>, local: bool) -> Request {
    let start = texts(&[1.0, -0.25]);
    let case = json!({
        "solver": solver, "eta": "0x1p-3", "schedule": "vp-linear", "prediction": "data",
        "policy": {"start": "ramp", "final": "full", "zero": "off", "blocks": "fixed"},
        "space": "vp", "steps": 2, "times": texts(&[1.0, 0.5, 0.1]),
    });
    let vectors = |of: &[f64]| of.iter().map(|value| texts(&[*value, 0.0])).collect();
    Request::Run {
        case: serde_json::from_value(case).unwrap(),
        start,
        script: script.map(|(outputs, noises)| Script {
            outputs: vectors(outputs),
            noises: vectors(noises),
        }),
        local,
    }
}

fn says_hello(testee: &mut Testee, language: &str) {
    let edition = "2026.1".to_owned();
    let hello = testee.say(&Request::Hello {
        protocol: PROTOCOL,
        edition,
    });
    let said = json!({
        "protocol": 1, "name": "everything", "version": "1.5", "language": language,
        "element": "f64", "time": "lambda", "spaces": ["vp", "ve"],
        "solvers": ["ddim", "dpmpp-2m", "dpmpp-3m", "dpm-2m"], "schedules": ["vp-linear"],
        "predictions": ["v"], "policies": ["final=lower"], "models": ["script", "callback"],
        "grids": ["time"], "thresholds": true, "local": true,
    });
    assert_eq!(hello, Reply::Hello(serde_json::from_value(said).unwrap()));
}

/// Asks a testee that says `steps` restarts, calls and draws; what it shows and its result.
fn answers_callbacks(testee: &mut Testee, local: bool) {
    let mut state = vec![1.0, -0.25];
    let mut reply = testee.ask(&run("ddim", None, local));
    for (step, told) in [1.0, 0.5].into_iter().enumerate() {
        if local {
            let Reply::Restart {
                step: said,
                state: shown,
            } = reply
            else {
                panic!("{reply:?}")
            };
            assert_eq!((said, values(&shown)), (step, state));
            state = vec![10.0, 20.0];
            let state = texts(&state);
            reply = testee.say(&Request::Restarted { step, state });
        }
        let Reply::Eval {
            call,
            time,
            state: shown,
        } = reply
        else {
            panic!("{reply:?}")
        };
        assert_eq!((call, values(&[time])), (step, vec![told]));
        assert_eq!(values(&shown), state);
        let output = texts(&[0.5, 3.0]);
        reply = testee.say(&Request::Output { call, output });
        assert_eq!(reply, Reply::Draw { draw: step });
        let noise = texts(&[-4.0, 2.0]);
        reply = testee.say(&Request::Noise { draw: step, noise });
        state = vec![state[0] + 0.5 - 8.0 + 0.125, state[1] + 3.0 + 4.0 + 0.125];
    }
    let Reply::Result {
        state: last,
        calls: None,
        draws: None,
    } = reply
    else {
        panic!("{reply:?}")
    };
    assert_eq!(values(&last), state);
}

fn follows_a_script(testee: &mut Testee) {
    let reply = testee.ask(&run(
        "ddim",
        Some((&[0.5, 7.0, 9.0], &[3.0, 0.0, 9.0])),
        false,
    ));
    let Reply::Result {
        state,
        calls: Some(calls),
        draws: Some(draws),
    } = reply
    else {
        panic!("{reply:?}")
    };
    assert_eq!(values(&state), [1.0 + 0.5 + 6.0 + 7.0 + 0.25, 0.0]);
    assert_eq!(draws, [1, 2]);
    let shown = calls.iter().map(|call| {
        (
            values(std::slice::from_ref(&call.time))[0],
            values(&call.state),
        )
    });
    let shown: Vec<_> = shown.collect();
    assert_eq!(shown, [(1.0, vec![1.0, -0.25]), (0.5, vec![7.625, -0.125])]);
    // Beyond the script no output is known; of noises the last one comes again, if there is one.
    for (outputs, noises) in [(&[0.5][..], &[3.0, 0.0][..]), (&[0.5, 7.0], &[])] {
        let reply = testee.ask(&run("ddim", Some((outputs, noises)), false));
        assert!(matches!(reply, Reply::Error { .. }), "{reply:?}");
    }
    let reply = testee.ask(&run("ddim", Some((&[0.5, 7.0], &[3.0])), false));
    let Reply::Result { state, .. } = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(values(&state), [1.0 + 0.5 + 6.0 + 7.0 + 6.0 + 0.25, 0.0]);
}

fn refuses_fails_and_stops(testee: &mut Testee) {
    let reason = "no \"second\" order".to_owned();
    let script: Option<(&[f64], &[f64])> = Some((&[1.0], &[]));
    for script in [None, script] {
        let reason = reason.clone();
        assert_eq!(
            testee.ask(&run("dpmpp-2m", script, false)),
            Reply::Skipped { reason }
        );
        let reply = testee.ask(&run("dpmpp-3m", script, false));
        let Reply::Error { message } = reply else {
            panic!("{reply:?}")
        };
        assert!(message.contains("no third order"), "{message}");
    }
    let mut reply = testee.ask(&run("dpm-2m", None, false));
    for call in 0..3 {
        let state = texts(&[1.0, -0.25]);
        let Reply::Eval {
            call: said,
            state: shown,
            ..
        } = &reply
        else {
            panic!("{reply:?}")
        };
        assert_eq!((*said, values(shown)), (call, values(&state)));
        reply = testee.say(&Request::Output {
            call,
            output: state,
        });
    }
    let reason = "enough".to_owned();
    assert_eq!(testee.say(&Request::Stop { reason }), Reply::Stopped {});
}

fn makes_grids_and_thresholds(testee: &mut Testee) {
    let reply = testee.ask(&Request::Grid {
        schedule: "vp-linear".to_owned(),
        grid: "time".to_owned(),
        steps: 4,
    });
    let Reply::Nodes { times } = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(values(&times), [1.0, 0.75, 0.5, 0.25, 0.0]);
    let mut clip = |rule, sample: &[f64]| {
        let samples = vec![texts(sample); 2];
        let reply = testee.ask(&Request::Threshold { rule, samples });
        let Reply::Samples { samples } = reply else {
            panic!("{reply:?}")
        };
        assert_eq!(samples.len(), 2);
        assert_eq!(samples[0], samples[1]);
        values(&samples[0])
    };
    let bound = "0x1.8p+0".to_owned();
    assert_eq!(
        clip(Rule::Static { bound }, &[-3.0, 1.0, 2.0]),
        [-3.0, 1.0, 1.5]
    );
    // Every number comes back as it was.
    let special = [
        f64::NAN,
        -f64::INFINITY,
        -0.0,
        5e-324,
        0.1,
        -2.2e-308,
        f64::MAX,
        1.0 / 3.0,
    ];
    let rule = Rule::Dynamic {
        ratio: write_number(0.995),
        max: "inf".to_owned(),
    };
    let back = clip(rule, &[&[0.0, 0.0], &special[..]].concat());
    let bits = |all: &[f64]| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&back[..2]), bits(&[0.995, f64::INFINITY]));
    assert_eq!(bits(&back[2..]), bits(&special));
}

fn keeps_the_protocol(command: &[&str], language: &str) {
    let mut testee = Testee::start(command);
    says_hello(&mut testee, language);
    answers_callbacks(&mut testee, false);
    answers_callbacks(&mut testee, true);
    follows_a_script(&mut testee);
    refuses_fails_and_stops(&mut testee);
    makes_grids_and_thresholds(&mut testee);
    assert_eq!(testee.ask(&Request::Bye {}), Reply::Bye {});
    assert!(testee.child.wait().unwrap().success());
    assert_eq!(testee.output.read().unwrap(), None);
    // One that is left alone ends, too.
    let Testee {
        mut child, input, ..
    } = Testee::start(command);
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_python_module_keeps_the_protocol() {
    keeps_the_protocol(&["python3", &path("tests/testees/everything.py")], "Python");
}

#[test]
fn the_javascript_module_keeps_the_protocol() {
    keeps_the_protocol(
        &["node", &path("tests/testees/everything.mjs")],
        "JavaScript",
    );
}

#[test]
fn the_rust_module_keeps_the_protocol() {
    keeps_the_protocol(&[&example("testee_everything")], "Rust");
}

#[test]
fn the_c_header_keeps_the_protocol() {
    let source = "tests/testees/everything.c";
    let everything = compiled("cc", &["-std=c99"], source, "everything-c");
    keeps_the_protocol(&[&everything], "C");
}

#[test]
fn the_c_header_keeps_the_protocol_in_cpp() {
    let source = "tests/testees/everything.c";
    let everything = compiled(
        "c++",
        &["-std=c++11", "-x", "c++"],
        source,
        "everything-cpp",
    );
    keeps_the_protocol(&[&everything], "C");
}

#[test]
fn the_messages_of_the_specification_are_valid() {
    let page = std::fs::read_to_string(path("spec/protocol.md")).unwrap();
    let mut found = 0;
    for (number, line) in page.lines().enumerate() {
        // A vector that is cut short is one with what is shown.
        let text = line.replace(",...", "").replace("[...]", "[]");
        let text = text.replace(
            "{...}",
            &serde_json::to_string(&case_of_the_page(&page)).unwrap(),
        );
        let (is_ours, text) = match (text.strip_prefix("> "), text.strip_prefix("< ")) {
            (Some(text), _) => (true, text.to_owned()),
            (_, Some(text)) => (false, text.to_owned()),
            _ => continue,
        };
        let line = dpm_spec::protocol::Line { number, text };
        match is_ours {
            true => drop(read_request(&line).unwrap()),
            false => drop(read_reply(&line).unwrap()),
        }
        found += 1;
    }
    assert_eq!(found, 10);
}

fn case_of_the_page(page: &str) -> serde_json::Value {
    let (_, case) = page.split_once("\"case\":").unwrap();
    let case = case.split_once(",\"start\":[").unwrap().0;
    serde_json::from_str(case).unwrap()
}
