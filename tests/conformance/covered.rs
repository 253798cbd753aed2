//! What the cases of the edition cover: numbers of steps, policies, ends, published models, clauses.

use dpm_spec::conformance::{
    Case, Finding, Outcome, Precision, Record, Setting, Subject, cases, everything, settings,
};
use dpm_spec::grid::Ends;
use dpm_spec::plan::{PlanFile, Request};
use dpm_spec::policy::{Blocks, Final, Outer, Policy};
use dpm_spec::schedule::Curve;
use dpm_spec::solver::{Family, Solver};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The runs of the edition.
fn runs() -> Vec<Setting> {
    let mut runs = settings();
    runs.retain(|it| it.subject == Subject::Run);
    runs
}

/// A schedule without its parameters.
fn name(request: &Request) -> String {
    let schedule = request.schedule.to_string();
    schedule.split(':').next().unwrap().to_owned()
}

#[test]
fn single_step_solvers_are_asked_blocks_at_every_number_of_calls() {
    let mut asked: BTreeMap<(&str, &str), BTreeSet<usize>> = BTreeMap::new();
    let mut fixed: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for Setting { request, .. } in runs() {
        let solver = request.recipe.solver.entry.id;
        let policy = request.recipe.policy;
        let blocks = match policy.blocks {
            Blocks::Fast(Outer::Nodes) => "fast",
            Blocks::Progressive if policy.last == Final::Full => "progressive",
            Blocks::Fixed if policy == Policy::default() => {
                fixed.entry(solver).or_default().insert(request.steps);
                continue;
            }
            _ => continue,
        };
        asked
            .entry((solver, blocks))
            .or_default()
            .insert(request.steps);
    }
    let mut staged = 0;
    for entry in Solver::ENTRIES {
        let steps = &fixed[entry.id];
        assert!(steps.iter().any(|n| n % 3 == 2) && steps.iter().any(|n| n % 3 == 0));
        if Solver::parse(entry.id).unwrap().method.family() == Family::Singlestep {
            staged += 1;
            for blocks in ["fast", "progressive"] {
                assert_eq!(asked[&(entry.id, blocks)], *steps, "{}, {blocks}", entry.id);
            }
        }
    }
    assert_eq!(staged, 8);
}

/// `lower<K` is asked where it lowers and where it does not, on either side of K.
#[test]
fn a_final_order_lowered_below_a_number_is_asked_on_both_sides_of_it() {
    let mut asked: BTreeMap<(usize, &str), BTreeSet<usize>> = BTreeMap::new();
    for Setting { request, .. } in runs() {
        if let Final::LowerBelow(bound) = request.recipe.policy.last {
            let solver = request.recipe.solver;
            assert!(solver.method.outputs() > 1, "{solver}");
            let of = (bound, solver.entry.id);
            asked.entry(of).or_default().insert(request.steps);
        }
    }
    for entry in Solver::ENTRIES {
        if Solver::parse(entry.id).unwrap().method.outputs() > 1 {
            for bound in [10, 15] {
                let steps = &asked[&(bound, entry.id)];
                assert!(
                    steps.contains(&(bound + 1)) && steps.contains(&bound),
                    "{}",
                    entry.id
                );
                assert!(steps.iter().any(|n| *n < bound), "{}", entry.id);
            }
            assert!(asked[&(15, entry.id)].contains(&14), "{}", entry.id);
        }
    }
}

#[test]
fn steps_to_sigma_0_are_asked_at_every_number_of_steps() {
    let mut asked: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    for Setting {
        request, ground, ..
    } in runs()
    {
        if request.recipe.solver.entry.id == "dpmpp-3m"
            && request.recipe.policy == Policy::default()
        {
            let ground = (ground.0.into_owned(), ground.1.into_owned());
            asked.entry(ground).or_default().insert(request.steps);
        }
    }
    let usual = &asked[&("vp-linear".to_owned(), "lambda".to_owned())];
    assert_eq!(usual.len(), 16);
    for (schedule, grid) in [
        ("edm", "karras:ends=zero"),
        ("flow", "flow:ends=zero"),
        ("discrete-scaled-linear", "karras:ends=zero"),
        ("discrete-scaled-linear", "leading:ends=zero"),
        ("discrete-cosine", "linspace"),
    ] {
        let steps = &asked[&(schedule.to_owned(), grid.to_owned())];
        assert_eq!(steps, usual, "{schedule}, {grid}");
    }
}

/// Two settings of one schedule that make the same nodes and the same plan on them would be one
/// question with two ids; what K of `lower<K` is stays a question.
#[test]
fn no_two_runs_ask_the_same() {
    let mut seen = BTreeMap::new();
    for setting in runs() {
        let request = &setting.request;
        let (mut recipe, schedule) = (request.recipe.clone(), &request.schedule);
        recipe.policy = request.policy();
        let mut grid = request.grid.clone();
        if recipe.policy.zero {
            grid.ends = Ends::Zero;
        }
        let asks = format!(
            "{recipe:?} {schedule} {grid} {} {}",
            request.steps, request.start_at
        );
        let id = setting.cases().next().unwrap().to_string();
        if let Some(other) = seen.insert(asks, id.clone()) {
            panic!("{id} asks what {other} does");
        }
    }
}

