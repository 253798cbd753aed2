"""Re-checks a certificate of order by moments: plain Python, `fractions` only.

Weights are solved for here, from the moment equations for the exact schemes and from the published
formulas for the others, as combinations of H_1, H_2, ... (H_k = h phi_k(c h)). The degree bounds are
derived by multiplying out polynomials in the ratios, where the crate runs its code on degrees. A scheme
in rho is the exact one at c = 0, with step and ratios in rho.
"""

import re
from fractions import Fraction
from math import factorial

# Polynomials in r_0, r_1, r_2: {(power of r_0, of r_1, of r_2): coefficient}.


def poly(*terms):
    return {powers: Fraction(value) for powers, value in terms if value}


ONE = poly(((0, 0, 0), 1))
R0, R1, R2 = poly(((1, 0, 0), 1)), poly(((0, 1, 0), 1)), poly(((0, 0, 1), 1))


def add(*summands):
    total = {}
    for summand in summands:
        for powers, value in summand.items():
            total[powers] = total.get(powers, Fraction(0)) + value
    return {powers: value for powers, value in total.items() if value}


def times(*factors):
    product = ONE
    for factor in factors:
        if isinstance(factor, (int, Fraction)):
            factor = poly(((0, 0, 0), factor))
        terms = (
            {tuple(map(sum, zip(a, b))): x * y} for a, x in product.items() for b, y in factor.items()
        )
        product = add(*terms)
    return product


def power(base, n):
    return times(*[base] * n)


def value(polynomial, r):
    r = [*r, Fraction(1), Fraction(1), Fraction(1)]
    terms = (x * r[0] ** a * r[1] ** b * r[2] ** c for (a, b, c), x in polynomial.items())
    return sum(terms, Fraction(0))


# Schemes: D, the nodes, and D B[i][k] with w_i = sum over k of B[i][k] H_{k+1}.


def nodes(points):
    """0, -r_0, -r_0-r_1, ... as polynomials."""
    far = [add(*[R0, R1, R2][:i]) for i in range(points)]
    return [times(-1, distance) for distance in far]


def vandermonde(points):
    """The product of all n_i - n_l with i < l."""
    n = nodes(points)
    gaps = [add(n[i], times(-1, n[j])) for i in range(points) for j in range(i + 1, points)]
    return times(*gaps)


def exact(points):
    """sum of w_i n_i^j = j! H_{j+1} for j < points, by Cramer's rule: the inverse of Vandermonde."""
    n, d = nodes(points), vandermonde(points)
    rows = []
    for i in range(points):
        others = [n[j] for j in range(points) if j != i]
        # u^k in the product of (u - n_l), times the sign and the gaps without node i.
        coefficients = [ONE]
        for other in others:
            shifted = [times(0), *coefficients]
            coefficients = [
                add(a, times(-1, other, b)) for a, b in zip(shifted, [*coefficients, times(0)])
            ]
        rest = times(*[
            add(n[a], times(-1, n[b]))
            for a in range(points)
            for b in range(a + 1, points)
            if i not in (a, b)
        ], (-1) ** i)
        rows.append([times(c, rest, factorial(k)) for k, c in enumerate(coefficients)])
    return d, rows


def scheme(stem, solver):
    """(D, D B)."""
    if stem == "ipndm":
        weights = {2: (3, -1), 3: (23, -16, 5), 4: (55, -59, 37, -9)}[int(solver.rsplit("-", 1)[1])]
        return ONE, [[times(Fraction(w, sum(weights)))] for w in weights]
    if stem in ("adams", "deis_rho"):
        return exact(int(re.search(r"\d", solver)[0]))
    if stem == "ddim":
        return ONE, [[ONE]]
    if stem == "dpmpp_2m":
        # H_1 (g_0 + (g_0 - g_1)/(2 r_0))
        half = times(Fraction(1, 2))
        return R0, [[add(R0, half)], [times(-1, half)]]
    if stem == "dpmpp_3m":
        # H_1 g_0 + H_2 D_1 + H_3 D_2
        both = add(R0, R1)
        d = times(R0, R1, both)
        second = [R1, times(-1, both), R0]
        near = [times(R1, both), times(-1, R1, both), times(0)]
        first = [add(a, times(R0, b)) for a, b in zip(near, second)]
        return d, [[d if i == 0 else times(0), first[i], second[i]] for i in range(3)]
    if stem == "dpmpp_2m_exact":
        return exact(2)
    if stem == "dpmpp_3m_exact":
        return exact(3)
    raise ValueError(f"no multistep formula {stem}")


