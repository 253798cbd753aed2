//! What is true of a recipe stands beside the verdicts, and is what is proved.
#![allow(
    clippy::unwrap_used,
    reason = "what a test is built from fails the test"
)]

use super::guide::blocks;
use super::records::record;
use super::runs::{as_xml, header, seen};
use dpm_spec::conformance::{Record, Verdict};
use dpm_spec::report::Recipes;
use dpm_spec::solver::Solver;
use dpm_spec::spec::clauses;
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use std::fs;

fn rows(solver: &str, verdict: Verdict) -> Record {
    let id = format!("core/{solver}/rows/vp-linear:n=5:grid=lambda");
    record(&id, verdict, "")
}

/// The statements on recipes, each of which was run and deviates.
fn stated(solvers: &[&str]) -> Vec<Value> {
    let mut recipes = Recipes::default();
    for solver in solvers {
        recipes.take(&rows(solver, Verdict::Deviates));
    }
    let list = serde_json::to_value(recipes).unwrap();
    list.as_array().unwrap().clone()
}

/// The tables of `docs/orders.md` are written by the proofs.
#[test]
fn the_orders_of_recipes_are_those_that_are_proved() {
    let page = fs::read_to_string("docs/orders.md").unwrap();
    let (_, table) = page.split_once("| solver | claimed | any |").unwrap();
    let proved = table.lines().skip(2).take_while(|line| !line.is_empty());
    let proved: Vec<(&str, Vec<&str>)> = proved
        .map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            (cells[0].split('`').nth(1).unwrap(), cells)
        })
        .collect();
    let names: Vec<&str> = proved.iter().map(|(name, _)| *name).collect();
    let catalogue: Vec<&str> = Solver::ENTRIES.iter().map(|entry| entry.id).collect();
    assert_eq!(names, catalogue);
    for (recipe, (name, cells)) in stated(&names).iter().zip(&proved) {
        assert_eq!(recipe["solver"], *name);
        // Proved on any grid is the order of the drift; of a law it may be less.
        let weak = cells[1].strip_prefix("weak ");
        let stated = weak.map_or(cells[2], |claim| &claim[..1]);
        assert_eq!(recipe["order"].to_string(), stated, "{name}");
        let started = recipe["order_with_usual_start"].to_string();
        assert_eq!(started, cells[5], "{name}");
        assert_eq!(recipe["weak"], cells[1].starts_with("weak"), "{name}");
    }
    assert_eq!(proved.len(), stated(&names).len());
}

#[test]
fn every_statement_names_the_clause_of_its_solver_that_states_the_order() {
    for entry in Solver::ENTRIES {
        let [recipe] = &stated(&[entry.id])[..] else {
            panic!("{}", entry.id);
        };
        let clause = clauses().find(|it| recipe["clause"] == it.id).unwrap();
        assert_eq!(clause.page, format!("spec/solvers/{}.md", entry.id));
        let order = &recipe["order"];
        let said = [format!("order {order}"), format!("$O(h^{order})$")];
        assert!(said.iter().any(|it| clause.text.contains(it)), "{clause:?}");
    }
}

#[test]
fn only_what_was_run_is_stated_and_once() {
    let mut recipes = Recipes::default();
    recipes.take(&rows("ddim", Verdict::NotApplicable));
    recipes.take(&rows("dpm-2m", Verdict::Skipped));
    recipes.take(&rows("any", Verdict::Exact));
    recipes.take(&rows("dpmpp-3m-exact", Verdict::Fails));
    recipes.take(&rows("dpmpp-3m-exact", Verdict::Exact));
    let exact = json!([{
        "solver": "dpmpp-3m-exact",
        "order": 3,
        "order_with_usual_start": 2,
        "weak": false,
        "clause": "SOLVER-3M-EXACT-4",
    }]);
    assert_eq!(serde_json::to_value(recipes).unwrap(), exact);
}

fn all(verdict: Verdict) -> Vec<Record> {
    let solvers = ["dpmpp-2m", "dpmpp-3m", "dpmpp-3m-exact", "sde-dpm-2m"];
    solvers.map(|it| rows(it, verdict)).into()
}

#[test]
fn the_text_states_orders_apart_from_the_verdicts() {
    let text = |verdict| {
        let runs = [(header("mine"), all(verdict))];
        seen("orders-text", &runs, "").conclusion.text
    };
    let stated = "true of these recipes, whoever computes them:\n    \
                  order 2: dpmpp-2m, dpmpp-3m\n    \
                  order 3, 2 after the usual start: dpmpp-3m-exact\n    \
                  weak order 2: sde-dpm-2m\n";
    for verdict in [Verdict::Exact, Verdict::Deviates] {
        let text = text(verdict);
        assert!(text.ends_with(stated), "{text}");
    }
    assert!(
        blocks("").iter().any(|it| it == stated),
        "the guide shows it"
    );
    assert!(!text(Verdict::Skipped).contains("recipes"));
}

#[test]
fn the_page_states_orders_in_a_table_of_their_own() {
    let words = |it: Node<'_, '_>| -> String {
        let texts = it.descendants().filter(Node::is_text);
        texts.filter_map(|it| it.text()).collect()
    };
    // Two testees, and what they have in common once.
    let runs = [Verdict::Exact, Verdict::Deviates].map(|it| (header(it.name()), all(it)));
    let page = seen("orders-page", &runs, "").page;
    let page = as_xml(&page);
    let document = Document::parse(&page).unwrap();
    let tables = document.descendants();
    let mut tables = tables.filter(|it| it.attribute("class") == Some("matrix recipes"));
    let table = tables.next().unwrap();
    let rows = table.descendants().filter(|it| it.has_tag_name("tr"));
    let rows: Vec<Vec<String>> = rows
        .map(|row| row.children().filter(Node::is_element).map(words).collect())
        .collect();
    let expected = [
        [
            "solver",
            "order from an exact start",
            "after the usual start",
            "stated in",
        ],
        ["dpmpp-2m", "2", "2", "SOLVER-2M-4"],
        [
            "dpmpp-3m",
            "2, not 3: the published third-order multistep formula halves the last term",
            "2",
            "SOLVER-3M-4",
        ],
        ["dpmpp-3m-exact", "3", "2", "SOLVER-3M-EXACT-4"],
        ["sde-dpm-2m", "weak 2", "weak 2", "SOLVER-SDE-DPM-2M-4"],
    ];
    assert_eq!(rows, expected);
    assert!(tables.next().is_none());
    let nothing = seen("orders-none", &[(header("mine"), Vec::new())], "").page;
    assert!(!nothing.contains("What is true of these recipes"));
}
