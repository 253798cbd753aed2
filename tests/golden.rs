//! The published plans are what this build derives, and any change to them is found.

use dpm_spec::Code;
use dpm_spec::golden::{Manifest, Published, published};
use dpm_spec::plan::{Instruction, Operand, Plan, PlanFile, Value, double_double_plan};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn directory() -> &'static Path {
    Path::new("spec/golden")
}

fn name(published: &Published) -> String {
    let recipe = &published.request.recipe;
    format!(
        "{} on {}",
        recipe.solver.entry.id, published.request.schedule
    )
}

#[test]
fn every_solver_is_published_on_three_schedules_and_every_real_model_once() {
    let plans = published().unwrap();
    let paths: BTreeSet<&str> = plans.iter().map(|plan| plan.path.as_str()).collect();
    assert_eq!(paths.len(), plans.len(), "one path, one plan");
    let mut expected = BTreeSet::new();
    for entry in dpm_spec::solver::Solver::ENTRIES {
        let etas: &[&str] = if entry.stochastic {
            &["-eta0.5", "-eta1"]
        } else {
            &[""]
        };
        for eta in etas {
            for table in [
                "vp-linear-lambda-n10",
                "vp-linear-lambda-n20",
                "vp-cosine-lambda-n10",
                "vp-cosine-lambda-n20",
                "discrete-scaled-linear-karras-n20",
            ] {
                expected.insert(format!("{}/{table}{eta}.json", entry.id));
            }
        }
    }
    for entry in fs::read_dir("tests/data").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(model) = name.strip_suffix(".json") {
            expected.insert(format!("models/{model}-n20.json"));
        }
    }
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(paths, expected);
}

#[test]
fn every_karras_table_ends_at_sigma_0_and_only_the_noise_form_with_noise_draws_there() {
    for plan in published().unwrap() {
        if !plan.path.contains("karras-n20") || plan.path.starts_with("models/") {
            continue;
        }
        assert!(plan.request.policy().zero, "{}", name(&plan));
        let plan_file = Manifest::open(directory())
            .unwrap()
            .plan(directory(), &plan.path)
            .unwrap();
        let Some(Instruction::Combine { terms, .. }) = plan_file.plan.program.last() else {
            panic!("{} does not end with a combination", name(&plan));
        };
        let draws = terms
            .iter()
            .any(|(operand, _)| matches!(operand, Operand::Noise(_)));
        assert_eq!(draws, plan.path.starts_with("sde-dpm-"), "{}", name(&plan));
    }
}

#[test]
fn published_files_are_unchanged_readable_and_under_twelve_megabytes() {
    let manifest = Manifest::open(directory()).unwrap();
    let plans = published().unwrap();
    assert_eq!(manifest.entries().len(), plans.len());
    let mut bytes = 0;
    for plan in &plans {
        let file = manifest.plan(directory(), &plan.path).unwrap();
        assert_eq!(file.request, plan.request, "{}", plan.path);
        let text = manifest.text(directory(), &plan.path).unwrap();
        assert_eq!(file.to_json(), text, "{}", plan.path);
        bytes += text.len();
    }
    assert!(bytes < 12_000_000, "{bytes} bytes");
}

/// How far numbers are from the published ones.
#[derive(Default)]
struct Agreement {
    numbers: u64,
    off: Vec<String>,
}

impl Agreement {
    /// Compares one format's number; one unit is the last place of the larger of it and `scale`.
    fn compare(&mut self, place: &dyn Fn() -> String, found: f64, right: f64, unit: f64) {
        self.numbers += 1;
        if found == right {
            return;
        }
        assert!(
            (found - right).abs() <= unit,
            "{}: {found:e} is more than one ulp of {right:e}",
            place()
        );
        self.off.push(place());
    }
}

/// The last place of an f64 or, with `f32`, of an f32 of that size.
fn unit(magnitude: f64, f32: bool) -> f64 {
    if f32 {
        let value = magnitude as f32;
        f64::from(value.next_up()) - f64::from(value)
    } else {
        magnitude.next_up() - magnitude
    }
}

/// The largest entry, at least 0, of the row that each number of a plan stands in, in the plan's order.
fn scales(plan: &Plan<Value>) -> Vec<f64> {
    let mut weights = std::collections::VecDeque::new();
    for instruction in &plan.program {
        match instruction {
            Instruction::Evaluate {
                state_weight,
                output_weight,
                ..
            } => {
                let largest = state_weight.f64.abs().max(output_weight.f64.abs());
                weights.extend([largest, largest]);
            }
            Instruction::Combine { terms, .. } => {
                let largest = terms.iter().map(|(_, w)| w.f64.abs()).fold(0.0, f64::max);
                weights.extend(terms.iter().map(|_| largest));
            }
        }
    }
    let mut scales = Vec::new();
    let _ = plan.try_map(|value, place| {
        let row = place().starts_with("program").then(|| weights.pop_front());
        scales.push(row.flatten().unwrap_or(0.0).max(value.f64.abs()));
        Ok(())
    });
    scales
}

