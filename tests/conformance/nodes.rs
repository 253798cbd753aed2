//! What is said of nodes and thresholds that are not right: which one, how far off, and what they are.

use crate::ask;
use dpm_spec::arithmetic::DoubleDouble;
use dpm_spec::conformance::{
    Convention, Declaration, Finding, Model, Noise, Precision, Sampler, Stop, Task, Verdict,
    everything,
};
use dpm_spec::grid::Grid;
use dpm_spec::schedule::{Curve, Schedule};
use dpm_spec::threshold::Threshold;

/// Unit roundoff.
const U: f64 = 1.0 / (1_u64 << 53) as f64;

/// Samples of a batch.
type Batch = Vec<Vec<f64>>;

/// Right nodes and thresholds, and what becomes of them.
struct Makes<'a> {
    convention: Convention,
    nodes: &'a dyn Fn(&mut Vec<f64>),
    /// What becomes of the right result, beside the samples that were given.
    samples: &'a dyn Fn(&mut Batch, &[Vec<f64>]),
}

fn made(schedule: &Schedule, grid: &Grid, steps: usize, convention: Convention) -> Vec<f64> {
    let curve = Curve::new(schedule, &DoubleDouble::ONE);
    let points = grid.nodes(&curve, steps, schedule.domain()).unwrap();
    let told = |point| convention.told::<DoubleDouble>(point).unwrap().hi();
    points.iter().map(told).collect()
}

impl Sampler for Makes<'_> {
    type Element = f64;

    fn declaration(&self) -> Declaration {
        let declared = everything("makes", Precision::F64).unwrap();
        declared.thresholds().times(self.convention)
    }

    fn sample(
        &mut self,
        _: &Task,
        _: Vec<f64>,
        _: &mut Model<'_, f64>,
        _: &mut Noise<'_, f64>,
    ) -> Result<Vec<f64>, Stop> {
        Err(Stop::Refused("only makes nodes".to_owned()))
    }

    fn nodes(&mut self, schedule: &Schedule, grid: &Grid, steps: usize) -> Result<Vec<f64>, Stop> {
        let mut nodes = made(schedule, grid, steps, self.convention);
        (self.nodes)(&mut nodes);
        Ok(nodes)
    }

    fn threshold(&mut self, rule: Threshold, given: Vec<Vec<f64>>) -> Result<Vec<Vec<f64>>, Stop> {
        let mut samples = given.clone();
        samples.iter_mut().for_each(|sample| rule.apply(sample));
        (self.samples)(&mut samples, &given);
        Ok(samples)
    }
}

fn found(mut makes: Makes<'_>, id: &str) -> Finding {
    ask::found(&mut makes, &ask::case(id))
}

/// What is said of nodes in continuous time.
fn of(id: &str, nodes: &dyn Fn(&mut Vec<f64>)) -> Finding {
    of_times(id, Convention::Continuous, nodes)
}

fn of_times(id: &str, convention: Convention, nodes: &dyn Fn(&mut Vec<f64>)) -> Finding {
    let makes = Makes {
        convention,
        nodes,
        samples: &|_, _| (),
    };
    found(makes, id)
}

fn right(schedule: &str, grid: &str, steps: usize, convention: Convention) -> Vec<f64> {
    let schedule = Schedule::parse(schedule).unwrap();
    made(&schedule, &Grid::parse(grid).unwrap(), steps, convention)
}

const TIMES: &str = "core/any/grid/vp-linear:n=10:grid=time";

#[test]
fn the_node_that_is_furthest_off_is_told_beside_the_right_one() {
    let right = right("vp-linear", "time", 10, Convention::Continuous);
    for (k, factor, words) in [
        (0, 1.01, "the grid starts at {got}, not at {right}"),
        (4, 1.05, "node 4 is {got}, not {right}"),
        (4, 0.95, "node 4 is {got}, not {right}"),
        (9, 1.05, "node 9 is {got}, not {right}"),
        (10, 1.2, "the grid ends at {got}, not at {right}"),
    ] {
        let finding = of(TIMES, &|nodes| {
            nodes[k] *= factor;
            nodes[7] *= 1.0001;
        });
        let (got, right) = (right[k] * factor, right[k]);
        let words = words.replace("{got}", &ask::shown(got));
        let words = words.replace("{right}", &ask::shown(right));
        let told = finding.message.starts_with(&format!("{words}, off by "));
        assert!(told, "{}", finding.message);
        assert_eq!(finding.verdict, Verdict::Deviates);
        assert_eq!(finding.nearest, None);
        let error = (got - right).abs() / (U * right);
        assert!((finding.max_error_u.unwrap() / error - 1.0).abs() < 1e-9);
    }
}

