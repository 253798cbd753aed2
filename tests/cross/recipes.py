"""The program of a plan file's recipe on its schedule and grid, in Arb balls, by the definitions of spec/.

Reads what was asked for; none of the numbers.
"""

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

import program as programs
import weights
from grids import Grid, identifier
from schedules import ball

METHODS = {"ddim": "1", "1": "1", "2m": "2m", "2m-exact": "2m-exact", "3m": "3m", "3m-exact": "3m-exact", "4m-exact": "4m-exact"}
POINTS = {"1": 1, "2m": 2, "2m-exact": 2, "3m": 3, "3m-exact": 3, "4m-exact": 4}
# Solvers whose lower orders are their own, and whose step to sigma = 0 has a limit.
IN_RHO = ("deis-rho-", "ipndm-")
FAMILIES = {"sde-dpmpp-": "data", "sde-dpm-": "noise", "dpmpp-": "data", "dpm-": "noise", "": "data"}


@dataclass
class Solver:
    """kind: multistep, single or ddim-eta; method: a name of weights.py; inner: r1, r2 of the stages."""

    kind: str
    method: str
    side: str
    inner: tuple

    @classmethod
    def parse(cls, text):
        name, options = identifier(text)
        if name == "ddim-eta":
            return cls("ddim-eta", "1", "data", ())
        if name.startswith(IN_RHO):
            return cls("multistep", name, "noise", ())
        prefix = next(prefix for prefix in FAMILIES if name.startswith(prefix))
        method, side = name[len(prefix):], FAMILIES[prefix]
        if method in METHODS:
            return cls("multistep", METHODS[method], side, ())
        default = {"2s": ("1/2",), "3s": ("1/3", "2/3")}[method.removesuffix("-taylor")]
        inner = tuple(Fraction(options.get(f"r{k + 1}", value)) for k, value in enumerate(default))
        return cls("single", method, side, inner)

    @property
    def points(self):
        if self.in_rho:
            return int(self.method[-1])
        return int(self.method[0]) if self.kind == "single" else POINTS[self.method]

    @property
    def in_rho(self):
        return self.method.startswith(IN_RHO)


