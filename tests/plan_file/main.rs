//! A plan file holds exactly its plan; anything else in it is a typed error.

mod words;

use dpm_spec::grid::{Grid, Rounding, Unit};
use dpm_spec::plan::{PlanFile, Request, double_double_plan};
use dpm_spec::policy::Policy;
use dpm_spec::recipe::{Recipe, StateSpace};
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::threshold::Threshold;
use dpm_spec::{Code, arithmetic::rational};
use proptest::prelude::*;

fn request(solver: &str, schedule: &str, grid: &str, policy: &str, steps: usize) -> Request {
    let schedule = Schedule::parse(schedule).unwrap();
    let mut recipe = Recipe::new(Solver::parse(solver).unwrap(), &schedule);
    recipe.policy = Policy::parse(policy).unwrap();
    Request::new(recipe, schedule, Grid::parse(grid).unwrap(), steps)
}

fn requests() -> Vec<Request> {
    let mut requests = vec![
        request("ddim", "vp-linear", "lambda", "", 1),
        request("dpmpp-3m-exact", "vp-cosine", "time", "start=exact", 8),
        request("dpm-3s", "vp-linear", "lambda", "", 4),
        request("dpmpp-2s:r1=1/3", "vp-linear", "lambda", "blocks=fast", 5),
        request("sde-dpmpp-2m", "vp-linear", "karras", "zero=on", 6),
        request("dpmpp-2m", "edm", "karras:rho=7", "final=lower<15", 5),
        request("dpmpp-2m", "flow:shift=3", "time", "zero=on", 5),
        request(
            "ddim",
            "discrete-linear:betas=f32",
            "leading:ddim,offset=1",
            "",
            10,
        ),
    ];
    let mut moved = request("dpmpp-2m", "vp-linear", "lambda", "final=euler", 9);
    moved.recipe.state_space = StateSpace::Ve;
    moved.domain = Some((rational(9, 10), rational(1, 100)));
    moved.start_at = 3;
    moved.recipe.threshold = Some(Threshold::Dynamic {
        ratio: rational(199, 200),
        max: None,
    });
    requests.push(moved);
    let nodes = [
        rational(1, 1),
        rational(1, 3),
        rational(1, 7),
        rational(0, 1),
    ];
    let mut grid = Grid::explicit(Unit::Time, nodes.to_vec()).unwrap();
    grid.rounding = Rounding::Index;
    let mut explicit = request("dpmpp-2m", "vp-linear", "lambda", "final=euler", 3);
    explicit.grid = grid;
    explicit.recipe.threshold = Some(Threshold::Static {
        bound: rational(1, 1),
    });
    requests.push(explicit);
    requests
}

fn sample() -> String {
    let file = double_double_plan(&request("dpmpp-2m", "vp-linear", "lambda", "", 3)).unwrap();
    file.to_json()
}

#[test]
fn a_file_written_and_read_is_the_same_plan() {
    for request in requests() {
        let file = double_double_plan(&request).unwrap();
        let json = file.to_json();
        let read = PlanFile::parse(&json).unwrap();
        assert_eq!(read, file);
        assert_eq!(read.to_json(), json);
    }
}

#[test]
fn a_request_from_a_file_derives_the_numbers_in_the_file() {
    for request in requests() {
        let file = double_double_plan(&request).unwrap();
        let read = PlanFile::parse(&file.to_json()).unwrap();
        assert_eq!(double_double_plan(&read.request).unwrap().plan, file.plan);
    }
}

/// `sample` with the first `from` after `after` replaced.
fn changed(after: &str, from: &str, to: &str) -> String {
    let json = sample();
    let start = json.find(after).expect(after);
    let at = start + json[start..].find(from).expect(from);
    format!("{}{to}{}", &json[..at], &json[at + from.len()..])
}

