"""The UniPC authors' uni_pc.py, from a path: its predictor (B = H_1) without the corrector."""

import sys

import bench

torch = bench.torch_in("f64")
unipc = bench.file(sys.argv[1] if len(sys.argv) > 1 else "", "uni_pc.py")
ORDERS = {"ddim": 1, "dpmpp-2m": 2, "dpmpp-3m-exact": 3, "dpmpp-4m-exact": 4, "dpm-2m": 2, "dpm-3m-exact": 3, "dpm-4m-exact": 4}
MODELS = {"noise": "noise", "data": "x_start", "v": "v"}
SKIPS = {"lambda": "logSNR", "time": "time_uniform", "quadratic": "time_quadratic"}


def schedule(id):
    return unipc.NoiseScheduleVP("linear" if id == "vp-linear" else "cosine")


def sample(case, model, x, noise):
    order, zero, ns = ORDERS[case.solver], case.policy["zero"] == "on", schedule(case.schedule)
    times = torch.tensor(case.times[:-1] if zero else case.times)
    steps = len(times) - 1
    bench.needs(steps >= order, f"order {order} needs {order} steps")

    def network(x, t, **_):
        return bench.batch(torch, model(t[0], x.flatten())).reshape(x.shape)

    model_fn = unipc.model_wrapper(network, ns, model_type=MODELS[case.prediction])
    side = "noise_prediction" if case.solver.startswith("dpm-") else "data_prediction"
    solver = unipc.UniPC(model_fn, ns, algorithm_type=side, variant="bh2")
    update = solver.multistep_uni_pc_update
    solver.multistep_uni_pc_update = lambda *them, **named: update(*them, **{**named, "use_corrector": False})
    solver.get_time_steps = lambda **_: times
    start = bench.batch(torch, x).reshape(1, -1, 1, 1)
    options = {"lower_order_final": case.policy["final"] == "lower", "denoise_to_zero": zero}
    ends = {"t_start": float(times[0]), "t_end": float(times[-1])}
    return solver.sample(start, steps=steps, order=order, **ends, **options).flatten()


def nodes(schedule_id, grid, steps):
    ns = schedule(schedule_id)
    bench.needs(schedule_id != "vp-cosine", "its cosine schedule has ends of its own")
    solver = unipc.UniPC(lambda x, t: x, ns)
    return solver.get_time_steps(SKIPS[grid], 1.0, 1 / ns.total_N, steps, "cpu").tolist()


if __name__ == "__main__":
    bench.serve(
        sample,
        library=unipc,
        name="uni_pc.py, predictor",
        package="",
        version=sys.argv[2] if len(sys.argv) > 2 else "",
        solvers=list(ORDERS),
        schedules=["vp-linear", "vp-cosine"],
        predictions=list(MODELS),
        policies=["final=lower", "final=lower,zero=on", "zero=on"],
        grids=list(SKIPS),
        nodes=nodes,
    )
