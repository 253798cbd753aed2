"""Seconds that diffusers' step takes in the middle of a run, asked for line by line.

The first line printed names versions and threads. Each line read, `f32 batch channels height width`
or with `f16`, is one run of 20 steps: printed are the mean seconds of steps 6 to 15 and the first
numbers of the result.
"""

import gc
import json
import sys
import time
import warnings
from functools import cache
from pathlib import Path

import diffusers
import torch
from diffusers import DPMSolverMultistepScheduler

warnings.filterwarnings("ignore")
STEPS, TIMED = 20, range(5, 15)
FORMATS = {"f32": torch.float32, "f16": torch.float16}
CONFIGURATION = Path(__file__).parents[2] / "tests/data/stable-diffusion-v1-5-dpmpp-2m-karras.json"
scheduler = DPMSolverMultistepScheduler.from_config(json.loads(CONFIGURATION.read_text()))


@cache
def wave(seed, shape):
    """The same numbers as the benchmark that asks."""
    number = torch.arange(torch.Size(shape).numel(), dtype=torch.int64)
    values = (number * 7919 + seed * 104729) % 20011
    return (values.to(torch.float32) / 10000.5 - 1.0).reshape(shape)


@torch.inference_mode()
def run(format, shape):
    scheduler.set_timesteps(STEPS)
    state = (wave(0, shape) * scheduler.init_noise_sigma).to(FORMATS[format])
    output = wave(1, shape).to(FORMATS[format])
    gc.disable()
    for number, timestep in enumerate(scheduler.timesteps):
        if number == TIMED.start:
            begin = time.perf_counter()
        state = scheduler.step(output, timestep, state, return_dict=False)[0]
        if number == TIMED.stop - 1:
            seconds = (time.perf_counter() - begin) / len(TIMED)
    gc.enable()
    return seconds, state.flatten()[:4].tolist()


threads = int(sys.argv[1])
torch.set_num_threads(threads)
print(f"diffusers {diffusers.__version__}, torch {torch.__version__}, {threads} threads", flush=True)
for line in sys.stdin:
    format, *sizes = line.split()
    seconds, first = run(format, tuple(int(size) for size in sizes))
    print(seconds, *first, flush=True)
