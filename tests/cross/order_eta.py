"""Re-checks the certificate of `ddim-eta` against the SDE with eta^2: plain Python, `fractions` only."""

from fractions import Fraction
from math import factorial

TERMS = 3  # h^0, h^1, h^2


def exponential(rate):
    return [Fraction(rate) ** j / factorial(j) for j in range(TERMS)]


def times(x, y):
    return [sum(x[i] * y[n - i] for i in range(n + 1)) for n in range(TERMS)]


def minus(x, y):
    return [a - b for a, b in zip(x, y)]


def root(small):
    """sqrt(1 + small), small = O(h), by the binomial series."""
    total, term = [Fraction(0)] * TERMS, [Fraction(1)] + [Fraction(0)] * (TERMS - 1)
    binomial = Fraction(1)
    for n in range(TERMS):
        total = [a + binomial * b for a, b in zip(total, term)]
        term, binomial = times(term, small), binomial * (Fraction(1, 2) - n) / (n + 1)
    return total


def defects(s):
    """The step less that of the SDE with eta^2 = s in the place of eta."""
    one = [Fraction(1)] + [Fraction(0)] * (TERMS - 1)
    lost = minus(one, exponential(-2))
    kept = times(exponential(-1), root([-s * x for x in lost]))
    flow = exponential(-(1 + s))
    return {
        "state factor": minus(kept, flow),
        "R_0": minus(minus(one, kept), minus(one, flow)),
        "R_1": [Fraction(0), Fraction(0), -(1 + s) / 2],
        "noise variance": minus([s * x for x in lost], minus(one, exponential(-2 * s))),
    }


FORMS = {"1 + eta^2": lambda s: 1 + s, "eta^2 - eta^4": lambda s: s - s * s}


def check(section):
    """Every difference is a polynomial in eta^2 of degree at most 2 through h^2: three values decide."""
    squares = [Fraction(text) ** 2 for text in section["etas"]]
    assert section["degree"] == 2 and len(set(squares)) == len(squares) > 2
    constants = []
    for row in section["defects"]:
        form, factor = FORMS[row["form"]], Fraction(row["factor"])
        for s, coefficients in zip(squares, row["coefficients"], strict=True):
            ours = defects(s)[row["name"]]
            assert [Fraction(x) for x in coefficients] == ours, (row["name"], s)
            assert ours == [0, 0, factor * form(s)], (row["name"], s)
        name = f"{row['name']} at ({row['form']}) h^2"
        constants.append({"condition": name, "leading": str(factor)})
    names = {row["name"]: row for row in section["defects"]}
    assert sorted(names) == sorted(defects(Fraction(1)))
    # R_1 vanishes for no eta, so the order is 1 and not 2.
    assert names["R_1"]["form"] == "1 + eta^2" and Fraction(names["R_1"]["factor"])
    return {
        "proven": {"arbitrary": 1, "smooth": 1, "uniform": 1},
        "identically_exact": [],
        "error_constants": constants,
        "first_failing": next(c for c in constants if c["condition"].startswith("R_1")),
        "with_ddim_start": 1,
    }
