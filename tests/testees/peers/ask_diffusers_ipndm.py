"""diffusers' IPNDMScheduler, its two tables filled with the runner's own sigma and alpha, in double precision."""

import in_diffusers as library
from in_diffusers import torch

CLASS = "IPNDMScheduler"


def sample(case, model, x, noise):
    # Its formulas take the type of the tables.
    torch.set_default_dtype(torch.float64)
    scheduler = library.made(CLASS, {})
    scheduler.set_timesteps(case.steps)
    ratios = torch.tensor(case.times)
    scheduler.alphas = (1 + ratios**2).rsqrt()
    scheduler.betas = ratios * scheduler.alphas
    scheduler.timesteps = ratios[:-1]
    index = iter(range(case.steps))

    def network(told, x):
        """It takes velocities, alpha eps - sigma x_0, whatever the case has."""
        i = next(index)
        m = torch.tensor(model(told, x))
        return m if case.prediction == "v" else (m - scheduler.betas[i] * x) / scheduler.alphas[i]

    network.restart = model.restart
    return library.run(scheduler, network, x, None, lambda i: case.times[i])


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        element="f64",
        time="sigma",
        solvers=["ipndm-4"],
        schedules=["vp-linear", "vp-cosine", "discrete-linear", "discrete-scaled-linear"],
        predictions=["noise", "v"],
        policies=["zero=on"],
    )
