"""k-diffusion's samplers on the sigmas that the runner gives, in double precision."""

import math

import bench

torch = bench.torch_in("f64")
sampling = bench.library("k-diffusion", "k_diffusion.sampling", "0.0.16", "0.1")

SAMPLERS = {
    "ddim": ("sample_euler", {}),
    "ddim-eta": ("sample_euler_ancestral", {}),
    "dpm-2s": ("sample_dpm_2", {}),
    "dpm-2s:r1=1": ("sample_heun", {}),
    "dpm-3s": ("sample_dpm_fast", {}),
    "deis-rho-2": ("sample_lms", {"order": 2}),
    "deis-rho-3": ("sample_lms", {"order": 3}),
    "deis-rho-4": ("sample_lms", {}),
    "dpmpp-2s": ("sample_dpmpp_2s_ancestral", {"eta": 0.0}),
    "dpmpp-2m": ("sample_dpmpp_2m", {}),
    "dpmpp-2m-exact": ("sample_dpmpp_2m_sde", {"eta": 0.0, "solver_type": "heun"}),
    "dpmpp-3m": ("sample_dpmpp_3m_sde", {"eta": 0.0}),
    "sde-dpmpp-2m": ("sample_dpmpp_2m_sde", {"solver_type": "midpoint"}),
    "sde-dpmpp-2m-exact": ("sample_dpmpp_2m_sde", {"solver_type": "heun"}),
    "sde-dpmpp-3m": ("sample_dpmpp_3m_sde", {}),
}
GRIDS = {
    "karras": lambda n, low, high: sampling.get_sigmas_karras(n, low, high),
    "lambda": lambda n, low, high: sampling.get_sigmas_exponential(n, low, high),
    "polyexponential": lambda n, low, high: sampling.get_sigmas_polyexponential(n, low, high, 2.0),
    "time": lambda n, low, high: sampling.get_sigmas_vp(n),
}
# sigma/alpha at the ends of the schedules.
ENDS = {"edm": (0.002, 80.0), "vp-linear": [math.sqrt(math.expm1((9.95 * t + 0.1) * t)) for t in (1e-3, 1.0)]}


def sample(case, model, x, noise):
    name, options = SAMPLERS[case.solver]
    third = case.solver.endswith("dpmpp-3m")
    bench.needs(case.policy["blocks"] == "fixed" or case.solver == "dpm-3s", "fast is of three stages")
    bench.needs(third == (case.policy["start"] == "ramp-exact"), "3m starts with the exact second step always, others never")
    vp = case.space == "vp" and case.schedule != "edm"

    def scale(sigma):
        """alpha where states are x, which the library's wrappers multiply by as well."""
        return (1 + torch.as_tensor(sigma) ** 2).rsqrt() if vp else 1.0

    def denoised(x, sigma, **_):
        m = bench.batch(torch, model(sigma[0], (x * scale(sigma))[0]))
        return x - sigma * m if case.solver.startswith(("dpm-", "deis-")) else m

    if case.solver.startswith("sde-") or case.solver == "ddim-eta":
        options = {**options, "eta": case.eta, "noise_sampler": lambda *_: bench.batch(torch, noise())}
    start, sigmas = bench.batch(torch, x) / scale(case.times[0]), torch.tensor(case.times)
    if case.solver == "dpm-3s":
        steps = sigmas.log().diff()
        bench.needs(case.policy["blocks"] == "fast" and bool((steps - steps.mean()).abs().max() < 1e-12), "fast on equal steps in lambda alone")
        result = sampling.sample_dpm_fast(denoised, start, case.times[-1], case.times[0], case.steps, disable=True)
    else:
        result = getattr(sampling, name)(denoised, start, sigmas, disable=True, **options)
    return (result * scale(case.times[-1]))[0]


def nodes(schedule, grid, steps):
    bench.needs(schedule in ENDS, "its grids are of sigma")
    return GRIDS[grid.split(":")[0]](steps, *ENDS[schedule]).tolist()


if __name__ == "__main__":
    bench.serve(
        sample,
        library=sampling,
        name="k-diffusion",
        package="k-diffusion",
        time="sigma",
        spaces=["ve", "vp"],
        solvers=list(SAMPLERS),
        schedules=["edm", "vp-linear", "vp-cosine", "discrete-linear", "discrete-scaled-linear"],
        policies=["zero=on", "start=ramp-exact", "start=ramp-exact,zero=on", "blocks=fast"],
        grids=["karras:ends=zero", "lambda:ends=zero", "polyexponential:p=2,ends=zero", "time:ends=zero"],
        nodes=nodes,
    )
