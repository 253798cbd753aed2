"""diffusers' LMSDiscreteScheduler on the runner's own sigmas; its states are x/alpha."""

from functools import partial

import bench
import in_diffusers as library
from in_diffusers import torch

CLASS = "LMSDiscreteScheduler"


def scheduler_of(case):
    scheduler = library.made(CLASS, {**library.betas(case.schedule), "prediction_type": library.PREDICTIONS.get(case.prediction)})
    scheduler.set_timesteps(case.steps)
    scheduler.sigmas = torch.tensor(case.times)
    scheduler.timesteps = scheduler.sigmas[:-1]
    scheduler.step = partial(scheduler.step, order=int(case.solver[-1]))
    return scheduler


def sample(case, model, x, noise):
    return library.run(scheduler_of(case), model, x, None, lambda i: case.times[i])


def nodes(schedule, grid, steps):
    bench.needs(schedule in library.BETAS, "grids are made of a table of betas")
    name = grid.split(":")[0]
    spaced = {"timestep_spacing": name} if name in ("leading", "trailing") else {f"use_{name}_sigmas": True}
    offset = {"steps_offset": 1} if "offset=1" in grid else {}
    scheduler = library.made(CLASS, {**library.betas(schedule), **spaced, **offset})
    scheduler.set_timesteps(steps)
    return scheduler.sigmas.tolist()


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        time="sigma",
        spaces=["ve"],
        solvers=["deis-rho-2", "deis-rho-3", "deis-rho-4"],
        schedules=["edm", "vp-linear", "vp-cosine", "discrete-linear", "discrete-scaled-linear", *library.BETAS],
        predictions=["noise", "v"],
        policies=["zero=on"],
        grids=["leading:ddim,offset=1,ends=zero", "trailing:ends=zero", "karras:ends=zero", "exponential:ends=zero", "beta:on=sigma,ends=zero"],
        nodes=nodes,
    )
