"""Mean and variance of SDE solvers on Gaussian data against an independent recursion in Arb.

    python tests/cross/moments.py target/release/examples/sde_moments

The crate propagates covariances of what is in use. Here each state is written as constant + one
coefficient a noise, by the solvers' formulas in z = x/alpha; the variance is the sum of the squares.
The exact law comes from another form of its solution: the integral of the noise that is left.
Prints counts; exit 1 on any difference.
"""

import json
import subprocess
import sys
from fractions import Fraction

from flint import acb, arb, ctx, fmpq

BITS = 400
WITHIN = "1e-60"
START, MU, S2 = arb(5), arb("0.5"), arb("0.25")


def combined(*terms):
    """sum of weight times vector."""
    length = max(len(vector) for _, vector in terms)
    return [sum((w * v[k] for w, v in terms if k < len(v)), arb(0)) for k in range(length)]


def three_steps(outputs, z, bend):
    """What stands in the place of g_0: the slope and `bend` times half the curvature, over the weight of g_0."""
    level = 1 - (-z).exp()
    slope = 1 - level / z
    curvature = arb(1) / 2 - slope / z
    first = [arb(3) / 2, arb(-2), arb(1) / 2]
    second = [arb(1) / 2, arb(-1), arb(1) / 2]
    weights = [(a * slope + b * bend * curvature) / level for a, b in zip(first, second)]
    return combined((1 + weights[0], outputs[0]), *zip(weights[1:], outputs[1:]))


def solver_law(solver, eta, steps):
    """(mean, variance) of z after N equal steps on lambda in [-2, 2]; vectors are (constant, noises)."""
    h = arb(4) / steps
    z, outputs = [START], []
    for i in range(steps):
        rho = (2 - i * h).exp()
        rho_t = rho * (-h).exp()
        v = S2 + rho * rho
        data = combined((rho * rho / v * MU, [arb(1)]), (S2 / v, z))
        noise = combined((1 / rho, z), (-1 / rho, data))
        output = noise if solver.startswith("sde-dpm-") else data
        outputs = [output, *outputs[:2]]
        if "3m" in solver and len(outputs) == 3:
            extrapolated = three_steps(outputs, (1 + eta) * h, 2 if solver.endswith("exact") else 1)
        elif "-1" not in solver and solver != "ddim-eta" and len(outputs) > 1:
            extrapolated = combined((arb(3) / 2, output), (arb(-1) / 2, outputs[1]))
        else:
            extrapolated = output
        if solver == "ddim-eta":
            spread = eta * (1 - (-2 * h).exp()).sqrt()
            kept = (1 - spread * spread).sqrt() * (-h).exp()
            z = combined((kept, z), (1 - kept, data))
            z.append(rho_t * spread)
        elif solver.startswith("sde-dpm-"):
            z = combined((arb(1), z), (-rho_t * (1 + eta) * (h.exp() - 1), extrapolated))
            z.append(rho_t * (eta * ((2 * h).exp() - 1)).sqrt())
        else:
            kept = (-(1 + eta) * h).exp()
            z = combined((kept, z), (1 - kept, extrapolated))
            z.append(rho_t * (1 - (-2 * eta * h).exp()).sqrt())
    return z[0], sum((x * x for x in z[1:]), arb(0))


def exact_law(eta):
    """Variation of constants: noise of variance 2 eta tau dlambda, damped by (v_t/v)^(1+eta)."""
    v_s, v_t = S2 + arb(4).exp(), S2 + arb(-4).exp()
    mean = MU + (START - MU) * (v_t / v_s) ** ((1 + eta) / 2)

    def integrand(x, _):
        tau = (-2 * x).exp()
        return 2 * eta * tau * (acb(v_t) / (acb(S2) + tau)) ** (1 + eta)

    return mean, acb.integral(integrand, -2, 2).real


def main(program):
    ctx.prec = BITS
    rows = json.loads(subprocess.run([program], check=True, capture_output=True, text=True).stdout)
    checked = wrong = 0
    exact = {}
    for row in rows:
        eta = arb(fmpq(*Fraction(row["eta"]).as_integer_ratio()))
        of_sde = eta * eta if row["solver"] == "ddim-eta" else eta
        key = str(of_sde)
        exact.setdefault(key, exact_law(of_sde))
        for name, computed in (("solver_law", solver_law(row["solver"], eta, row["steps"])), ("exact_law", exact[key])):
            for part, printed, value in zip(("mean", "variance"), row[name][0], computed):
                checked += 1
                if not abs(arb(printed) - value) < arb(WITHIN):
                    wrong += 1
                    print(f"{row['solver']}, eta {row['eta']}, N {row['steps']}, {name}, {part}: {printed}, not {value}")
    print(f"{checked} means and variances of {len({row['solver'] for row in rows})} solvers to 60 decimals, {wrong} differ")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