#[test]
fn an_inconsistent_file_is_refused_naming_the_field() {
    for (after, from, to, code, place) in [
        ("", "dpm-spec/plan", "other", Code::Format, "format"),
        ("", "\"version\":1", "\"version\":2", Code::Format, "format"),
        ("", "dpmpp-2m", "dpmpp-2n", Code::UnknownId, "recipe.solver"),
        ("", "\"data\"", "\"noise\"", Code::Format, "recipe.side"),
        (
            "",
            "\"eta\":\"0\"",
            "\"eta\":\"1\"",
            Code::Eta,
            "recipe: eta",
        ),
        (
            "",
            "start=ramp",
            "start=rump",
            Code::Policy,
            "recipe.policy",
        ),
        (
            "",
            "id\":\"vp-linear",
            "id\":\"vp-lunar",
            Code::UnknownId,
            "schedule.id",
        ),
        ("grid", "\"lambda\"", "\"lambada\"", Code::UnknownId, "grid"),
        (
            "grid",
            "\"t_start\":\"1\"",
            "\"t_start\":null",
            Code::Format,
            "grid.t_start",
        ),
        (
            "grid",
            "\"t_end\":\"1/1000\"",
            "\"t_end\":\"x\"",
            Code::Number,
            "grid.t_end",
        ),
        (
            "grid",
            "\"nodes\":null",
            "\"nodes\":[\"1\"]",
            Code::UnknownId,
            "grid",
        ),
        (
            "grid",
            "\"start_at\":0",
            "\"start_at\":1",
            Code::Format,
            "initial.start_at",
        ),
        ("", "\"vp\"", "\"vq\"", Code::Parameter, "state space"),
        (
            "initial",
            "\"states\":1",
            "\"states\":0",
            Code::Format,
            "initial.states",
        ),
        (
            "initial",
            "\"states\":1",
            "\"states\":4",
            Code::Format,
            "initial.states",
        ),
        (
            "nodes\":[",
            "\"f64\":\"0x1",
            "\"f64\":\"0x2",
            Code::Number,
            "nodes[0].alpha.f64",
        ),
        (
            "nodes\":[",
            "\"t\":\"label\"",
            "\"t\":\"inf\"",
            Code::Format,
            "nodes[0].t",
        ),
        (
            "nodes\":[",
            "\"sigma\"",
            "\"lambda\":\"label\",\"sigma\"",
            Code::Format,
            "line 8",
        ),
        (
            "nodes\":[",
            "0x3c00",
            "0x7e00",
            Code::Number,
            "nodes[0].sigma: f16",
        ),
        (
            "nodes\":[",
            "\"0x3f80\"",
            "\"0x3f90\"",
            Code::Number,
            "nodes[0].sigma: bf16",
        ),
        (
            "program",
            "\"node\":0",
            "\"node\":1",
            Code::Format,
            "program[0].evaluate.node",
        ),
        (
            "program",
            "\"node\":0",
            "\"node\":4",
            Code::Format,
            "program[0].evaluate.node",
        ),
        (
            "program",
            "\"s0\"",
            "\"s1\"",
            Code::Format,
            "program[0].evaluate",
        ),
        (
            "program",
            "\"m0\"",
            "\"m1\"",
            Code::Format,
            "program[0].evaluate",
        ),
        (
            "program",
            "\"to\":\"data\"",
            "\"to\":\"noise\"",
            Code::Format,
            "program[0].evaluate.convert.to",
        ),
        (
            "combine",
            "\"s1\"",
            "\"s01\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "combine",
            "\"s1\"",
            "\"s2\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "combine",
            "\"s0\"",
            "\"s1\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "combine",
            "\"s0\"",
            "\"m0\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "combine",
            "\"s0\"",
            "\"z1\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "combine",
            "\"s0\"",
            "\"é\"",
            Code::Format,
            "program[1].combine",
        ),
        (
            "certificate",
            "double-double",
            "ball",
            Code::Format,
            "certificate",
        ),
        (
            "certificate",
            "\"f16\",",
            "",
            Code::Format,
            "certificate.formats",
        ),
    ] {
        let error = PlanFile::parse(&changed(after, from, to)).expect_err(to);
        assert_eq!(error.code, code, "{from} -> {to}: {error}");
        assert!(error.place.starts_with(place), "{from} -> {to}: {error}");
    }
}

#[test]
fn a_missing_extra_or_repeated_field_is_refused_with_its_line() {
    for (from, to) in [
        ("\"eta\":\"0\",", ""),
        ("\"eta\":\"0\",", "\"eta\":\"0\",\"beta\":\"0\","),
        ("\"eta\":\"0\",", "\"eta\":\"0\",\"eta\":\"0\","),
        ("\"eta\":\"0\",", "\"eta\":0,"),
        (",\"threshold\":null", ""),
    ] {
        let error = PlanFile::parse(&changed("", from, to)).unwrap_err();
        assert_eq!(error.code, Code::Format, "{error}");
        assert!(error.place.starts_with("line 2, "), "{error}");
    }
    for (from, to) in [
        ("\"label\":", "\"lable\":"),
        ("\"label\":{", "\"label\":{\"dec\":\"1\","),
    ] {
        assert_eq!(
            PlanFile::parse(&changed("", from, to)).unwrap_err().code,
            Code::Format
        );
    }
}

#[test]
fn a_truncated_file_is_refused_at_every_length() {
    let json = sample();
    for end in 0..json.trim_end().len() {
        let error = PlanFile::parse(&json[..end]).unwrap_err();
        assert_eq!(error.code, Code::Format, "cut at {end}: {error}");
    }
}

#[test]
fn hostile_files_are_typed_errors() {
    let deep = "[".repeat(1_000_000);
    let nested = changed("program", "{\"evaluate\"", &format!("{deep}{{\"evaluate\""));
    let huge = changed(
        "grid",
        "\"steps\":3",
        "\"steps\":99999999999999999999999999",
    );
    for text in [
        deep.as_str(),
        &nested,
        &huge,
        "null",
        "[]",
        "{}",
        "\u{feff}{}",
        "1e999999999",
    ] {
        assert_eq!(PlanFile::parse(text).unwrap_err().code, Code::Format);
    }
    let many = format!("1{}", "0".repeat(100_000));
    for text in [many.as_str(), "1/0", "1e-999999", "9/7e1", "NaN"] {
        let json = changed(
            "grid",
            "\"t_end\":\"1/1000\"",
            &format!("\"t_end\":\"{text}\""),
        );
        match PlanFile::parse(&json) {
            Ok(file) => assert!(text == "9/7e1" && file.request.domain.is_some()),
            Err(error) => assert_eq!(error.code, Code::Number, "{error}"),
        }
    }
}

proptest! {
    #[test]
    fn a_changed_byte_never_panics_and_never_passes_for_the_same_file(at in 0..6000_usize, byte in 0x20..0x7f_u8) {
        let original = sample();
        let mut bytes = original.clone().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != byte && bytes[at] != b'\n' && bytes[at] != b' ');
        bytes[at] = byte;
        let text = String::from_utf8(bytes).unwrap();
        if let Ok(file) = PlanFile::parse(&text) {
            prop_assert_ne!(file, PlanFile::parse(&original).unwrap());
        }
    }

    #[test]
    fn arbitrary_text_is_refused(text in ".{0,200}") {
        prop_assert_eq!(PlanFile::parse(&text).unwrap_err().code, Code::Format);
    }
}
