//! The report is one self-contained page that holds what it says.

use super::{Run, directory, fine, json as parsed, run};
use dpm_spec::solver::Solver;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// The page and the document of one report.
fn report() -> &'static (String, Value) {
    static REPORT: OnceLock<(String, Value)> = OnceLock::new();
    REPORT.get_or_init(|| {
        let place = directory("report-json");
        let document = parsed(&fine(&["report", "-o", place.to_str().unwrap(), "--json"]));
        let page = fs::read_to_string(place.join("index.html")).unwrap();
        (page, document)
    })
}

#[test]
fn the_page_is_whole_and_needs_nothing_else() {
    let place = directory("report").join("new");
    let out = fine(&["report", "-o", place.to_str().unwrap()]);
    let index = place.join("index.html");
    assert_eq!(out, format!("{}\n", index.display()));
    let page = fs::read_to_string(&index).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    // A namespace is a name, not an address.
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in [
        "http:", "https:", "src=", "url(", "@import", "<link", "<script",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<svg") && page.contains("prefers-color-scheme: dark"));
    for model in fs::read_dir("tests/data").unwrap() {
        let name = model.unwrap().file_name().into_string().unwrap();
        if let Some(stem) = name.strip_suffix(".json") {
            assert!(page.contains(stem), "{stem}");
        }
    }
    // The policy holds a `<`, which must not reach the page as markup.
    assert!(page.contains("final=lower&lt;15"));
}

#[test]
fn the_picture_draws_the_weights_of_the_plan() {
    let (page, _) = report();
    let lines: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("<polyline"))
        .take(3)
        .collect();
    let points = |line: &str| line.matches(',').count();
    // State and older output have no weight in the last step, the older output none in the first.
    assert_eq!(
        lines.iter().map(|line| points(line)).collect::<Vec<_>>(),
        [19, 20, 18]
    );
}

#[test]
fn with_json_the_report_lists_models_and_features() {
    let (_, document) = report();
    assert_eq!(document["models"].as_array().unwrap().len(), 17);
    assert!(
        document["models"]
            .as_array()
            .unwrap()
            .iter()
            .all(|model| model["error"].is_null())
    );
    for model in document["models"].as_array().unwrap() {
        assert_eq!(
            model["verified_numbers"].is_u64(),
            cfg!(feature = "oracle"),
            "{model}"
        );
    }
    assert_eq!(document["features"][1]["present"], cfg!(feature = "oracle"));
}

#[test]
fn orders_and_errors_stand_on_the_page_and_in_the_document() {
    let (page, document) = report();
    let orders = document["orders"].as_array().unwrap();
    if cfg!(feature = "oracle") {
        assert_eq!(orders.len(), Solver::ENTRIES.len());
        let third = orders.iter().find(|order| order["solver"] == "dpmpp-3m");
        assert_eq!(third.unwrap()["proven"]["arbitrary"], 2);
        for order in orders {
            let id = order["solver"].as_str().unwrap().replace('/', "&#x2f;");
            let cell = format!("<td>{id}</td>");
            assert!(page.contains(&cell), "{cell}");
        }
    } else {
        assert!(orders.is_empty() && page.contains("Left out by this build"));
    }
    let sweeps = document["convergence"].as_array().unwrap();
    // The picture of weights, and one a sweep.
    assert_eq!(page.matches("<svg ").count(), 1 + sweeps.len());
    let names = |sweep: &Value| -> Vec<String> {
        let results = sweep["results"].as_array().unwrap().iter();
        results
            .map(|result| result["solver"].as_str().unwrap().to_owned())
            .collect()
    };
    let measured: Vec<String> = sweeps.iter().flat_map(names).collect();
    for entry in Solver::ENTRIES.iter().filter(|entry| !entry.stochastic) {
        let id = entry.id;
        assert!(measured.iter().any(|name| name == id), "{id} is not there");
    }
    // The command under a picture gives the numbers of that picture.
    let last = sweeps.last().unwrap();
    let words = last["command"].as_str().unwrap().split(' ').skip(1);
    let again: Vec<&str> = words.chain(["--json"]).collect();
    assert_eq!(parsed(&fine(&again)), last["results"]);
}

#[test]
fn the_backends_conform_and_a_listed_sampler_that_cannot_be_asked_is_shown() {
    let place = directory("report-testees");
    let list = place.join("list.json");
    fs::write(&list, r#"[{"command": ["no-such-sampler"]}]"#).unwrap();
    let at = |path: &Path| path.display().to_string();
    let arguments = [
        "report",
        "-o",
        &at(&place),
        "--testees",
        &at(&list),
        "--json",
    ];
    let document = parsed(&fine(&arguments));
    let tested = document["conformance"].as_array().unwrap();
    let (last, own) = tested.split_last().unwrap();
    assert!(own.len() >= 3);
    for one in own.iter().filter(|one| !one["testee"].is_null()) {
        assert!(one["exact"].as_u64().unwrap() > 100, "{one}");
        assert_eq!((&one["deviates"], &one["fails"]), (&json!(0), &json!(0)));
    }
    assert!(last["testee"].is_null(), "{last}");
    let page = fs::read_to_string(place.join("index.html")).unwrap();
    assert!(page.contains("dpm-spec cpu-f32") && page.contains("E-TESTEE: not found"));
    let details = fs::read_to_string(place.join("conformance.html")).unwrap();
    assert!(details.contains("dpm-spec cpu-f32"));
    fs::write(&list, r#"[{"comand": []}]"#).unwrap();
    let Run { code, log, .. } = run(&arguments[..5]);
    assert!(
        code == 2 && log.contains("E-FORMAT") && log.contains("comand"),
        "{log}"
    );
}

#[test]
fn a_place_that_cannot_be_made_is_refused() {
    let file = directory("occupied").join("file");
    fs::write(&file, "").unwrap();
    let run = run(&["report", "-o", file.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.log.contains("E-FILE"), "{}", run.log);
}
