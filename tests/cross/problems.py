"""Exact solutions and denoisers of problems against independent computations with Arb.

    python tests/cross/problems.py target/release/examples/exact_solutions

The program prints them to 60 decimals from given starts; here they come from other formulas:
the Gaussian's by its definition, guidance by rigorous quadrature of the variation of constants and
by Arb's 2F1 in another argument, mixtures by bisection on the conserved quantile and Tweedie's
formula. Prints counts; exit 1 on any difference.
"""

import json
import subprocess
import sys
from fractions import Fraction

from flint import acb, arb, arb_mat, ctx, fmpq

BITS = 400
WITHIN = "1e-60"
ASKED = [
    "gaussian",
    "gaussian:mu=1/3;-2;0,s2=1/7;0;9",
    "guided",
    *(
        f"guided:G={guidance},mu_c=2/3,s2_c={conditional},mu_u=-1/5,s2_u={unconditional}"
        for guidance in ("1", "3/2", "2", "3", "4", "15/2", "1000001/1000000")
        for conditional, unconditional in (("1/16", "1"), ("1", "1/16"), ("1/2", "1/2"), ("1/1000000", "2"))
    ),
    "mixture",
    "mixture:w=1,mu=2,s2=3",
    "mixture:w=1/1000000;999999/1000000,mu=5;-1,s2=1/100;2",
    "mixture:w=1/2;1/2,mu=-3;3,s2=1/10000;1/10000",
    "rotated-gaussian",
    "rotated-gaussian:mu=1;2;3;4,s2=1;1/3;0;9,v=1;1;1;1|0;2;0;-5|3;1;4;1",
    "rotated-mixture",
]


def number(text):
    """The ball of an exact fraction."""
    fraction = Fraction(text)
    return arb(fmpq(fraction.numerator, fraction.denominator))


def parameters(text):
    """{name: text} of `id:name=value,...`."""
    return dict(item.split("=") for item in text.partition(":")[2].split(","))


class Gaussian:
    """Independent normal components: z - mu shrinks with the standard deviation of z."""

    def __init__(self, text):
        given = parameters(text)
        self.means, self.variances = ([number(x) for x in given[key].split(";")] for key in ("mu", "s2"))

    def solve(self, start, tau_s, tau_t):
        return [
            mu + (z - mu) * ((s2 + tau_t) / (s2 + tau_s)).sqrt()
            for mu, s2, z in zip(self.means, self.variances, start)
        ]

    def denoise(self, start, tau):
        return [mu + s2 * (z - mu) / (s2 + tau) for mu, s2, z in zip(self.means, self.variances, start)]


class Guided:
    """dz/dtau = (G (z - mu_c)/v_c - (G - 1)(z - mu_u)/v_u)/2, solved as a linear equation.

    With H'/H the factor of z, z = H (z_s/H_s + int_s^t f/H): the integral by Arb's own quadrature,
    and again through 2F1(-w/2, 1/2; 3/2; x).
    """

    def __init__(self, text):
        given = parameters(text)
        self.guidance = number(given["G"])
        self.mu_c, self.s2_c, self.mu_u, self.s2_u = (
            number(given[key]) for key in ("mu_c", "s2_c", "mu_u", "s2_u")
        )

    def factor(self, tau):
        return (tau + self.s2_c) ** (self.guidance / 2) * (tau + self.s2_u) ** ((1 - self.guidance) / 2)

    def solve(self, start, tau_s, tau_t):
        by_series = self.by_series(start[0], tau_s, tau_t)
        by_quadrature = self.by_quadrature(start[0], tau_s, tau_t)
        if not by_series.overlaps(by_quadrature):
            raise ValueError(f"2F1 gives {by_series}, quadrature {by_quadrature}")
        return [by_quadrature]

    def by_quadrature(self, z, tau_s, tau_t):
        guidance, w = self.guidance, self.guidance - 1

        def integrand(tau, analytic):
            conditional, unconditional = tau + self.s2_c, tau + self.s2_u
            force = (w * self.mu_u / unconditional - guidance * self.mu_c / conditional) / 2
            # over H, whose powers are analytic off the negative axis
            logarithm = conditional.log(analytic) * (guidance / 2) - unconditional.log(analytic) * (w / 2)
            return force * (-logarithm).exp()

        integral = acb.integral(integrand, acb(tau_s), acb(tau_t)).real
        return self.factor(tau_t) * (z / self.factor(tau_s) + integral)

    def by_series(self, z, tau_s, tau_t):
        def forced(tau):
            v_c = self.s2_c + tau
            x = (self.s2_c - self.s2_u) / v_c
            half = arb(1) / 2
            series = x.hypgeom_2f1((1 - self.guidance) / 2, half, 3 * half)
            return self.guidance * (self.mu_c - self.mu_u) / v_c.sqrt() * series

        constant = (z - self.mu_u) / self.factor(tau_s) - forced(tau_s)
        return self.mu_u + self.factor(tau_t) * (constant + forced(tau_t))

    def denoise(self, start, tau):
        conditional, unconditional = (
            (mu / s2 + start[0] / tau) / (1 / s2 + 1 / tau)
            for mu, s2 in ((self.mu_c, self.s2_c), (self.mu_u, self.s2_u))
        )
        return [unconditional + self.guidance * (conditional - unconditional)]


