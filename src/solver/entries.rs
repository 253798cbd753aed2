//! The catalogue's table: ids, families, names elsewhere, sources, claimed orders.

use super::Side::{self, Data, Noise};
use super::catalogue::Entry;

/// [parameters, names elsewhere, source, order].
type Texts = [&'static str; 4];

const fn ode(id: &'static str, stem: &'static str, side: Side, texts: Texts) -> Entry {
    let [parameters, also, source, order] = texts;
    Entry {
        id,
        parameters,
        side,
        stochastic: false,
        stem,
        also,
        source,
        order,
    }
}

const fn sde(id: &'static str, stem: &'static str, side: Side, texts: Texts) -> Entry {
    let entry = ode(id, stem, side, texts);
    Entry {
        stochastic: true,
        ..entry
    }
}

/// Adams-Bashforth in rho, by its names elsewhere and its order.
const fn lms(id: &'static str, [also, order]: [&'static str; 2]) -> Entry {
    let source = "[zhang2023deis] rhoAB-DEIS; [hairer1993solving] section III.5";
    ode(id, "deis_rho", Noise, ["", also, source, order])
}

/// Fixed weights, by its names elsewhere.
const fn pndm(id: &'static str, also: &'static str) -> Entry {
    let source = "[liu2022pndm] pseudo linear multi-step method; [zhang2023deis] iPNDM";
    ode(id, "ipndm", Noise, ["", also, source, "1"])
}

