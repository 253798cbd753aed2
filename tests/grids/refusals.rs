//! What is refused, and explicit nodes.

use super::*;

#[track_caller]
fn refused(schedule: &str, grid: &str, steps: usize, code: Code) {
    let error = nodes(schedule, grid, steps).expect_err(grid);
    assert_eq!(
        error.code, code,
        "{grid} on {schedule}, N = {steps}: {error}"
    );
    assert!(!error.what.is_empty() && !error.place.is_empty() && !error.remedy.is_empty());
}

#[test]
fn grids_that_make_no_sense_are_refused() {
    refused("vp-linear", "time", 0, Code::GridSteps);
    refused("vp-linear", "time", usize::MAX, Code::GridSteps);
    refused("discrete-linear", "time", 1001, Code::GridSteps);
    refused("vp-linear", "linspace:dpm", 10, Code::GridUnfit);
    refused("vp-linear", "beta:on=whole-index", 10, Code::GridUnfit);
    refused("vp-linear", "flow", 10, Code::GridUnfit);
    refused("flow", "lambda", 10, Code::GridUnfit);
    refused("discrete-linear:zero_snr=on", "karras", 10, Code::GridUnfit);
    refused("vp-linear", "karras:ends=min", 10, Code::GridOrder);
    refused("discrete-linear", "linspace:ddim", 10, Code::GridOrder);
    refused("discrete-linear", "leading:dpm", 1000, Code::GridOrder);
    refused(
        "discrete-linear:n=10",
        "leading:dpm,offset=9",
        5,
        Code::Domain,
    );
    refused(
        "discrete-linear",
        "beta:on=whole-index,ends=zero",
        900,
        Code::GridOrder,
    );
    refused("vp-linear", "polyexponential:p=1e6", 50, Code::GridOrder);
    refused(
        "discrete-linear:betas=f32,zero_snr=floor",
        "trailing:ends=zero",
        1000,
        Code::GridOrder,
    );
    refused("discrete-linear:n=10,zero_snr=on", "time", 10, Code::Domain);
    for (id, code) in [
        ("karras:rho=0", Code::Parameter),
        ("karras:rho=x", Code::Number),
        ("karras:p=7", Code::Parameter),
        ("beta:a=0.01", Code::Parameter),
        ("beta:b=1e3", Code::Parameter),
        ("leading:dpm,ddim", Code::Parameter),
        ("trailing:ddim", Code::Parameter),
        ("trailing:dpm", Code::Parameter),
        ("leading:offset=0.5", Code::Parameter),
        ("flow:shift=2,mu=1", Code::Parameter),
        ("flow:terminal=1", Code::Parameter),
        ("flow:train=1000", Code::Parameter),
        ("flow:train=1,ends=zero", Code::Parameter),
        ("flow:train=1000,terminal=0.1,ends=zero", Code::Parameter),
        ("lamda", Code::UnknownId),
        ("time:ends=none", Code::Parameter),
        ("time:", Code::Parameter),
    ] {
        assert_eq!(Grid::parse(id).expect_err(id).code, code, "{id}");
    }
    let domain = |start, end| {
        nodes_on(
            "vp-linear",
            &Grid::parse("time").unwrap(),
            4,
            Some((start, end)),
        )
        .unwrap_err()
        .code
    };
    assert_eq!(domain("0.5", "0.5"), Code::GridOrder);
    assert_eq!(domain("0.1", "0.5"), Code::GridOrder);
    assert_eq!(domain("1", "0"), Code::Domain);
    assert_eq!(domain("2", "0.5"), Code::Domain);
    let (long, tiny) = ("0.999999999999999999999999999999999999", "7e-36");
    let time = Grid::parse("time").unwrap();
    let error = nodes_on("vp-linear", &time, 999, Some((long, tiny))).unwrap_err();
    assert_eq!(error.code, Code::Number, "too many digits: {error}");
}

