"""Correct rounding of an Arb ball: to binary64, binary32, binary16, bfloat16 and to 40 decimal digits.

Each function rounds both ends of the ball to nearest, ties to even, in integer arithmetic, and
returns None when the ends disagree: the caller raises the precision and asks again.
"""

from fractions import Fraction

DIGITS = 40
# name: (precision in bits, least exponent of a normal number, greatest exponent)
FORMATS = {
    "f64": (53, -1022, 1023),
    "f32": (24, -126, 127),
    "f16": (11, -14, 15),
    "bf16": (8, -126, 127),
}


def ends(ball):
    """The exact lower and upper end of a ball as fractions."""
    middle, radius = exact(ball.mid()), exact(ball.rad())
    return middle - radius, middle + radius


def exact(ball):
    """The value of a ball of radius zero as a fraction."""
    mantissa, exponent = (int(part) for part in ball.man_exp())
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def floor_log2(x):
    """The greatest integer e with 2^e <= x, for x > 0."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= x else e - 1


def nearest(x):
    """The integer nearest to a fraction, ties to even."""
    return round(x)


def to_format(x, name):
    """A fraction rounded to a binary format, as the exact fraction it became; None is infinity."""
    precision, least, greatest = FORMATS[name]
    if x == 0:
        return Fraction(0)
    unit = Fraction(2) ** (max(floor_log2(abs(x)), least) - precision + 1)
    rounded = nearest(x / unit) * unit
    limit = Fraction(2) ** (greatest + 1)
    return None if abs(rounded) >= limit else rounded


def to_decimal(x):
    """A fraction rounded to 40 significant digits: (signed integer of 40 digits, power of ten)."""
    if x == 0:
        return 0, 0
    size = abs(x)
    power = len(str(size.numerator)) - len(str(size.denominator))
    if Fraction(10) ** power > size:
        power -= 1
    shift = power - DIGITS + 1
    digits = nearest(x / Fraction(10) ** shift)
    if abs(digits) == 10**DIGITS:
        digits, shift = digits // 10, shift + 1
    return digits, shift


def rounded(ball, name):
    """A ball in one format ("dec" or a key of FORMATS), or None while it is undecided."""
    one = to_decimal if name == "dec" else (lambda x: ("finite", to_format(x, name)))
    low, high = (one(end) for end in ends(ball))
    return low if low == high else None


def published(text, name):
    """A published string in the form that `rounded` returns."""
    if name == "dec":
        return to_decimal(Fraction(text))
    if name in ("f16", "bf16"):
        return "finite", from_bits(int(text, 16), name)
    value = float.fromhex(text)
    if value in (float("inf"), float("-inf")):
        return "finite", None
    exact_value = Fraction(value)
    if to_format(exact_value, name) != exact_value:
        return "not a value of the format", exact_value
    return "finite", exact_value


def from_bits(bits, name):
    """The value of a 16-bit pattern of binary16 or bfloat16; None is infinity."""
    precision, least, _ = FORMATS[name]
    fraction_bits = precision - 1
    sign = -1 if bits >> 15 else 1
    exponent = (bits & 0x7FFF) >> fraction_bits
    mantissa = bits & ((1 << fraction_bits) - 1)
    if exponent == (1 << (15 - fraction_bits)) - 1:
        return None
    if exponent == 0:
        return sign * mantissa * Fraction(2) ** (least - fraction_bits)
    return sign * (mantissa + (1 << fraction_bits)) * Fraction(2) ** (exponent - 1 + least - fraction_bits)
