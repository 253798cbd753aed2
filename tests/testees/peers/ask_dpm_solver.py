"""The paper authors' dpm_solver_pytorch.py, from a path; `--element f32` for single precision."""

import argparse
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


def says(text):
    """Whether it stands in the file, whose versions differ."""
    return not isinstance(authors, bench.Missing) and text in Path(asked.path).read_text()


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


def sample(case, model, x, noise):
    ns, discrete = schedule(case.schedule), case.schedule.startswith("discrete")
    times = torch.tensor([(t + 1) / 1000 if discrete else t for t in case.times])
    zero = case.policy["zero"] == "on"
    times = times[:-1] if zero else times
    steps = len(times) - 1
    order = 1 if case.solver == "ddim" else int(case.solver.split("-")[1][0])
    plus = case.solver.startswith("dpmpp") or case.solver == "ddim"
    kind = "taylor" if case.solver.endswith(("exact", "taylor")) else "dpm_solver" if says("'dpm_solver'") else "dpmsolver"
    method = "multistep"
    if case.solver in SINGLESTEP:
        method = "singlestep_fixed" if case.policy["blocks"] == "fixed" else "singlestep"
    exact_start = case.policy["start"] == "ramp-exact"
    if exact_start:
        kind = "taylor"
    final = case.policy["final"]
    bench.needs(final == "full" or method == "multistep", "only its multistep method lowers the last orders")
    outer = "blocks" if asked.skip == "logSNR" else "nodes"
    bench.needs(method != "singlestep" or case.policy["outer"] == outer, f"with {asked.skip} its blocks are those of outer={outer}")
    bench.needs(steps >= order or method != "multistep", f"order {order} needs {order} steps")

    def network(x, t, **_):
        return torch.tensor([model(t[0], x[0])])

    model_fn = authors.model_wrapper(network, ns, model_type=MODELS[case.prediction])
    if says("algorithm_type="):
        solver = authors.DPM_Solver(model_fn, ns, algorithm_type="dpmsolver++" if plus else "dpmsolver")
    else:
        solver = authors.DPM_Solver(model_fn, ns, predict_x0=plus)
    OnNodes(solver, times)
    calls = {"singlestep_fixed": steps * order, "singlestep": case.steps}.get(method, steps)
    return solver.sample(
        bench.batch(torch, x), steps=calls, t_start=float(times[0]), t_end=float(times[-1]), order=order,
        skip_type=asked.skip, method=method, solver_type=kind, lower_order_final=final != "full", denoise_to_zero=zero,
    )[0]


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

if __name__ == "__main__":
    spaced = asked.skip != "logSNR"
    bench.serve(
        sample,
        library=authors,
        name=", ".join([asked.name, *([asked.skip] if spaced else []), *(["float32"] if asked.element == "f32" else [])]),
        package=asked.package,
        version=asked.version,
        element=asked.element,
        solvers=list(SINGLESTEP) if spaced else ["ddim", *MULTISTEP, *SINGLESTEP],
        schedules=["vp-linear", "discrete-linear"],
        predictions=list(MODELS),
        policies=[f"final={FEW}", "start=ramp-exact", "zero=on", "blocks=fast", "blocks=fast,outer=nodes"],
        grids=[] if spaced else list(SKIPS),
        threshold=None if spaced or not says("def dynamic_thresholding_fn") else threshold,
        nodes=nodes,
    )
