"""The paper authors' dpm_solver_pytorch.py, from a path; `--element f32` for single precision."""

import bench
from in_dpm_solver import FEW, MODELS, MULTISTEP, SINGLESTEP, SKIPS, OnNodes, asked, authors, nodes, says, schedule, threshold, torch


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
    stages = case.policy.get("stages", "ratios")
    even = method == "multistep" or asked.skip == ("time_uniform" if stages == "time" else "logSNR")
    bench.needs(even, f"with {asked.skip} its stages are not those of stages={stages}")
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
        policies=["stages=time", "blocks=fast,outer=nodes,stages=time"] if spaced else [f"final={FEW}", "start=ramp-exact", "zero=on", "blocks=fast"],
        grids=[] if spaced else list(SKIPS),
        threshold=None if spaced or not says("def dynamic_thresholding_fn") else threshold,
        nodes=nodes,
    )
