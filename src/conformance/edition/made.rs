//! What a sampler makes itself beside runs: nodes and thresholds.

use super::{STEPS, etas, setting};
use crate::arithmetic::Rational;
use crate::conformance::case::{Setting, Subject};
use crate::error::Result;
use crate::schedule::Curve;
use crate::threshold::Threshold;

/// The grids that a sampler may make itself, each on the schedules that have it.
///
/// Of `beta` only whole indices are asked: its quantiles are found by search and rounded once, so
/// that what another search may lose is in no enclosure.
pub(super) const GRIDS: &[(&str, &[&str])] = &[
    (
        "vp-linear",
        &[
            "lambda",
            "time",
            "time:ends=zero",
            "quadratic",
            "karras",
            "karras:ends=zero",
            "exponential",
            "polyexponential:p=2",
            "polyexponential:p=2,ends=zero",
        ],
    ),
    ("vp-cosine", &["lambda", "time"]),
    ("discrete-linear", &["linspace", "leading", "trailing"]),
    (
        "discrete-scaled-linear",
        &[
            "karras:ends=zero",
            "leading:ends=zero",
            "leading:ddim,offset=1,ends=min",
            "linspace:ends=zero",
            "trailing:ends=zero",
            "beta:on=whole-index",
        ],
    ),
    ("discrete-cosine", &["linspace"]),
    (
        "discrete-linear:betas=f32",
        &[
            "linspace",
            "linspace:ends=zero",
            "leading:ends=zero",
            "trailing:ends=zero",
        ],
    ),
    (
        "discrete-scaled-linear:betas=f32",
        &[
            "linspace:ends=zero",
            "leading:offset=1,ends=zero",
            "leading:ddim,offset=1,ends=zero",
            "leading:ddim,offset=1,ends=min",
            "trailing:ends=zero",
            "karras",
            "karras:ends=zero",
            "exponential",
            "exponential:ends=zero",
            "lambda:ends=zero",
            "beta:on=sigma,ends=zero",
        ],
    ),
    ("edm", &["karras", "karras:ends=zero", "lambda:ends=zero"]),
    (
        "flow",
        &[
            "flow",
            "flow:ends=zero",
            "flow:ends=zero,shift=3",
            "flow:train=1000,ends=zero",
            "flow:shift=3,train=1000,ends=zero",
        ],
    ),
];

/// A setting for every grid that exists with that number of steps.
pub(super) fn grids() -> Vec<Result<Setting>> {
    let mut made = Vec::new();
    for (schedule, grids) in GRIDS {
        for ground in grids.iter().map(|grid| (*schedule, *grid)) {
            for steps in STEPS {
                let request = setting(("ddim", ground, *steps), etas(false)[0], "", None);
                made.push(request.and_then(|request| {
                    let curve = Curve::new(&request.schedule, &1.0_f64);
                    request
                        .grid
                        .nodes(&curve, *steps, request.schedule.domain())?;
                    Ok(Setting {
                        subject: Subject::Nodes,
                        ground: (ground.0.into(), ground.1.into()),
                        request,
                    })
                }));
            }
        }
    }
    made
}

/// Rules, and lengths of samples: rank p (n - 1) of one that is whole, and is not in f32.
pub(super) fn thresholds() -> Vec<Result<Setting>> {
    let ratio = Rational::new_raw(199, 200);
    let rules = [
        Threshold::Static {
            bound: Rational::new_raw(1, 1),
        },
        Threshold::Static {
            bound: Rational::new_raw(3, 2),
        },
        Threshold::Dynamic { ratio, max: None },
        Threshold::Dynamic {
            ratio,
            max: Some(Rational::new_raw(3, 2)),
        },
        Threshold::Dynamic {
            ratio: Rational::new_raw(1, 2),
            max: None,
        },
        Threshold::Dynamic {
            ratio: Rational::new_raw(1, 1),
            max: None,
        },
    ];
    let mut made = Vec::new();
    for rule in rules {
        for length in [1, 2, 7, 64, 201] {
            let ground = ("vp-linear", "lambda");
            let request = setting(("ddim", ground, 10), etas(false)[0], "", None);
            made.push(request.map(|request| Setting {
                subject: Subject::Threshold(rule, length),
                ground: (ground.0.into(), ground.1.into()),
                request,
            }));
        }
    }
    made
}
