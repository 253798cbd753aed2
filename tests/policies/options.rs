//! Every combination of options gives a finite plan or a typed error.

use super::*;

/// The code that a combination must be refused with, by the rules of the clauses; none: a plan.
fn refusal(request: &Request) -> Option<Code> {
    let (recipe, n) = (&request.recipe, request.steps);
    let (policy, method) = (recipe.policy, recipe.solver.method);
    let outputs = method.outputs();
    match method.family() {
        Family::Multistep if policy.blocks != Blocks::Fixed => Some(Code::Policy),
        Family::Multistep if policy.stages == Stages::Time => Some(Code::Policy),
        // Progressive blocks have their stages at grid nodes.
        Family::Singlestep
            if policy.stages == Stages::Time && policy.blocks == Blocks::Progressive =>
        {
            Some(Code::Policy)
        }
        // Its lower orders are its own.
        Family::Multistep if method.has_own_lower_orders() && policy.start == Start::RampExact => {
            Some(Code::Policy)
        }
        Family::Singlestep if policy.start != Start::Ramp => Some(Code::Policy),
        Family::Singlestep
            if matches!(policy.blocks, Blocks::Fast(_))
                && policy.last != dpm_spec::policy::Final::Full =>
        {
            Some(Code::Policy)
        }
        Family::Multistep if policy.start == Start::Exact && outputs > n => Some(Code::Policy),
        Family::Singlestep
            if matches!(policy.blocks, Blocks::Fast(_))
                && policy.zero
                && fast(outputs, n).last() != Some(&1) =>
        {
            Some(Code::PolicyZero)
        }
        _ => None,
    }
}

const COUNTS: [usize; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 20, 50];

