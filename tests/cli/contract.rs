//! Every id works, results and logs keep apart, exit codes are 0, 1, 2, 3.

#[cfg(feature = "oracle")]
use super::directory;
use super::{Run, command, fine, json, plan, run};
use dpm_spec::grid::Grid;
use dpm_spec::plan::PlanFile;
use dpm_spec::problem::Problem;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use std::io::Read;
use std::process::Stdio;

/// A plan that `--json` prints is a plan file, whatever the ids.
fn plan_file(solver: &str, schedule: &str, grid: &str) -> PlanFile {
    let arguments = [
        "plan",
        "--solver",
        solver,
        "--schedule",
        schedule,
        "--grid",
        grid,
        "--steps",
        "6",
        "--json",
    ];
    let out = fine(&arguments);
    PlanFile::parse(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

#[test]
fn every_solver_gives_a_plan_file() {
    for entry in Solver::ENTRIES {
        let file = plan_file(entry.id, "vp-linear", "lambda");
        assert_eq!(file.request.recipe.solver.entry.id, entry.id);
    }
}

#[test]
fn every_schedule_gives_a_plan_file() {
    for (id, _) in Schedule::IDS {
        let grid = if *id == "flow" { "flow" } else { "karras" };
        let file = plan_file("ddim", id, grid);
        assert!(file.request.schedule.to_string().starts_with(id));
    }
}

#[test]
fn every_grid_gives_a_plan_file() {
    for (id, _) in Grid::IDS {
        let schedule = match *id {
            "flow" => "flow",
            "leading" | "linspace" | "trailing" | "beta" => "discrete-scaled-linear",
            _ => "vp-linear",
        };
        let file = plan_file("ddim", schedule, id);
        assert!(file.request.grid.to_string().starts_with(id));
    }
}

/// The parameters that `list` names for an id, each `name=default` or `name=choice|choice`.
fn parameters(list: &str, id: &str) -> Vec<String> {
    let rows = json(&fine(&["--json", "list", list]))[list].clone();
    let row = rows.as_array().unwrap().iter().find(|row| row["id"] == id);
    let text = row.unwrap()["parameters"].as_str().unwrap().to_owned();
    text.split(',').map(str::to_owned).collect()
}

#[test]
fn every_choice_that_list_names_is_accepted() {
    let mut tried = 0;
    let schedules = Schedule::IDS.iter().map(|(id, _)| ("schedules", *id));
    for (list, id) in schedules.chain(Grid::IDS.iter().map(|(id, _)| ("grids", *id))) {
        for parameter in parameters(list, id) {
            let (name, choices) = parameter.split_once('=').unwrap_or(("", &parameter));
            if !choices.contains('|') || choices.contains('=') {
                continue;
            }
            for choice in choices.split('|') {
                let text = match name {
                    "" => format!("{id}:{choice}"),
                    _ => format!("{id}:{name}={choice}"),
                };
                match list {
                    "grids" => drop(Grid::parse(&text).unwrap()),
                    _ => drop(Schedule::parse(&text).unwrap()),
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 70, "{tried}");
}

#[test]
fn list_names_every_solver_problem_and_case() {
    let out = fine(&["list", "solvers"]);
    for entry in Solver::ENTRIES {
        assert!(
            out.lines()
                .any(|line| line.split_whitespace().next() == Some(entry.id))
        );
    }
    let cases = fine(&["list", "cases"]);
    let rows = "  core/dpmpp-2m/rows/vp-linear:n=10:grid=lambda ";
    assert!(
        cases
            .lines()
            .any(|line| line.starts_with(rows) && line.contains("MUST"))
    );
    for (id, _) in Problem::IDS {
        assert!(fine(&["list", "problems"]).contains(id));
    }
    let listed = json(&fine(&["list", "cases", "--json"]));
    let listed = listed["cases"].as_array().unwrap();
    assert_eq!(listed.len(), cases.lines().count());
    for case in listed {
        let id = case["id"].as_str().unwrap();
        assert!(!case["source"].as_str().unwrap().is_empty(), "{id}");
        let local = id.ends_with(":mode=local");
        assert_eq!(case["clause"] == "CONFORM-ROWS-2", local, "{id}");
    }
    let source = "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models, arXiv 2211.01095, Algorithm 2";
    let row = cases.lines().find(|line| line.starts_with(rows)).unwrap();
    assert!(row.ends_with(source), "{row}");
    let all = json(&fine(&["--json", "list"]));
    for kind in [
        "solvers",
        "schedules",
        "grids",
        "policies",
        "predictions",
        "codes",
    ] {
        assert!(
            all[kind]
                .as_array()
                .is_some_and(|list| list.iter().all(|row| row["id"].is_string()))
        );
    }
}

#[test]
fn results_go_to_standard_output_and_remarks_to_standard_error() {
    let configuration = "tests/data/stable-diffusion-xl-base-dpmpp-2m.json";
    let Run { code, out, log } = run(&[
        "plan",
        "--from-diffusers",
        configuration,
        "--steps",
        "4",
        "--json",
    ]);
    assert_eq!(code, 0);
    PlanFile::parse(&out).unwrap();
    assert!(log.contains("note: `clip_sample` is ignored"), "{log}");
    let quiet = run(&plan(&[]));
    assert!(quiet.log.is_empty(), "{}", quiet.log);
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [&["--help"] as &[&str], &["plan", "--help"], &["--version"]] {
        let Run { code, out, log } = run(arguments);
        assert!(
            code == 0 && !out.is_empty() && log.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn usage_errors_exit_2_and_keep_to_one_line() {
    let cases: &[&[&str]] = &[
        &[],
        &["lst"],
        &["plan"],
        &["plan", "--solver", "ddim"],
        &["list", "--wrong"],
        &["list", "nothing"],
        &["verify"],
        &["order", "ddim"],
        &["plan", "--steps", "-3"],
        &["plan", "--steps", "many"],
    ];
    for arguments in cases {
        let Run { code, out, log } = run(arguments);
        assert_eq!(
            (code, out.as_str(), log.lines().count()),
            (2, "", 1),
            "{arguments:?}: {log}"
        );
        assert!(log.starts_with("error: E-USAGE: "), "{log}");
        let told = run(&[*arguments, &["--json"]].concat());
        assert_eq!((told.code, told.log.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(json(&told.out)["error"]["code"], "E-USAGE");
    }
}

#[test]
fn options_that_contradict_each_other_are_usage_errors() {
    for further in [
        &["--nodes", "nodes.txt"] as &[&str],
        &["--from-diffusers", "scheduler_config.json"],
        &["--start-at", "1", "--strength", "0.5"],
        &["--mu", "1"],
        &["--json", "--format", "csv"],
        &["--json", "--digits", "5"],
        &["--format", "npz"],
    ] {
        let Run { code, out, log } = run(&plan(further));
        assert_eq!(code, 2, "{further:?}");
        assert!(
            log.contains("E-USAGE") || out.contains("E-USAGE"),
            "{further:?}"
        );
    }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let mut child = command(&[
        "plan",
        "--solver",
        "ddim",
        "--schedule",
        "vp-linear",
        "--grid",
        "time",
        "--steps",
        "2000",
        "--json",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut first = [0; 1];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(
        (ended.status.code(), ended.stderr.as_slice()),
        (Some(0), &[][..])
    );
}

#[cfg(not(feature = "oracle"))]
#[test]
fn a_command_that_lacks_its_feature_exits_3_with_what_installs_it() {
    for arguments in [
        &["golden"] as &[&str],
        &["verify", "x.json"],
        &["order"],
        &plan(&["--digits", "18"]),
    ] {
        let Run { code, out, log } = run(arguments);
        assert_eq!(
            (code, out.as_str(), log.lines().count()),
            (3, "", 1),
            "{arguments:?}"
        );
        assert!(
            log.contains("cargo install dpm-spec --features cli,oracle"),
            "{log}"
        );
    }
}

/// The place of digit number `position` of the last decimal of a plan file.
#[cfg(feature = "oracle")]
fn digit(text: &str, position: usize) -> usize {
    let start = text.rfind("\"dec\":\"").unwrap() + 7;
    let digits = text[start..]
        .char_indices()
        .filter(|(_, c)| c.is_ascii_digit());
    start + digits.map(|(index, _)| index).nth(position).unwrap()
}

#[cfg(feature = "oracle")]
#[test]
fn golden_files_verify_and_any_changed_digit_is_a_no() {
    let published = "spec/golden/dpmpp-2m/vp-linear-lambda-n10.json";
    assert!(fine(&["verify", published]).contains("verified"));
    let text = std::fs::read_to_string(published).unwrap();
    let changed = directory("changed").join("plan.json");
    for (position, code) in [(2, "E-NUMBER"), (17, "E-VERIFY"), (37, "E-VERIFY")] {
        let digit = digit(&text, position);
        let other = if text.as_bytes()[digit] == b'1' {
            "2"
        } else {
            "1"
        };
        let mut wrong = text.clone();
        wrong.replace_range(digit..digit + 1, other);
        std::fs::write(&changed, wrong).unwrap();
        let Run {
            code: exit, out, ..
        } = run(&["verify", "--json", published, changed.to_str().unwrap()]);
        let files = json(&out)["files"].clone();
        assert_eq!(exit, 1, "{out}");
        assert_eq!(files[0]["verified"], true);
        assert_eq!(files[1]["verified"], false);
        assert_eq!(files[1]["error"]["code"], code, "digit {position}: {out}");
    }
}

#[cfg(feature = "oracle")]
#[test]
fn the_published_set_is_what_this_build_derives_and_a_changed_file_is_found() {
    assert!(fine(&["golden", "--check"]).contains("byte for byte"));
    let out = directory("golden");
    let place = out.to_str().unwrap();
    assert_eq!(
        json(&fine(&["golden", "--out", place, "--json"]))["wrote"],
        place
    );
    fine(&["golden", "--out", place, "--check"]);
    let file = out.join("ddim/vp-linear-lambda-n10.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen('7', "8", 1)).unwrap();
    let Run { code, log, .. } = run(&["golden", "--out", place, "--check"]);
    assert_eq!(code, 1);
    assert!(
        log.contains("E-MANIFEST") && log.contains("ddim/vp-linear-lambda-n10.json"),
        "{log}"
    );
}
