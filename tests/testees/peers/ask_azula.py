"""azula's samplers in double precision, on the runner's nodes, with its own schedule classes' interface."""

import bench

torch = bench.torch_in("f64")
azula = bench.library("azula", "azula.sample", "0.9", "0.12")

SOLVERS = {
    "ddim": ("EulerSampler", {}),
    "ddim-eta": ("DDIMSampler", {}),
    "dpm-2s:r1=1": ("HeunSampler", {}),
    "dpmpp-2m-exact": ("xEABSampler", {"order": 2}),
    "dpmpp-3m-exact": ("xEABSampler", {"order": 3}),
    "dpmpp-4m-exact": ("xEABSampler", {"order": 4}),
    "dpm-2m-exact": ("zEABSampler", {"order": 2}),
    "dpm-3m-exact": ("zEABSampler", {"order": 3}),
    "dpm-4m-exact": ("zEABSampler", {"order": 4}),
}


class Schedule:
    """(alpha, sigma) of the schedules that the runner asks for."""

    def __init__(self, id):
        self.id = id

    def __call__(self, t):
        if self.id == "edm":
            return torch.ones_like(t), t
        if self.id == "flow":
            return 1 - t, t
        tau = torch.expm1((0.5 * (20 - 0.1) * t + 0.1) * t)
        return torch.rsqrt(1 + tau), torch.sqrt(tau / (1 + tau))


def sample(case, model, x, noise):
    exact = case.solver.endswith(("3m-exact", "4m-exact"))
    bench.needs(not exact or case.policy["start"] == "ramp-exact", "its second step is the exact one")
    bench.needs(exact or case.policy["start"] == "ramp", "only orders 3 and 4 have a second step to start with")
    bench.needs(case.schedule != "flow" or case.times[0] < 1, "its schedules have alpha > 0 at both ends")
    bench.needs(case.times[-1] > 0 or case.solver.startswith("ddim"), "its schedules have sigma > 0 at both ends")

    class Denoiser:
        schedule = Schedule(case.schedule)

        def __call__(self, x_t, t, **_):
            m = bench.batch(torch, model(t, x_t[0]))
            if case.solver.startswith("dpm-"):
                alpha, sigma = self.schedule(t)
                m = (x_t - sigma * m) / alpha
            return type("Posterior", (), {"mean": m})

    name, options = SOLVERS[case.solver]
    if case.solver == "ddim-eta":
        # It takes the share of the variance, which is the square of eta.
        options = {"eta": case.eta**2}
    kind = type(name, (getattr(azula, name),), {"timesteps": torch.tensor(case.times)})
    torch.randn_like = lambda it, **_: bench.batch(torch, noise())
    return kind(Denoiser(), silent=True, steps=case.steps, **options)(bench.batch(torch, x))[0]


if __name__ == "__main__":
    bench.serve(
        sample,
        library=azula,
        name="azula",
        package="azula",
        spaces=["vp", "flow"],
        solvers=list(SOLVERS),
        schedules=["vp-linear", "edm", "flow"],
        policies=["start=ramp-exact", "zero=on"],
    )
