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

from flint import arb, ctx, fmpq

from rows_shared import best_of


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


def main():
    variant, count, bits, repeats = sys.argv[1], *map(int, sys.argv[2:5])
    ctx.prec = bits
    nodes = {"plain": nodes_plain, "recurrence": nodes_recurrence}[variant]
    table, best = best_of(repeats, lambda: nodes(count + 3), arb(1) / 2)
    print(best)
    print(-min(value.rel_accuracy_bits() for row in table for value in row))


if __name__ == "__main__":
    main()
