"""A scheduler class of diffusers as a sampler: its own `step`, one call of the network each."""

import logging
import sys

import bench
from dpm_spec_testee import Refused

# The compiler, which diffusers imports and none of its schedulers uses: half of what a start takes.
sys.modules["torch._dynamo"] = None
diffusers = bench.library("diffusers", "diffusers", "0.14.0", "0.50")
torch = bench.torch_in("f32")
logging.disable(logging.WARNING)

PREDICTIONS = {"noise": "epsilon", "data": "sample", "v": "v_prediction", "flow": "flow_prediction"}
# What a class takes for a scheduler in use: beta_schedule, beta_start, beta_end.
BETAS = {
    "discrete-linear:betas=f32": ("linear", 0.0001, 0.02),
    "discrete-scaled-linear:betas=f32": ("scaled_linear", 0.00085, 0.012),
}


def betas(schedule):
    name, start, end = BETAS.get(schedule, BETAS["discrete-scaled-linear:betas=f32"])
    return {"beta_schedule": name, "beta_start": start, "beta_end": end}


def made(name, options):
    """A scheduler of the class with these options, which must be the class's own."""
    kind = getattr(diffusers, name, None)
    if kind is None:
        raise Refused(f"diffusers {bench.version('diffusers')} has no {name}")
    known = {option: value for option, value in options.items() if value is not None}
    unknown = [option for option in known if option not in bench.takes(kind.__init__)]
    bench.needs(not unknown, f"{name} of diffusers {bench.version('diffusers')} has no {', '.join(unknown)}")
    try:
        return kind(**known)
    except NotImplementedError as refusal:
        raise Refused(f"diffusers {bench.version('diffusers')}: {refusal}") from None


def integrating(scheduler, case, prediction):
    """The scheduler, without its conversion where the network returns what the solver integrates."""
    if case.prediction != prediction:
        scheduler.convert_model_output = lambda output, *_, **__: output
    return scheduler


def run(scheduler, model, x, noise=None, told=float):
    """The loop of a pipeline. `told` is the time of a step in the runner's convention."""
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    takes_noise = "variance_noise" in bench.takes(type(scheduler).step)
    x = image(x)
    for i, t in enumerate(scheduler.timesteps):
        x = image(model.restart(x.flatten().tolist()))
        m = image(model(told(i), x.flatten()))
        drawn = {}
        if noise is not None:
            given = image(noise())
            if takes_noise:
                drawn["variance_noise"] = given
            else:
                # Before 0.27 the class draws it itself.
                sys.modules[type(scheduler).__module__].randn_tensor = lambda *_, **__: given
        x = scheduler.step(m, t, x, return_dict=False, **drawn)[0]
    return x.flatten()


def image(values):
    """A vector as a batch of one image, which older releases insist on."""
    return bench.batch(torch, values)[..., None, None]


def serve(sample, kind, suffix="", **declared):
    """Serves a sampler by this class of the installed diffusers, in single precision unless it says otherwise."""
    bench.serve(sample, library=diffusers, name=f"diffusers {kind}{suffix}", package="diffusers", **{"element": "f32", **declared})
