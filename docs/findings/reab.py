"""The table of finding 023: errors of azula's REABSampler, as it is and with sigma of the step's end."""

import inspect
import math
import textwrap

import azula.sample
import torch
from azula.noise import VPSchedule

torch.set_default_dtype(torch.float64)
START, STOP, MEAN, VARIANCE = 0.9, 0.1, 0.5, 0.25


class Denoiser:
    """The exact one of data N(1/2, 1/4)."""

    schedule = VPSchedule()

    def __call__(self, x, t, **_):
        alpha, sigma = self.schedule(t)
        gain = alpha * VARIANCE / (alpha**2 * VARIANCE + sigma**2)
        return type("Posterior", (), {"mean": MEAN + gain * (x - alpha * MEAN)})


def exact(x):
    """Where the exact flow carries x."""
    (a, s), (b, r) = (Denoiser.schedule(torch.tensor(t)) for t in (START, STOP))
    return b * MEAN + (x - a * MEAN) * torch.sqrt((b**2 * VARIANCE + r**2) / (a**2 * VARIANCE + s**2))


def mended():
    """The class with one letter changed."""
    source = textwrap.dedent(inspect.getsource(azula.sample.REABSampler.__call__))
    names = dict(vars(azula.sample))
    exec(source.replace("alpha_s**2 + sigma_t**2", "alpha_s**2 + sigma_s**2"), names)
    return type("Mended", (azula.sample.REABSampler,), {"__call__": names["__call__"]})


x = torch.ones(1)
for name, kind in (("as it is", azula.sample.REABSampler), ("sigma_s for sigma_t", mended())):
    for order in (2, 3):
        options = {"order": order, "silent": True, "start": START, "stop": STOP, "dtype": torch.float64}
        errors = [abs((kind(Denoiser(), steps=n, **options)(x) - exact(x)).item()) for n in (20, 40, 80, 160, 320)]
        slopes = [math.log2(a / b) for a, b in zip(errors, errors[1:])]
        print(f"order {order}, {name}:", *(f"{error:.1e}" for error in errors), "slopes", *(f"{slope:.2f}" for slope in slopes))