#[test]
fn explicit_nodes_are_taken_as_they_are() {
    let explicit = |schedule: &str, text: &str| {
        let grid = Grid::from_node_file(text)?;
        let steps = text.lines().filter(|line| !line.trim().is_empty()).count() - 2;
        nodes_on(schedule, &grid, steps, None)
    };
    let points = explicit("edm", "sigma\n80\n\n 1/3 \n0\n").unwrap();
    assert_eq!((points[1].sigma, points[2].sigma), (1.0 / 3.0, 0.0));
    let points = explicit("vp-linear", "lambda\n-3\n0.01\n2.5\n").unwrap();
    assert_eq!(
        points
            .iter()
            .map(|p| *p.lambda.finite().unwrap())
            .collect::<Vec<_>>(),
        [-3.0, 0.01, 2.5]
    );
    let points = explicit("vp-linear", "lambda\n-3\n0\n").unwrap();
    assert!(points[1].sigma > 0.7, "lambda = 0 is no end without noise");
    let points = explicit("vp-linear", "t\n1\n0.5\n0\n").unwrap();
    assert_eq!((points[2].alpha, points[2].sigma), (1.0, 0.0));
    let points = explicit("discrete-linear", "t\n999\n500.5\n0\n").unwrap();
    assert!(points[2].sigma > 0.0, "index 0 is no end without noise");
    for (schedule, text, code) in [
        ("edm", "sigma\n1\n2\n", Code::GridOrder),
        ("edm", "sigma\n1\n1\n", Code::GridOrder),
        ("edm", "sigma\n1\n", Code::GridSteps),
        ("edm", "rho\n2\n1\n", Code::Format),
        ("edm", "", Code::Format),
        ("edm", "sigma\n2\nNaN\n", Code::Number),
        ("edm", "sigma\n2\n1e999\n", Code::Number),
        ("edm", "sigma\n1\n-1\n", Code::Domain),
        ("vp-linear", "sigma\n1\n-1\n", Code::Domain),
        ("vp-linear", "t\n1.5\n1\n", Code::Domain),
        ("vp-linear", "lambda\n-9\n0\n", Code::Domain),
        ("vp-linear", "sigma\n1000\n1\n", Code::Domain),
        ("discrete-linear", "sigma\n200\n1\n", Code::Domain),
        ("discrete-linear", "sigma\n1\n0.001\n", Code::Domain),
        ("discrete-linear", "t\n1000\n1\n", Code::Domain),
        ("vp-linear", "lambda\n-1e30\n1e30\n", Code::Domain),
        ("edm", "lambda\n-1e30\n0\n", Code::Domain),
        ("edm", "lambda\n0\n1e30\n", Code::Domain),
        ("flow", "lambda\n-1e30\n0\n", Code::Domain),
        ("flow", "lambda\n0\n1e30\n", Code::Domain),
        ("vp-cosine", "lambda\n0\n1e30\n", Code::Domain),
        ("vp-linear", "lambda\n0\n1e30\n", Code::Domain),
    ] {
        let error = explicit(schedule, text).expect_err(text);
        assert_eq!(error.code, code, "{schedule} {text:?}: {error}");
    }
    let two: Vec<Rational> = vec![rational(2, 1), rational(1, 1)];
    assert_eq!(
        nodes_on("edm", &Grid::explicit(Unit::Sigma, two).unwrap(), 5, None)
            .unwrap_err()
            .code,
        Code::GridSteps
    );
}

#[test]
fn refused_indices_are_told() {
    let what = |schedule, grid, steps| nodes(schedule, grid, steps).unwrap_err().what;
    let outside = what("discrete-linear:n=10", "leading:dpm,offset=9", 5);
    assert_eq!(outside, "index 14 lies outside 0..9");
    let repeated = what("discrete-linear", "leading:dpm", 1000);
    assert_eq!(repeated, "index 0 follows index 0");
}

