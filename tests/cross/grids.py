"""The nodes of a plan file's grid as Arb balls, by the definitions of spec/grids.md and the libraries they name."""

from fractions import Fraction

import numpy as np
from flint import arb

import schedules
import torch_bits
from program import Node
from schedules import ball


def identifier(text):
    """("karras", {"rho": "7"}) from "karras:rho=7"; a bare word is a flag."""
    name, _, rest = text.partition(":")
    pairs = [part.partition("=") for part in rest.split(",") if part]
    return name, {key: value or "on" for key, _, value in pairs}


def schedule_of(text):
    """A schedule from its id."""
    name, options = identifier(text)
    if name == "vp-linear":
        return schedules.VpLinear(Fraction(options.get("beta_min", "1/10")), Fraction(options.get("beta_max", "20")))
    if name == "vp-cosine":
        return schedules.VpCosine(Fraction(options.get("s", "8/1000")))
    if name == "edm":
        return schedules.Edm()
    if name == "flow":
        if Fraction(options.get("shift", "1")) != 1:
            raise ValueError(f"schedule {text}")
        return schedules.Flow()
    count = int(options.get("n", 1000))
    start, end = (Fraction(options[key]) if key in options else None for key in ("beta_start", "beta_end"))
    interpolation = options.get("interp", "log-alpha")
    if options.get("betas") != "f32":
        table = schedules.Discrete.products(schedules.exact_betas(name, count, start, end))
        return schedules.Discrete(table, interpolation)
    kind = {"discrete-linear": "linear", "discrete-scaled-linear": "scaled_linear", "discrete-cosine": "squaredcos_cap_v2"}[name]
    betas = torch_bits.betas(kind, count, float(start or 0), float(end or 0))
    rescaled = options.get("zero_snr", "off")
    return schedules.Discrete(torch_bits.cumulative(betas, rescaled != "off", rescaled == "floor"), interpolation)


class Grid:
    """Outer nodes of a grid; `place` makes a node at any lambda of the same schedule."""

    def __init__(self, plan):
        grid = plan["grid"]
        self.schedule = schedule_of(plan["schedule"]["id"])
        self.steps = grid["steps"]
        self.name, self.options = identifier(grid["id"])
        zero = dict(part.split("=") for part in plan["recipe"]["policy"].split(","))["zero"] == "on"
        self.ends = "zero" if zero else self.options.get("ends", "full")
        self.rounding = self.options.get("rounding", "none")
        self.domain = tuple(None if grid[key] is None else Fraction(grid[key]) for key in ("t_start", "t_end"))

    def outer(self):
        nodes = self.indexed() if self.domain[0] is None else self.ramp()
        if self.ends == "zero":
            timed = not isinstance(self.schedule, schedules.Discrete)
            nodes.append(Node(arb(1), arb(0), t=arb(0) if timed else None))
        return nodes

    def labelled(self, alpha, sigma, t):
        """A node with its label: index, t, or 1000 s; rounded or cut as the grid says."""
        label = sigma * 1000 if isinstance(self.schedule, schedules.Flow) else t
        if isinstance(self.schedule, schedules.Edm):
            label = sigma.log() / 4
        if self.rounding != "none":
            label = whole(label if self.rounding == "floor" else label + ball(Fraction(1, 2)))
        return Node(alpha, sigma, t=t, label=label)

    def at_time(self, t):
        return self.labelled(*self.schedule.at(t), ball(t))

    def place(self, lam):
        return self.labelled(*self.schedule.at_lambda(lam), self.schedule.time(lam))

    def at_ratio(self, ratio):
        return self.place(-ratio.log())

    def ramp(self):
        intervals = self.steps - (self.ends == "zero")
        start, end = self.domain
        nodes = [self.corner(start)]
        nodes += [self.inside(Fraction(i, intervals)) for i in range(1, intervals)]
        return nodes + [self.corner(end)] * (intervals > 0)

    def corner(self, t):
        return self.flow_node(t) if self.name == "flow" else self.at_time(t)

    def inside(self, part):
        start, end = self.domain

        def between(a, b):
            return a + ball(part) * (b - a)

        if self.name == "time":
            return self.at_time(start + part * (end - start))
        if self.name == "flow":
            return self.flow_node(start + part * (end - start))
        first, last = self.at_time(start), self.at_time(end)
        if self.name in ("lambda", "exponential"):
            return self.place(between(first.lam(), last.lam()))
        if self.name == "karras":
            power = int(self.options.get("rho", 7))
            roots = [(node.sigma / node.alpha).root(power) for node in (first, last)]
            return self.at_ratio(between(*roots) ** power)
        raise ValueError(f"grid {self.name}")

    def flow_node(self, t):
        """s shifted, then stretched to the terminal value."""
        factor = ball(Fraction(self.options["mu"])).exp() if "mu" in self.options else ball(Fraction(self.options.get("shift", "1")))

        def shifted(t):
            s = ball(t)
            return factor * s / (1 + (factor - 1) * s)

        # pure noise stays pure noise, exactly
        if t == 1:
            return self.labelled(arb(0), arb(1), arb(1))
        s = shifted(t)
        if "terminal" in self.options:
            stretch = (1 - shifted(self.domain[1])) / (1 - ball(Fraction(self.options["terminal"])))
            s = 1 - (1 - s) / stretch
        return self.labelled(1 - s, s, s)

    def indexed(self):
        """linspace, leading, trailing as the library computes them; then index 0 unless the grid ends at sigma = 0."""
        count = len(self.schedule.abar)
        top = int(self.options.get("top", count - 1))
        ddim = "ddim" in self.options
        if self.name == "linspace":
            points = np.linspace(0, top, self.steps) if ddim else np.linspace(0, top, self.steps + 1)[1:]
            times = points.round()[::-1]
        elif self.name == "leading":
            first = np.arange(self.steps) if ddim else np.arange(1, self.steps + 1)
            ratio = (top + 1) // (self.steps if ddim else self.steps + 1)
            times = (first * ratio)[::-1] + int(self.options.get("offset", 0))
        else:
            times = np.arange(top + 1, 0, -count / self.steps).round() - 1
        nodes = [self.at_time(int(t)) for t in times]
        return nodes if self.ends == "zero" else nodes + [self.at_time(0)]


def whole(x):
    """The floor of a ball as an exact ball."""
    low, high = x.lower().floor(), x.upper().floor()
    if low.unique_fmpz() is None or low.unique_fmpz() != high.unique_fmpz():
        raise ArithmeticError("the floor is undecided")
    return arb(low.unique_fmpz())
