//! Which expression loses the digits of a sampler that is otherwise right.

use super::super::compare::apart;
use super::super::reference::rows;
use super::super::{Precision, Reference, Response};
use super::nodes;
use super::place::{Place, lambda};
use super::twist::{Named, node, weights};
use super::{Rows, expected};
use crate::plan::{Request, derive_on};
use crate::schedule::{Curve, Lambda, Point, Schedule};

fn single(x: f64) -> f64 {
    f64::from(x as f32)
}

/// The formula's weights with every e^z - 1 computed in another way: they are proportional to it.
fn gained(place: &Place<'_>, way: fn(f64) -> f64) -> Vec<f64> {
    let factor = way(place.step.z) / place.step.z.exp_m1();
    let weights = place.plain();
    weights.into_iter().map(|weight| weight * factor).collect()
}

fn log_ratio(point: &mut Point<f64>) {
    point.lambda = Lambda::Finite((point.alpha / point.sigma).ln());
}

/// What a sampler in f64 loses digits by.
const IN_DOUBLE: &[Named] = &[
    node("sigma as sqrt(1 - alpha^2)", |point| {
        point.sigma = (1.0 - point.alpha * point.alpha).sqrt();
        log_ratio(point);
    }),
    weights("expm1(z) in f32", |place| {
        gained(place, |z| single(z.exp_m1()))
    }),
    weights("exp(z) - 1 in f32", |place| {
        gained(place, |z| f64::from((z as f32).exp() - 1.0))
    }),
    weights("weights in f32", |place| {
        place.plain().into_iter().map(single).collect()
    }),
    node("lambda in f32", |point| {
        point.lambda = Lambda::Finite(single(lambda(point)))
    }),
    node("alpha and sigma in f32", |point| {
        (point.alpha, point.sigma) = (single(point.alpha), single(point.sigma));
        log_ratio(point);
    }),
    node("sigma as sqrt(1 - alpha^2) in f32", |point| {
        let alpha = point.alpha as f32;
        (point.alpha, point.sigma) = (f64::from(alpha), f64::from((1.0 - alpha * alpha).sqrt()));
        log_ratio(point);
    }),
];

/// What a sampler in f32 loses digits by. e^z - 1 as exp(z) - 1 in the format itself loses less than
/// lambda may, whose difference z is: it conforms.
const IN_SINGLE: &[Named] = &[node("sigma as sqrt(1 - alpha^2)", |point| {
    let alpha = point.alpha as f32;
    point.sigma = f64::from((1.0 - alpha * alpha).sqrt());
    log_ratio(point);
})];

/// What an expression with random errors loses at most, in a format with this unit roundoff: 2^-BITS.
const fn at_worst<const BITS: i32>() -> Named {
    node("sigma as sqrt(1 - alpha^2)", |point| {
        let variance = point.sigma * point.sigma;
        point.sigma *= 1.0 + (f64::from(-BITS)).exp2() / (2.0 * variance);
        log_ratio(point);
    })
}

/// Of the error: an expression that leaves less is the one.
const LEFT: f64 = 0.25;

/// Bits by which an expression may lose more, at worst, than a sampler that has it.
const LUCK: std::ops::Range<f64> = -1.0..5.0;

/// The expression that explains what is lost, in words, if a known one does.
pub(in super::super) fn lost_by(
    response: &Response,
    reference: &Reference,
    precision: Precision,
) -> Option<String> {
    let right = expected(reference);
    let error = apart(&response.rows, &right);
    let widths = |rows: &Rows| -> Vec<usize> { rows.iter().map(Vec::len).collect() };
    let fits = |rows: &Rows| widths(rows) == widths(&response.rows);
    let mut best: Option<(f64, String)> = None;
    let curve = Curve::new(&reference.request.schedule, &1.0_f64);
    for (name, rows) in lossy(reference, &curve, precision) {
        if !fits(&rows) {
            continue;
        }
        let left = apart(&response.rows, &rows) / error;
        // Clearly better than what stands before it in the list.
        let better = best.as_ref().is_none_or(|best| left < 0.5 * best.0);
        if left <= LEFT && better {
            best = Some((left, name));
        }
    }
    if let Some((_, name)) = best {
        return Some(format!("as by {name}"));
    }
    let twist = match precision {
        Precision::F64 => at_worst::<53>(),
        _ => at_worst::<24>(),
    };
    let (name, rows) = twisted(reference, &curve, &[twist]).pop()?;
    let luck = fits(&rows).then(|| (apart(&rows, &right) / error).log2())?;
    let likely = LUCK.contains(&luck);
    likely.then(|| format!("as many as {name} may lose"))
}

/// The reference with each expression that may lose digits.
fn lossy(reference: &Reference, curve: &Curve<f64>, precision: Precision) -> Vec<(String, Rows)> {
    let request = &reference.request;
    let mut made = Vec::new();
    let mut add = |name: String, request: &Request, curve: &Curve<f64>| {
        if let Ok(plan) = derive_on(request, curve) {
            made.push((name, rows(&plan, reference.local)));
        }
    };
    if precision == Precision::F64 {
        for (name, request) in nodes::rounded(request) {
            if let Some(format) = name.strip_prefix("the reference on nodes rounded to ") {
                add(format!("times rounded to {format}"), &request, curve);
            }
        }
    }
    if let Some(schedule) = in_single(&request.schedule) {
        let name = "betas and products of alphas in f32".to_owned();
        add(name, request, &Curve::new(&schedule, curve.witness()));
    }
    let twists = match precision {
        Precision::F64 => IN_DOUBLE,
        _ => IN_SINGLE,
    };
    made.extend(twisted(reference, curve, twists));
    made
}

fn twisted(reference: &Reference, curve: &Curve<f64>, twists: &[Named]) -> Vec<(String, Rows)> {
    let request = &reference.request;
    let Ok(plan) = derive_on(request, curve) else {
        return Vec::new();
    };
    let applied = twists
        .iter()
        .filter_map(|(name, it)| Some((*name, it.apply(request, curve, &plan)?)));
    let named = applied.map(|(name, plan)| (name.to_owned(), rows(&plan, reference.local)));
    named.collect()
}

/// A discrete schedule whose table is made in f32.
fn in_single(schedule: &Schedule) -> Option<Schedule> {
    let text = schedule.to_string();
    let (before, after) = text.split_once("betas=exact")?;
    Schedule::parse(&format!("{before}betas=f32{after}")).ok()
}