class Mixture:
    """One-dimensional normal mixtures: the share of the data below z is kept by the flow."""

    def __init__(self, text):
        given = parameters(text)
        columns = ([number(x) for x in given[key].split(";")] for key in ("w", "mu", "s2"))
        self.components = list(zip(*columns))

    def share(self, z, tau, sign):
        """Of the data and noise below z (sign = -1) or above it (1)."""
        return sum(
            (w * (sign * (z - mu) / (2 * (s2 + tau)).sqrt()).erfc() / 2 for w, mu, s2 in self.components),
            arb(0),
        )

    def solve(self, start, tau_s, tau_t):
        (z,) = start
        sign = 1 if self.share(z, tau_s, 1) < self.share(z, tau_s, -1) else -1
        kept = self.share(z, tau_s, sign)

        def is_above(z):
            """Whether the solution lies above z; None if this precision does not tell."""
            left = self.share(z, tau_t, sign) - kept
            return None if left.contains(0) else (left > 0) == (sign == 1)

        low, high = arb(-1000), arb(1000)
        if is_above(low) is not True or is_above(high) is not False:
            raise ValueError("no bracket")
        while high - low > arb(WITHIN) / 4:
            middle = ((low + high) / 2).mid()
            above = is_above(middle)
            if above is None:
                raise ValueError("bisection is undecided")
            low, high = (middle, high) if above else (low, middle)
        return [low.union(high)]

    def denoise(self, start, tau):
        """z + tau d/dz ln p(z), the density's logarithm scaled by its largest term."""
        (z,) = start
        powers = [-((z - mu) ** 2) / (2 * (s2 + tau)) for _, mu, s2 in self.components]
        largest = max(powers, key=float)
        terms = [
            (w / (s2 + tau).sqrt() * (power - largest).exp(), (mu - z) / (s2 + tau))
            for (w, mu, s2), power in zip(self.components, powers)
        ]
        density, slope = sum((p for p, _ in terms), arb(0)), sum((p * d for p, d in terms), arb(0))
        return [z + tau * slope / density]


class Rotated:
    """Independent factors in y = Q z, Q as one matrix made of its reflections."""

    def __init__(self, text):
        lists = {key: value.split("|") for key, value in parameters(text).items()}
        vectors = [arb_mat([[number(x)] for x in v.split(";")]) for v in lists.pop("v")]
        factor = text.partition(":")[0].removeprefix("rotated-")
        self.factors = [
            KINDS[factor](f"{factor}:" + ",".join(f"{key}={value}" for key, value in zip(lists, values)))
            for values in zip(*lists.values())
        ]
        size = vectors[0].nrows()
        self.rotation = identity = arb_mat([[arb(i == j) for j in range(size)] for i in range(size)])
        for v in vectors:
            length = (v.transpose() * v)[0, 0]
            self.rotation = (identity - v * v.transpose() * (2 / length)) * self.rotation

    def turned(self, z, values):
        """Q^T of what each factor makes of its share of Q z."""
        y = (self.rotation * column(z)).entries()
        results = []
        for factor in self.factors:
            size = len(getattr(factor, "means", [None]))
            results += values(factor, y[:size])
            y = y[size:]
        return (self.rotation.transpose() * column(results)).entries()

    def solve(self, start, tau_s, tau_t):
        return self.turned(start, lambda factor, y: factor.solve(y, tau_s, tau_t))

    def denoise(self, start, tau):
        return self.turned(start, lambda factor, y: factor.denoise(y, tau))


def column(values):
    return arb_mat([[x] for x in values])


KINDS = {
    "gaussian": Gaussian,
    "guided": Guided,
    "mixture": Mixture,
    "rotated-gaussian": Rotated,
    "rotated-mixture": Rotated,
}


def differences(printed, computed):
    """Places where a printed number is not within WITHIN of a ball, which must be narrower."""
    wrong = []
    for i, (text, ball) in enumerate(zip(printed, computed, strict=True)):
        if not ball.rad() < arb(WITHIN) or not abs(arb(text) - ball) < 2 * arb(WITHIN):
            wrong.append(f"component {i}: {text}, expected {ball.str(64)}")
    return wrong


def main(program):
    ctx.prec = BITS
    rows = json.loads(subprocess.run([program, *ASKED], check=True, capture_output=True, text=True).stdout)
    checked = wrong = 0
    for row in rows:
        problem = KINDS[row["problem"].partition(":")[0]](row["problem"])
        start, tau_s, tau_t = [number(z) for z in row["z_s"]], number(row["tau_s"]), number(row["tau_t"])
        for name, computed in (
            ("z_t", problem.solve(start, tau_s, tau_t)),
            ("denoiser", problem.denoise(start, tau_s)),
        ):
            found = differences(row[name], computed)
            checked, wrong = checked + len(computed), wrong + len(found)
            for difference in found:
                print(f"{row['problem']}, tau {row['tau_s']} to {row['tau_t']}, {name}: {difference}")
    kinds = {row["problem"].partition(":")[0] for row in rows}
    print(f"{len(ASKED)} problems of {len(kinds)} kinds, {checked} numbers to 60 decimals, {wrong} differ")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
