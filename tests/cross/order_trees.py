"""Re-checks a certificate of order by trees: plain Python, `fractions` only.

Nothing is taken from the certificate but what it claims. Weights are solved for here from the
conditions that define each method, trees are read from their names, and the exact solution is
a sum of phi functions where the crate uses recursion and integration.
"""

from fractions import Fraction
from functools import lru_cache
from math import factorial

TERMS = 6  # coefficients of h^0 to h^5, as certificates have them
MANY = 16  # for "the same function of h"
IDENTITY_VERTICES = 4  # trees up to this size are decided identically
COUNTS = {1: 1, 2: 2, 3: 5, 4: 13, 5: 37}


# Power series in h: tuples of coefficients.


def add(x, y):
    return tuple(a + b for a, b in zip(x, y, strict=True))


def scale(a, x):
    return tuple(a * b for b in x)


def multiply(x, y):
    return tuple(sum(x[i] * y[n - i] for i in range(n + 1)) for n in range(len(x)))


def h_phi(k, r, c, terms):
    """r h phi_k(r c h)."""
    return (Fraction(0),) + tuple(
        r * (r * c) ** j / factorial(j + k) for j in range(terms - 1)
    )


# Trees: (lambda-leaves, subtrees), read from `.` and `[l,[.]]`.


@lru_cache(None)
def tree(name):
    if name == ".":
        return (0, ())
    parts, depth, start, inner = [], 0, 0, name[1:-1]
    for i, letter in enumerate(inner + ","):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append(inner[start:i])
            start = i + 1
    subtrees = tuple(sorted(tree(part) for part in parts if part != "l"))
    return (parts.count("l"), subtrees)


def vertices(tau):
    return 1 + tau[0] + sum(map(vertices, tau[1]))


# Methods, by the file that defines them.


def tableau(stem, r, c, terms):
    """Rows of weights: stages, then the step. Each is fixed by what it must integrate exactly."""

    def slope(r_row, node, share):
        """Weights on g_0 and g(node h): 1 exactly, and lambda with `share` as its integral."""
        rest = scale(1 / node, share)
        return add(h_phi(1, r_row, c, terms), scale(Fraction(-1), rest)), rest

    def exact_slope(r_row, node):
        return slope(r_row, node, scale(r_row, h_phi(2, r_row, c, terms)))

    one, zero = Fraction(1), (Fraction(0),) * terms
    first = (h_phi(1, r[0], c, terms),)
    if stem == "dpmpp_2s":
        last = slope(one, r[0], scale(Fraction(1, 2), h_phi(1, one, c, terms)))
        return [first, last]
    if stem == "dpmpp_2s_taylor":
        return [first, exact_slope(one, r[0])]
    second = exact_slope(r[1], r[0])
    if stem == "dpmpp_3s":
        b0, b2 = exact_slope(one, r[1])
        return [first, second, (b0, zero, b2)]
    if stem == "dpmpp_3s_taylor":
        # b_1 r1 + b_2 r2 = h phi_2 and b_1 r1^2 + b_2 r2^2 = 2 h phi_3, by Cramer's rule.
        m1, m2 = h_phi(2, one, c, terms), scale(Fraction(2), h_phi(3, one, c, terms))
        determinant = r[0] * r[1] * (r[1] - r[0])
        b1 = scale(1 / determinant, add(scale(r[1] ** 2, m1), scale(-r[1], m2)))
        b2 = scale(1 / determinant, add(scale(r[0], m2), scale(-(r[0] ** 2), m1)))
        b0 = add(h_phi(1, one, c, terms), scale(Fraction(-1), add(b1, b2)))
        return [first, second, (b0, b1, b2)]
    raise ValueError(f"no single-step method in {stem}")


def product(tau, node, component, terms):
    """lambda^k times the subtrees' components, at lambda = node h."""
    value = (Fraction(1),) + (Fraction(0),) * (terms - 1)
    line = (Fraction(0), node) + (Fraction(0),) * (terms - 2)
    for factor in [line] * tau[0] + [component(sub) for sub in tau[1]]:
        value = multiply(value, factor)
    return value


