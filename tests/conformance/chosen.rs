//! Which settings a run asks: profiles, shards, random ones.

use dpm_spec::Code;
use dpm_spec::arithmetic::{DoubleDouble, rational};
use dpm_spec::conformance::{
    Case, Declaration, Level, Only, Precision, Profile, Setting, Shard, cases, everything,
    explored, settings,
};
use dpm_spec::grid::Spacing;
use dpm_spec::plan::derive;
use dpm_spec::recipe::StateSpace;
use std::collections::BTreeSet;

#[test]
fn profiles_have_what_they_say() {
    for (name, profile) in [
        ("core", Profile::Core),
        ("all", Profile::All),
        ("quick", Profile::Quick),
    ] {
        assert_eq!(Profile::parse(name), Ok(profile));
        assert_eq!(profile.name(), name);
    }
    let few = |case: &Case| [3, 5, 10].contains(&case.request.steps);
    for case in cases() {
        let must = case.level == Level::Core;
        assert_eq!(Profile::Core.has(&case), must, "{case}");
        assert_eq!(Profile::Quick.has(&case), must && few(&case), "{case}");
        assert!(Profile::All.has(&case), "{case}");
    }
}

#[test]
fn shards_together_are_everything_once() {
    let ids = |settings: Vec<Setting>| -> Vec<String> {
        let cases = settings.iter().flat_map(Setting::cases);
        cases.map(|case| case.to_string()).collect()
    };
    let mut together = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        together.extend(ids(Shard::parse(part).unwrap().part(settings())));
    }
    together.sort();
    let mut all = ids(settings());
    all.sort();
    assert!(together == all);
    let first = Shard::parse("1/1").unwrap().part(settings());
    assert_eq!(first, settings());
    for wrong in ["0/3", "4/3", "1/0", "1", "1/", "a/b", "1/3/5", "-1/3"] {
        let error = Shard::parse(wrong).unwrap_err();
        assert_eq!(
            (error.code, error.place.as_str()),
            (Code::Parameter, "shard")
        );
    }
}

fn everywhere() -> Declaration {
    everything("any", Precision::F64).unwrap()
}

#[test]
fn patterns_choose_what_they_match_and_no_pattern_everything() {
    let chosen = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let only = Only::parse(&texts, &settings()).unwrap();
        cases().iter().filter(|case| only.has(case)).count()
    };
    assert_eq!(chosen(&[]), cases().len());
    let one = "core/ddim/rows/vp-linear:n=5:grid=lambda";
    assert_eq!(
        (
            chosen(&["core/any/threshold"]),
            chosen(&["core/any/threshold", one])
        ),
        (30, 31)
    );
}

#[test]
fn random_settings_are_the_same_again_and_lie_inside_the_domain() {
    let declared = everywhere();
    let made = |seed, number| explored(seed, number, &declared).unwrap();
    let (mut steps, mut etas) = (BTreeSet::new(), BTreeSet::new());
    let (mut recipes, mut indices, mut in_ve) = (BTreeSet::new(), BTreeSet::new(), false);
    for number in 0..3000 {
        let setting = made(7, number);
        let request = &setting.request;
        steps.insert(request.steps);
        let recipe = &request.recipe;
        etas.insert(recipe.eta);
        recipes.extend([
            recipe.prediction.name().to_owned(),
            recipe.state_space.name().to_owned(),
            recipe.policy.to_string(),
            recipe.solver.to_string(),
            request.schedule.to_string(),
        ]);
        in_ve |= recipe.state_space == StateSpace::Ve
            && StateSpace::native(&request.schedule) != StateSpace::Ve;
        let Spacing::Nodes(_, nodes) = &request.grid.spacing else {
            panic!("{number}");
        };
        assert_eq!(nodes.len(), request.steps + 1);
        let (first, last) = request.schedule.domain();
        let (pieces, from) = match request.schedule.discrete() {
            Some(discrete) => (discrete.count as i128 - 1, &mut indices),
            None => (1 << 12, &mut BTreeSet::new()),
        };
        for node in nodes {
            let place = (*node - first) / (last - first) * rational(pieces, 1);
            assert_eq!(*place.denom(), 1, "{number}: {node}");
            assert!(0 < *place.numer() && *place.numer() < pieces, "{node}");
            from.insert(*place.numer());
        }
    }
    assert!(in_ve);
    assert_eq!(steps, (1..=40).collect());
    assert_eq!(etas, (0..=16).map(|k| rational(k, 16)).collect());
    let possible = (declared.predictions.iter().map(|it| it.name().to_owned()))
        .chain(declared.spaces.iter().map(|it| it.name().to_owned()))
        .chain(declared.solvers.iter().map(ToString::to_string))
        .chain(declared.schedules.iter().map(ToString::to_string));
    for possible in possible {
        assert!(recipes.contains(&possible), "never {possible}");
    }
    let policies = declared.policies.iter().map(ToString::to_string);
    assert!(policies.filter(|it| recipes.contains(it)).count() > 3);
    assert_eq!(
        (indices.first(), indices.last()),
        (Some(&1), Some(&998)),
        "indices inside both ends"
    );
    assert_eq!(made(7, 5), made(7, 5));
    let others = [(8, 5), (7, 6), (7, 5 + (1 << 32)), (7 + (1 << 32), 5)];
    for (seed, number) in others {
        assert_ne!(made(7, 5).request, made(seed, number).request);
    }
}

/// One that cannot be planned would be skipped whoever is asked.
#[test]
fn random_settings_have_a_plan_whatever_is_declared() {
    let declared = everywhere().policies(["blocks=fast"]).unwrap();
    for number in 0..1000 {
        let setting = explored(3, number, &declared).unwrap();
        let planned = derive(&setting.request, &DoubleDouble::ONE);
        assert!(planned.is_ok(), "{number}: {}", planned.unwrap_err());
    }
}

/// There is no step between fewer than two indices inside the ends.
#[test]
fn random_settings_on_a_few_indices_have_as_many_steps_as_there_are() {
    let on = |schedule: &str| {
        let declared = everywhere().schedules([schedule]).unwrap();
        let found: Vec<Setting> = (0..20)
            .filter_map(|it| explored(1, it, &declared))
            .collect();
        found
    };
    assert!(on("discrete-linear:n=2").is_empty() && on("discrete-linear:n=3").is_empty());
    for (schedule, most) in [("discrete-linear:n=4", 1), ("discrete-linear:n=9", 6)] {
        let steps = on(schedule).into_iter().map(|it| it.request.steps);
        assert_eq!(steps.max(), Some(most), "{schedule}");
    }
}

#[test]
fn a_declaration_of_nothing_that_goes_together_has_no_random_setting() {
    let mut declared = everywhere();
    declared.solvers.clear();
    assert_eq!(explored(1, 1, &declared), None);
}
