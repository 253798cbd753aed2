"""Step weights of the exponential integrators, from the variation-of-constants integral.

u' = c u + g over a step h has the solution u(h) = e^(ch) u(0) + int_0^h e^(c(h-s)) g(s) ds; a scheme
replaces g by a polynomial in s/h. The integral of (s/h)^k / k! is h phi_{k+1}(ch), and
phi_k(z) = 1F1(1; k+1; z) / k!, which Arb encloses without cancellation.
"""

from math import factorial

from flint import arb


def phi(k, z):
    """phi_k(z) = 1F1(1; k+1; z) / k!"""
    return z.hypgeom_1f1(arb(1), arb(k + 1)) / factorial(k)


def moments(c, h, count):
    """H_k = h phi_k(c h) for k = 1..count, as a list with H[0] = None."""
    return [None] + [h * phi(k, c * h) for k in range(1, count + 1)]


def multistep(name, c, h, ratios):
    """Weights of g_0 (newest), g_1, ... of a multistep scheme; ratios are r_0, r_1 (None: infinite)."""
    if name == "1":
        return moments(c, h, 1)[1:]
    if name == "2m":
        first = moments(c, h, 1)[1]
        tilt = arb(0) if ratios[0] is None else first / (2 * ratios[0])
        return [first + tilt, -tilt]
    if name == "2m-exact":
        _, first, second = moments(c, h, 2)
        tilt = arb(0) if ratios[0] is None else second / ratios[0]
        return [first + tilt, -tilt]
    if name in ("3m", "3m-exact"):
        return three_steps(c, h, ratios, 2 if name == "3m-exact" else 1)
    if name == "4m-exact":
        finite = ratios[: ratios.index(None)] if None in ratios else ratios
        places = [-sum(finite[:k], arb(0)) for k in range(len(finite) + 1)]
        powers = [factorial(k) * part for k, part in enumerate(moments(c, h, len(places))[1:])]
        return interpolated(places, powers) + [arb(0)] * (len(ratios) - len(finite))
    raise ValueError(f"unknown multistep scheme {name}")


def fixed(count):
    """Weights of the classical method of Adams and Bashforth for equal steps, in units of the step."""
    return in_rho([arb(-k) for k in range(count)])


def in_rho(places):
    """The integral over [0, 1] of every Lagrange polynomial on places, which are in units of the step."""
    return interpolated(places, [arb(1) / (k + 1) for k in range(len(places))])


def interpolated(places, powers):
    """The integral of every Lagrange polynomial on places, from those of 1, s, s^2, ..."""
    result = []
    for j, own in enumerate(places):
        polynomial = [arb(1)]
        for other in (place for k, place in enumerate(places) if k != j):
            shifted, scaled = [arb(0), *polynomial], [other * a for a in polynomial] + [arb(0)]
            polynomial = [(a - b) / (own - other) for a, b in zip(shifted, scaled)]
        result.append(sum((a * power for a, power in zip(polynomial, powers)), arb(0)))
    return result


def three_steps(c, h, ratios, second_factor):
    """Newton's interpolation through three values; the published form takes D2, the exact one 2 D2."""
    _, first, second, third = moments(c, h, 3)
    near, far = ratios
    if near is None:
        return [first, arb(0), arb(0)]
    if far is None:
        # the oldest node lies at infinity: the second difference vanishes
        return [first + second / near, -second / near, arb(0)]
    span = near + far
    # columns: coefficients of g_0, g_1, g_2 in the divided differences
    late = [1 / near, -1 / near, arb(0)]
    early = [arb(0), 1 / far, -1 / far]
    bend = [(a - b) / span for a, b in zip(late, early)]
    slope = [a + near * b for a, b in zip(late, bend)]
    start = [arb(1), arb(0), arb(0)]
    return [
        first * s + second * d + second_factor * third * b for s, d, b in zip(start, slope, bend)
    ]


def second_stage(c, h, r1, r2):
    """Weights of g_0, g_1 in the stage at r2 h of a three-stage step."""
    _, first, second = moments(c, r2 * h, 2)
    bend = second * r2 / r1
    return [first - bend, bend]


def two_stage(name, c, h, r1):
    """Weights of g_0, g_1 of a two-stage step with the inner node at r1 h."""
    _, first, second = moments(c, h, 2)
    if name.endswith("taylor"):
        return [first - second / r1, second / r1]
    # the first weight is exactly 0 at r1 = 1/2, so the factor is subtracted, not the product
    share = 1 / (2 * r1)
    return [first * (1 - share), first * share]


def three_stage(name, c, h, r1, r2):
    """Weights of g_0, g_1, g_2 of a three-stage step with inner nodes at r1 h and r2 h."""
    _, first, second, third = moments(c, h, 3)
    if not name.endswith("taylor"):
        return [first - second / r2, arb(0), second / r2]
    # quadratic through (0, g_0), (r1, g_1), (r2, g_2): slope and second derivative at 0
    gap = r2 - r1
    slope = [-(r1 + r2) / (r1 * r2), r2 / (r1 * gap), -r1 / (r2 * gap)]
    bend = [2 / (r1 * r2), -2 / (r1 * gap), 2 / (r2 * gap)]
    return [
        first * start + second * d + third * b for start, d, b in zip((1, 0, 0), slope, bend)
    ]
