//! The table of solvers: names elsewhere, sources, claimed orders.

use super::catalogue::Entry;
use super::catalogue::Side::{self, Data, Noise};

const fn entry(
    id: &'static str,
    stem: &'static str,
    side: Side,
    stochastic: bool,
    texts: [&'static str; 4],
) -> Entry {
    let [parameters, also, source, order] = texts;
    Entry {
        id,
        parameters,
        side,
        stochastic,
        stem,
        also,
        source,
        order,
    }
}

const PP: &str = "Lu et al. 2022, DPM-Solver++, arXiv 2211.01095";
const DS: &str = "Lu et al. 2022, DPM-Solver, arXiv 2206.00927";
const HO: &str = "Hochbruck and Ostermann 2010, Exponential integrators, section 2.7";

/// Every solver.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "ddim",
        "ddim",
        Data,
        false,
        [
            "",
            "DPM-Solver-1, DPM-Solver++(1), exponential Euler",
            "Song et al. 2020, DDIM, arXiv 2010.02502, eq. 12",
            "1",
        ],
    ),
    entry(
        "ddim-eta",
        "ddim_eta",
        Data,
        true,
        [
            "",
            "DDIM with eta; DDPM at eta = 1",
            "Song et al. 2020, DDIM, arXiv 2010.02502, eqs. 12 and 16",
            "1",
        ],
    ),
    entry(
        "dpmpp-2m",
        "dpmpp_2m",
        Data,
        false,
        [
            "",
            "DPM-Solver++(2M); diffusers midpoint; k-diffusion sample_dpmpp_2m; UniP-2 bh2",
            PP,
            "2",
        ],
    ),
    entry(
        "dpmpp-2m-exact",
        "dpmpp_2m_exact",
        Data,
        false,
        [
            "",
            "diffusers heun; authors' taylor; exponential AB2",
            HO,
            "2",
        ],
    ),
    entry(
        "dpmpp-3m",
        "dpmpp_3m",
        Data,
        false,
        [
            "",
            "multistep DPM-Solver-3 of the authors' code and diffusers; k-diffusion 3m",
            PP,
            "2",
        ],
    ),
    entry(
        "dpmpp-3m-exact",
        "dpmpp_3m_exact",
        Data,
        false,
        ["", "exponential AB3; DEIS-3 in data form", HO, "3"],
    ),
    entry(
        "dpmpp-2s",
        "dpmpp_2s",
        Data,
        false,
        ["r1=1/2", "DPM-Solver++(2S); k-diffusion 2s", PP, "2"],
    ),
    entry(
        "dpmpp-2s-taylor",
        "dpmpp_2s_taylor",
        Data,
        false,
        [
            "r1=1/2",
            "RES-2, ETD2RK; diffusers singlestep heun",
            PP,
            "2",
        ],
    ),
    entry(
        "dpmpp-3s",
        "dpmpp_3s",
        Data,
        false,
        [
            "r1=1/3,r2=2/3",
            "DPM-Solver++ singlestep order 3, midpoint",
            PP,
            "3 if r2 = 2/3, else 2",
        ],
    ),
    entry(
        "dpmpp-3s-taylor",
        "dpmpp_3s_taylor",
        Data,
        false,
        [
            "r1=1/3,r2=2/3",
            "authors' taylor; diffusers singlestep heun at order 3",
            PP,
            "3 if r2 = 2/3, else 2",
        ],
    ),
    entry(
        "dpm-2m",
        "dpmpp_2m",
        Noise,
        false,
        ["", "multistep DPM-Solver-2", DS, "2"],
    ),
    entry(
        "dpm-2m-exact",
        "dpmpp_2m_exact",
        Noise,
        false,
        ["", "DEIS-2 in lambda (tAB in log-rho)", HO, "2"],
    ),
    entry(
        "dpm-3m",
        "dpmpp_3m",
        Noise,
        false,
        ["", "multistep DPM-Solver-3 as published", DS, "2"],
    ),
    entry(
        "dpm-3m-exact",
        "dpmpp_3m_exact",
        Noise,
        false,
        ["", "DEIS-3 in lambda (tAB in log-rho)", HO, "3"],
    ),
    entry(
        "dpm-2s",
        "dpmpp_2s",
        Noise,
        false,
        ["r1=1/2", "DPM-Solver-2", DS, "2"],
    ),
    entry(
        "dpm-2s-taylor",
        "dpmpp_2s_taylor",
        Noise,
        false,
        ["r1=1/2", "DPM-Solver-2, taylor", DS, "2"],
    ),
    entry(
        "dpm-3s",
        "dpmpp_3s",
        Noise,
        false,
        ["r1=1/3,r2=2/3", "DPM-Solver-3", DS, "3 if r2 = 2/3, else 2"],
    ),
    entry(
        "dpm-3s-taylor",
        "dpmpp_3s_taylor",
        Noise,
        false,
        [
            "r1=1/3,r2=2/3",
            "DPM-Solver-3, taylor",
            DS,
            "3 if r2 = 2/3, else 2",
        ],
    ),
    entry(
        "sde-dpmpp-1",
        "ddim",
        Data,
        true,
        ["", "SDE-DPM-Solver++(1)", PP, "weak 1"],
    ),
    entry(
        "sde-dpmpp-2m",
        "dpmpp_2m",
        Data,
        true,
        [
            "",
            "SDE-DPM-Solver++(2M); k-diffusion 2m_sde midpoint",
            PP,
            "weak 2",
        ],
    ),
    entry(
        "sde-dpmpp-2m-exact",
        "dpmpp_2m_exact",
        Data,
        true,
        ["", "k-diffusion 2m_sde heun", PP, "weak 2"],
    ),
    entry(
        "sde-dpm-1",
        "ddim",
        Noise,
        true,
        ["", "diffusers sde-dpmsolver, order 1", DS, "weak 1"],
    ),
    entry(
        "sde-dpm-2m",
        "dpmpp_2m",
        Noise,
        true,
        [
            "",
            "diffusers sde-dpmsolver, order 2, midpoint",
            DS,
            "weak 2",
        ],
    ),
    entry(
        "sde-dpm-2m-exact",
        "dpmpp_2m_exact",
        Noise,
        true,
        ["", "diffusers sde-dpmsolver, order 2, heun", DS, "weak 2"],
    ),
];
