//! Names of schedules, grids, predictions and policies in other libraries (diffusers 0.42.1).

/// What other libraries call an id; nothing for a name of this project alone.
pub(super) fn elsewhere(kind: &str, id: &str) -> &'static [&'static str] {
    match kind {
        "schedule" => schedule(id),
        "grid" => grid(id),
        "prediction" => prediction(id),
        "policy" => policy(id),
        _ => &[],
    }
}

fn schedule(id: &str) -> &'static [&'static str] {
    match id {
        "vp-linear" => &[
            "VPSDE",
            "NoiseScheduleVP('linear') of the DPM-Solver authors",
        ],
        "vp-cosine" => &["NoiseScheduleVP('cosine') of the DPM-Solver authors"],
        "discrete-linear" => &[
            "diffusers beta_schedule=linear",
            "linear of guided diffusion",
        ],
        "discrete-scaled-linear" => &[
            "diffusers beta_schedule=scaled_linear",
            "linear of latent diffusion",
        ],
        "discrete-cosine" => &["diffusers beta_schedule=squaredcos_cap_v2"],
        "edm" => &["VE with sigma = t", "k-diffusion's sigma"],
        "flow" => &["rectified flow", "diffusers use_flow_sigmas"],
        _ => &[],
    }
}

fn grid(id: &str) -> &'static [&'static str] {
    match id {
        "lambda" => &[
            "skip_type=logSNR of the DPM-Solver authors",
            "diffusers use_lu_lambdas",
        ],
        "exponential" => &[
            "k-diffusion get_sigmas_exponential",
            "diffusers use_exponential_sigmas",
        ],
        "polyexponential" => &["k-diffusion get_sigmas_polyexponential"],
        "time" => &["skip_type=time_uniform of the DPM-Solver authors"],
        "quadratic" => &["skip_type=time_quadratic of the DPM-Solver authors"],
        "karras" => &[
            "k-diffusion get_sigmas_karras",
            "diffusers use_karras_sigmas",
        ],
        "beta" => &["diffusers use_beta_sigmas", "ComfyUI beta"],
        "leading" => &["diffusers timestep_spacing=leading"],
        "linspace" => &["diffusers timestep_spacing=linspace"],
        "trailing" => &["diffusers timestep_spacing=trailing"],
        "flow" => &["the sigmas of diffusers FlowMatchEulerDiscreteScheduler"],
        _ => &[],
    }
}

fn prediction(id: &str) -> &'static [&'static str] {
    match id {
        "noise" => &["diffusers prediction_type=epsilon", "eps"],
        "data" => &["diffusers prediction_type=sample", "x_start", "denoised"],
        "v" => &["diffusers prediction_type=v_prediction"],
        "flow" => &["diffusers prediction_type=flow_prediction", "velocity"],
        "score" => &["score of score-based models"],
        "edm" => &["F of the EDM preconditioning"],
        _ => &[],
    }
}

fn policy(id: &str) -> &'static [&'static str] {
    match id {
        "final" => &["lower_order_final, euler_at_final in diffusers"],
        "zero" => &[
            "denoise_to_zero of the DPM-Solver authors",
            "diffusers final_sigmas_type=zero",
            "k-diffusion append_zero",
        ],
        "blocks" => &[
            "fast: DPM-Solver-fast, k-diffusion sample_dpm_fast",
            "progressive: diffusers DPMSolverSinglestepScheduler",
        ],
        "stages" => &["time: skip_type=time_uniform of the DPM-Solver authors"],
        _ => &[],
    }
}
