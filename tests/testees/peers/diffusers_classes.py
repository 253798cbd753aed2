"""Which recipes, grids and policies the multistep and single-step classes of diffusers claim, and the class that is asked."""

import sys

import bench
import in_diffusers as library
from in_diffusers import torch

# solver: algorithm, order, type.
CLASSES = {
    "DPMSolverMultistepScheduler": {
        "ddim": ("dpmsolver++", 1, "midpoint"),
        "dpmpp-2m": ("dpmsolver++", 2, "midpoint"),
        "dpmpp-2m-exact": ("dpmsolver++", 2, "heun"),
        "dpmpp-3m": ("dpmsolver++", 3, "midpoint"),
        "dpm-2m": ("dpmsolver", 2, "midpoint"),
        "dpm-2m-exact": ("dpmsolver", 2, "heun"),
        "dpm-3m": ("dpmsolver", 3, "midpoint"),
        "sde-dpmpp-1": ("sde-dpmsolver++", 1, "midpoint"),
        "sde-dpmpp-2m": ("sde-dpmsolver++", 2, "midpoint"),
        "sde-dpmpp-2m-exact": ("sde-dpmsolver++", 2, "heun"),
        "sde-dpmpp-3m": ("sde-dpmsolver++", 3, "midpoint"),
        "sde-dpm-1": ("sde-dpmsolver", 1, "midpoint"),
        "sde-dpm-2m": ("sde-dpmsolver", 2, "midpoint"),
        "sde-dpm-2m-exact": ("sde-dpmsolver", 2, "heun"),
    },
    "DPMSolverSinglestepScheduler": {
        f"{side}-{order}s{suffix}": (algorithm, order, kind)
        for side, algorithm in (("dpmpp", "dpmsolver++"), ("dpm", "dpmsolver"))
        for order in (2, 3)
        for suffix, kind in (("", "midpoint"), ("-taylor", "heun"))
    },
    "DEISMultistepScheduler": {"ddim": ("deis", 1, "logrho"), "dpm-2m-exact": ("deis", 2, "logrho"), "dpm-3m-exact": ("deis", 3, "logrho")},
    "UniPCMultistepScheduler": {"dpmpp-2m": (None, 2, "bh2"), "dpm-2m": (None, 2, "bh2")},
}
CLASS = next((it for it in sys.argv[1:] if it in CLASSES), "DPMSolverMultistepScheduler")
SOLVERS = CLASSES[CLASS]
SINGLE = CLASS == "DPMSolverSinglestepScheduler"
GRIDS = {
    "linspace": {"timestep_spacing": "linspace"},
    "leading": {"timestep_spacing": "leading"},
    "trailing": {"timestep_spacing": "trailing"},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
    "lambda": {"use_lu_lambdas": True},
    "beta": {"use_beta_sigmas": True},
}
POLICIES = {
    "DPMSolverMultistepScheduler": ["final=euler", "final=lower<15", "start=ramp-exact"],
    "DPMSolverSinglestepScheduler": ["blocks=progressive", "blocks=progressive,final=lower"],
    "DEISMultistepScheduler": ["final=lower<15", "start=ramp-exact"],
    "UniPCMultistepScheduler": ["final=lower"],
}[CLASS]


def made(options):
    along_sigmas = hasattr(getattr(library.diffusers, CLASS), "step_index")
    bench.needs(along_sigmas, f"{CLASS} of diffusers {bench.version('diffusers')} steps along whole timesteps: ask_diffusers_old.py asks that")
    return library.made(CLASS, options)


def has(option):
    return option in bench.takes(getattr(library.diffusers, CLASS).__init__)


def nodes(schedule, grid, steps):
    bench.needs(schedule in library.BETAS, "grids are made of a table of betas")
    name, _, rest = grid.partition(":")
    axes = dict(part.partition("=")[::2] for part in rest.split(",") if part)
    options = {
        **library.betas(schedule),
        **GRIDS[name],
        "steps_offset": int(axes["offset"]) if "offset" in axes else None,
        "final_sigmas_type": "zero" if axes.get("ends") == "zero" else "sigma_min" if has("final_sigmas_type") else None,
    }
    scheduler = made(options)
    scheduler.set_timesteps(steps)
    return scheduler.sigmas.tolist()


def threshold(rule, samples):
    bench.needs(rule.kind == "dynamic", "it has no static threshold")
    options = {"prediction_type": "sample", "thresholding": True, "dynamic_thresholding_ratio": rule.ratio, "sample_max_value": rule.max}
    batch = torch.tensor(samples)[:, :, None, None]
    return library.made(CLASS, options)._threshold_sample(batch)[:, :, 0, 0].tolist()