#[test]
fn four_units_are_exact_and_a_fraction_of_the_spacing_is_lost_digits() {
    // The first node is 1, and every next one 0.0999 less.
    for (off, k, verdict) in [
        (4.0 * U, 0, Verdict::Exact),
        (6.0 * U, 0, Verdict::Imprecise),
        (1e-6, 0, Verdict::Imprecise),
        (1e-4, 0, Verdict::Deviates),
        (1e-6, 10, Verdict::Imprecise),
        (1e-4, 10, Verdict::Deviates),
        (1e-6, 5, Verdict::Imprecise),
        (0.0998 / 4096.0, 5, Verdict::Imprecise),
        (0.1 / 4096.0, 5, Verdict::Deviates),
    ] {
        let finding = of(TIMES, &|nodes| nodes[k] += off);
        assert_eq!(finding.verdict, verdict, "{off:e} {k}: {finding:?}");
    }
}

#[test]
fn nodes_that_repeat_or_turn_back_are_told() {
    let times = right("vp-linear", "time", 10, Convention::Continuous);
    let lambdas = right("vp-linear", "lambda", 10, Convention::Lambda);
    let id = "core/any/grid/vp-linear:n=10:grid=lambda";
    for (id, convention, right) in [
        (TIMES, Convention::Continuous, times),
        (id, Convention::Lambda, lambdas),
    ] {
        let said = |nodes: &dyn Fn(&mut Vec<f64>)| {
            let finding = of_times(id, convention, nodes);
            assert_eq!(finding.verdict, Verdict::Deviates);
            finding.message
        };
        assert_eq!(
            said(&|nodes| nodes[10] = nodes[9]),
            format!(
                "the last node repeats the one before it, {}: the last step does nothing",
                right[9]
            )
        );
        assert_eq!(
            said(&|nodes| nodes[5] = nodes[4]),
            format!("node 5 repeats node 4, {}", right[4])
        );
        assert_eq!(
            said(&|nodes| nodes.swap(4, 5)),
            format!("node 5 at {} lies before node 4 at {}", right[4], right[5])
        );
        assert_eq!(
            said(&|nodes| nodes.truncate(3)),
            "3 nodes; 10 steps have 11"
        );
    }
    let finding = of(TIMES, &|nodes| nodes[3] = f64::INFINITY);
    assert_eq!(
        (finding.verdict, finding.message.as_str()),
        (Verdict::Fails, "node 3 is inf")
    );
}

#[test]
fn what_the_nodes_are_in_place_of_the_grid_is_named() {
    let on = |grid: &str, steps| right("vp-linear", grid, steps, Convention::Continuous);
    let (more, fewer) = (on("time", 11), on("time", 9));
    let twice = |nodes: &[f64]| [nodes, &nodes[nodes.len() - 1..]].concat();
    let mut named: Vec<(Vec<f64>, String)> = vec![
        (
            more[..11].to_vec(),
            "the grid of one step too many, without its last node".to_owned(),
        ),
        (
            more[1..].to_vec(),
            "the grid of one step too many, without its first node".to_owned(),
        ),
        (twice(&fewer), "the grid of one step too few".to_owned()),
        (fewer.clone(), "the grid of one step too few".to_owned()),
    ];
    for grid in ["lambda", "quadratic", "karras", "polyexponential:p=2"] {
        named.push((on(grid, 10), format!("those of the grid {grid}")));
    }
    for (nodes, name) in named {
        let finding = of(TIMES, &|it| it.clone_from(&nodes));
        assert_eq!(finding.verdict, Verdict::Deviates, "{name}");
        let words = format!("; the nodes are {name}");
        assert!(
            finding.message.ends_with(&words),
            "{name}: {}",
            finding.message
        );
    }
    for (parts, name) in [(10.0, "0.1"), (100.0, "0.01"), (1000.0, "0.001")] {
        let finding = of(&TIMES.replace("n=10", "n=8"), &|nodes| {
            for time in nodes {
                *time = (*time * parts).round() / parts;
            }
        });
        let words = format!("; the nodes are rounded to multiples of {name}");
        assert!(finding.message.ends_with(&words), "{}", finding.message);
    }
    let finding = of(TIMES, &|it| it.clone_from(&on("quadratic", 10)));
    let name = "those of the grid quadratic".to_owned();
    assert_eq!(finding.nearest, Some(name));
}