class Step:
    """One step of a method from u = 0."""

    def __init__(self, stem, r, c, terms):
        self.rows = tableau(stem, r, c, terms)
        self.nodes = [Fraction(0), *r, Fraction(1)]
        self.terms = terms
        self.cache = {}

    def state(self, stage, tau):
        """u_tau at a stage (0: the start); the last one is the end of the step."""
        if (stage, tau) not in self.cache:
            total = (Fraction(0),) * self.terms
            if stage > 0:
                for i, weight in enumerate(self.rows[stage - 1]):
                    total = add(total, multiply(weight, self.output(i, tau)))
            self.cache[stage, tau] = total
        return self.cache[stage, tau]

    def output(self, stage, tau):
        return product(tau, self.nodes[stage], lambda sub: self.state(stage, sub), self.terms)

    def result(self, tau):
        return self.state(len(self.rows), tau)


@lru_cache(None)
def exact(tau, c, terms):
    """u_tau(h) = sum over m of g_m m! h^(m+1) phi_{m+1}(c h), g the series of the right side."""
    right = product(tau, Fraction(1), lambda sub: exact(sub, c, terms), terms)
    total = [Fraction(0)] * terms
    for m, g in enumerate(right):
        for j in range(terms - m - 1):
            total[m + 1 + j] += g * factorial(m) * c**j / factorial(j + m + 1)
    return tuple(total)


def form(name, r):
    if name == "1":
        return Fraction(1)
    linear = 3 * r[1] - 2
    if name == "3 r2 - 2":
        return linear
    if name == "r1 (3 r2 - 2)/(r2 - r1)":
        return r[0] * linear / (r[1] - r[0])
    raise ValueError(f"unknown form {name}")


def check_examination(stem, r, examined):
    """Recomputes every coefficient at one c; returns the order that follows."""
    c = Fraction(examined["c"])
    steps = {terms: Step(stem, r, c, terms) for terms in (TERMS, MANY)}
    order = TERMS - 1
    seen = set()
    for row in examined["trees"]:
        tau = tree(row["tree"])
        assert tau not in seen and vertices(tau) == row["vertices"], row["tree"]
        seen.add(tau)
        terms = MANY if vertices(tau) <= IDENTITY_VERTICES else TERMS
        ours, truth = steps[terms].result(tau), exact(tau, c, terms)
        assert [str(x) for x in ours[:TERMS]] == row["scheme"], (stem, row["tree"])
        assert [str(x) for x in truth[:TERMS]] == row["exact"], (stem, row["tree"])
        identical = terms == MANY and ours == truth
        assert row["identical"] == identical, (stem, row["tree"])
        wrong = [j for j in range(TERMS) if ours[j] != truth[j]]
        order = min(order, wrong[0] - 1 if wrong else order)
    for count, number in COUNTS.items():
        assert sum(vertices(tau) == count for tau in seen) == number
    for node, row, shift in zip([*r, Fraction(1)], steps[MANY].rows, examined["shift"], strict=True):
        total = (Fraction(0),) * MANY
        for weight in row:
            total = add(total, weight)
        assert shift == {"identical": total == h_phi(1, node, c, MANY), "power": None}
    assert order == examined["order"], (stem, order)
    return order


def check_all_stages(stem, proof):
    """Every identity at every point of the grid, and at some that are not on it."""
    c, degrees = Fraction(proof["c"]), proof["degrees"]
    grid = [[Fraction(value) for value in values] for values in proof["grid"]]
    for values, degree in zip(grid, degrees, strict=True):
        assert len(set(values)) == len(values) == degree + 1
    if len(grid) == 2:
        assert max(grid[0]) < min(grid[1])
        points = [(x, y) for x in grid[0] for y in grid[1]]
        points += [(Fraction(3, 17), Fraction(5, 19)), (Fraction(22, 7), Fraction(-4, 9))]
    else:
        points = [(x,) for x in grid[0]] + [(Fraction(3, 17),), (Fraction(-22, 7),)]
    for r in points:
        terms = max(row["power"] for row in proof["identities"]) + 1
        step = Step(stem, r, c, terms)
        for row in proof["identities"]:
            tau, power = tree(row["tree"]), row["power"]
            difference = step.result(tau)[power] - exact(tau, c, terms)[power]
            claimed = Fraction(row["factor"]) * form(row["form"], r)
            assert difference == claimed and row["holds"], (stem, r, row)


def check(stem, section):
    """Checks the trees of one solver's certificate; returns its order."""
    r = [Fraction(value) for value in section["stages"]]
    orders = {check_examination(stem, r, examined) for examined in section["examinations"]}
    assert len(orders) == 1 and len(section["examinations"]) >= 3
    check_all_stages(stem, section["all_stages"])
    return orders.pop()
