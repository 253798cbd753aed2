"""diffusers' schedulers of flows, on the runner's own times s."""

import sys

import bench
import in_diffusers as library
from in_diffusers import torch

CLASS = sys.argv[1] if len(sys.argv) > 1 else "FlowMatchEulerDiscreteScheduler"
EULER = CLASS == "FlowMatchEulerDiscreteScheduler"
SOLVERS = {"ddim": (1, "midpoint"), "dpmpp-2m": (2, "midpoint"), "dpmpp-2m-exact": (2, "heun"), "dpmpp-3m": (3, "midpoint")}


GRIDS = ["flow:ends=zero", "flow:ends=zero,shift=3"] if EULER else ["flow:train=1000,ends=zero", "flow:shift=3,train=1000,ends=zero"]


def sample(case, model, x, noise):
    zero = case.times[-1] == 0
    if EULER:
        bench.needs(zero, "its last step ends at s = 0")
        scheduler = library.made(CLASS, {"shift": 1.0})
        takes = bench.takes(type(scheduler).set_timesteps)
        bench.needs("sigmas" in takes, f"{CLASS} of diffusers {bench.version('diffusers')} takes no sigmas")
        scheduler.set_timesteps(sigmas=case.times[:-1])
    else:
        order, kind = SOLVERS[case.solver]
        options = {"use_flow_sigmas": True, "prediction_type": "flow_prediction", "lower_order_final": False, "solver_order": order, "solver_type": kind}
        scheduler = library.made(CLASS, {**options, "final_sigmas_type": "zero" if zero else "sigma_min"})
        scheduler.set_timesteps(case.steps)
        scheduler.sigmas = torch.tensor(case.times)
        scheduler.timesteps = scheduler.sigmas[:-1]

    def velocity(s, shown):
        m = torch.tensor(model(s, shown), dtype=torch.float64)
        return m if case.prediction == "flow" else (shown.double() - m) / float(s)

    velocity.restart = model.restart
    if EULER:
        # It steps by the velocity, whatever the network returns.
        return library.run(scheduler, velocity, x, None, lambda i: case.times[i])
    return library.run(library.integrating(scheduler, case, "flow"), model, x, None, lambda i: case.times[i])


def nodes(schedule, grid, steps):
    shift = 3.0 if "shift=3" in grid else 1.0
    options = {"shift": shift} if EULER else {"use_flow_sigmas": True, "flow_shift": shift}
    scheduler = library.made(CLASS, options)
    scheduler.set_timesteps(steps)
    return scheduler.sigmas.tolist()


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        suffix=", flow",
        spaces=["flow"],
        solvers=["ddim"] if EULER else list(SOLVERS),
        schedules=["flow"],
        predictions=["flow"],
        policies=["zero=on"],
        grids=GRIDS,
        nodes=nodes,
        local=True,
    )
