"""Sampler programs in Arb balls: the two instructions of a plan, and the steps that make them up."""

from dataclasses import dataclass, field

from flint import arb

import weights


@dataclass
class Node:
    """alpha and sigma in the state space; ratio = sigma/alpha is None where alpha = 0."""

    alpha: arb
    sigma: arb
    t: object = None
    label: object = None
    input_scale: object = None

    @property
    def clean(self):
        return self.sigma == 0

    @property
    def pure_noise(self):
        return self.alpha == 0

    def lam(self):
        return (self.alpha / self.sigma).log()


def step_size(source, target):
    """h from one node to the next; None when it is infinite."""
    if source.pure_noise or target.clean:
        return None
    return (target.alpha * source.sigma / (target.sigma * source.alpha)).log()


@dataclass
class Program:
    """nodes, and instructions ("evaluate", node, state, output, kx, ko) and ("combine", target, terms)."""

    form: "Form"
    nodes: list
    instructions: list = field(default_factory=list)
    states: int = 1
    outputs: int = 0
    noises: int = 0

    def evaluate(self, index, state, conversion):
        output = self.outputs
        self.outputs += 1
        kx, ko = conversion
        self.instructions.append(("evaluate", index, state, output, kx, ko))
        return output

    def combine(self, state, carry, outputs, coefficients, noise=None):
        """s_target = carry s_state + sum of coefficients m + noise z; returns the target."""
        target = self.states
        self.states += 1
        terms = {f"s{state}": carry}
        for output, coefficient in zip(outputs, coefficients):
            terms[f"m{output}"] = coefficient
        if noise is not None:
            terms[f"z{self.noises}"] = noise
            self.noises += 1
        self.instructions.append(("combine", target, terms))
        return target


@dataclass
class Form:
    """side "data" or "noise", eta in [0, 1] (the sde-* eta)."""

    side: str
    eta: arb

    @property
    def c(self):
        return -(1 + self.eta) if self.side == "data" else arb(1)

    def transfer(self, source, target, plain):
        """(carry, coefficients, noise) of a step whose weights in u' = c u + g are plain(c, h)."""
        h = step_size(source, target)
        random = self.eta != 0
        if self.side == "data":
            if h is None:
                # limits: to sigma = 0 x0 itself; from alpha = 0 the first order step
                carry = arb(0) if target.clean or random else target.sigma / source.sigma
                noise = target.sigma if random else None
                return carry, [target.alpha], noise
            carry = target.sigma / source.sigma * (-self.eta * h).exp()
            scale = target.alpha * (1 + self.eta)
            noise = target.sigma * (1 - (-2 * self.eta * h).exp()).sqrt() if random else None
        else:
            if h is None:
                carry = target.alpha / source.alpha
                noise = carry * source.sigma * self.eta.sqrt() if random else None
                return carry, [-(1 + self.eta) * (carry * source.sigma)], noise
            carry = target.alpha / source.alpha
            scale = -(1 + self.eta) * target.sigma
            noise = target.sigma * (self.eta * ((2 * h).exp() - 1)).sqrt() if random else None
        return carry, [scale * w for w in plain(self.c, h)], noise


def multistep(name, program, state, outputs, path):
    """One multistep step; path holds the nodes newest first: target, source, previous, ..."""
    target, source = path[0], path[1]
    h = step_size(source, target)
    ratios = []
    for new, old in zip(path[1:], path[2:]):
        back = step_size(old, new)
        ratios.append(None if back is None or h is None else back / h)
    carry, coefficients, noise = program.form.transfer(
        source, target, lambda c, h: weights.multistep(name, c, h, ratios)
    )
    return program.combine(state, carry, outputs, coefficients, noise)


def in_rho(name, program, state, outputs, path):
    """A step of x/alpha along rho = sigma/alpha, by the weights of deis-rho or the fixed ones of ipndm."""
    target, source = path[0], path[1]
    rho = [arb(0) if node.clean else node.sigma / node.alpha for node in path]
    length = rho[1] - rho[0]
    places = [(rho[1] - at) / length for at in rho[1:]]
    shares = weights.fixed(len(places)) if name.startswith("ipndm") else weights.in_rho(places)
    coefficients = [-target.alpha * length * share for share in shares]
    return program.combine(state, target.alpha / source.alpha, outputs, coefficients)


def convert(prediction, side, node):
    """m = kx x + ko out: the network's output as data (x0) or noise (eps) prediction at a node."""
    a, s = node.alpha, node.sigma
    one, zero = arb(1), arb(0)
    if side == "data":
        return {
            "noise": lambda: (1 / a, -s / a),
            "data": lambda: (zero, one),
            "v": lambda: (a / (a * a + s * s), -s / (a * a + s * s)),
            "flow": lambda: (one / (a + s), -s / (a + s)),
            "score": lambda: (1 / a, s * s / a),
        }[prediction]()
    return {
        "noise": lambda: (zero, one),
        "data": lambda: (1 / s, -a / s),
        "v": lambda: (s / (a * a + s * s), a / (a * a + s * s)),
        "flow": lambda: (one / (a + s), a / (a + s)),
        "score": lambda: (zero, -s),
    }[prediction]()
