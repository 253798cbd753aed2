"""Drives a PyTorch pipeline with a dpm-spec plan, one fused update a step: python docs/examples/torch_plan.py PLAN.json

    loop = PlanLoop("plan.json")
    x = loop.start(torch.randn(1, 4, 128, 128))
    for call in loop.calls:
        x = loop.update(unet(call.scaled(x), call.label))

The update is x' = a x + b0 m + b1 m1 + .., with m = kx x + ko out: every number stands in the plan, and
torch.compile makes one kernel of it, which reads each array once and writes x' and m in place.
Needs PyTorch (tried with 2.15) and, to compile for a CPU, a C++ compiler. `x` is the loop's own memory: clone it to keep it.
"""
import json
import math
import sys
from dataclasses import dataclass

import torch


@dataclass
class Call:
    """One call of the network and the update after it, as names of the plan and their coefficients."""

    label: float
    input_scale: float
    state: str
    output: str
    target: str
    row: torch.Tensor  # kx, ko (or ko g, ko (1 - g) under guidance), a, b0, then one a name in `others`
    others: list
    kept: bool  # whether a later step reads the converted output
    free: list  # names that no later step reads

    def scaled(self, x):
        """What the network is shown."""
        return x if self.input_scale == 1 else x * self.input_scale


def fused(row, x, outputs, others, into, keep):
    """One step as one expression. The numbers are a tensor, so that one kernel serves all steps."""
    m = row[0] * x
    for i, output in enumerate(outputs, start=1):
        m = m + row[i] * output.to(x.dtype)
    first = 1 + len(outputs)
    new = row[first] * x + row[first + 1] * m
    for i, other in enumerate(others, start=first + 2):
        new = new + row[i] * other
    into.copy_(new)
    if keep is not None:
        keep.copy_(m)


class PlanLoop:
    """A plan as a loop. guidance: its scale, or None; then `update` takes two outputs of the network."""

    def __init__(self, path, guidance=None, device="cpu", dtype=torch.float32, compiled=True):
        with open(path, encoding="ascii") as file:
            self.plan = json.load(file)
        if self.plan["recipe"]["threshold"] or self.plan["initial"]["states"] != 1:
            raise ValueError(f"{path}: plans with thresholding or several start states are not for this loop")
        self.guidance, self.device, self.dtype = guidance, device, dtype
        # A kernel a form of the step (few) and a kind of shape. Their number is the limit: beyond it, an error (fullgraph).
        self.fused = torch.compile(fused, fullgraph=True, isolate_recompiles=True, recompile_limit=32) if compiled else fused
        self.calls = list(self._calls(self.plan["program"]))

    def start(self, noise, generator=None):
        """Standard normal noise, scaled to the first state. The generator is for the noise of stochastic samplers."""
        x = noise.to(self.device, self.dtype) * self._number(self.plan["initial"]["scale"])
        self.values, self.position, self.generator = {"s0": x}, 0, generator
        return x

    def update(self, output, unconditional=None, noise=None):
        """The next state from the network's output."""
        call, values = self.calls[self.position], self.values
        x = values[call.state]
        for name in call.others:
            if name not in values:  # a noise
                values[name] = torch.empty_like(x).normal_(generator=self.generator) if noise is None else noise
        others = [values[name] for name in call.others]
        gone = {name: values.pop(name) for name in call.free}
        # Written over in the same pass; a noise may be the caller's.
        space = [array for name, array in gone.items() if name[0] != "z"]
        into = space.pop(0) if space else torch.empty_like(x)
        keep = (space.pop(0) if space else torch.empty_like(x)) if call.kept else None
        outputs = (output,) if self.guidance is None else (output, unconditional)
        self.fused(call.row, x, outputs, others, into, keep)
        values[call.target] = into
        if call.kept:
            values[call.output] = keep
        self.position += 1
        return into

    def _number(self, value):
        return float.fromhex(value["f64" if self.dtype == torch.float64 else "f32"])

    def _calls(self, program):
        pairs = [(a["evaluate"], b["combine"]) for a, b in zip(program[::2], program[1::2], strict=True)]
        last = {}  # the last step that reads a name
        for i, (call, step) in enumerate(pairs):
            last.update({name: i for name in [call["state"], *(name for name, _ in step["terms"])]})
        for i, (call, step) in enumerate(pairs):
            node, convert, state, output = self.plan["nodes"][call["node"]], call["convert"], call["state"], call["output"]
            weights = {name: self._number(weight) for name, weight in step["terms"]}
            others = [name for name in weights if name not in (state, output)]
            ko = self._number(convert["output"])
            mixed = [ko] if self.guidance is None else [ko * self.guidance, ko * (1 - self.guidance)]
            row = [self._number(convert["state"]), *mixed, weights.get(state, 0.0), weights.get(output, 0.0)]
            row += [weights[name] for name in others]
            free = [name for name in [state, *others] if last[name] == i]
            yield Call(
                self._number(node["label"]), self._number(node["input_scale"]), state, output, step["target"],
                torch.tensor(row, dtype=self.dtype, device=self.device), others, last.get(output, -1) > i, free,
            )


if __name__ == "__main__":
    # A network that knows a data set of one point: a sampler without noise must end at alpha DATA + sigma EPS.
    DATA, EPS = 0.5, 0.3
    loop = PlanLoop(sys.argv[1], dtype=torch.float64, compiled="--eager" not in sys.argv)
    number, nodes = loop._number, loop.plan["nodes"]

    def point(node):
        return number(node["alpha"]) * DATA + number(node["sigma"]) * EPS

    x = loop.start(torch.full((2, 3), point(nodes[0]) / number(loop.plan["initial"]["scale"]), dtype=torch.float64))
    for call, instruction in zip(loop.calls, loop.plan["program"][::2]):
        node = nodes[instruction["evaluate"]["node"]]
        alpha, sigma = number(node["alpha"]), number(node["sigma"])
        eps = (x - alpha * DATA) / sigma
        v = alpha * eps - sigma * DATA
        output = {"noise": eps, "data": torch.full_like(x, DATA), "v": v, "flow": eps - DATA, "score": -eps / sigma}
        x = loop.update(output[loop.plan["prediction"]], noise=torch.zeros_like(x))
    result, expected = x[0, 0].item(), point(nodes[-1])
    print(f"result {result!r}, expected {expected!r} for a sampler without noise")
    drawn = any(name[0] == "z" for call in loop.calls for name in call.others)
    sys.exit(0 if drawn or math.isclose(result, expected, rel_tol=1e-9, abs_tol=1e-9) else 1)
