//! `explain` prints every meaning of an id; what it points to is checked in `tests/spec_explain.rs`.

use super::{fine, json, run};
use dpm_spec::Code;
use dpm_spec::solver::Solver;

#[test]
fn an_explanation_in_text_and_in_json_name_the_same_source_and_paper() {
    for entry in Solver::ENTRIES {
        let text = fine(&["explain", entry.id]);
        let document = json(&fine(&["explain", entry.id, "--json"]));
        let explained = &document["explained"][0];
        assert_eq!(explained["kind"], "solver");
        for key in ["source", "page", "order"] {
            assert!(
                text.contains(explained[key].as_str().unwrap()),
                "{}: {key}",
                entry.id
            );
        }
        assert!(text.contains("\n@"), "{}: no BibTeX", entry.id);
    }
}

#[test]
fn an_id_with_several_meanings_has_them_all_and_an_unknown_one_the_nearest() {
    let document = json(&fine(&["explain", "flow", "--json"]));
    let kinds: Vec<&str> = document["explained"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["schedule", "grid", "prediction"]);
    let run = run(&["explain", "unipcc"]);
    assert_eq!(run.code, 2);
    assert!(run.log.contains("E-ID-UNKNOWN"), "{}", run.log);
    assert!(fine(&["explain", "dpmpp-3s:r1=1/3,r2=1/2"]).contains("not 2/3"));
}

#[test]
fn every_error_code_is_explained() {
    for code in Code::ALL {
        assert!(fine(&["explain", code.text()]).contains(code.meaning()));
    }
}
