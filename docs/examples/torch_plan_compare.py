"""Plans in a PyTorch loop against diffusers' own schedulers: python docs/examples/torch_plan_compare.py [--page PAGE.md]

Both loops drive the same network from the same noise, in float32. Prints how far their results are apart,
in u = 2^-24 of the largest |x|, beside a bound; how far each is from the plan in float64; and, with the
network left out, the time and the passes over memory of a step. Exits 1 if a difference exceeds its bound,
or if a plan with one weight off by 1 % does not.

The bound (class `Bound`) is a running error analysis in the maximum norm, to first order in u. It takes:
- rows: over start, network outputs and noises, every coefficient of a state of the library lies within D u of
  the plan's, times the largest of its row, at least 1. `make cross` measures that with impulses through whole
  loops; D is stated in docs/findings (003: 22, with zero SNR 011: 97), and 8 where nothing had to be explained;
- network: its output moves by at most LIPSCHITZ times what its input moves, and is rounded once, from float64;
- arithmetic: a chain of k roundings is off by at most k u times the sum of the terms' magnitudes.
It is a worst case: all signs against us, in every step.
"""
import argparse
import importlib
import json
import logging
import pathlib
import platform
import statistics
import sys
import time
import warnings

import torch
from torch.utils._python_dispatch import TorchDispatchMode

import torch_plan

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import diffusers  # noqa: E402  (after the filters)

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS, MU, SHAPE = 20, 1.15, (1, 4, 128, 128)
U = 2.0**-24
# Configuration: D of its rows.
CASES = {
    "stable-diffusion-xl-base-dpmpp-2m": 22,
    "stable-diffusion-xl-base-sde-karras": 22,
    "stable-diffusion-v1-5-dpmpp-2m-karras": 22,
    "stable-diffusion-2-1-v-dpmpp-2m": 22,
    "hunyuan3d-paint-dpmpp-2m": 97,  # zero SNR at the first node: finding 011
    "pixart-alpha-xl-2": 22,
    "sana-1600m-1024px": 22,
    "stable-diffusion-3-medium": 8,
    "flux-1-dev": 8,
}
TIMED = ["stable-diffusion-xl-base-dpmpp-2m", "stable-diffusion-xl-base-sde-karras", "flux-1-dev"]
BATCHES = {1: 400, 8: 100, 64: 9}  # batch: rounds
LIPSCHITZ, LABEL_LIPSCHITZ = 0.5, 3.0 / 1000


