"""Schedulers of diffusers before 0.22, which step along whole timesteps through tables of alpha and sigma.

Their tables are replaced by ones that hold the runner's nodes, as ask_diffusers.py replaces the sigmas of later
releases: node N at index 0, the first one at index N.
"""

import bench
import diffusers_classes as classes
import in_diffusers as library
from in_diffusers import torch

CLASS = classes.CLASS


def made(options):
    whole = not hasattr(getattr(library.diffusers, CLASS), "step_index")
    bench.needs(whole, f"{CLASS} of diffusers {bench.version('diffusers')} steps along its sigmas: ask_diffusers.py asks that")
    return library.made(CLASS, options)


def sample(case, model, x, noise):
    algorithm, order, kind = classes.SOLVERS[case.solver]
    stochastic, deis = case.solver.startswith("sde-"), CLASS.startswith("DEIS")
    exact_start = case.policy["start"] == "ramp-exact"
    bench.needs(not stochastic or case.eta == 1, "its noise is that of eta = 1")
    bench.needs(case.times[-1] > 0, "its tables end above sigma = 0")
    bench.needs(order == 3 or not exact_start, "only order 3 may start with the exact second step")
    bench.needs(exact_start or not deis or order < 3, "its second step is the exact one")
    bench.needs(not classes.SINGLE or case.policy["blocks"] == "progressive", "every step of it is one call")
    options = {
        "algorithm_type": algorithm,
        "solver_order": order,
        "solver_type": "heun" if exact_start and not deis else kind,
        "prediction_type": library.PREDICTIONS.get(case.prediction),
        "lower_order_final": case.policy["final"].startswith("lower"),
        "euler_at_final": True if case.policy["final"] == "euler" else None,
    }
    if CLASS.startswith("UniPC"):
        options |= {"disable_corrector": list(range(1000)), "predict_x0": case.solver.startswith("dpmpp")}
    scheduler = made({**library.betas(case.schedule), **options})
    scheduler.set_timesteps(case.steps)
    sigmas = torch.tensor(case.times[::-1], dtype=torch.float64)
    alphas = torch.rsqrt(1 + sigmas**2)
    scheduler.alpha_t, scheduler.sigma_t = alphas.float(), (sigmas * alphas).float()
    scheduler.lambda_t = torch.log(scheduler.alpha_t) - torch.log(scheduler.sigma_t)
    scheduler.timesteps = torch.arange(case.steps, 0, -1)
    return library.run(scheduler, model, x, noise if stochastic else None, lambda i: case.times[i])


def nodes(schedule, grid, steps):
    name, _, rest = grid.partition(":")
    bench.needs(schedule in library.BETAS, "grids are made of a table of betas")
    bench.needs("zero" not in rest, "its tables end above sigma = 0")
    scheduler = made({**library.betas(schedule), **classes.GRIDS[name]})
    scheduler.set_timesteps(steps)
    return (scheduler.sigma_t / scheduler.alpha_t)[[*scheduler.timesteps.tolist(), 0]].tolist()


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        suffix=", by tables",
        time="sigma",
        solvers=list(classes.SOLVERS),
        schedules=["vp-linear", "vp-cosine", "discrete-scaled-linear", *library.BETAS],
        predictions=["noise", "data", "v"],
        policies=classes.POLICIES,
        grids=["linspace", "karras"],
        nodes=nodes,
        local=not classes.SINGLE,
    )