class Recipe:
    """Writes the program of one plan file."""

    def __init__(self, plan):
        recipe = plan["recipe"]
        self.solver = Solver.parse(recipe["solver"])
        self.policy = dict(part.split("=") for part in recipe["policy"].split(","))
        self.eta = Fraction(recipe["eta"])
        self.prediction = plan["prediction"]
        self.grid = Grid(plan)
        self.steps = self.grid.steps
        if plan["state_space"] != self.grid.schedule.state_space or plan["initial"]["start_at"] or plan["initial"]["states"] != 1:
            raise ValueError("state space or start of this plan")

    def derive(self):
        form = programs.Form(self.solver.side, ball(0 if self.solver.kind == "ddim-eta" else self.eta))
        self.made = programs.Program(form, [])
        outer = self.grid.outer()
        if self.solver.kind == "single" and self.policy["blocks"] == "fixed":
            self.fixed_blocks(outer)
        elif self.solver.kind == "single":
            self.progressive(outer)
        else:
            self.multistep(outer)
        return self.made

    def evaluate(self, index, state):
        node = self.made.nodes[index]
        return self.made.evaluate(index, state, programs.convert(self.prediction, self.solver.side, node))

    def order_at(self, i):
        """The order of step i: lowered at the end, and 1 in a step to sigma = 0."""
        final, points = self.policy["final"], self.solver.points
        if i == self.steps - 1 and (final == "euler" or self.policy["zero"] == "on" and not self.solver.in_rho):
            return 1
        if final == "lower" or (final.startswith("lower<") and self.steps < int(final[6:])):
            return min(points, self.steps - i)
        return points

    def multistep(self, nodes):
        self.made.nodes.extend(nodes)
        state = 0
        for i in range(self.steps):
            self.evaluate(i, state)
            if self.solver.kind == "ddim-eta":
                state = self.ddim_eta(state, i)
                continue
            order = min(self.order_at(i), i + 1)
            warm = {1: "1", 2: "2m-exact" if self.policy["start"] == "ramp-exact" else "2m", 3: "3m-exact"}
            path = [nodes[i + 1 - k] for k in range(order + 1)]
            if self.solver.in_rho and order > 1:
                state = programs.in_rho(self.solver.method, self.made, state, [i - k for k in range(order)], path)
                continue
            name = self.solver.method if order == self.solver.points else warm[order]
            state = programs.multistep(name, self.made, state, [i - k for k in range(order)], path)

    def ddim_eta(self, state, i):
        """x' = alpha_t x0 + sqrt(sigma_t^2 - s^2) eps + s z, s = eta sigma_t sqrt(1 - e^(-2h))."""
        source, target = self.made.nodes[i], self.made.nodes[i + 1]
        if target.clean:
            return self.made.combine(state, arb(0), [i], [target.alpha])
        noise = ball(self.eta) * target.sigma * (1 - (-2 * programs.step_size(source, target)).exp()).sqrt()
        direction = (target.sigma**2 - noise**2).sqrt() / source.sigma
        coefficient = target.alpha - direction * source.alpha
        return self.made.combine(state, direction, [i], [coefficient], noise if self.eta else None)

    def fixed_blocks(self, outer):
        """One block a step, inner nodes at lambda_s + r h."""
        made = self.made
        made.nodes.append(outer[0])
        at, state = 0, 0
        for i in range(self.steps):
            order, source, target = self.order_at(i), made.nodes[at], outer[i + 1]
            inner = self.solver.inner if order == self.solver.points else (Fraction(1, 2),) * (order - 1)
            ratios = [ball(r) for r in inner]
            outputs = [self.evaluate(at, state)]
            h = programs.step_size(source, target)
            for stage, r in enumerate(ratios):
                place = self.grid.place(source.lam() + r * h)
                made.nodes.append(place)
                if stage == 0:
                    plain = lambda c, part: weights.multistep("1", c, part, [])  # noqa: E731
                else:
                    plain = lambda c, _: weights.second_stage(c, h, *ratios)  # noqa: E731
                carry, coefficients, noise = made.form.transfer(source, place, plain)
                shown = made.combine(state, carry, outputs, coefficients, noise)
                outputs.append(self.evaluate(len(made.nodes) - 1, shown))
            made.nodes.append(target)
            state = self.block(source, target, state, outputs, ratios)
            at = len(made.nodes) - 1

    def block(self, base, target, state, outputs, ratios):
        """The closing step of a block from its base, with the inner nodes at the ratios."""
        method = self.solver.method.replace(str(self.solver.points), str(len(outputs)))
        closing = {
            1: lambda c, h: weights.multistep("1", c, h, []),
            2: lambda c, h: weights.two_stage(method, c, h, *ratios),
            3: lambda c, h: weights.three_stage(method, c, h, *ratios),
        }[len(outputs)]
        carry, coefficients, noise = self.made.form.transfer(base, target, closing)
        return self.made.combine(state, carry, outputs, coefficients, noise)

    def progressive(self, nodes):
        """Orders 1, .., p, 1, .., p over grid nodes, each block's later steps starting again at its base."""
        self.made.nodes.extend(nodes)
        points, steps = self.solver.points, self.steps
        orders = [i % points + 1 for i in range(steps)]
        final = self.policy["final"]
        lowering = final == "lower" or (final.startswith("lower<") and steps < int(final[6:]))
        if lowering and orders[-1] == points:
            orders[-1] = 1
            if points == 2:
                orders[-2:] = [1, 1]
        if self.policy["zero"] == "on" or final == "euler":
            orders[-1] = 1
        state, base_state, base, outputs = 0, 0, 0, []
        for i, order in enumerate(orders):
            if order == 1:
                base_state, base, outputs = state, i, []
            outputs.append(self.evaluate(i, state))
            h = programs.step_size(nodes[base], nodes[i + 1])
            ratios = [programs.step_size(nodes[base], nodes[k]) / h for k in range(base + 1, i + 1)]
            state = self.block(nodes[base], nodes[i + 1], base_state, outputs, ratios)