#[test]
fn another_grid_has_the_ends_of_the_one_that_is_asked() {
    let id = "core/any/grid/vp-linear:n=10:grid=karras:ends=zero";
    let grid = "polyexponential:p=2,ends=zero";
    let other = right("vp-linear", grid, 10, Convention::Sigma);
    let finding = of_times(id, Convention::Sigma, &|nodes| nodes.clone_from(&other));
    let name = "those of the grid polyexponential:p=2".to_owned();
    assert_eq!(finding.nearest, Some(name), "{finding:?}");
}

/// In f64 a grid is another one if it equals that to nine digits, node by node.
#[test]
fn another_grid_is_named_if_all_its_nodes_are_equal_to_nine_digits() {
    let other = right("vp-linear", "quadratic", 10, Convention::Continuous);
    for (k, factor, named) in [
        (5, 1.0 + 1e-10, true),
        (5, 1.0 + 1e-8, false),
        (9, 1.0 + 1e-10, true),
        (9, 1.0 + 1e-8, false),
    ] {
        let finding = of(TIMES, &|nodes| {
            nodes.clone_from(&other);
            nodes[k] *= factor;
        });
        let name = "those of the grid quadratic".to_owned();
        assert_eq!(finding.nearest, named.then_some(name), "{k} {factor}");
    }
}

/// What is said of thresholds.
fn of_samples(id: &str, samples: &dyn Fn(&mut Batch, &[Vec<f64>])) -> Finding {
    let makes = Makes {
        convention: Convention::Continuous,
        nodes: &|_| (),
        samples,
    };
    found(makes, id)
}

/// In f64 a threshold is a known mistake if every element equals that one's to 64 units.
#[test]
fn a_mistake_of_a_threshold_is_named_if_all_its_elements_are_equal_to_64_units() {
    let id = "core/any/threshold/none:n=7:grid=none:rule=dynamic:p=0.995:max=none";
    for (units, named) in [(0.0, true), (60.0, true), (70.0, false)] {
        for k in 0..7 {
            let finding = of_samples(id, &|samples, given| {
                for (made, given) in samples.iter_mut().zip(given) {
                    made.clear();
                    made.extend(given.iter().map(|x| x.clamp(-1.0, 1.0)));
                }
                samples[0][k] *= 1.0 + units * U;
            });
            let name = named.then(|| "a clip to [-1, 1]".to_owned());
            assert_eq!(finding.nearest, name, "{k} {units}: {finding:?}");
        }
    }
}

#[test]
fn an_element_of_a_threshold_is_told_beside_the_right_one() {
    let id = "core/any/threshold/none:n=7:grid=none:rule=static:bound=1";
    let said = |samples: &dyn Fn(&mut Batch, &[Vec<f64>])| of_samples(id, samples);
    assert_eq!(said(&|_, _| ()).verdict, Verdict::Exact);
    let finding = said(&|samples, _| {
        if samples[2][3] == 9.0 / 32.0 {
            samples[0][1] += 1.0 / 64.0;
            samples[2][3] += 0.25;
        }
    });
    assert_eq!(finding.verdict, Verdict::Deviates);
    let words = "sample 2, element 3: 0.28125 becomes ";
    let [got, right, _] = ask::beside(&finding.message, words, ", not ");
    assert_eq!([got, right], [0.53125, 0.28125]);
    let error = 0.25 / (U * 9.0 / 32.0);
    assert!((finding.max_error_u.unwrap() / error - 1.0).abs() < 1e-9);
    // Of elements that are equally far off the first is told.
    let finding = said(&|samples, _| samples[1..].iter_mut().for_each(|it| it[0] = 2.0));
    let words = "sample 1, element 0: 7.96875 becomes 2 (0x1p+1), not 1 (0x1p+0), off by ";
    assert!(finding.message.starts_with(words), "{finding:?}");
    let wide = "core/any/threshold/none:n=7:grid=none:rule=static:bound=1.5";
    let clipped = |samples: &mut Batch, _: &[Vec<f64>]| {
        for x in samples.iter_mut().flatten() {
            *x = x.clamp(-1.0, 1.0);
        }
    };
    assert_eq!(of_samples(wide, &clipped).verdict, Verdict::Deviates);
    assert_eq!(of_samples(id, &clipped).verdict, Verdict::Exact);
    let finding = said(&|samples, _| samples[1][2] = f64::NAN);
    assert_eq!(finding.verdict, Verdict::Deviates);
    let words = "sample 1, element 2: 5.65625 becomes NaN, not 1 (0x1p+0), off by inf u";
    assert_eq!(finding.message, words);
}
