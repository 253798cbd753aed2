"""The 16 numbers of a row from its node, in any number type: shared by the peers."""

import time


def rows(nodes, half):
    """H_1 = 1 - e^-h, H_{k+1} = 1/k! - H_k/h: one reciprocal of h serves all; `half` is 1/2 in the nodes' type."""
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


def best_of(repeats, nodes, half):
    """The last table and the shortest time in seconds; `nodes()` starts a run."""
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        table = rows(nodes(), half)
        best = min(best, time.perf_counter() - begin)
    return table, best
