"""DPM-Solver++(2M) (Lu et al. 2022, Algorithm 2) and DDIM, its first order, in double precision."""

import math

import dpm_spec_testee


def noise_to_signal():
    """(sigma/alpha)^2 at the indices of `discrete-linear`, summed without cancellation."""
    signal, noise, found = 1.0, 0.0, []
    for i in range(1000):
        beta = 0.0001 + (0.02 - 0.0001) * i / 999
        signal, noise = signal * (1 - beta), noise + signal * beta
        found.append(noise / signal)
    return found


TABLE = noise_to_signal()


def level(schedule, t):
    """(alpha, sigma, lambda) at a time; a time of `discrete-linear` is an index."""
    if schedule == "discrete-linear":
        if t != int(t):
            raise dpm_spec_testee.Refused("times between two indices")
        tau = TABLE[int(t)]
    else:
        tau = math.expm1((0.5 * (20 - 0.1) * t + 0.1) * t)
    return 1 / math.sqrt(1 + tau), math.sqrt(tau / (1 + tau)), -0.5 * math.log(tau)


def extrapolated(m, h, older, h_older):
    """The data prediction in the middle of the step, from the last two outputs."""
    return [a + (a - b) * h / (2 * h_older) for a, b in zip(m, older)]


def sample(case, model, x, noise, extrapolated=extrapolated):
    before = None
    for s, t in zip(case.times, case.times[1:]):
        _, sigma_s, lambda_s = level(case.schedule, s)
        alpha, sigma, lambda_t = level(case.schedule, t)
        h = lambda_t - lambda_s
        x = model.restart(x)
        m = model(s, x)
        d = extrapolated(m, h, *before) if before else m
        x = [sigma / sigma_s * a - alpha * math.expm1(-h) * b for a, b in zip(x, d)]
        before = (m, h) if case.solver == "dpmpp-2m" else None
    return x


if __name__ == "__main__":
    dpm_spec_testee.serve(
        sample,
        name="example",
        version="1",
        solvers=["ddim", "dpmpp-2m"],
        schedules=["vp-linear", "discrete-linear"],
        local=True,
    )
