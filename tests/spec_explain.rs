//! From an id one hop leads to everything about it.

use dpm_spec::Code;
use dpm_spec::grid::Grid;
use dpm_spec::policy::Policy;
use dpm_spec::prediction::Prediction;
use dpm_spec::problem::Problem;
use dpm_spec::schedule::Schedule;
use dpm_spec::solver::Solver;
use dpm_spec::spec::{Explanation, clauses, explain};
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The meaning of this kind that the id has.
fn meaning(id: &str, kind: &str) -> Option<Explanation> {
    let found = explain(id).ok()?;
    found
        .into_iter()
        .find(|explanation| explanation.kind == kind)
}

#[test]
fn every_link_of_every_id_leads_somewhere() {
    let solvers = Solver::ENTRIES.iter().map(|entry| (entry.id, "solver"));
    let of = |ids: &'static [(&'static str, &'static str)], kind| {
        ids.iter().map(move |(id, _)| (*id, kind))
    };
    let ids = solvers
        .chain(of(Schedule::IDS, "schedule"))
        .chain(of(Grid::IDS, "grid"))
        .chain(of(Policy::IDS, "policy"))
        .chain(of(Prediction::IDS, "prediction"))
        .chain(of(Problem::IDS, "problem"));
    for (id, kind) in ids {
        let found = meaning(id, kind);
        assert!(found.is_some(), "{kind} {id} is not explained");
        let Some(found) = found else { continue };
        assert!(!found.summary.is_empty(), "{kind} {id} has no summary");
        assert!(!found.clauses.is_empty(), "{kind} {id} has no clause");
        assert!(!found.tests.is_empty(), "{kind} {id} has no test");
        assert!(
            !found.bibtex.is_empty() || kind == "policy" || kind == "grid",
            "{kind} {id} cites nothing"
        );
        for path in found
            .tests
            .iter()
            .copied()
            .chain([found.page.as_str()])
            .chain(found.see.iter().copied())
            .chain(found.golden.as_deref())
        {
            assert!(
                root().join(path).exists(),
                "{kind} {id}: {path} does not exist"
            );
        }
        let (file, line) = found.source.split_once(':').unwrap_or_default();
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let line = line
            .parse()
            .map_or("", |line: usize| text.lines().nth(line - 1).unwrap_or(""));
        assert!(
            !line.trim().is_empty(),
            "{kind} {id}: {} is no line",
            found.source
        );
        if kind == "solver" {
            assert!(line.starts_with("pub fn "), "{id}: {line} is no function");
            assert!(found.formulas.len() >= 2, "{id} shows no formulas");
            assert!(found.golden.is_some(), "{id} has no certified plans");
        }
    }
}

#[test]
fn every_error_code_and_clause_is_explained() {
    for code in Code::ALL {
        let found = meaning(code.text(), "error code");
        assert_eq!(
            found.map(|found| found.summary),
            Some(code.meaning().to_owned())
        );
    }
    for clause in clauses() {
        let found = meaning(clause.id, "clause");
        assert_eq!(found.map(|found| found.clauses), Some(vec![clause.clone()]));
    }
}

#[test]
fn one_id_may_have_several_meanings() {
    let kinds: Vec<&str> = explain("flow")
        .unwrap()
        .iter()
        .map(|found| found.kind)
        .collect();
    assert_eq!(kinds, ["schedule", "grid", "prediction"]);
}

#[test]
fn parameters_are_explained_with_the_id() {
    let found = meaning("dpmpp-3s:r2=1/2,r1=1/4", "solver").unwrap();
    assert_eq!(found.id, "dpmpp-3s:r1=1/4,r2=1/2");
    assert!(
        found.order.contains("r2 = 1/2 is not 2/3"),
        "{}",
        found.order
    );
    assert_eq!(meaning("start=ramp", "policy").unwrap().id, "start");
    let refused = explain("dpmpp-2s:r1=2").map_err(|error| error.code);
    assert_eq!(refused, Err(Code::SolverRatio));
}

#[test]
fn an_unknown_id_gets_the_nearest_of_any_kind() {
    for (typed, nearest) in [
        ("dpmp-2m", "dpmpp-2m"),
        ("karass", "karras"),
        ("vp-linaer", "vp-linear"),
        ("E-GRID-ODER", "E-GRID-ORDER"),
    ] {
        let error = explain(typed).unwrap_err();
        assert_eq!(error.code, Code::UnknownId);
        assert_eq!(error.remedy, format!("did you mean `{nearest}`?"));
    }
}

#[test]
fn an_explanation_is_a_json_object() {
    let found = explain("dpmpp-2m").unwrap();
    let json = serde_json::to_value(&found[0]).unwrap();
    assert_eq!(json["kind"], "solver");
    assert_eq!(json["clauses"][0]["id"], "SOLVER-2M-1");
    assert_eq!(json["formulas"][0]["name"], "solver/dpmpp-2m/increment");
    assert!(
        json["bibtex"][0]
            .as_str()
            .unwrap()
            .starts_with("@article{lu2022dpmsolverpp")
    );
}