/// Every solver.
pub(super) const ENTRIES: &[Entry] = &[
    ode(
        "ddim",
        "ddim",
        Data,
        [
            "",
            "DPM-Solver-1; DPM-Solver++(1); exponential Euler; Euler on the velocity of a flow; diffusers DDIMScheduler, EDMEulerScheduler, FlowMatchEulerDiscreteScheduler; k-diffusion sample_euler; stable-diffusion.cpp euler; azula EulerSampler",
            "[song2021ddim] eqs. 12 and 16 at eta = 0; [lu2022dpmsolver] eq. 3.7",
            "1",
        ],
    ),
    sde(
        "ddim-eta",
        "ddim_eta",
        Data,
        [
            "",
            "DDIM with eta; DDPM at eta = 1; diffusers DDIMScheduler; k-diffusion sample_euler_ancestral; stable-diffusion.cpp euler_a; azula DDIMSampler, whose eta is the square",
            "[song2021ddim] eqs. 12 and 16",
            "1",
        ],
    ),
    ode(
        "dpmpp-2m",
        "dpmpp_2m",
        Data,
        [
            "",
            "DPM-Solver++(2M); diffusers DPMSolverMultistepScheduler dpmsolver++ midpoint; k-diffusion sample_dpmpp_2m; stable-diffusion.cpp dpm++2m; UniP-2 with B = H_1 (bh2)",
            "[lu2022dpmsolverpp] Algorithm 2",
            "2",
        ],
    ),
    ode(
        "dpmpp-2m-exact",
        "dpmpp_2m_exact",
        Data,
        [
            "",
            "diffusers dpmsolver++ heun; taylor in the authors' code; k-diffusion sample_dpmpp_2m_sde heun at eta = 0; res_multistep of ComfyUI and stable-diffusion.cpp; azula xEABSampler at order 2; exponential Adams-Bashforth 2",
            "[hochbruck2010exponential] section 2, exponential multistep methods",
            "2",
        ],
    ),
    ode(
        "dpmpp-3m",
        "dpmpp_3m",
        Data,
        [
            "",
            "multistep DPM-Solver++ of order 3 in the authors' code; diffusers dpmsolver++ at solver_order 3; k-diffusion sample_dpmpp_3m_sde at eta = 0",
            "[lu2022dpmsolverpp] multistep solver of order 3 in the authors' code",
            "2",
        ],
    ),
    ode(
        "dpmpp-3m-exact",
        "dpmpp_3m_exact",
        Data,
        [
            "",
            "exponential Adams-Bashforth 3; DEIS-3 in data form; azula xEABSampler and UniP (UniPC's predictor) in data form at order 3",
            "[hochbruck2010exponential] section 2, exponential multistep methods",
            "3",
        ],
    ),
    ode(
        "dpmpp-4m-exact",
        "adams",
        Data,
        [
            "",
            "exponential Adams-Bashforth 4; azula xEABSampler and UniP (UniPC's predictor) in data form at order 4",
            "[hochbruck2010exponential] section 2, exponential multistep methods",
            "4",
        ],
    ),
    ode(
        "dpmpp-2s",
        "dpmpp_2s",
        Data,
        [
            "r1=1/2",
            "DPM-Solver++(2S); k-diffusion sample_dpmpp_2s_ancestral and stable-diffusion.cpp dpm++2s_a at eta = 0; diffusers DPMSolverSinglestepScheduler dpmsolver++ midpoint",
            "[lu2022dpmsolverpp] Algorithm 1",
            "2",
        ],
    ),
    ode(
        "dpmpp-2s-taylor",
        "dpmpp_2s_taylor",
        Data,
        [
            "r1=1/2",
            "RES-2, stable-diffusion.cpp res_2s; ETD2RK at r1 = 1; diffusers singlestep heun; taylor in the authors' code",
            "[cox2002exponential] ETD2RK, at r1 = 1",
            "2",
        ],
    ),
    ode(
        "dpmpp-3s",
        "dpmpp_3s",
        Data,
        [
            "r1=1/3,r2=2/3",
            "single-step DPM-Solver++ of order 3; dpmsolver in the authors' code",
            "[lu2022dpmsolver] Algorithm 2 in data form",
            "3 if r2 = 2/3, else 2",
        ],
    ),
    ode(
        "dpmpp-3s-taylor",
        "dpmpp_3s_taylor",
        Data,
        [
            "r1=1/3,r2=2/3",
            "single-step DPM-Solver++ of order 3, taylor in the authors' code; the last combination of diffusers' singlestep heun at order 3",
            "[lu2022dpmsolverpp] single-step solver of order 3 in the authors' code",
            "3 if r2 = 2/3, else 2",
        ],
    ),
    ode(
        "dpm-2m",
        "dpmpp_2m",
        Noise,
        [
            "",
            "multistep DPM-Solver-2; diffusers DPMSolverMultistepScheduler dpmsolver midpoint",
            "[lu2022dpmsolverpp] Algorithm 2 in noise form",
            "2",
        ],
    ),
    ode(
        "dpm-2m-exact",
        "dpmpp_2m_exact",
        Noise,
        [
            "",
            "diffusers dpmsolver heun; DEIS-2 in lambda (log-rho), diffusers DEISMultistepScheduler at solver_order 2; azula zEABSampler at order 2",
            "[zhang2023deis] tAB in log-rho; [hochbruck2010exponential] section 2, exponential multistep methods",
            "2",
        ],
    ),
    ode(
        "dpm-3m",
        "dpmpp_3m",
        Noise,
        [
            "",
            "multistep DPM-Solver-3 of the authors' code; diffusers dpmsolver at solver_order 3",
            "[lu2022dpmsolverpp] multistep solver of order 3 in the authors' code, noise form",
            "2",
        ],
    ),
    ode(
        "dpm-3m-exact",
        "dpmpp_3m_exact",
        Noise,
        [
            "",
            "DEIS-3 in lambda (log-rho), diffusers DEISMultistepScheduler; azula zEABSampler and UniP (UniPC's predictor) in noise form at order 3",
            "[zhang2023deis] tAB in log-rho; [hochbruck2010exponential] section 2, exponential multistep methods",
            "3",
        ],
    ),
    ode(
        "dpm-4m-exact",
        "adams",
        Noise,
        [
            "",
            "DEIS-4 in lambda (log-rho); azula zEABSampler and UniP (UniPC's predictor) in noise form at order 4",
            "[zhang2023deis] tAB in log-rho; [hochbruck2010exponential] section 2, exponential multistep methods",
            "4",
        ],
    ),
    lms("deis-rho-2", ["k-diffusion sample_lms at order 2", "2"]),
    lms("deis-rho-3", ["k-diffusion sample_lms at order 3", "3"]),
    lms(
        "deis-rho-4",
        [
            "LMS; k-diffusion sample_lms and diffusers LMSDiscreteScheduler at their default order 4",
            "4",
        ],
    ),
    pndm(
        "ipndm-2",
        "ComfyUI ipndm at max_order 2, with final=euler to sigma = 0",
    ),
    pndm(
        "ipndm-3",
        "ComfyUI ipndm at max_order 3, with final=euler to sigma = 0",
    ),
    pndm(
        "ipndm-4",
        "diffusers IPNDMScheduler; ComfyUI ipndm, with final=euler to sigma = 0; the multistep part of F-PNDM",
    ),
    ode(
        "dpm-2s",
        "dpmpp_2s",
        Noise,
        [
            "r1=1/2",
            "DPM-Solver-2; diffusers DPMSolverSinglestepScheduler dpmsolver midpoint; k-diffusion sample_dpm_2; stable-diffusion.cpp dpm2; at r1 = 1 Heun in sigma/alpha (EDM, k-diffusion sample_heun)",
            "[lu2022dpmsolver] Algorithm 1",
            "2",
        ],
    ),
    ode(
        "dpm-2s-taylor",
        "dpmpp_2s_taylor",
        Noise,
        [
            "r1=1/2",
            "DPM-Solver-2, taylor in the authors' code; diffusers singlestep dpmsolver heun",
            "[cox2002exponential] ETD2RK, at r1 = 1",
            "2",
        ],
    ),
    ode(
        "dpm-3s",
        "dpmpp_3s",
        Noise,
        [
            "r1=1/3,r2=2/3",
            "DPM-Solver-3; k-diffusion sample_dpm_fast with blocks=fast,outer=nodes",
            "[lu2022dpmsolver] Algorithm 2",
            "3 if r2 = 2/3, else 2",
        ],
    ),
    ode(
        "dpm-3s-taylor",
        "dpmpp_3s_taylor",
        Noise,
        [
            "r1=1/3,r2=2/3",
            "DPM-Solver-3, taylor in the authors' code",
            "[lu2022dpmsolverpp] single-step solver of order 3 in the authors' code, noise form",
            "3 if r2 = 2/3, else 2",
        ],
    ),
    sde(
        "sde-dpmpp-1",
        "ddim",
        Data,
        [
            "",
            "SDE-DPM-Solver++(1); diffusers sde-dpmsolver++ at solver_order 1",
            "[lu2022dpmsolverpp] SDE-DPM-Solver++(1); [xue2023sa] for eta",
            "weak 1",
        ],
    ),
    sde(
        "sde-dpmpp-2m",
        "dpmpp_2m",
        Data,
        [
            "",
            "SDE-DPM-Solver++(2M); diffusers sde-dpmsolver++ midpoint; k-diffusion sample_dpmpp_2m_sde midpoint",
            "[lu2022dpmsolverpp] SDE-DPM-Solver++(2M); [xue2023sa] for eta",
            "weak 2",
        ],
    ),
    sde(
        "sde-dpmpp-2m-exact",
        "dpmpp_2m_exact",
        Data,
        [
            "",
            "diffusers sde-dpmsolver++ heun; k-diffusion sample_dpmpp_2m_sde heun",
            "[xue2023sa] two-step predictor with constant tau",
            "weak 2",
        ],
    ),
    sde(
        "sde-dpmpp-3m",
        "dpmpp_3m",
        Data,
        [
            "",
            "SDE-DPM-Solver++ of three steps; k-diffusion sample_dpmpp_3m_sde with start=ramp-exact; diffusers sde-dpmsolver++ at solver_order 3, with a wrong sign (finding 004)",
            "[lu2022dpmsolverpp] SDE-DPM-Solver++(2M), with the third output of the authors' multistep code",
            "weak 2",
        ],
    ),
    sde(
        "sde-dpmpp-3m-exact",
        "dpmpp_3m_exact",
        Data,
        [
            "",
            "exponential Adams-Bashforth 3 of the reverse SDE",
            "[xue2023sa] three-step predictor with constant tau",
            "weak 2, drift 3",
        ],
    ),
    sde(
        "sde-dpm-1",
        "ddim",
        Noise,
        [
            "",
            "SDE-DPM-Solver-1; diffusers sde-dpmsolver at solver_order 1",
            "[lu2022dpmsolverpp] SDE-DPM-Solver-1",
            "weak 1",
        ],
    ),
    sde(
        "sde-dpm-2m",
        "dpmpp_2m",
        Noise,
        [
            "",
            "SDE-DPM-Solver-2M; diffusers sde-dpmsolver midpoint",
            "[lu2022dpmsolverpp] SDE-DPM-Solver-2M",
            "weak 2",
        ],
    ),
    sde(
        "sde-dpm-2m-exact",
        "dpmpp_2m_exact",
        Noise,
        [
            "",
            "diffusers sde-dpmsolver heun",
            "[lu2022dpmsolverpp] SDE-DPM-Solver-2M with the exact second weight",
            "weak 2",
        ],
    ),
];
