"""Certified rows with python-flint's arb: the peer of `benches/rows.rs`.

usage: rows_flint.py VARIANT ROWS BITS REPEATS [FILE]

VARIANT `plain`: each row from exp, log and square roots of its own time.
VARIANT `recurrence`: e^(-S/2) by two multiplications a node (S is quadratic in t, t uniform), as
the Rust side does; the rest as plain.
Prints the best of REPEATS times in seconds; with FILE, writes the rows as `mid radius` pairs in
hexadecimal-free decimal, one number a line, for comparison.

A row is alpha, sigma, lambda, h, r0, r1 and the data-form weights H.. of 2m (2), 2m-exact (2),
3m (3), 3m-exact (3), before multiplication by alpha; row i belongs to the step from node i+2 to
node i+3 of i = 0..ROWS+2 uniform nodes from t = 1 to 1e-3; beta0 = 0.1, beta1 = 20.
"""

import sys
import time

from flint import arb, ctx, fmpq

BETA0, HALF_SLOPE = fmpq(1, 10), fmpq(199, 20)
START, END = fmpq(1), fmpq(1, 1000)


def integral(i, intervals):
    """S(t_i), exactly."""
    t = START + (END - START) * fmpq(i, intervals)
    return t * (BETA0 + HALF_SLOPE * t)


def nodes_plain(count):
    """alpha, sigma, rho = sigma/alpha, lambda of every node."""
    for i in range(count):
        e = arb(integral(i, count - 1)).expm1()
        alpha = (1 + e).rsqrt()
        rho = e.sqrt()
        yield alpha, rho * alpha, rho, -e.log() / 2


def nodes_recurrence(count):
    s0, s1, s2 = (integral(i, count - 1) for i in range(3))
    alpha = (-arb(s0) / 2).exp()
    factor = (-arb(s1 - s0) / 2).exp()
    second = (-arb(s2 - 2 * s1 + s0) / 2).exp()
    for _ in range(count):
        sigma = (1 - alpha * alpha).sqrt()
        rho = sigma / alpha
        yield alpha, sigma, rho, -rho.log()
        alpha *= factor
        factor *= second


def rows(nodes):
    """H_1 = 1 - e^-h, H_{k+1} = 1/k! - H_k/h: one reciprocal of h serves all."""
    half = arb(1) / 2
    out = []
    before = [next(nodes) for _ in range(3)]
    h1 = before[2][3] - before[1][3]
    h2 = before[1][3] - before[0][3]
    rho_s, lambda_s = before[2][2], before[2][3]
    inverse1 = 1 / h1
    for alpha, sigma, rho, lam in nodes:
        h = lam - lambda_s
        inverse = 1 / h
        r0 = h1 * inverse
        r1 = h2 * inverse
        big1 = 1 - rho / rho_s
        big2 = 1 - big1 * inverse
        big3 = half - big2 * inverse
        inverse_r0 = h * inverse1
        m1 = -(big1 * half * inverse_r0)
        e1 = -(big2 * inverse_r0)
        # D1 = a D10 - b D11 with b = r0/(r0+r1), a = 1 + b; D2 = (D10 - D11)/(r0+r1).
        both = 1 / (r0 + r1)
        share = r0 * both
        inverse_r1 = 1 / r1
        x = big2 * share
        y = big3 * both
        p = (big2 + x + y) * inverse_r0
        q = -(x + y) * inverse_r1
        y = y + y
        p2 = (big2 + x + y) * inverse_r0
        q2 = -(x + y) * inverse_r1
        out.append(
            (
                alpha, sigma, lam, h, r0, r1,
                big1 - m1, m1,
                big1 - e1, e1,
                big1 + p, q - p, -q,
                big1 + p2, q2 - p2, -q2,
            )
        )
        rho_s, lambda_s, h2, h1, inverse1 = rho, lam, h1, h, inverse
    return out


def main():
    variant, count, bits, repeats = sys.argv[1], *map(int, sys.argv[2:5])
    ctx.prec = bits
    nodes = {"plain": nodes_plain, "recurrence": nodes_recurrence}[variant]
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        table = rows(nodes(count + 3))
        best = min(best, time.perf_counter() - begin)
    print(best)
    if len(sys.argv) > 5:
        with open(sys.argv[5], "w") as file:
            for row in table:
                for value in row:
                    file.write(f"{value.mid().str(bits, radius=False)} {value.rad().str(6, radius=False)}\n")


if __name__ == "__main__":
    main()
