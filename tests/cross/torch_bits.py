"""PyTorch's float32 tables bit for bit, without PyTorch: linspace, cumprod, zero-SNR rescaling.

Measured on torch 2.15 (AVX2 and AVX-512): linspace is one fused multiply-add per element from the
nearer end with a float32 step; cumprod multiplies in double and rounds each stored element.
Without AVX2 the same call of linspace rounds product and sum apart (docs/findings/001).
"""

import math
from fractions import Fraction

import numpy as np

f32 = np.float32


def fused(a, b, c):
    """a + b c with one rounding to float32."""
    exact = Fraction(float(a)) + Fraction(float(b)) * c
    near = f32(float(exact))
    # float(exact) rounds twice only if it lands on a float32 midpoint
    low, high = sorted((near, np.nextafter(near, f32(np.inf if exact > Fraction(float(near)) else -np.inf))))
    gap_low, gap_high = exact - Fraction(float(low)), Fraction(float(high)) - exact
    return low if gap_low < gap_high else high if gap_high < gap_low else near


def linspace(start, end, count):
    start, end = f32(start), f32(end)
    step = f32(f32(end - start) / f32(count - 1))
    half = count // 2
    first = [fused(start, step, i) for i in range(half)]
    return np.array(first + [fused(end, -step, count - 1 - i) for i in range(half, count)], dtype=f32)


def betas(name, count, start, end):
    """name: linear, scaled_linear, squaredcos_cap_v2; start and end are Python floats."""
    if name == "linear":
        return linspace(start, end, count)
    if name == "scaled_linear":
        root = linspace(start**0.5, end**0.5, count)
        return root * root
    if name == "squaredcos_cap_v2":
        def bar(t):
            return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

        return np.array(
            [min(1 - bar((i + 1) / count) / bar(i / count), 0.999) for i in range(count)], dtype=f32
        )
    raise ValueError(f"beta_schedule {name}")


def cumprod(values):
    product, table = 1.0, []
    for value in values:
        product *= float(value)
        table.append(f32(product))
    return np.array(table, dtype=f32)


def rescale(table):
    """Zero terminal SNR, each operation in float32 (Lin et al., arXiv 2305.08891, Algorithm 1)."""
    root = np.sqrt(cumprod(f32(1) - table))
    first, last = root[0], root[-1]
    root = root - last
    root = root * f32(first / f32(first - last))
    bar = root * root
    alphas = np.concatenate([bar[:1], bar[1:] / bar[:-1]])
    return f32(1) - alphas


def cumulative(table, zero_snr=False, floor=True):
    """abar as fractions; with zero_snr and floor the last one is 2^-24 as in the multistep class."""
    if zero_snr:
        table = rescale(table)
    bar = cumprod(f32(1) - table)
    if zero_snr and floor:
        bar[-1] = 2.0**-24
    return [Fraction(float(value)) for value in bar]
