"""Impulses through the real scheduler classes of diffusers: one component a basis vector.

Thresholding and clipping are not linear and are switched off. Tensors are float32, as in use.
"""

import importlib
import logging
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import diffusers  # noqa: E402  (after the filters)

LOCAL = ("x", "base", "m0", "m1", "m2", "z")
MULTISTEP, SINGLESTEP = "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler"


class Double:
    """The torch module with float32 renamed to float64, for the step of a class that names float32."""

    float32 = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


class Probe:
    """One configuration at one number of steps."""

    def __init__(self, config, steps, mu=None, sigmas=None, corrected=False):
        """sigmas: "f64" steps in double from the class's own float32 sigmas; a list steps in double from these.

        corrected: with the constant of finding 004 put right.
        """
        self.dtype = torch.float32 if sigmas is None else torch.float64
        self.corrected = corrected
        self.kind, self.steps, self.mu, self.sigmas = config["_class_name"], steps, mu, sigmas
        self.config = {**config, "thresholding": False, "clip_sample": False}
        self.scheduler = self.fresh()
        self.labels = [float(t) for t in self.scheduler.timesteps]

    def fresh(self):
        scheduler = getattr(diffusers, self.kind).from_config(self.config)
        scheduler.set_timesteps(self.steps, **({} if self.mu is None else {"mu": self.mu}))
        if self.kind != "DDIMScheduler":
            scheduler.set_begin_index(0)
        if self.sigmas is not None and self.kind == "DDIMScheduler":
            scheduler.alphas_cumprod = scheduler.alphas_cumprod.double()
            scheduler.final_alpha_cumprod = scheduler.final_alpha_cumprod.double()
        if self.sigmas is not None and self.kind in (MULTISTEP, SINGLESTEP):
            own = scheduler.sigmas if self.sigmas == "f64" else torch.tensor(self.sigmas, dtype=torch.float64)
            scheduler.sigmas = own.to(torch.float64)
        if self.corrected:
            correct_third_order(scheduler)
        return scheduler

    def step(self, scheduler, i, output, state, noise):
        """One step of the class; the noise source is replaced by `noise`."""
        module = importlib.import_module(type(scheduler).__module__)
        genuine = module.torch, getattr(module, "randn_tensor", None)
        module.randn_tensor = lambda *_, **__: noise
        if self.sigmas is not None:
            module.torch = Double()
        try:
            return scheduler.step(output, scheduler.timesteps[i], state, return_dict=False)[0]
        finally:
            module.torch, module.randn_tensor = genuine

    def impulse(self, index, width):
        tensor = torch.zeros(1, 1, width, 1, dtype=self.dtype)
        tensor[0, 0, index, 0] = 1.0
        return tensor

    def local(self, joined):
        """Per step, each from fresh unit vectors: (conversion row, step row), or (None, both in one) if joined."""
        return [self.local_step(i, joined) for i in range(len(self.labels))]

    def local_step(self, i, joined):
        scheduler = self.scheduler
        basis = {name: self.impulse(k, len(LOCAL)) for k, name in enumerate(LOCAL)}
        conversion = None
        if self.kind in (MULTISTEP, SINGLESTEP):
            order = scheduler.config.solver_order
            history = [basis["m1"], basis["m2"]][: min(i, order - 1)]
            scheduler.model_outputs = [None] * (order - len(history)) + history[::-1]
            scheduler.lower_order_nums = min(i, order)
            scheduler.sample = basis["base"]
            scheduler._step_index = i
        elif self.kind != "DDIMScheduler":
            scheduler._step_index = i
        if not joined:
            kx, _, ko, *_ = numbers(scheduler.convert_model_output(basis["m0"], sample=basis["x"]))
            conversion = {"x": kx, "out": ko}
            scheduler.convert_model_output = lambda output, **_: output
        moved = numbers(self.step(scheduler, i, basis["m0"], basis["x"], basis["z"]))
        vars(scheduler).pop("convert_model_output", None)
        return conversion, dict(zip(LOCAL, moved))

    def own_loop(self):
        """The sampler's own loop as a pipeline without set_begin_index runs it; raises what the class raises."""
        scheduler = self.fresh()
        scheduler._begin_index = None
        state = self.impulse(0, 6)
        for i in range(len(self.labels)):
            state = self.step(scheduler, i, self.impulse(1, 6), state, self.impulse(2, 6))

    def closed(self):
        """The states shown to the network and the result, over (x_T, outputs, noises)."""
        scheduler, calls = self.fresh(), len(self.labels)
        width = 1 + 2 * calls
        state, shown = self.impulse(0, width), []
        for i in range(calls):
            shown.append(numbers(state))
            state = self.step(scheduler, i, self.impulse(1 + i, width), state, self.impulse(1 + calls + i, width))
        return shown + [numbers(state)]


def correct_third_order(scheduler):
    """Adds alpha_t D2 to the third-order sde-dpmsolver++ update (docs/findings/004)."""
    single = isinstance(scheduler, diffusers.DPMSolverSinglestepScheduler)
    name = ("singlestep" if single else "multistep") + "_dpm_solver_third_order_update"
    genuine = getattr(scheduler, name)

    def update(outputs, **arguments):
        i = scheduler.step_index
        target, near, middle, far = (scheduler._sigma_to_alpha_sigma_t(scheduler.sigmas[i + 1 - k]) for k in range(4))
        lam = [torch.log(alpha / sigma) for alpha, sigma in (target, near, middle, far)]
        newest, older, oldest = outputs[-1], outputs[-2], outputs[-3]
        if single:
            h = lam[0] - lam[3]
            r0, r1 = (lam[1] - lam[3]) / h, (lam[2] - lam[3]) / h
            bend = 2 * ((newest - oldest) / r0 - (older - oldest) / r1) / (r0 - r1)
        else:
            h = lam[0] - lam[1]
            r0, r1 = (lam[1] - lam[2]) / h, (lam[2] - lam[3]) / h
            bend = ((newest - older) / r0 - (older - oldest) / r1) / (r0 + r1)
        return genuine(outputs, **arguments) + target[0] * bend

    setattr(scheduler, name, update)


def numbers(tensor):
    return np.asarray(tensor.reshape(-1).to(torch.float64))
