"""Multistep and single-step schedulers of diffusers, stepping along the runner's own sigmas."""

import inspect
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


def made(options):
    along_sigmas = hasattr(getattr(library.diffusers, CLASS), "step_index")
    bench.needs(along_sigmas, f"{CLASS} of diffusers {bench.version('diffusers')} steps along whole timesteps: ask_diffusers_old.py asks that")
    return library.made(CLASS, options)


def has(option):
    return option in inspect.signature(getattr(library.diffusers, CLASS).__init__).parameters


def sample(case, model, x, noise):
    algorithm, order, kind = SOLVERS[case.solver]
    stochastic = case.solver.startswith("sde-")
    zero = case.times[-1] == 0
    bench.needs(not stochastic or case.eta == 1, "its noise is that of eta = 1")
    deis, exact_start = CLASS.startswith("DEIS"), case.policy["start"] == "ramp-exact"
    bench.needs(order == 3 or not exact_start, "only order 3 may start with the exact second step")
    bench.needs(exact_start or not deis or order < 3, "its second step is the exact one")
    kind = "heun" if exact_start and not deis else kind
    bench.needs(not SINGLE or case.policy["blocks"] == "progressive", "every step of it is one call")
    bench.needs(not zero or algorithm in ("dpmsolver++", "sde-dpmsolver++", None, "deis"), "the class refuses noise predictions to sigma = 0")
    options = {
        "algorithm_type": algorithm,
        "solver_order": order,
        "solver_type": kind,
        "prediction_type": library.PREDICTIONS.get(case.prediction),
        "lower_order_final": case.policy["final"].startswith("lower"),
        "euler_at_final": True if case.policy["final"] == "euler" else None,
        "final_sigmas_type": "zero" if zero else "sigma_min" if has("final_sigmas_type") else None,
    }
    if CLASS.startswith("UniPC"):
        options |= {"disable_corrector": list(range(1000)), "predict_x0": case.solver.startswith("dpmpp")}
    scheduler = made({**library.betas(case.schedule), **options})
    scheduler.set_timesteps(case.steps)
    scheduler.sigmas = torch.tensor(case.times)
    scheduler.timesteps = scheduler.sigmas[:-1]
    if CLASS.startswith("UniPC"):
        scheduler.disable_corrector = list(range(case.steps + 1))
    return library.run(scheduler, model, x, noise if stochastic else None, lambda i: case.times[i])


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


POLICIES = {
    "DPMSolverMultistepScheduler": ["final=euler", "final=lower<15", "start=ramp-exact"],
    "DPMSolverSinglestepScheduler": ["blocks=progressive", "blocks=progressive,final=lower"],
    "DEISMultistepScheduler": ["final=lower<15", "start=ramp-exact"],
    "UniPCMultistepScheduler": ["final=lower"],
}[CLASS]

if __name__ == "__main__":
    bench.serve(
        sample,
        library=library.diffusers,
        name=f"diffusers {CLASS}",
        package="diffusers",
        element="f32",
        time="sigma",
        solvers=list(SOLVERS),
        schedules=["vp-linear", "vp-cosine", "discrete-scaled-linear", *library.BETAS],
        predictions=["noise", "data", "v"],
        policies=[*POLICIES, *(f"{policy},zero=on" for policy in POLICIES), "zero=on"],
        grids=[f"{name}:ends=zero" for name in ("linspace", "trailing", "karras", "exponential", "lambda")]
        + ["linspace", "karras", "exponential", "leading:ends=zero", "leading:offset=1,ends=zero", "beta:on=sigma,ends=zero"],
        nodes=nodes,
        threshold=threshold,
        local=not SINGLE,
    )