fn numbers(plan: &Plan<Value>) -> Vec<(Value, String)> {
    let mut numbers = Vec::new();
    let _ = plan.try_map(|value, place| {
        numbers.push((value.clone(), place()));
        Ok(())
    });
    numbers
}

#[test]
fn double_double_plans_are_correctly_rounded_in_999_of_1000_and_never_off_by_more_than_an_ulp() {
    let manifest = Manifest::open(directory()).unwrap();
    let [mut f64s, mut f32s, mut halves] = [(); 3].map(|()| Agreement::default());
    for plan in published().unwrap() {
        let certified = manifest.plan(directory(), &plan.path).unwrap().plan;
        let rounded = double_double_plan(&plan.request).unwrap().plan;
        let scales = scales(&certified);
        let pairs = numbers(&rounded).into_iter().zip(numbers(&certified));
        for (((found, _), (right, place)), scale) in pairs.zip(scales) {
            let place = || format!("{}, {place}", plan.path);
            f64s.compare(&place, found.f64, right.f64, unit(scale, false));
            let (found32, right32) = (f64::from(found.f32), f64::from(right.f32));
            f32s.compare(&place, found32, right32, unit(scale, true));
            let half = |v: &Value| f64::from(u32::from(v.f16) << 16 | u32::from(v.bf16));
            halves.compare(&place, half(&found), half(&right), 0.0);
        }
    }
    for (format, agreement) in [("f64", &f64s), ("f32", &f32s), ("f16, bf16", &halves)] {
        let Agreement { numbers, off } = agreement;
        println!("{format}: {} of {numbers} off by one: {off:?}", off.len());
        assert!(off.len() as u64 * 1000 <= *numbers, "{format}");
    }
}

/// A copy of some published files with their MANIFEST.
struct Copy(PathBuf);

impl Copy {
    fn new(test: &str, paths: &[&str]) -> Self {
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("golden-{test}"));
        let _ = fs::remove_dir_all(&to);
        for path in paths.iter().chain(&["MANIFEST"]) {
            let target = to.join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(directory().join(path), target).unwrap();
        }
        Copy(to)
    }

    fn edit(&self, path: &str, edit: impl Fn(String) -> String) {
        let path = self.0.join(path);
        fs::write(&path, edit(fs::read_to_string(&path).unwrap())).unwrap();
    }
}

const SAMPLE: &str = "dpmpp-2m/vp-linear-lambda-n10.json";

#[test]
fn a_published_file_with_one_digit_changed_is_refused() {
    let copy = Copy::new("digit", &[SAMPLE]);
    let manifest = Manifest::open(&copy.0).unwrap();
    manifest.plan(&copy.0, SAMPLE).unwrap();
    let original = fs::read_to_string(copy.0.join(SAMPLE)).unwrap();
    let at = original.find("494929").expect("a digit of alpha");
    copy.edit(SAMPLE, |text| {
        format!("{}5{}", &text[..at], &text[at + 1..])
    });
    let error = manifest.plan(&copy.0, SAMPLE).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (Code::Manifest, SAMPLE));
}

#[test]
fn a_truncated_missing_or_unlisted_file_is_refused() {
    let copy = Copy::new("truncated", &[SAMPLE]);
    let manifest = Manifest::open(&copy.0).unwrap();
    copy.edit(SAMPLE, |text| text[..text.len() / 2].to_owned());
    assert_eq!(
        manifest.text(&copy.0, SAMPLE).unwrap_err().code,
        Code::Manifest
    );
    fs::write(copy.0.join(SAMPLE), [0xff, 0xfe]).unwrap();
    assert_eq!(
        manifest.text(&copy.0, SAMPLE).unwrap_err().code,
        Code::Format
    );
    fs::remove_file(copy.0.join(SAMPLE)).unwrap();
    for path in [SAMPLE, "../Cargo.toml", "MANIFEST", ""] {
        assert_eq!(
            manifest.text(&copy.0, path).unwrap_err().code,
            Code::Manifest
        );
    }
}

#[test]
fn a_malformed_manifest_is_refused_naming_the_line() {
    let text = fs::read_to_string(directory().join("MANIFEST")).unwrap();
    assert_eq!(Manifest::parse(&text).unwrap().to_string(), text);
    let lines: Vec<&str> = text.lines().collect();
    let with = |line: usize, new: &str| {
        let mut lines = lines.clone();
        lines[line - 1] = new;
        lines.join("\n")
    };
    let hash = &lines[1][..64];
    for (line, new) in [
        (1, "# dpm-spec golden data version 2".to_owned()),
        (1, String::new()),
        (2, String::new()),
        (3, lines[2].replace("  ", " ")),
        (4, lines[3].replacen(char::is_numeric, "g", 1)),
        (5, lines[4][1..].to_owned()),
        (6, format!("{hash}  ../x.json")),
        (7, format!("{hash}  /etc/passwd")),
        (8, format!("{hash}  a//b.json")),
        (9, lines[7].to_owned()),
    ] {
        let error = Manifest::parse(&with(line, &new)).unwrap_err();
        assert_eq!(
            (error.code, error.place),
            (Code::Format, format!("line {line}")),
            "{new}"
        );
    }
}

