//! `order`: one line a solver, exact JSON, an atomic certificate, and refusals.

use crate::{Run, directory, fine, json, run};
use dpm_spec::solver::Solver;

#[test]
fn order_json_has_exactly_the_published_keys() {
    let list = json(&fine(&["order", "--json", "--solver", "dpmpp-3m"]));
    let [entry] = list.as_array().unwrap().as_slice() else {
        panic!("one solver gives a list of one: {list}");
    };
    let mut keys: Vec<&str> = entry
        .as_object()
        .unwrap()
        .keys()
        .map(|k| k.as_str())
        .collect();
    keys.sort_unstable();
    let expected = [
        "claimed",
        "error_constants",
        "evidence",
        "first_failing",
        "identically_exact",
        "method",
        "proven",
        "solver",
        "with_ddim_start",
    ];
    assert_eq!(keys, expected);
    assert_eq!(entry["solver"], "dpmpp-3m");
    assert_eq!(
        entry["proven"],
        serde_json::json!({"arbitrary": 2, "smooth": 2, "uniform": 2})
    );
    assert_eq!(
        (&entry["method"], &entry["evidence"]),
        (&"moments".into(), &"proof".into())
    );
    let failing = serde_json::json!({"condition": "R_2 at h^3", "leading": "-1/6"});
    assert_eq!(entry["first_failing"], failing);
    assert_eq!(
        entry["identically_exact"],
        serde_json::json!(["R_0", "R_1"])
    );
    assert_eq!(entry["with_ddim_start"], 2);
}

#[test]
fn every_solver_has_its_line_and_its_place_in_the_certificate() {
    let folder = directory("order");
    let path = folder.join("orders.json");
    let text = fine(&["order", "--certificate", path.to_str().unwrap()]);
    for entry in Solver::ENTRIES {
        let line = text.lines().find(|line| {
            let first = line.split_whitespace().next().unwrap_or_default();
            first.split(':').next() == Some(entry.id)
        });
        let line = line.unwrap_or_else(|| panic!("no line for {}: {text}", entry.id));
        assert!(line.ends_with("proved"), "{line}");
    }
    let document = json(&std::fs::read_to_string(&path).unwrap());
    let proofs = document["proofs"].as_array().unwrap();
    assert_eq!(proofs.len(), Solver::ENTRIES.len());
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, 1, "nothing else is left behind");
}

#[test]
fn parameters_of_ones_own_are_proved_too() {
    let list = json(&fine(&["order", "--json", "--solver", "dpmpp-3s:r2=3/4"]));
    assert_eq!(list[0]["proven"]["arbitrary"], 2);
    assert_eq!(list[0]["claimed"], "3 if r2 = 2/3, else 2");
}

#[test]
fn an_unknown_solver_or_an_unwritable_certificate_exits_2() {
    for (arguments, code) in [
        (
            &["order", "--solver", "dpmpp-4m"] as &[&str],
            "E-ID-UNKNOWN",
        ),
        (&["order", "--solver", "dpmpp-3s:r1=1"], "E-SOLVER-RATIO"),
        (
            &[
                "order",
                "--solver",
                "ddim",
                "--certificate",
                "/nowhere/x.json",
            ],
            "E-FILE",
        ),
    ] {
        let Run {
            code: exit,
            out,
            log,
        } = run(arguments);
        assert_eq!((exit, out.as_str()), (2, ""), "{arguments:?}");
        assert!(log.contains(code), "{log}");
    }
}
