"""Does a little of everything that the module offers; what, the solver's id says."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "testees" / "python"))

import dpm_spec_testee


def sample(case, model, x, noise):
    print("this goes to standard error")
    if case.solver == "dpmpp-2m":
        raise dpm_spec_testee.Refused('no "second" order')
    if case.solver == "dpmpp-3m":
        raise ValueError("no third order")
    while case.solver == "dpm-2m":
        model(0.5, x)
    for t in case.times[:-1]:
        x = model.restart(x)
        m = model(t, x)
        z = noise()
        x = [a + b + 2 * c + case.eta for a, b, c in zip(x, m, z)]
    return x


def nodes(schedule, grid, steps):
    return [1 - i / steps for i in range(steps + 1)]


def threshold(rule, samples):
    if rule.kind == "dynamic":
        return [[rule.ratio, rule.max, *sample[2:]] for sample in samples]
    return [[min(a, rule.bound) for a in sample] for sample in samples]


dpm_spec_testee.serve(
    sample,
    name="everything",
    version="1.5",
    time="lambda",
    spaces=["vp", "ve"],
    solvers=["ddim", "dpmpp-2m", "dpmpp-3m", "dpm-2m"],
    schedules=["vp-linear"],
    predictions=["v"],
    policies=["final=lower"],
    grids=["time"],
    nodes=nodes,
    threshold=threshold,
    local=True,
)
