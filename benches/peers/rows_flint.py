"""Certified rows with python-flint's arb: the peer of `benches/rows.rs`.

usage: rows_flint.py VARIANT ROWS BITS REPEATS

VARIANT `plain`: each row from expm1, log and square roots of its own exact time.
VARIANT `recurrence`: alpha = e^(-S/2) by two multiplications a node (S is quadratic in t, t is
uniform), as the Rust side does it; the rest as plain.
Prints the best of REPEATS times in seconds, then the widest radius over midpoint as a power of two.

A row is alpha, sigma, lambda, h, r0, r1 and the data-form weights of 2m (2), 2m-exact (2), 3m (3)
and 3m-exact (3), before multiplication by alpha; row i belongs to the step from node i+2 to node
i+3 of ROWS+3 uniform nodes from t = 1 to 1e-3; beta0 = 0.1, beta1 = 20. No guard bits: the peer is
not asked for full precision, which favours it.
"""

import sys
import time

from flint import arb, ctx, fmpq


def integral(i, intervals):
    """S(t_i) = t/10 + 199 t^2/20 with t = a/b, as one exact fraction."""
    a, b = 1000 * intervals - 999 * i, 1000 * intervals
    return arb(a * (2 * b + 199 * a)) / (20 * b * b)


def nodes_plain(count):
    """alpha, sigma, rho = sigma/alpha, lambda of every node."""
    for i in range(count):
        e = integral(i, count - 1).expm1()
        alpha = (1 + e).rsqrt()
        rho = e.sqrt()
        yield alpha, rho * alpha, rho, e.log() / -2


def nodes_recurrence(count):
    s0, s1, s2 = (integral(i, count - 1) for i in range(3))
    alpha = (-s0 / 2).exp()
    factor = (-(s1 - s0) / 2).exp()
    second = (-arb(fmpq(199, 10) * fmpq(999, 1000 * (count - 1)) ** 2) / 2).exp()
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
        inverse_r0 = h * inverse1
        big1 = 1 - rho / rho_s
        big2 = 1 - big1 * inverse
        big3 = half - big2 * inverse
        m = big1 * half * inverse_r0
        e = big2 * inverse_r0
        ratio = h1 / h2
        share = h / (h1 + h2)
        g = big3 * inverse_r0
        a = big2 + g
        b = (a + g) * share
        a *= share
        q, q2 = a * ratio, b * ratio
        p, p2 = e + a, e + b
        out.append(
            (
                alpha, sigma, lam, h, h1 * inverse, h2 * inverse,
                big1 + m, -m,
                big1 + e, -e,
                big1 + p, -(p + q), q,
                big1 + p2, -(p2 + q2), q2,
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
    print(-min(value.rel_accuracy_bits() for row in table for value in row))


if __name__ == "__main__":
    main()
