"""Seconds that torch.quantile takes for the magnitudes of a batch, asked for line by line.

The first line printed names versions and threads. Each line read is `batch elements ratio`: printed
are the mean seconds of 20 calls after two and the quantile of every sample.
"""

import sys
import time
from functools import cache

import torch

REPEATS = 20


@cache
def magnitudes(batch, elements):
    """The same numbers as the benchmark that asks."""
    number = torch.arange(1, batch * elements + 1, dtype=torch.int64)
    odds = [2654435761, 2246822519, 3266489917, 668265263]
    total = sum(number * odd % 2**32 for odd in odds)
    return (total.to(torch.float64) / 2**30 - 8.0).to(torch.float32).reshape(batch, elements).abs()


@torch.inference_mode()
def run(batch, elements, ratio):
    sample = magnitudes(batch, elements)
    for _ in range(2):
        found = torch.quantile(sample, ratio, dim=1)
    begin = time.perf_counter()
    for _ in range(REPEATS):
        torch.quantile(sample, ratio, dim=1)
    return (time.perf_counter() - begin) / REPEATS, found.tolist()


threads = int(sys.argv[1])
torch.set_num_threads(threads)
print(f"torch {torch.__version__}, {threads} threads", flush=True)
for line in sys.stdin:
    batch, elements, ratio = line.split()
    seconds, found = run(int(batch), int(elements), float(ratio))
    print(seconds, *found, flush=True)
