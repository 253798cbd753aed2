//! The flow of the images problem by a fine run of high order, since no closed solution is known.
//!
//! With v = s^2 + tau and p = 1/sqrt(v) the flow dz/dlambda = m - z becomes dw/dp = x(v, z) for
//! w = p z, x the expected image: the linear part is gone, tau = 0 is an ordinary point, and where
//! the image is decided the right side is constant. It is integrated by the extrapolated midpoint
//! rule of Gragg, Bulirsch and Stoer (Hairer, Norsett, Wanner, "Solving Ordinary Differential
//! Equations I", section II.9), which shares nothing with the solvers measured against it.

use crate::error::{Code, Error, Result};

/// The two finest runs agree to this in every pixel of z.
pub(super) const AGREEMENT: f64 = 1e-10;
/// Error aimed at in one step of the first run.
const STEP_ERROR: f64 = 1e-11;
/// Rows of the extrapolation table, with 2, 4, .., 2 ROWS substeps: order 2 ROWS.
const ROWS: usize = 6;
/// Steps tried in the first run; halvings of its mesh.
const TRIES: usize = 2_000;
const HALVINGS: usize = 3;

/// The expected image at variance `v` around the images, given z.
type Image<'a> = &'a dyn Fn(f64, &[f64]) -> Result<Vec<f64>>;

/// The point at variance `v_t` of the flow line through `z` at variance `v_s`.
///
/// A first run chooses its steps, then every step is halved until two runs agree.
pub(super) fn flow(image: Image<'_>, z: Vec<f64>, v_s: f64, v_t: f64) -> Result<Vec<f64>> {
    let (first, last) = (v_s.sqrt().recip(), v_t.sqrt().recip());
    let finite = first.is_finite() && last.is_finite() && z.iter().all(|z| z.is_finite());
    if !finite {
        return Err(Error::new(
            Code::NonFinite,
            "a component, or tau, is not finite",
            "images",
            "start from finite numbers",
        ));
    }
    if first == last {
        return Ok(z);
    }
    let start: Vec<f64> = z.iter().map(|z| z * first).collect();
    let (mut mesh, mut coarse) = chosen_steps(image, start.clone(), first, last)?;
    for _ in 0..HALVINGS {
        mesh = halved(&mesh);
        let mut fine = start.clone();
        for ends in mesh.windows(2) {
            fine = step(image, &fine, ends[0], ends[1] - ends[0])?.0;
        }
        if distance(&coarse, &fine) / last <= AGREEMENT {
            return Ok(fine.iter().map(|w| w / last).collect());
        }
        coarse = fine;
    }
    Err(undecided(format!(
        "two runs of order {} differ by more than {AGREEMENT:e}",
        2 * ROWS
    )))
}

/// A mesh from `first` to `last` whose steps err by about [`STEP_ERROR`], and its result.
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
        let wanted = STEP_ERROR * last;
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
    let slope = |p: f64, w: &[f64]| {
        let z: Vec<f64> = w.iter().map(|w| w / p).collect();
        image((p * p).recip(), &z)
    };
    let initial = slope(p, w)?;
    let mut row: Vec<Vec<f64>> = Vec::new();
    let mut error = f64::INFINITY;
    for substeps in (1..=ROWS).map(|j| 2 * j) {
        let small = h / substeps as f64;
        let mut before = w.to_vec();
        let mut now = moved(w, &initial, small);
        for k in 1..substeps {
            let slope = slope(p + small * k as f64, &now)?;
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
