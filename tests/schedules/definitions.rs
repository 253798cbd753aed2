//! Continuous schedules and inverses against the definitions; what is refused.

use super::*;

/// (alpha, sigma) by the definition in the papers, cancellation and all.
fn defined(id: &str, t: Rational) -> (Float, Float) {
    let t = number(t);
    let vp = |alpha: Float| {
        let sigma = (one() - alpha.clone().square()).sqrt();
        (alpha, sigma)
    };
    match id {
        "vp-linear" => vp(
            (-(t.clone().square() * number(parse_rational("19.9").unwrap()) / 4u32
                + t * number(rational(1, 10)) / 2u32))
                .exp(),
        ),
        "vp-cosine" => {
            let s = number(rational(8, 1000));
            let zero = Float::with_val(NAIVE, 0);
            vp(cosine_angle(&t, &s).cos() / cosine_angle(&zero, &s).cos())
        }
        "edm" => (one(), t),
        "flow:shift=3" => {
            let s = t.clone() * 3u32 / (one() + t * 2u32);
            (one() - s.clone(), s)
        }
        _ => unreachable!("{id} has no definition here"),
    }
}

/// alpha, sigma, lambda of `computed` are right to `unit` relative; lambda to `unit` absolute where
/// it is small, because it is a logarithm of a ratio near 1 there.
#[track_caller]
fn check(what: &str, computed: [Float; 3], (alpha, sigma): (Float, Float), unit: f64) {
    let exact = (alpha.clone() / &sigma).ln();
    let scale = exact.clone().abs().to_f64().max(1.0);
    assert!(
        relative(&computed[0], &alpha) < unit,
        "{what}: alpha = {}, not {alpha}",
        computed[0]
    );
    assert!(
        relative(&computed[1], &sigma) < unit,
        "{what}: sigma = {}, not {sigma}",
        computed[1]
    );
    let off = Float::with_val(NAIVE, &computed[2] - &exact).abs().to_f64();
    assert!(
        off < unit * scale,
        "{what}: lambda = {}, not {exact}",
        computed[2]
    );
}

fn floats<T: Real>(point: &Point<T>, float: impl Fn(&T) -> Float) -> [Float; 3] {
    [
        float(&point.alpha),
        float(&point.sigma),
        float(&lambda(point)),
    ]
}

#[test]
fn alpha_sigma_lambda_are_those_of_the_papers() {
    for (id, times) in CONTINUOUS {
        let schedule = schedule(id);
        let (plain, big) = (
            Curve::new(&schedule, &1.0_f64),
            Curve::new(&schedule, &Float::with_val(DERIVED, 1)),
        );
        for t in times.iter().map(|t| parse_rational(t).unwrap()) {
            let what = format!("{id} at {t}");
            let float = |x: &f64| Float::with_val(NAIVE, *x);
            // f64: S(1) = 10.05 costs 10 roundings in alpha; 1 - t loses what t near 1 has not.
            let left = number(rational(1, 1) - t).to_f64();
            let conditioned = if left > 0.0 { left.min(1.0) } else { 1.0 };
            let slack = 40.0 * 2_f64.powi(-53) / conditioned;
            check(
                &what,
                floats(&plain.at_exact_time(t).unwrap(), float),
                defined(id, t),
                slack,
            );
            let wide = |x: &Float| Float::with_val(NAIVE, x);
            check(
                &what,
                floats(&big.at_exact_time(t).unwrap(), wide),
                defined(id, t),
                2_f64.powi(-165),
            );
        }
    }
}

#[test]
fn time_and_lambda_are_inverse_to_each_other() {
    let discrete = [
        "discrete-linear",
        "discrete-scaled-linear",
        "discrete-cosine",
    ];
    let modes = ["log-alpha", "log-sigma", "sigma"];
    let indices: &[&str] = &[
        "0.001",
        "0.5",
        "1",
        "10.25",
        "499.999",
        "500",
        "500.000001",
        "990.5",
        "998.5",
    ];
    let tables = discrete.iter().flat_map(|id| {
        modes
            .iter()
            .map(move |mode| (format!("{id}:interp={mode}"), indices))
    });
    let continuous = CONTINUOUS
        .iter()
        .map(|(id, times)| ((*id).to_owned(), *times));
    for (id, times) in continuous.chain(tables) {
        let curve = Curve::new(&schedule(&id), &Float::with_val(DERIVED, 1));
        for t in times.iter().map(|t| parse_rational(t).unwrap()) {
            let point = curve.at_exact_time(t).unwrap();
            let rho = point.sigma.clone() / &point.alpha;
            for (way, back) in [
                ("lambda", curve.at_lambda(&lambda(&point))),
                ("rho", curve.at_rho(&rho)),
            ] {
                let found = back.t.clone().unwrap();
                let off = relative(&found, &number(t));
                // Near alpha = 1 the time is a square root or worse of what is left of 1 - abar.
                assert!(
                    off < 2_f64.powi(-140),
                    "{id}: t = {t} came back by {way} as {found}"
                );
                assert!(
                    relative(&back.alpha, &Float::with_val(NAIVE, &point.alpha)) < 2_f64.powi(-170),
                    "{id} at {t}"
                );
                assert!(
                    relative(&back.sigma, &Float::with_val(NAIVE, &point.sigma)) < 2_f64.powi(-170),
                    "{id} at {t}"
                );
            }
        }
    }
}

