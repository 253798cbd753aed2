"""Noise schedules as Arb balls: alpha, sigma, lambda at a time, and the time of a lambda.

Written from the definitions (alpha from the integral of beta, from the cosine, from products of
1 - beta), not from the cancellation-free rearrangements: precision pays for the cancellation.
Every parameter is an exact fraction.
"""

from fractions import Fraction

from flint import arb, fmpq


def ball(x):
    """A fraction, integer or ball as a ball."""
    if isinstance(x, arb):
        return x
    x = Fraction(x)
    return arb(fmpq(x.numerator, x.denominator))


class Schedule:
    """alpha and sigma as functions of time; sigma = sqrt(1 - alpha^2) unless a subclass says otherwise."""

    state_space = "vp"

    def at(self, t):
        """(alpha, sigma) at time t."""
        alpha = self.alpha(ball(t))
        return alpha, (1 - alpha * alpha).sqrt()

    def at_lambda(self, lam):
        """(alpha, sigma) where ln(alpha/sigma) = lam."""
        odds = (-2 * lam).exp()
        return 1 / (1 + odds).sqrt(), (odds / (1 + odds)).sqrt()

    def lam(self, t):
        alpha, sigma = self.at(t)
        return (alpha / sigma).log()


class VpLinear(Schedule):
    """d ln(alpha)/dt = -(beta_min + (beta_max - beta_min) t)/2."""

    def __init__(self, beta_min=Fraction(1, 10), beta_max=Fraction(20)):
        self.low, self.high = ball(beta_min), ball(beta_max)

    def alpha(self, t):
        return (-(self.low * t + (self.high - self.low) * t * t / 2) / 2).exp()

    def time(self, lam):
        integral = (1 + (-2 * lam).exp()).log()
        slope = self.high - self.low
        return ((self.low * self.low + 2 * slope * integral).sqrt() - self.low) / slope


class VpCosine(Schedule):
    """alpha = cos(angle(t)) / cos(angle(0)), angle(t) = pi/2 (t + s)/(1 + s)."""

    def __init__(self, s=Fraction(8, 1000)):
        self.s = ball(s)

    def angle(self, t):
        return arb.pi() / 2 * (t + self.s) / (1 + self.s)

    def alpha(self, t):
        return self.angle(t).cos() / self.angle(arb(0)).cos()

    def time(self, lam):
        alpha, _ = self.at_lambda(lam)
        angle = (alpha * self.angle(arb(0)).cos()).acos()
        return 2 * angle / arb.pi() * (1 + self.s) - self.s


class Edm(Schedule):
    """Variance exploding: alpha = 1, sigma = t."""

    state_space = "ve"

    def at(self, t):
        return arb(1), ball(t)

    def at_lambda(self, lam):
        return arb(1), (-lam).exp()

    def time(self, lam):
        return (-lam).exp()


class Flow(Schedule):
    """alpha = 1 - s, sigma = s."""

    state_space = "flow"

    def at(self, t):
        return 1 - ball(t), ball(t)

    def at_lambda(self, lam):
        s = 1 / (1 + lam.exp())
        return 1 - s, s

    def time(self, lam):
        return 1 / (1 + lam.exp())


class Discrete(Schedule):
    """A table of cumulative products abar_i; between the knots one quantity is linear in the index."""

    # quantity: (from abar, to (sigma/alpha)^2)
    QUANTITIES = {
        "log-alpha": (lambda bar: bar.log() / 2, lambda value: (-2 * value).exp() - 1),
        "log-sigma": (lambda bar: ((1 - bar) / bar).log() / 2, lambda value: (2 * value).exp()),
        "sigma": (lambda bar: ((1 - bar) / bar).sqrt(), lambda value: value * value),
    }

    def __init__(self, abar, interpolation="log-alpha"):
        self.abar = abar
        self.forward, self.backward = self.QUANTITIES[interpolation]

    @staticmethod
    def products(betas):
        product, table = arb(1), []
        for beta in betas:
            product = product * (1 - beta)
            table.append(product)
        return table

    def knot(self, i):
        return self.forward(ball(self.abar[i]))

    def at(self, t):
        """At a whole index from the table, elsewhere from the interpolated quantity."""
        index = Fraction(t)
        if index.denominator == 1:
            bar = ball(self.abar[int(index)])
            return bar.sqrt(), (1 - bar).sqrt()
        low = int(index)
        value = self.knot(low) + ball(index - low) * (self.knot(low + 1) - self.knot(low))
        odds = self.backward(value)
        return 1 / (1 + odds).sqrt(), (odds / (1 + odds)).sqrt()

    def time(self, lam):
        bar = 1 / (1 + (-2 * lam).exp())
        low, high = 0, len(self.abar) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if ball(self.abar[middle]).mid() >= bar.mid():
                low = middle
            else:
                high = middle
        left, right = self.knot(low), self.knot(low + 1)
        return low + (self.forward(bar) - left) / (right - left)


def exact_betas(name, count, start=None, end=None):
    """The betas as real numbers."""
    if name == "discrete-cosine":
        offset = Fraction(8, 1000)
        bars = [
            (arb.pi() / 2 * ball((Fraction(i, count) + offset) / (1 + offset))).cos() ** 2
            for i in range(count + 1)
        ]
        raw = [1 - right / left for left, right in zip(bars, bars[1:])]
        cap = ball(Fraction(999, 1000))
        return [cap if beta > cap else beta for beta in raw]
    if name == "discrete-linear":
        start, end = ball(start or Fraction(1, 10**4)), ball(end or Fraction(2, 100))
        return [start + (end - start) * i / (count - 1) for i in range(count)]
    start, end = ball(start or Fraction(85, 10**5)).sqrt(), ball(end or Fraction(12, 1000)).sqrt()
    return [(start + (end - start) * i / (count - 1)) ** 2 for i in range(count)]
