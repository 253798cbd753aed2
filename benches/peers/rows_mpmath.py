"""The rows of `benches/rows.rs` with mpmath's mpf: no enclosure, the usual tool for such tables.

usage: rows_mpmath.py VARIANT ROWS BITS REPEATS

Variants and numbers as in rows_flint.py. Prints the best of REPEATS times in seconds.
"""

import sys
import time

from mpmath import exp, expm1, log, mp, mpf, sqrt


def integral(i, intervals):
    t = 1 - mpf(999 * i) / (1000 * intervals)
    return t * (mpf(1) / 10 + mpf(199) / 20 * t)


def nodes_plain(count):
    for i in range(count):
        e = expm1(integral(i, count - 1))
        alpha = 1 / sqrt(1 + e)
        rho = sqrt(e)
        yield alpha, rho * alpha, rho, -log(e) / 2


def nodes_recurrence(count):
    s0, s1, s2 = (integral(i, count - 1) for i in range(3))
    alpha = exp(-s0 / 2)
    factor = exp(-(s1 - s0) / 2)
    second = exp(-(s2 - 2 * s1 + s0) / 2)
    for _ in range(count):
        sigma = sqrt(1 - alpha * alpha)
        rho = sigma / alpha
        yield alpha, sigma, rho, -log(rho)
        alpha *= factor
        factor *= second


def rows(nodes):
    half = mpf(1) / 2
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
    mp.prec = bits
    nodes = {"plain": nodes_plain, "recurrence": nodes_recurrence}[variant]
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        rows(nodes(count + 3))
        best = min(best, time.perf_counter() - begin)
    print(best)


if __name__ == "__main__":
    main()
