"""The authors' file itself: which version it is, its schedules and grids, and a solver on the runner's nodes."""

import argparse
from functools import cache
from pathlib import Path

import bench

parser = argparse.ArgumentParser()
parser.add_argument("path", nargs="?")
parser.add_argument("--name", default="dpm_solver_pytorch.py")
parser.add_argument("--package", default="", help="the package that carries the file, for its version")
parser.add_argument("--version", default="")
parser.add_argument("--element", choices=["f64", "f32"], default="f64")
parser.add_argument("--skip", default="logSNR", help="its skip_type, which also places the stages of single-step solvers")
asked = parser.parse_args()
torch = bench.torch_in(asked.element)
authors = bench.file(asked.path, asked.name)

MULTISTEP = {f"{side}-{kind}": side for side in ("dpmpp", "dpm") for kind in ("2m", "2m-exact", "3m")}
SINGLESTEP = {f"{side}-{kind}": side for side in ("dpmpp", "dpm") for kind in ("2s", "2s-taylor", "3s", "3s-taylor")}
SKIPS = {"lambda": "logSNR", "time": "time_uniform", "quadratic": "time_quadratic"}
MODELS = {"noise": "noise", "data": "x_start", "v": "v", "score": "score"}


@cache
def says(text):
    """Whether it stands in the file, whose versions differ."""
    return not isinstance(authors, bench.Missing) and text in Path(asked.path).read_text()


@cache
def schedule(id):
    if id == "vp-linear":
        return authors.NoiseScheduleVP("linear")
    ends = {"discrete-linear": (1e-4, 0.02, 1), "discrete-scaled-linear": (0.00085**0.5, 0.012**0.5, 2)}[id]
    betas = torch.linspace(ends[0], ends[1], 1000, dtype=torch.float64) ** ends[2]
    typed = {"dtype": torch.get_default_dtype()} if says("dtype=torch.float32,") else {}
    return authors.NoiseScheduleVP("discrete", betas=betas, **typed)


class OnNodes:
    """The solver with its outer time steps replaced by those of the runner."""

    def __init__(self, solver, times):
        self.solver, self.times, self.own = solver, times, solver.get_time_steps
        solver.get_time_steps = self

    def __call__(self, *arguments, **named):
        if self.times is not None:
            times, self.times = self.times, None
            return times
        return self.own(*arguments, **named)


def nodes(schedule_id, grid, steps):
    ns, discrete = schedule(schedule_id), schedule_id.startswith("discrete")
    solver = authors.DPM_Solver(lambda x, t: x, ns)
    first, last = 1.0, 1 / ns.total_N
    times = solver.get_time_steps(SKIPS[grid.split(":")[0]], first, last, steps, "cpu")
    return [t * 1000 - 1 if discrete else t for t in times.tolist()]


def threshold(rule, samples):
    bench.needs(rule.kind == "dynamic" and rule.max == float("inf"), "its thresholds are dynamic and have no upper bound")
    solver = authors.DPM_Solver(None, authors.NoiseScheduleVP("linear"), dynamic_thresholding_ratio=rule.ratio)
    return solver.dynamic_thresholding_fn(torch.tensor(samples), None).tolist()


FEW = "lower<15" if says("steps < 15:") else "lower<10"
