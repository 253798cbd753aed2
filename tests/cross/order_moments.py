"""Re-checks a certificate of order by moments: plain Python, `fractions` only.

Weights are solved for here, from the moment equations for the exact schemes and from the published
formulas for the others, as combinations of H_1, H_2, ... (H_k = h phi_k(c h)). The degree bounds are
derived by multiplying out polynomials in r_0 and r_1, where the crate runs its code on degrees.
"""

from fractions import Fraction
from math import factorial

# Polynomials in r_0, r_1: {(power of r_0, power of r_1): coefficient}.


def poly(*terms):
    return {powers: Fraction(value) for powers, value in terms if value}


ONE, R0, R1 = poly(((0, 0), 1)), poly(((1, 0), 1)), poly(((0, 1), 1))


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
            factor = poly(((0, 0), factor))
        terms = ({(a + c, b + d): x * y} for (a, b), x in product.items() for (c, d), y in factor.items())
        product = add(*terms)
    return product


def power(base, n):
    return times(*[base] * n)


def value(polynomial, r):
    r = [*r, Fraction(1), Fraction(1)]
    return sum((x * r[0] ** a * r[1] ** b for (a, b), x in polynomial.items()), Fraction(0))


# Schemes: D, the nodes, and D B[i][k] with w_i = sum over k of B[i][k] H_{k+1}.


def nodes(points):
    """0, -r_0, -r_0-r_1 as polynomials."""
    return [times(0), times(-1, R0), times(-1, add(R0, R1))][:points]


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


def scheme(stem):
    """(D, D B)."""
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
    def __init__(self, stem):
        self.d, self.weights = scheme(stem)
        self.points = len(self.weights)

    def moment(self, j, k):
        """D times the factor of H_{k+1} in R_j/h^j."""
        total = times(-factorial(j), self.d) if k == j else times(0)
        for row, node in zip(self.weights, nodes(self.points)):
            if k < len(row):
                total = add(total, times(row[k], power(node, j)))
        return total

    def degrees(self):
        """In 1/c, r_0, r_1: R_j is h^(j+1) = x^(j+1)/c^(j+1) times a function of x and the ratios."""
        moments = [self.moment(j, k) for j in range(self.points + 1) for k in range(j + 3)]
        in_ratio = [
            max((powers[v] for m in moments for powers in m), default=0)
            for v in range(self.points - 1)
        ]
        return [self.points + 1, *in_ratio]

    def residuals(self, c, r, terms):
        """Coefficients of h^0, ..., h^(terms-1) of every R_j, and whether it is zero for every h."""
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


def condition(j, m):
    c = {0: "", 1: "c "}.get(m - j - 1, f"c^{m - j - 1} ")
    return f"R_{j} at {c}h^{m}"


def check(stem, section):
    """Checks one solver's section; returns what follows from it, as the certificate must say it."""
    ours = Scheme(stem)
    points = ours.points
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
            if point[0] == 1:
                unit = table
    arbitrary, equal = order(tables), order(uniform)
    # What holds on the grid holds as polynomials: the second route to the same end.
    for j in range(points + 1):
        zero = not any(ours.moment(j, k) for k in range(j + 3))
        assert zero == all(row[j] for row in identities)
    assert arbitrary == equal, "smooth grids lie between: equal orders decide them"
    constants = [
        {"condition": condition(j, arbitrary + 1), "leading": str(row[arbitrary + 1])}
        for j, row in enumerate(unit)
        if row[arbitrary + 1]
    ]
    return {
        "proven": {"arbitrary": arbitrary, "smooth": arbitrary, "uniform": equal},
        "identically_exact": [
            f"R_{j}" for j in range(points + 1) if all(row[j] for row in identities)
        ],
        "error_constants": constants,
        "first_failing": constants[0],
        "with_ddim_start": arbitrary if points == 1 else min(arbitrary, 2),
    }