#[test]
fn explicit_nodes_are_refused_where_they_are_written() {
    let place = |text: &str| Grid::from_node_file(text).unwrap_err().place;
    assert!(place("sigma\n\n2\nx\n").starts_with("node file, line 4"));
    assert!(place("\nsigma\ny\n").starts_with("node file, line 3"));
    let numbers = |values: &[i128]| values.iter().map(|x| rational(*x, 1)).collect::<Vec<_>>();
    for (unit, values, code) in [
        (Unit::Lambda, &[0, 0][..], Code::GridOrder),
        (Unit::Lambda, &[1, 0], Code::GridOrder),
        (Unit::Time, &[1, 1], Code::GridOrder),
        (Unit::Sigma, &[1], Code::GridSteps),
    ] {
        let error = Grid::explicit(unit, numbers(values)).unwrap_err();
        assert_eq!(error.code, code, "{values:?}");
    }
    let two = numbers(&[2, 1]);
    for (id, code) in [
        ("time", Code::UnknownId),
        ("nodes:unit=x", Code::Parameter),
        ("nodes:rho=7", Code::Parameter),
    ] {
        let error = Grid::parse_explicit(id, two.clone()).unwrap_err();
        assert_eq!(error.code, code, "{id}");
    }
    let id = "nodes:unit=sigma,ends=zero,rounding=floor";
    let grid = Grid::parse_explicit(id, two.clone()).unwrap();
    assert_eq!(
        (grid.to_string(), grid.spacing),
        (id.to_owned(), Spacing::Nodes(Unit::Sigma, two))
    );
}

/// sigma/alpha at a time, by interpolation's own line if it lies outside the domain.
fn sigma_at(schedule: &str, t: f64) -> f64 {
    rho(&Curve::new(&Schedule::parse(schedule).unwrap(), &1.0_f64).at_time(&t))
}

/// Nodes at these sigmas, the last one inside every domain.
fn at_sigmas(schedule: &str, sigmas: &[f64]) -> Result<Vec<Point<f64>>> {
    let exact = sigmas
        .iter()
        .map(|sigma| rational_from_f64(*sigma).unwrap());
    let grid = Grid::explicit(Unit::Sigma, exact.collect()).unwrap();
    nodes_on(schedule, &grid, sigmas.len() - 1, None)
}

#[test]
fn the_time_of_a_sigma_is_found_and_may_be_a_rounding_outside() {
    for schedule in ["vp-linear", "vp-cosine", "edm", "flow", "discrete-linear"] {
        let times = match schedule {
            "discrete-linear" => [900.25, 500.0, 0.5],
            _ => [0.9, 0.5, 0.001],
        };
        let points = at_sigmas(schedule, &times.map(|t| sigma_at(schedule, t))).unwrap();
        for (point, t) in points.iter().zip(times) {
            assert!(
                close(point.t.unwrap(), t, 1e-9),
                "{schedule} at {t}: {point:?}"
            );
        }
    }
    let cases = [
        ("vp-linear", 1.0 + 1e-7, 0.5, true),
        ("vp-linear", 1.0 + 1e-5, 0.5, false),
        ("discrete-linear", 999.4, 500.0, true),
        ("discrete-linear", 999.6, 500.0, false),
        ("discrete-linear", 500.0, -0.4, true),
        ("discrete-linear", 500.0, -0.6, false),
    ];
    for (schedule, start, end, good) in cases {
        let found = at_sigmas(schedule, &[start, end].map(|t| sigma_at(schedule, t)));
        assert_eq!(
            found.is_ok(),
            good,
            "{schedule} from {start} to {end}: {found:?}"
        );
    }
}

#[test]
fn a_refused_time_is_told_its_domain() {
    for (schedule, t, domain) in [
        ("vp-linear", "2", "0 < t <= 1"),
        ("vp-cosine", "1", "0 < t < 1"),
        ("edm", "0", "sigma > 0"),
        ("flow", "0", "0 < s <= 1"),
        ("discrete-linear:n=10", "10", "0 <= index <= 9"),
        (
            "discrete-linear:n=10,zero_snr=on",
            "8.5",
            "0 <= index <= 8, or 9 where alpha = 0; nothing is interpolated between them",
        ),
    ] {
        let curve = Curve::new(&Schedule::parse(schedule).unwrap(), &1.0_f64);
        let error = curve.at_exact_time(parse_rational(t).unwrap()).unwrap_err();
        assert_eq!(error.remedy, format!("choose {domain}"), "{schedule}");
    }
}
