//! The flow of the images problem by a fine run of high order, since no closed solution is known.
//!
//! With p = 1/sqrt(s^2 + tau) the flow dz/dlambda = m - z becomes dw/dp = x(p, w) for w = p z,
//! x the expected image: the linear part is gone, tau = 0 and tau = infinity are ordinary points,
//! and where the image is decided the right side is constant. It is integrated by the extrapolated midpoint
//! rule of Gragg, Bulirsch and Stoer (Hairer, Norsett, Wanner, "Solving Ordinary Differential
//! Equations I", section II.9), which shares nothing with the solvers measured against it.

use crate::error::{Code, Error, Result};

/// The two finest runs agree to this in every pixel of z, or to a thousandth of it relative to the
/// largest pixel: z grows without bound as tau does, and f64 with it.
const AGREEMENT: f64 = 1e-10;
/// The error aimed at in one step of the first run, as a part of [`AGREEMENT`].
const STEP: f64 = 0.1;
/// Rows of the extrapolation table, with 2, 4, .., 2 ROWS substeps: order 2 ROWS.
const ROWS: usize = 6;
/// Steps tried in the first run; halvings of its mesh.
const TRIES: usize = 2_000;
const HALVINGS: usize = 3;

/// The expected image at p, given w.
type Image<'a> = &'a dyn Fn(f64, &[f64]) -> Result<Vec<f64>>;

/// z at p = `last` > 0 on the flow line with `w` at p = `first` >= 0.
///
/// A first run chooses its steps, then every step is halved until two runs agree.
pub(super) fn flow(image: Image<'_>, w: Vec<f64>, first: f64, last: f64) -> Result<Vec<f64>> {
    if !(first.is_finite() && last.is_finite() && w.iter().all(|w| w.is_finite())) {
        return Err(Error::new(
            Code::NonFinite,
            "a component, or tau, is not finite",
            "images",
            "start from finite numbers",
        ));
    }
    let z = |w: Vec<f64>| w.iter().map(|w| w / last).collect();
    if first == last {
        return Ok(z(w));
    }
    let (mut mesh, mut coarse) = chosen_steps(image, w.clone(), first, last)?;
    for _ in 0..HALVINGS {
        mesh = halved(&mesh);
        let mut fine = w.clone();
        for ends in mesh.windows(2) {
            fine = step(image, &fine, ends[0], ends[1] - ends[0])?.0;
        }
        if distance(&coarse, &fine) <= allowed(&fine, last) {
            return Ok(z(fine));
        }
        coarse = fine;
    }
    Err(undecided(format!(
        "two runs of order {} differ by more than {AGREEMENT:e}",
        2 * ROWS
    )))
}

/// A mesh from `first` to `last` whose steps err by about [`STEP`], and its result.
fn chosen_steps(
    image: Image<'_>,
    mut w: Vec<f64>,
    first: f64,
    last: f64,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut mesh = vec![first];
    let mut at = first;
    let mut size = (last - first) / 4.0;
    for _ in 0..TRIES {
        let ends = (at + size - last) * size.signum() >= 0.0;
        let next = if ends { last } else { at + size };
        let (result, error) = step(image, &w, at, next - at)?;
        let wanted = STEP * allowed(&result, last);
        if error <= wanted {
            (w, at) = (result, next);
            mesh.push(at);
            if ends {
                return Ok((mesh, w));
            }
        }
        let growth = (wanted / error).powf(1.0 / (2 * ROWS - 1) as f64);
        size *= (0.9 * growth).clamp(0.2, 4.0);
    }
    Err(undecided(format!("{TRIES} steps were not enough")))
}

/// [`AGREEMENT`] in w, at the end `last`.
fn allowed(w: &[f64], last: f64) -> f64 {
    let largest = w.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    AGREEMENT * last.max(1e-3 * largest)
}

fn undecided(what: String) -> Error {
    let remedy = "choose a larger bandwidth, or start where the image is not yet decided";
    Error::new(
        Code::Undecided,
        what,
        "reference solution of images",
        remedy,
    )
}

fn halved(mesh: &[f64]) -> Vec<f64> {
    let halves = mesh.windows(2).flat_map(|e| [e[0], 0.5 * (e[0] + e[1])]);
    halves.chain(mesh.last().copied()).collect()
}

/// One step of size `h` from `p`: the extrapolated w, and its distance from the entry beside it.
fn step(image: Image<'_>, w: &[f64], p: f64, h: f64) -> Result<(Vec<f64>, f64)> {
    let initial = image(p, w)?;
    let mut row: Vec<Vec<f64>> = Vec::new();
    let mut error = f64::INFINITY;
    for substeps in (1..=ROWS).map(|j| 2 * j) {
        let small = h / substeps as f64;
        let mut before = w.to_vec();
        let mut now = moved(w, &initial, small);
        for k in 1..substeps {
            let slope = image(p + small * k as f64, &now)?;
            (before, now) = (now, moved(&before, &slope, 2.0 * small));
        }
        // the row of Neville's table: each entry removes one more power of small^2
        let mut next = vec![now];
        for (column, above) in row.iter().enumerate() {
            let ratio = substeps as f64 / (substeps - 2 * (column + 1)) as f64;
            let gain = (ratio * ratio - 1.0).recip();
            let last = &next[column];
            let entry = last.iter().zip(above).map(|(l, a)| l + (l - a) * gain);
            next.push(entry.collect());
        }
        if let [.., beside, best] = next.as_slice() {
            error = distance(beside, best);
        }
        row = next;
    }
    Ok((row.pop().unwrap_or_default(), error))
}

/// w + h slope.
fn moved(w: &[f64], slope: &[f64], h: f64) -> Vec<f64> {
    w.iter().zip(slope).map(|(w, s)| w + h * s).collect()
}

/// The largest difference of two components.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max)
}
