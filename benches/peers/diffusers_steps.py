"""Median microseconds in which diffusers prepares 50 steps and takes them on one element."""

import json
import statistics
import time
import warnings
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
CONFIGURATION = Path(__file__).parents[2] / "tests/data/stable-diffusion-v1-5-dpmpp-2m-karras.json"
scheduler = DPMSolverMultistepScheduler.from_config(json.loads(CONFIGURATION.read_text()))
start, output = torch.ones(1), torch.ones(1)


def run():
    scheduler.set_timesteps(50)
    state = start
    for timestep in scheduler.timesteps:
        state = scheduler.step(output, timestep, state).prev_sample
    return state


times = []
for _ in range(12):
    begin = time.perf_counter()
    run()
    times.append((time.perf_counter() - begin) * 1e6)
print(statistics.median(times[2:]))
