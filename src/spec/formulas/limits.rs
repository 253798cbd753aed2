//! Formulas of the first-order step at an infinite lambda.

use super::solver::{point, x_t};
use super::{Block, symbol};
use crate::solver::Side;
use crate::solver::limits::{
    ddim_eta_from_no_signal, from_no_signal, sde_from_no_signal, sde_noise_to_no_noise, to_no_noise,
};

/// `no-noise/data`, `no-noise/noise`, `no-noise/sde-noise`, `no-signal/data`, `no-signal/sde-data`, `no-signal/ddim-eta`.
pub(super) fn block(end: &str, form: &str) -> Option<Block> {
    let (source, target) = (point("s"), point("t"));
    let (limit, output) = match (end, form) {
        ("no-noise", "data") => (to_no_noise(Side::Data, &source, &target), r"x_\theta"),
        ("no-noise", "noise") => (
            to_no_noise(Side::Noise, &source, &target),
            r"\varepsilon_\theta",
        ),
        ("no-noise", "sde-noise") => (
            sde_noise_to_no_noise(&source, &target, &symbol(r"\eta")),
            r"\varepsilon_\theta",
        ),
        ("no-signal", "data") => (from_no_signal(&source, &target), r"x_\theta"),
        ("no-signal", "sde-data") => (sde_from_no_signal(&target), r"x_\theta"),
        ("no-signal", "ddim-eta") => (
            ddim_eta_from_no_signal(&source, &target, &symbol(r"\eta")),
            r"x_\theta",
        ),
        _ => return None,
    };
    Some(Block {
        source: "src/solver/limits.rs".to_owned(),
        equations: vec![x_t(limit.state, (limit.output, output), limit.noise)],
    })
}
