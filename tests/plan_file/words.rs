//! Where a plan file may hold one of several things, each is held to its place.

use super::request;
use dpm_spec::Code;
use dpm_spec::error::Error;
use dpm_spec::plan::{PlanFile, Request, double_double_plan};

/// The refusal of the file of `request`, once it holds `to` in the first place of `from`.
fn refusal(request: &Request, from: &str, to: &str) -> Error {
    let json = double_double_plan(request).unwrap().to_json();
    assert!(json.contains(from), "{from} in {json}");
    PlanFile::parse(&json.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn a_lambda_is_a_value_or_one_of_two_words_which_the_refusal_quotes() {
    let to_no_noise = request("ddim", "vp-linear", "lambda:ends=zero", "", 3);
    for word in ["infinity", "-infinity", "INF", ""] {
        let error = refusal(
            &to_no_noise,
            "\"lambda\":\"inf\"",
            &format!("\"lambda\":\"{word}\""),
        );
        assert_eq!(error.code, Code::Format, "{error}");
        assert_eq!(error.place, "nodes[3].lambda");
        assert_eq!(error.what, format!("`{word}` is not inf or -inf"));
    }
    let long = format!("\"lambda\":\"{}\"", "x".repeat(10_000));
    let error = refusal(&to_no_noise, "\"lambda\":\"inf\"", &long);
    assert_eq!(
        error.what,
        format!("`{}` is not inf or -inf", "x".repeat(60))
    );
}

#[test]
fn a_grid_with_ends_of_its_own_takes_none_and_every_other_takes_both() {
    let indexed = request(
        "ddim",
        "discrete-linear:betas=f32",
        "leading:ddim,offset=1",
        "",
        10,
    );
    let given = refusal(
        &indexed,
        "\"t_start\":null,\"t_end\":null",
        "\"t_start\":\"1\",\"t_end\":\"0\"",
    );
    let spaced = request("ddim", "vp-linear", "lambda", "", 4);
    let missing = refusal(
        &spaced,
        "\"t_start\":\"1\",\"t_end\":\"1/1000\"",
        "\"t_start\":null,\"t_end\":null",
    );
    for error in [given, missing] {
        assert_eq!(error.code, Code::Format, "{error}");
        assert_eq!(error.place, "grid.t_start and grid.t_end");
    }
}
