"""diffusers' EDM schedulers on the runner's own sigmas."""

import sys

import in_diffusers as library
from in_diffusers import torch

CLASS = sys.argv[1] if len(sys.argv) > 1 else "EDMDPMSolverMultistepScheduler"
EULER = CLASS == "EDMEulerScheduler"
SOLVERS = {
    "ddim": ("dpmsolver++", 1, "midpoint"),
    "dpmpp-2m": ("dpmsolver++", 2, "midpoint"),
    "dpmpp-2m-exact": ("dpmsolver++", 2, "heun"),
    "dpmpp-3m": ("dpmsolver++", 3, "midpoint"),
}


def sample(case, model, x, noise):
    zero = case.times[-1] == 0
    algorithm, order, kind = SOLVERS[case.solver]
    options = {} if EULER else {"algorithm_type": algorithm, "solver_order": order, "solver_type": kind, "lower_order_final": False}
    scheduler = library.made(CLASS, {**options, "final_sigmas_type": "zero" if zero else "sigma_min"})
    scheduler.set_timesteps(case.steps)
    scheduler.sigmas = torch.tensor(case.times)
    scheduler.timesteps = scheduler.precondition_noise(scheduler.sigmas[:-1])
    if EULER and case.prediction == "data":
        scheduler.precondition_outputs = lambda sample, output, sigma: output
    return library.run(library.integrating(scheduler, case, "edm"), model, x, None, lambda i: case.times[i])


def nodes(schedule, grid, steps):
    # The usual one is not named: 0.27 has no other.
    name = "exponential" if grid.startswith("lambda") else None
    scheduler = library.made(CLASS, {"sigma_schedule": name, "sigma_min": 0.002, "sigma_max": 80.0, "final_sigmas_type": "zero" if "zero" in grid else "sigma_min"})
    scheduler.set_timesteps(steps)
    return scheduler.sigmas.tolist()


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        time="sigma",
        spaces=["vp", "ve"],
        solvers=["ddim"] if EULER else list(SOLVERS),
        schedules=["edm"],
        predictions=["edm"],
        policies=["zero=on"],
        grids=["karras", "karras:ends=zero", "lambda:ends=zero"],
        nodes=nodes,
        local=True,
    )
