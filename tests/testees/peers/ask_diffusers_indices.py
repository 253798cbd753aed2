"""Schedulers of diffusers on whole indices: their own tables, and the timesteps that they tell the network."""

import sys

import bench
import diffusers_classes as classes
import in_diffusers as library

CLASS = sys.argv[1] if len(sys.argv) > 1 else "DPMSolverMultistepScheduler"
DDIM = CLASS == "DDIMScheduler"


def sample(case, model, x, noise):
    options = {**library.betas(case.schedule), "prediction_type": library.PREDICTIONS[case.prediction]}
    times = [int(t) for t in case.times]
    if DDIM:
        spaced = "timestep_spacing" in bench.takes(library.diffusers.DDIMScheduler.__init__)
        options |= {"timestep_spacing": "trailing" if spaced else None}
        scheduler = library.made(CLASS, {**options, "clip_sample": False, "set_alpha_to_one": False})
        scheduler.set_timesteps(case.steps)
        if not spaced:
            # Before 0.18 its own timesteps end at 0; its step is the same from others.
            scheduler.timesteps = library.torch.arange(999, -1, -(1000 // case.steps))[: case.steps]
        bench.needs(scheduler.timesteps.tolist() == times[:-1] and times[-1] == 0, "its nodes are its own: trailing, with steps of n // N")
    else:
        algorithm, order, kind = classes.SOLVERS[case.solver]
        options |= {"algorithm_type": algorithm, "solver_order": order, "solver_type": kind, "lower_order_final": False}
        scheduler = library.made(CLASS, {**options, "final_sigmas_type": "sigma_min"})
        bench.needs(times[-1] == 0, "it ends at index 0")
        takes = bench.takes(type(scheduler).set_timesteps)
        bench.needs("timesteps" in takes, f"{CLASS} of diffusers {bench.version('diffusers')} takes no timesteps")
        scheduler.set_timesteps(timesteps=times[:-1])
    if case.solver == "ddim-eta":
        return with_eta(scheduler, case, model, x, noise)
    stochastic = case.solver.startswith("sde-")
    bench.needs(not stochastic or case.eta == 1, "its noise is that of eta = 1")
    return library.run(scheduler, model, x, noise if stochastic else None, lambda i: scheduler.timesteps[i])


def with_eta(scheduler, case, model, x, noise):
    step = scheduler.step
    scheduler.step = lambda *arguments, **named: step(*arguments, eta=case.eta, **named)
    return library.run(scheduler, model, x, noise if case.eta else None, lambda i: scheduler.timesteps[i])


def nodes(schedule, grid, steps):
    spacing, _, rest = grid.partition(":")
    bench.needs(schedule in library.BETAS, "grids are made of a table of betas")
    options = {"set_alpha_to_one": False, "steps_offset": int("offset=1" in rest)} if DDIM else {"final_sigmas_type": "sigma_min"}
    options["timestep_spacing"] = spacing
    scheduler = library.made(CLASS, {**library.betas(schedule), **options})
    scheduler.set_timesteps(steps)
    return [*scheduler.timesteps.tolist(), 0]


if __name__ == "__main__":
    library.serve(
        sample,
        CLASS,
        suffix=", indices",
        time="discrete",
        solvers=["ddim", "ddim-eta"] if DDIM else list(classes.SOLVERS),
        schedules=list(library.BETAS),
        predictions=["noise", "data", "v"],
        grids=["leading:ddim,offset=1,ends=min"] if DDIM else ["linspace"],
        nodes=nodes,
        local=True,
    )