#[test]
fn variance_is_kept_and_lambda_falls_with_time() {
    let ids = [
        "vp-linear",
        "vp-linear:beta_min=1,beta_max=1",
        "vp-cosine",
        "vp-cosine:s=2",
        "discrete-linear",
        "discrete-cosine:n=7",
        "edm",
        "flow",
        "flow:shift=12",
    ];
    for id in ids {
        let schedule = schedule(id);
        let curve = Curve::new(&schedule, &1.0_f64);
        let (start, end) = schedule.domain();
        let mut before = f64::INFINITY;
        for i in 1..=200 {
            let t = end + (start - end) * rational(i, 201);
            let point = curve.at_exact_time(t).unwrap();
            let now = lambda(&point);
            assert!(
                now < before,
                "{id}: lambda({t}) = {now} does not fall below {before}"
            );
            before = now;
            let (a, s) = (point.alpha, point.sigma);
            let total = match schedule {
                Schedule::Edm(_) => a,
                Schedule::Flow(_) => a + s,
                _ => a * a + s * s,
            };
            assert!((total - 1.0).abs() < 1e-15 * 4.0, "{id} at {t}: {total}");
        }
    }
}

#[test]
fn times_outside_the_domain_are_refused() {
    let cases = [
        ("vp-linear", "0"),
        ("vp-linear", "-1"),
        ("vp-linear", "1.0000001"),
        ("vp-cosine", "0"),
        ("vp-cosine", "1"),
        ("edm", "0"),
        ("edm", "-2"),
        ("flow", "0"),
        ("flow", "1.01"),
        ("discrete-linear", "-1"),
        ("discrete-linear", "1000"),
        ("discrete-linear", "170141183460469231731687303715884105"),
        ("discrete-linear:n=10", "9.5"),
        ("discrete-linear:zero_snr=on", "998.5"),
    ];
    for (id, t) in cases {
        let curve = Curve::new(&schedule(id), &1.0_f64);
        let error = curve
            .at_exact_time(parse_rational(t).unwrap())
            .expect_err(id);
        assert_eq!(error.code, Code::Domain, "{id} at {t}: {error}");
    }
}

#[test]
fn schedule_ids_out_of_range_are_refused() {
    let cases = [
        ("vp-linear:beta_min=0", Code::Parameter),
        ("vp-linear:beta_min=3,beta_max=2", Code::Parameter),
        ("vp-cosine:s=0", Code::Parameter),
        ("edm:sigma_data=-1", Code::Parameter),
        ("flow:shift=0", Code::Parameter),
        ("discrete-linear:n=1", Code::Parameter),
        ("discrete-linear:n=10.5", Code::Parameter),
        ("discrete-linear:n=100001", Code::Parameter),
        ("discrete-linear:n=1e6", Code::Parameter),
        ("discrete-linear:beta_end=1", Code::Parameter),
        ("discrete-linear:beta_start=0", Code::Parameter),
        ("discrete-linear:beta_start=-1", Code::Parameter),
        (
            "discrete-linear:beta_start=0.2,beta_end=0.1",
            Code::Parameter,
        ),
        ("discrete-cosine:beta_end=0.5", Code::Parameter),
        ("flow:shift=1e99", Code::Number),
        ("flow:shift=3,shift=4", Code::Parameter),
        ("vp-liner", Code::UnknownId),
    ];
    for (id, code) in cases {
        let error = Schedule::parse(id).expect_err(id);
        assert_eq!(error.code, code, "{id}: {error}");
    }
}

#[test]
fn a_schedule_reads_what_it_writes() {
    for (id, written) in [
        ("vp-linear", "vp-linear:beta_min=1/10,beta_max=20"),
        ("vp-cosine:s=2", "vp-cosine:s=2"),
        (
            "discrete-linear:n=100000",
            "discrete-linear:n=100000,beta_start=1/10000,beta_end=1/50,betas=exact,interp=log-alpha",
        ),
        ("edm:sigma_data=1", "edm:sigma_data=1"),
        ("flow:shift=3", "flow:shift=3"),
        (
            "discrete-scaled-linear:betas=f32,zero_snr=floor",
            "discrete-scaled-linear:n=1000,beta_start=17/20000,beta_end=3/250,betas=f32,interp=log-alpha,zero_snr=floor",
        ),
        (
            "discrete-cosine:interp=sigma,zero_snr=on,n=7",
            "discrete-cosine:n=7,betas=exact,interp=sigma,zero_snr=on",
        ),
    ] {
        assert_eq!(schedule(id).to_string(), written);
        assert_eq!(schedule(written), schedule(id));
    }
}
