"""Multistep and single-step schedulers of diffusers, stepping along the runner's own sigmas."""

import bench
import in_diffusers as library
from diffusers_classes import CLASS, POLICIES, SINGLE, SOLVERS, has, made, nodes, threshold
from in_diffusers import torch


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


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
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