#[test]
fn every_solver_and_policy_gives_a_finite_plan_or_the_right_error() {
    let schedule = Schedule::parse("vp-linear").unwrap();
    let curve = Curve::new(&schedule, &1.0_f64);
    for entry in Solver::ENTRIES {
        for start in ["ramp", "ramp-exact", "exact"] {
            for last in ["full", "lower", "lower<15", "euler"] {
                for zero in ["off", "on"] {
                    for blocks in [
                        "fixed",
                        "fast,outer=nodes",
                        "fast,outer=blocks",
                        "progressive",
                        "fixed,stages=time",
                        "fast,outer=nodes,stages=time",
                        "progressive,stages=time",
                    ] {
                        for n in COUNTS {
                            let policy =
                                format!("start={start},final={last},zero={zero},blocks={blocks}");
                            let request = request(entry.id, "vp-linear", "time", &policy, n);
                            let got = derive_on(&request, &curve);
                            assert_eq!(
                                got.as_ref().err().map(|e| e.code),
                                refusal(&request),
                                "{} {policy}, N = {n}: {:?}",
                                entry.id,
                                got.err()
                            );
                            assert_eq!(
                                Policy::parse(&request.recipe.policy.to_string()).unwrap(),
                                request.recipe.policy
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_schedule_grid_and_prediction_gives_a_finite_plan_or_a_typed_error() {
    let schedules = [
        "vp-linear",
        "vp-cosine",
        "discrete-linear:betas=f32,zero_snr=floor",
        "discrete-cosine:interp=sigma",
        "discrete-linear:n=16,zero_snr=on",
        "edm",
        "flow:shift=3",
    ];
    let grids = [
        "lambda",
        "time",
        "quadratic",
        "karras",
        "exponential",
        "polyexponential:p=2",
        "beta",
        "beta:on=sigma",
        "beta:on=whole-index",
        "leading:ddim,offset=1",
        "leading:dpm",
        "linspace:dpm",
        "linspace:ddim",
        "trailing",
        "flow:mu=1",
    ];
    let solvers = [
        "ddim",
        "ddim-eta",
        "dpmpp-3m",
        "dpm-2m-exact",
        "dpmpp-4m-exact",
        "deis-rho-4",
        "ipndm-4",
        "dpmpp-3s",
        "dpm-2s",
        "sde-dpmpp-2m",
        "sde-dpm-2m",
    ];
    let (mut plans, mut refused) = (0, 0);
    for schedule in schedules {
        let curve = Curve::new(&Schedule::parse(schedule).unwrap(), &1.0_f64);
        for grid in grids {
            for ends in ["full", "zero", "min"] {
                let join = if grid.contains(':') { "," } else { ":" };
                let grid = format!("{grid}{join}ends={ends}");
                for solver in solvers {
                    for prediction in ["noise", "data", "v", "flow", "score", "edm"] {
                        for n in [1, 2, 3, 7, 16, 20] {
                            let mut request = request(solver, schedule, &grid, "", n);
                            request.recipe.prediction = Prediction::parse(prediction).unwrap();
                            match derive_on(&request, &curve) {
                                Ok(_) => plans += 1,
                                Err(error) => {
                                    let expected = [
                                        Code::GridUnfit,
                                        Code::GridOrder,
                                        Code::GridSteps,
                                        Code::Prediction,
                                        Code::PolicyZero,
                                        Code::Domain,
                                    ];
                                    assert!(
                                        expected.contains(&error.code),
                                        "{solver} on {schedule}, {grid}, {prediction}, N = {n}: {error}"
                                    );
                                    refused += 1;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(
        plans > 10_000 && refused > 10_000,
        "{plans} plans, {refused} refused"
    );
}

#[test]
fn requests_out_of_range_are_refused() {
    let code = |change: &dyn Fn(&mut Request)| {
        let mut request = request("dpmpp-3s", "vp-linear", "time", "", 5);
        change(&mut request);
        derive(&request, &1.0).unwrap_err().code
    };
    for blocks in [
        "blocks=fast",
        "blocks=fast,outer=nodes",
        "blocks=progressive,final=lower",
        "blocks=fixed",
    ] {
        for steps in [0, 100_001, usize::MAX] {
            let policy = Policy::parse(blocks).unwrap();
            let change = |r: &mut Request| (r.recipe.policy, r.steps) = (policy, steps);
            assert_eq!(code(&change), Code::GridSteps, "{blocks}, N = {steps}");
        }
    }
    assert_eq!(code(&|r| r.start_at = 5), Code::GridSteps);
    assert_eq!(
        code(&|r| (r.start_at, r.recipe.policy) = (1, Policy::parse("blocks=fast").unwrap())),
        Code::Policy
    );
    assert_eq!(code(&|r| r.recipe.eta = rational(1, 2)), Code::Eta);
    let eta = |eta| {
        move |r: &mut Request| {
            (r.recipe.solver, r.recipe.eta) = (Solver::parse("sde-dpmpp-2m").unwrap(), eta)
        }
    };
    assert_eq!(code(&eta(rational(-1, 10))), Code::Eta);
    assert_eq!(code(&eta(rational(11, 10))), Code::Eta);
    let long = rational(i128::MAX - 1, i128::MAX);
    let mut sde = request("sde-dpmpp-2m", "vp-linear", "time", "", 5);
    sde.recipe.eta = long;
    assert!(
        derive(&sde, &1.0).is_ok(),
        "an eta of 38 digits does not overflow"
    );
    for (id, expected) in [
        ("dpmpp-2s:r1=0", Code::SolverRatio),
        ("dpmpp-2s:r1=3/2", Code::SolverRatio),
        ("dpmpp-3s:r1=2/3,r2=1/3", Code::SolverRatio),
        ("dpmpp-3s:r1=2/3,r2=2/3", Code::SolverRatio),
        ("dpmpp-3s:r2=1.1", Code::SolverRatio),
        ("dpmpp-2s:r2=1/2", Code::Parameter),
        ("dpmpp-2m:r1=1/2", Code::Parameter),
        ("dpmpp-2n", Code::UnknownId),
    ] {
        assert_eq!(Solver::parse(id).unwrap_err().code, expected, "{id}");
    }
    for (id, remedy) in [
        ("dpmpp-2s:r2=1/2", "parameters of `dpmpp-2s`: r1=1/2"),
        ("dpmpp-2m:r1=1/2", "`dpmpp-2m` takes no parameters"),
    ] {
        assert_eq!(Solver::parse(id).unwrap_err().remedy, remedy, "{id}");
    }
    for text in [
        "start=slow",
        "final=lower<",
        "final=lower<-1",
        "zero",
        "zero=yes",
        "outer=nodes",
        "blocks=fast,blocks=fixed",
        "order=2",
    ] {
        assert_eq!(
            Policy::parse(text).unwrap_err().code,
            Code::Policy,
            "{text}"
        );
    }
}

#[test]
fn a_solver_says_where_its_order_is_not_what_its_name_suggests() {
    let note = |id: &str| Solver::parse(id).unwrap().order_note();
    for id in [
        "dpmpp-3m",
        "dpm-3m",
        "dpmpp-3s:r2=1",
        "dpm-3s-taylor:r2=1/2",
    ] {
        assert!(
            note(id).is_some_and(|it| it.starts_with("2, not 3: ")),
            "{id}"
        );
    }
    assert!(note("ipndm-3").is_some_and(|it| it.starts_with("1 on arbitrary grids")));
    for id in ["ddim", "dpmpp-3s", "dpm-3s-taylor", "dpmpp-3m-exact"] {
        assert_eq!(note(id), None, "{id}");
    }
}