class Network(torch.nn.Module):
    """tanh of a small convolution and a phase of the label: neighbours and channels mix, and slopes are bounded."""

    def __init__(self):
        super().__init__()
        kernel = torch.randn(4, 4, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
        self.kernel = LIPSCHITZ * kernel / kernel.abs().sum((1, 2, 3), keepdim=True)

    def forward(self, x, label):
        mixed = torch.nn.functional.conv2d(x.double(), self.kernel, padding=1)
        return torch.tanh(mixed + float(label) * LABEL_LIPSCHITZ).to(x.dtype)


def largest(tensor):
    return float(tensor.abs().max())


class Bound:
    """How far a run of the library may be from a run by the plan, to first order in u.

    An error is a row of signed coefficients over its sources: every network output (for what the network passes
    on), every rounded m and every rounded x'. The row is carried through the plan, so that what cancels cancels.
    """

    # Roundings in a chain. The plan: its numbers once, a product, the sums. The library, beside its rows: m has a
    # product, a difference and a quotient; x' has a difference, two products and two or three sums. Its own count
    # twice, because the impulses that measure its rows are rounded as well.
    PLAN_M, LIBRARY_M, LIBRARY_X = 3, 2 * 3, 2 * 6

    def __init__(self, row, start, calls):
        self.row, self.width = row, 1 + 4 * calls
        self.errors = {"s0": self.source(0)}  # x_T itself is no error: both loops have the same
        self.sizes, self.inputs = torch.zeros(self.width, dtype=torch.float64), [largest(start)]
        self.count, self.kept = 0, {}

    def source(self, index):
        return torch.nn.functional.one_hot(torch.tensor(index), self.width).double()

    def state(self, name):
        """The bound of the state: its sources, and the library's row over start, outputs and noises."""
        inputs = self.errors[name][[0, *range(1, 1 + 4 * self.count, 4), *range(4, 4 + 4 * self.count, 4)]]
        rows = max(1.0, largest(inputs)) * sum(self.inputs)
        return float(self.errors[name].abs() @ self.sizes) + (self.row * U * rows if self.count else 0.0)

    def step(self, call, x, output, label_off, noise):
        """A step of the run by the plan that was shown x, with the network's output."""
        kx, ko, a, b0, *weights = call.row.double().tolist()
        i = 1 + 4 * self.count  # sources of this step: output, m, x', noise
        moved = LIPSCHITZ * call.input_scale * self.state(call.state) + LABEL_LIPSCHITZ * label_off
        m, x, output = kx * x.double() + ko * output.double(), x.double(), output.double()
        chains = [(kx * x).abs() + (ko * output).abs(), (a * x).abs() + (b0 * m).abs()]
        self.kept[call.output], self.kept[call.state] = m, x
        error = kx * self.errors[call.state] + ko * self.source(i) + self.source(i + 1)
        following = a * self.errors[call.state] + b0 * error + self.source(i + 2)
        for weight, name in zip(weights, call.others):
            other = self.kept.get(name, noise)
            following = following + weight * self.errors.get(name, self.source(i + 3))
            chains[1] = chains[1] + (weight * other).abs()
        self.sizes[i] = moved + 2 * U * largest(output)  # the network rounds its output once in either run
        self.sizes[i + 1] = (self.PLAN_M + self.LIBRARY_M) * U * largest(chains[0])
        self.sizes[i + 2] = (3 + len(weights) + self.LIBRARY_X) * U * largest(chains[1])
        self.inputs += [largest(output), largest(noise) if any(name[0] == "z" for name in call.others) else 0.0]
        self.errors[call.output], self.errors[call.target] = error, following
        self.count += 1


def scheduler_of(config):
    scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
    scheduler.set_timesteps(STEPS, **({"mu": MU} if config.get("use_dynamic_shifting") else {}))
    scheduler.set_begin_index(0)
    return scheduler


def options(config, noise):
    """What step takes besides; the noise is the same for both loops."""
    return {"variance_noise": noise} if config.get("algorithm_type", "").startswith("sde") else {}


def read(name):
    config = json.loads((ROOT / f"tests/data/{name}.json").read_text())
    return config, ROOT / f"spec/golden/models/{name}-n{STEPS}.json"


def drive(loop, network, start, noises, bound=None, labels=None):
    x = loop.start(start)
    for i, call in enumerate(loop.calls):
        output = network(call.scaled(x), call.label)
        if bound:
            bound.step(call, x, output, abs(labels[i] - call.label), noises[i])
        x = loop.update(output, noise=noises[i].to(x.dtype))
    return x


def accuracy(name):
    """(difference, bound, that of a spoiled plan, library from float64, plan from float64), in u of the largest |x|."""
    config, path = read(name)
    generator = torch.Generator().manual_seed(1)
    start, *noises = torch.randn(1 + STEPS, *SHAPE, generator=generator)
    network, scheduler = Network(), scheduler_of(config)
    labels = [float(label) for label in scheduler.timesteps]
    bound = Bound(CASES[name], start, STEPS)
    mine = drive(torch_plan.PlanLoop(path), network, start, noises, bound, labels)
    exact = drive(torch_plan.PlanLoop(path, dtype=torch.float64, compiled=False), network, start, noises)
    spoiled = torch_plan.PlanLoop(path, compiled=False)
    spoiled.calls[10].row[3] *= 1.01
    spoiled = drive(spoiled, network, start, noises)
    x = start
    for label, noise in zip(scheduler.timesteps, noises):
        x = scheduler.step(network(x, label), label, x, return_dict=False, **options(config, noise))[0]
    size = largest(exact) * U

    def apart(one, other):
        return largest(one.double() - other.double()) / size

    return apart(x, mine), bound.state(f"s{STEPS}") / size, apart(x, spoiled), apart(x, exact), apart(mine, exact)


class Counted(TorchDispatchMode):
    """Counts operations, and those whose result is as large as the state: a pass over memory each."""

    def __init__(self, size):
        super().__init__()
        self.size, self.operations, self.passes = size, 0, 0

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        result = function(*arguments, **(keywords or {}))
        views = ("view", "select", "slice", "detach", "_to_copy", "unsqueeze", "alias")
        if not any(view in str(function) for view in views):
            self.operations += 1
            self.passes += isinstance(result, torch.Tensor) and result.numel() == self.size
        return result


def passes(name):
    """(operations, passes) of the library's eleventh step, and kernels that the plan's step compiles to."""
    config, path = read(name)
    x, output, noise = torch.randn(3, *SHAPE)
    scheduler, loop = scheduler_of(config), torch_plan.PlanLoop(path)
    metrics = importlib.import_module("torch._inductor.metrics")
    loop.start(x)
    for i, label in enumerate(scheduler.timesteps[:11]):
        with Counted(x.numel() if i == 10 else -1) as counted:
            x = scheduler.step(output, label, x, return_dict=False, **options(config, noise))[0]
        if i == 10:
            torch._dynamo.reset()
            metrics.reset()
        loop.update(output, noise=noise)
    return counted.operations, counted.passes, metrics.generated_kernel_count


def speed(name, batch, rounds):
    """Medians over interleaved rounds: (library / plan, plan / one copy of the state), steps alone."""
    config, path = read(name)
    x, output, noise = torch.randn(3, batch, *SHAPE[1:])
    loop, target = torch_plan.PlanLoop(path), torch.empty_like(x)
    spent = []
    for _ in range(rounds + 2):
        scheduler, state = scheduler_of(config), x
        loop.start(x)
        begin = time.perf_counter()
        for label in scheduler.timesteps:
            state = scheduler.step(output, label, state, return_dict=False, **options(config, noise))[0]
        middle = time.perf_counter()
        for _ in loop.calls:
            loop.update(output, noise=noise)
        end = time.perf_counter()
        for _ in loop.calls:
            target.copy_(x)
        spent.append((middle - begin, end - middle, time.perf_counter() - end))
    spent = spent[2:]  # compiled by then
    return statistics.median(a / b for a, b, _ in spent), statistics.median(b / c for _, b, c in spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=pathlib.Path, help="a page whose block between the markers is written anew")
    parser.add_argument("--no-times", action="store_true", help="only compare results")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines, good = [], True

    def say(line=""):
        print(line, flush=True)
        lines.append(line)

    say(f"torch {torch.__version__.split('+')[0]}, diffusers {diffusers.__version__}, {platform.machine()} CPU, "
        f"one thread, {STEPS} steps, float32, state {'x'.join(map(str, SHAPE))}")
    say()
    say("results, in u = 2^-24 of the largest |x|           apart     bound   spoiled      library      plan")
    say("                                                 library - plan       by 1 %      from the plan in f64")
    for name in CASES:
        apart, bound, spoiled, library, mine = accuracy(name)
        verdict = "" if apart <= bound else "  EXCEEDS THE BOUND"
        verdict += "" if spoiled > bound else "  THE SPOILED PLAN IS NOT NOTICED"
        good &= not verdict
        say(f"{name:45}{apart:11.1f} {bound:9.0f} {spoiled:9.0f} {library:12.1f} {mine:9.1f}{verdict}")
    if not arguments.no_times:
        say()
        say("a step without the network       library: operations  passes   plan: kernels")
        for name in TIMED:
            operations, whole, kernels = passes(name)
            say(f"{name:40}{operations:13} {whole:7}{kernels:16}")
        say()
        say("time of a step without the network        batch   library / plan   plan / copy of the state")
        for name in TIMED:
            for batch, rounds in BATCHES.items():
                ratio, copies = speed(name, batch, rounds)
                say(f"{name:40}{batch:7} {ratio:16.1f} {copies:26.1f}")
    if arguments.page:
        before, rest = arguments.page.read_text().split("<!-- begin -->\n")
        after = rest.split("<!-- end -->")[1]
        block = "\n".join(lines)
        arguments.page.write_text(f"{before}<!-- begin -->\n```\n{block}\n```\n<!-- end -->{after}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