/// Compared are the solver, eta, the policy as grid and policy agree on it, and the name of the
/// schedule. Its parameters are not (betas in f32, zero terminal SNR), nor are the grid, the
/// number of steps and the prediction: those are asked one at a time, not in every combination.
#[test]
fn the_recipe_of_every_published_model_is_asked() {
    let runs = runs();
    let mut models = 0;
    for entry in fs::read_dir("spec/golden/models").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let model = PlanFile::parse(&text).unwrap().request;
        let asks = |it: &Setting| {
            let (asked, wanted) = (&it.request.recipe, &model.recipe);
            asked.solver == wanted.solver
                && asked.eta == wanted.eta
                && it.request.policy() == model.policy()
                && name(&it.request) == name(&model)
        };
        assert!(runs.iter().any(asks), "{}", path.display());
        models += 1;
    }
    assert_eq!(models, 17);
}

#[test]
fn every_clause_on_checks_is_named_by_a_case() {
    let page = fs::read_to_string("spec/conformance.md").unwrap();
    let (_, checks) = page.split_once("\n## Checks\n").unwrap();
    let (checks, _) = checks.split_once("\n## ").unwrap();
    let clause = |line: &str| Some(line.strip_prefix("- **")?.split_once("**")?.0.to_owned());
    let mut written: BTreeSet<String> = checks.lines().filter_map(clause).collect();
    // A part of what a case of CONFORM-SUMS-1 looks at: named where it fails.
    assert!(written.remove("CONFORM-SUMS-2"));
    let named: BTreeSet<String> = cases().iter().map(|it| it.clause().to_owned()).collect();
    assert_eq!(named, written);
}

#[test]
fn every_case_names_the_source_of_its_formula_and_its_record_the_same() {
    let mut sources: BTreeMap<(&str, &str, String), String> = BTreeMap::new();
    for case in cases() {
        let record = recorded(case.clone());
        assert_eq!(record.clause(), Some(case.clause()), "{case}");
        let of = (case.check.name(), case.solver(), case.ground.1.to_string());
        sources.entry(of).or_insert_with(|| {
            let source = case.source();
            assert!(!source.is_empty() && !source.contains('\n'), "{case}");
            assert_eq!(record.source(), source, "{case}");
            source
        });
    }
    let of = |check: &str, solver: &str, grid: &str| {
        let found = sources
            .iter()
            .find(|((c, s, g), _)| (*c, *s, g.as_str()) == (check, solver, grid));
        found.unwrap().1.as_str()
    };
    let two_m = of("rows", "dpmpp-2m", "lambda");
    assert!(
        two_m.starts_with("Lu et al. 2022, ") && two_m.ends_with("Algorithm 2"),
        "{two_m}"
    );
    let karras = of("grid", "any", "karras:ends=zero");
    assert!(
        karras.starts_with("GRID-KARRAS-1: Karras et al. 2022, "),
        "{karras}"
    );
    assert!(of("grid", "any", "trailing").starts_with("GRID-INDEX-1: "));
    assert!(
        of("threshold", "any", "lambda").starts_with("PRED-THRESHOLD-1: Saharia et al. 2022, ")
    );
}

fn recorded(case: Case) -> Record {
    Record::from(Outcome {
        case,
        finding: Finding::exact(),
    })
}

/// Where all steps are equal in lambda no ratio of steps can be wrong.
#[test]
fn every_schedule_is_asked_on_steps_of_different_sizes() {
    let declared = everything("any", Precision::F64).unwrap();
    let mut most: BTreeMap<String, f64> = BTreeMap::new();
    for setting in runs() {
        let request = &setting.request;
        if request.steps != 5 || request.recipe.solver.entry.id != "dpmpp-2m" {
            continue;
        }
        let case = setting.cases().next().unwrap();
        let Ok(task) = case.task(&declared) else {
            continue;
        };
        let curve = Curve::new(&request.schedule, &1.0_f64);
        let lambda = |time: &f64| curve.at_time(time).lambda.finite().copied();
        let inner = task.times.iter().filter_map(lambda);
        let inner: Vec<f64> = inner.filter(|it| it.is_finite()).collect();
        let steps: Vec<f64> = inner.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let ratios = steps.windows(2).map(|pair| pair[1] / pair[0]);
        let apart = ratios
            .map(|ratio| ratio.max(1.0 / ratio))
            .fold(1.0, f64::max);
        let most = most.entry(name(request)).or_insert(1.0);
        *most = most.max(apart);
    }
    assert_eq!(most.len(), 7, "{most:?}");
    assert!(most.values().all(|it| *it > 1.2), "{most:?}");
}
