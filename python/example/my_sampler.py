"""DPM-Solver++(2M) on the linear schedule: Lu et al. 2022, Algorithm 2."""
from math import exp, expm1, log, sqrt

DPM_SPEC = {"solvers": ["dpmpp-2m"], "schedules": ["vp-linear"]}

def level(t):
    log_alpha = -0.25 * t * t * (20 - 0.1) - 0.5 * t * 0.1
    sigma = sqrt(-expm1(2 * log_alpha))
    return exp(log_alpha), sigma, log_alpha - log(sigma)

def sample(case, model, x, noise):
    before = None
    for s, t in zip(case.times, case.times[1:]):
        (_, sigma_s, lambda_s), (alpha, sigma, lambda_t) = level(s), level(t)
        m, h = model(s, x), lambda_t - lambda_s
        older, h_older = before or (m, h)
        d = [a + (a - b) * h / (2 * h_older) for a, b in zip(m, older)]
        x = [sigma / sigma_s * a - alpha * expm1(-h) * b for a, b in zip(x, d)]
        before = m, h
    return x