#[test]
fn a_file_read_from_the_set_runs_without_the_oracle() {
    let manifest = Manifest::open(directory()).unwrap();
    let file: PlanFile = manifest.plan(directory(), SAMPLE).unwrap();
    let plan = file.plan.try_map(|value, _| Ok(value.f64)).unwrap();
    // data that is one point: the model knows it exactly, and every sampler must return alpha 1/2 + sigma eps
    let last = &plan.nodes.last().unwrap().point;
    let first = &plan.nodes[0].point;
    let eps = 0.3;
    let start = vec![first.alpha * 0.5 + first.sigma * eps];
    let result = plan
        .run(&[start], |_| Ok(vec![eps]), |_| Ok(vec![0.0]))
        .unwrap();
    assert!((result[0] - (last.alpha * 0.5 + last.sigma * eps)).abs() < 1e-12);
}

#[cfg(feature = "oracle")]
mod rederived {
    use super::{Copy, SAMPLE, directory};
    use dpm_spec::Code;
    use dpm_spec::golden::{Manifest, Published, check, check_plans, published, write};
    use std::fs;
    use std::sync::Mutex;

    fn sample() -> Vec<Published> {
        let mut plans = published().unwrap();
        plans.retain(|plan| plan.path == SAMPLE);
        plans
    }

    #[test]
    fn the_published_set_is_what_this_build_derives_byte_for_byte() {
        let seen = Mutex::new(0);
        check(directory(), &|_| *seen.lock().unwrap() += 1).unwrap();
        assert_eq!(*seen.lock().unwrap(), published().unwrap().len());
    }

    #[test]
    fn a_set_written_anew_passes_its_own_check_and_an_extra_or_missing_file_fails_it() {
        let copy = Copy::new("written", &[]);
        let manifest = write(&copy.0, &|_| {}).unwrap();
        assert_eq!(manifest, Manifest::open(directory()).unwrap());
        fs::write(copy.0.join("README.md"), "by hand").unwrap();
        check(&copy.0, &|_| {}).unwrap();
        for extra in ["extra.json", "dpmpp-2m/extra.json", "dpmpp-2m/.partial"] {
            fs::write(copy.0.join(extra), "{}").unwrap();
            let error = check(&copy.0, &|_| {}).unwrap_err();
            assert_eq!((error.code, error.place.as_str()), (Code::Manifest, extra));
            fs::remove_file(copy.0.join(extra)).unwrap();
        }
        fs::remove_file(copy.0.join(SAMPLE)).unwrap();
        let error = check(&copy.0, &|_| {}).unwrap_err();
        assert_eq!((error.code, error.place.as_str()), (Code::Manifest, SAMPLE));
    }

    #[test]
    fn a_digit_changed_in_file_and_manifest_alike_is_found_with_its_line() {
        let copy = Copy::new("forged", &[SAMPLE]);
        check_plans(&copy.0, &sample(), &|_| {}).unwrap();
        let change = |text: String| text.replacen("494929", "494928", 1);
        copy.edit(SAMPLE, change);
        let error = check_plans(&copy.0, &sample(), &|_| {}).unwrap_err();
        assert_eq!(error.code, Code::Manifest);
        let text = fs::read_to_string(copy.0.join(SAMPLE)).unwrap();
        let forged = Manifest::of([(SAMPLE, text.as_str())]);
        fs::write(copy.0.join("MANIFEST"), forged.to_string()).unwrap();
        let error = check_plans(&copy.0, &sample(), &|_| {}).unwrap_err();
        assert_eq!(error.code, Code::Verify);
        assert!(
            error
                .place
                .starts_with(&format!("{SAMPLE}, line 8, column ")),
            "{error}"
        );
        assert!(
            error.what.contains("494928") && error.what.contains("494929"),
            "{error}"
        );
    }

    #[test]
    fn a_plan_missing_from_the_manifest_or_foreign_to_the_set_is_found() {
        let copy = Copy::new("unlisted", &[SAMPLE]);
        let text = fs::read_to_string(copy.0.join("MANIFEST")).unwrap();
        let without: String = text
            .lines()
            .filter(|line| !line.ends_with(SAMPLE))
            .map(|line| format!("{line}\n"))
            .collect();
        fs::write(copy.0.join("MANIFEST"), without).unwrap();
        let error = check(&copy.0, &|_| {}).unwrap_err();
        assert_eq!((error.code, error.place.as_str()), (Code::Manifest, SAMPLE));
        let hash = &text.lines().nth(1).unwrap()[..64];
        fs::write(
            copy.0.join("MANIFEST"),
            format!("{text}{hash}  z/extra.json\n"),
        )
        .unwrap();
        let error = check(&copy.0, &|_| {}).unwrap_err();
        assert_eq!(
            (error.code, error.place.as_str()),
            (Code::Manifest, "z/extra.json")
        );
    }
}
