"""Writes betas.json and grids.json beside itself: numbers of PyTorch and diffusers, bit for bit.

python -m pip install torch diffusers scipy; python tests/data/torch/extract.py

Square roots of the zero-SNR rescaling are taken with numpy, which rounds them correctly;
torch.sqrt does not on every machine.
"""

import json
import pathlib

import diffusers
import numpy as np
import scipy
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, DPMSolverSinglestepScheduler

HERE = pathlib.Path(__file__).parent
torch.Tensor.sqrt = lambda x: torch.from_numpy(np.sqrt(x.numpy()))


def fnv(data: bytes) -> str:
    """64-bit FNV-1a."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def table(name, n, snr=None):
    curve = {"discrete-linear": "linear", "discrete-scaled-linear": "scaled_linear", "discrete-cosine": "squaredcos_cap_v2"}
    ends = {"discrete-linear": (1e-4, 0.02), "discrete-scaled-linear": (0.00085, 0.012)}.get(name, (1e-4, 0.02))
    kind = DDIMScheduler if snr == "on" else DPMSolverMultistepScheduler
    scheduler = kind(
        num_train_timesteps=n,
        beta_schedule=curve[name],
        beta_start=ends[0],
        beta_end=ends[1],
        rescale_betas_zero_snr=snr is not None,
    )
    abar = scheduler.alphas_cumprod.numpy().astype("<f4")
    picks = sorted({0, 1, n // 3, n // 2, n - 2, n - 1})
    return {
        "schedule": f"{name}:n={n},betas=f32" + (f",zero_snr={snr}" if snr else ""),
        "abar": {str(i): f"{abar[i:i + 1].view('<u4')[0]:08x}" for i in picks},
        "fnv": fnv(abar.tobytes()),
    }


def tables():
    sizes = [(name, n) for name in ("discrete-linear", "discrete-scaled-linear", "discrete-cosine") for n in (2, 10, 50, 999, 1000, 4000)]
    rows = [table(name, n) for name, n in sizes]
    rows += [table(name, 1000, snr) for name, _ in sizes[::6] for snr in ("on", "floor")]
    return rows


def labels(kind, spacing, offset, n):
    scheduler = kind(num_train_timesteps=n, timestep_spacing=spacing, steps_offset=offset)

    def first(steps):
        scheduler.set_timesteps(steps)
        return [int(t) for t in scheduler.timesteps[:steps]]

    return first


def grids():
    rows = []
    for convention, kind in (("dpm", DPMSolverMultistepScheduler), ("ddim", DDIMScheduler)):
        for n in (50, 999, 1000):
            for spacing, offset in (("linspace", 0), ("leading", 0), ("leading", 1), ("trailing", 0)):
                if spacing == "trailing" and convention == "ddim":
                    continue
                first = labels(kind, spacing, offset, n)
                upto = min(n - 10, 300)  # leading with an offset leaves the table at N = n - 1
                every = [first(steps) for steps in range(1, upto + 1)]
                flags = {"linspace": convention, "leading": f"{convention},offset={offset}", "trailing": ""}[spacing]
                rows.append({
                    "grid": f"{spacing}:{flags},ends=zero".replace(":,", ":"),
                    "n": n,
                    "indices": {str(steps): every[steps - 1] for steps in (1, 2, 7)},
                    "up_to": upto,
                    "fnv": fnv(np.array([i for one in every for i in one], "<i4").tobytes()),
                })
    return rows


def sigmas():
    rows = []
    for grid, option in (("karras", "use_karras_sigmas"), ("exponential", "use_exponential_sigmas"), ("beta:on=sigma", "use_beta_sigmas")):
        for steps in (2, 5, 20):
            scheduler = DPMSolverMultistepScheduler(
                beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, final_sigmas_type="zero", **{option: True}
            )
            scheduler.set_timesteps(steps)
            values = scheduler.sigmas.numpy().astype("<f4")[:steps]
            rows.append({"grid": grid, "steps": steps, "sigmas": [float(v).hex() for v in values], "labels": [int(t) for t in scheduler.timesteps]})
    return rows


def flow():
    rows = []
    for shift in (1.0, 3.0, 7.5):
        scheduler = DPMSolverMultistepScheduler(use_flow_sigmas=True, flow_shift=shift, prediction_type="flow_prediction")
        scheduler.set_timesteps(7)
        rows.append({"shift": str(shift), "steps": 7, "sigmas": [float(v).hex() for v in scheduler.sigmas.numpy()]})
    return rows


def blocks():
    rows = []
    for order in (2, 3):
        for lower in (False, True):
            for final in ("sigma_min", "zero"):
                for steps in range(1, 21):
                    scheduler = DPMSolverSinglestepScheduler(solver_order=order, lower_order_final=lower, final_sigmas_type=final)
                    scheduler.set_timesteps(steps)
                    rows.append({"order": order, "lower": lower, "zero": final == "zero", "orders": scheduler.order_list})
    return rows


def quantiles():
    from mpmath import betainc, beta, mp, mpf

    mp.dps = 40
    rows = []
    for a, b in (("0.6", "0.6"), ("0.5", "0.5"), ("2", "5"), ("0.1", "3"), ("30", "0.7"), ("100", "100")):
        for numerator in (1, 7, 250, 500, 900, 993, 999):
            p, x = mpf(numerator) / 1000, mpf(float(scipy.stats.beta.ppf(numerator / 1000, float(a), float(b))))
            a_, b_ = mpf(a), mpf(b)
            for _ in range(8):
                x -= (betainc(a_, b_, 0, x, regularized=True) - p) / (x ** (a_ - 1) * (1 - x) ** (b_ - 1) / beta(a_, b_))
            rows.append({"a": a, "b": b, "p": f"{numerator}/1000", "x": float(x).hex()})
    return rows


def comfy():
    """ComfyUI, comfy/samplers.py, `beta_scheduler`: indices of the sigmas, before repeats are dropped."""
    rows = []
    for steps in (1, 5, 20):
        probabilities = 1 - np.linspace(0, 1, steps, endpoint=False)
        rows.append({"steps": steps, "indices": [int(t) for t in np.rint(scipy.stats.beta.ppf(probabilities, 0.6, 0.6) * 999)]})
    return rows


def write(name, **sections):
    made = f"tests/data/torch/extract.py, torch {torch.__version__.split('+')[0]}, diffusers {diffusers.__version__}, scipy {scipy.__version__}"
    lines = [f'"made_by": {json.dumps(made)}']
    for key, rows in sections.items():
        lines.append(f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]")
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    import scipy.stats

    write("betas.json", tables=tables())
    write("grids.json", indexed=grids(), sigmas=sigmas(), flow=flow(), blocks=blocks(), beta_quantiles=quantiles(), comfy=comfy())