class Scheme:
    def __init__(self, stem, solver):
        self.d, self.weights = scheme(stem, solver)
        self.in_rho = stem == "deis_rho"
        self.points = len(self.weights)

    def moment(self, j, k):
        """D times the factor of H_{k+1} in R_j/h^j."""
        total = times(-factorial(j), self.d) if k == j else times(0)
        for row, node in zip(self.weights, nodes(self.points)):
            if k < len(row):
                total = add(total, times(row[k], power(node, j)))
        return total

    def degrees(self):
        """In 1/c, r_0, r_1, after division by powers of them, which have no zero but 0.

        R_j is h^(j+1) = x^(j+1)/c^(j+1) times a function of x and the ratios.
        """
        found = [0] * self.points
        for j in range(self.points + 1):
            monomials = [powers for k in range(j + 3) for powers in self.moment(j, k)]
            for v in range(self.points - 1):
                counts = [powers[v] for powers in monomials] or [0]
                found[1 + v] = max(found[1 + v], max(counts) - min(counts))
        return found

    def residuals(self, c, r, terms):
        """Coefficients of h^0, ..., h^(terms-1) of every R_j, and whether it is zero for every h."""
        c = 0 if self.in_rho else c
        table, identical = [], []
        scale = value(self.d, r)
        for j in range(self.points + 1):
            factors = [value(self.moment(j, k), r) / scale for k in range(max(j + 1, self.points))]
            row = [Fraction(0)] * terms
            for k, factor in enumerate(factors):
                for q in range(terms - j - 1):
                    row[j + 1 + q] += factor * c**q / factorial(q + k + 1)
            table.append(row)
            # H_1, H_2, ... are linearly independent functions of h.
            identical.append(not any(factors))
        return table, identical


def order(rows):
    """The smallest power with a coefficient, less one."""
    powers = [m for table in rows for row in table for m, x in enumerate(row) if x]
    return min(powers, default=len(rows[0][0])) - 1


def leading(j, m, points, tables):
    """(coefficient, ratios) of h^m in R_j: at equal steps, or where it does not vanish first."""
    unit = [(point[1:], table) for point, table in zip(points, tables) if point[0] == 1]
    unit.sort(key=lambda at: any(r != 1 for r in at[0]))
    return next(((table[j][m], r) for r, table in unit if table[j][m]), None)


def condition(j, m, in_rho, ratios):
    rho = " in rho" if in_rho else ""
    where = "".join(f", r{i} = {r}" for i, r in enumerate(ratios)) if any(r != 1 for r in ratios) else ""
    c = {0: "", 1: "c "}.get(m - j - 1, f"c^{m - j - 1} ")
    return f"R_{j}{rho} at {c}h^{m}{where}"


def check(stem, solver, section):
    """Checks one solver's section; returns what follows from it, as the certificate must say it."""
    ours = Scheme(stem, solver)
    points = ours.points
    assert section["in_rho"] is ours.in_rho
    grid = [[Fraction(text) for text in values] for values in section["grid"]]
    assert section["degrees"] is not None and len(section["degrees"]) == len(grid) == points
    for declared, derived, values in zip(section["degrees"], ours.degrees(), grid, strict=True):
        assert declared >= derived, f"{stem}: degree {declared} is below {derived}"
        assert len(set(values)) == len(values) > declared, f"{stem}: the grid is too small"
    assert all(c != 0 for c in grid[0]) and all(r > 0 for values in grid[1:] for r in values)

    wanted = [[]]
    for values in grid:
        wanted = [[*point, v] for point in wanted for v in values]
    found = [
        [Fraction(at["c"]), *map(Fraction, at["ratios"])] for at in section["residuals"]
    ]
    assert found == wanted, f"{stem}: not every point of the grid"

    tables, uniform, identities = [], [], []
    for point, at in zip(found, section["residuals"]):
        table, identical = ours.residuals(point[0], point[1:], points + 2)
        claimed = [[Fraction(text) for text in row] for row in at["coefficients"]]
        assert claimed == table, f"{stem} at {point}: residuals differ"
        assert at["identical"] == identical, f"{stem} at {point}: identities differ"
        tables.append(table)
        identities.append(identical)
        if all(r == 1 for r in point[1:]):
            uniform.append(table)
    arbitrary, equal = order(tables), order(uniform)
    # What holds on the grid holds as polynomials: the second route to the same end.
    for j in range(points + 1):
        zero = not any(ours.moment(j, k) for k in range(j + 3))
        assert zero == all(row[j] for row in identities)
    # Smooth grids lie between. Coefficients are rational functions without poles at positive ratios, which
    # are 1 + O(h) there: one that is zero at equal steps is O(h), which makes one order.
    assert equal - arbitrary in (0, 1)
    found_at = [leading(j, arbitrary + 1, found, tables) for j in range(points + 1)]
    constants = [
        {"condition": condition(j, arbitrary + 1, ours.in_rho, at[1]), "leading": str(at[0])}
        for j, at in enumerate(found_at)
        if at
    ]
    return {
        "proven": {"arbitrary": arbitrary, "smooth": equal, "uniform": equal},
        "identically_exact": [
            f"R_{j}" for j in range(points + 1) if all(row[j] for row in identities)
        ],
        "error_constants": constants,
        "first_failing": constants[0],
        "with_ddim_start": arbitrary if points == 1 else min(arbitrary, 2),
    }
