"""The rows of `benches/rows.rs` with mpmath's mpf: no enclosure, the usual tool for such tables.

usage: rows_mpmath.py VARIANT ROWS BITS REPEATS

Variants and numbers as in rows_flint.py. Prints the best of REPEATS times in seconds.
"""

import sys

from mpmath import exp, expm1, log, mp, mpf, sqrt

from rows_shared import best_of


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


def main():
    variant, count, bits, repeats = sys.argv[1], *map(int, sys.argv[2:5])
    mp.prec = bits
    nodes = {"plain": nodes_plain, "recurrence": nodes_recurrence}[variant]
    _, best = best_of(repeats, lambda: nodes(count + 3), mpf(1) / 2)
    print(best)


if __name__ == "__main__":
    main()
