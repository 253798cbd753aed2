"""Compares one configuration at one number of steps with its plan, and finds the cause of a deviation.

Causes are found by intervention. "arithmetic": it vanishes when the class steps in double from its own
float32 sigmas. "table": it vanishes when the exact sigmas are put in too. "third-order-constant": it
vanishes when the constant of finding 004 is put right as well. What is left is a "formula".
"""

import math
from dataclasses import dataclass

import library
import probe
import rows

U = 2.0**-24
LIMIT = 8.0


@dataclass
class Deviation:
    """kind: library-error, library-nan, refused, labels, or a cause; size in u where it is one."""

    case: str
    steps: int
    kind: str
    size: float
    detail: str


def distance(expected, measured):
    """Largest difference of two rows in u of the expected row's largest entry (at least 1)."""
    keys = expected.keys() if isinstance(expected, dict) else range(len(expected))
    scale = max(1.0, *(abs(expected[k]) for k in keys))
    differences = [abs(expected[k] - measured[k]) for k in keys]
    return math.inf if any(math.isnan(d) for d in differences) else float(max(differences)) / scale / U


def compare(expected, measured):
    """(u, row index) of the worst conversion, step and closed row; NaN rows count as infinite."""
    local, closed = expected
    found = [(0.0, None)]
    for index, ((conversion, step), (got_conversion, got_step)) in enumerate(zip(local, measured[0])):
        if got_conversion is not None:
            found.append((distance(conversion, got_conversion), f"conversion {index}"))
        found.append((distance(step, got_step), f"step {index}"))
    for index, (row, got) in enumerate(zip(closed, measured[1])):
        found.append((distance(row, got), f"closed {index}"))
    return max(found, key=lambda pair: pair[0])


def side_of(config):
    """What the class integrates, if its conversion can be measured apart from the step."""
    if config["_class_name"] in (probe.MULTISTEP, probe.SINGLESTEP):
        return library.FORMS[library.complete(config)["algorithm_type"]][0]
    return None


def judge(case, config, steps, mu, reference, exact_sigmas):
    """(worst u, deviations) of one case; reference() gives instructions and labels or raises."""
    def deviation(kind, size, detail):
        return Deviation(case, steps, kind, size, detail)

    found = []
    try:
        made = probe.Probe(config, steps, mu)
        try:
            made.own_loop()
        except Exception as error:
            found.append(deviation("library-error", 0.0, f"own loop: {type(error).__name__}"))
        measured = made.local(joined=side_of(config) is None), made.closed()
    except Exception as error:
        found.append(deviation("library-error", 0.0, f"{type(error).__name__}"))
        return 0.0, found
    nan = not all(math.isfinite(x) for _, row in measured[0] for x in row.values())
    nan |= not all(math.isfinite(x) for row in measured[1] for x in row)
    try:
        instructions, labels, side = reference()
    except ValueError as error:
        if not nan:
            found.append(deviation("refused", 0.0, str(error)))
        else:
            found.append(deviation("library-nan", 0.0, f"dpm-spec refuses: {error}"))
        return 0.0, found
    if nan:
        found.append(deviation("library-nan", 0.0, "non-finite coefficient"))
        return 0.0, found
    if len(labels) != len(made.labels):
        found.append(deviation("labels", 0.0, f"{len(made.labels)} calls, expected {len(labels)}"))
        return 0.0, found
    gap, at = max((abs(a - b), i) for i, (a, b) in enumerate(zip(labels, made.labels)))
    if gap > 8 * U * 1000:
        found.append(deviation("labels", gap, f"call {at}: {made.labels[at]}, expected {labels[at]}"))
    # a first-order plan may integrate the other side: same step, another split into conversion and step
    joined = side != side_of(config)
    expected = rows.local(instructions, joined), rows.closed(instructions)
    if joined:
        measured = made.local(joined), measured[1]
    worst, place = compare(expected, measured)
    if worst > LIMIT:
        found.append(deviation(cause(config, steps, mu, expected, exact_sigmas), worst, place))
    return worst, found


def cause(config, steps, mu, expected, exact_sigmas):
    """Which intervention makes the deviation vanish."""
    joined = expected[0][0][0] is None

    def measured(sigmas, corrected):
        made = probe.Probe(config, steps, mu, sigmas, corrected)
        return made.local(joined), made.closed()

    trials = [("arithmetic", lambda: "f64", False)]
    if config["_class_name"] in (probe.MULTISTEP, probe.SINGLESTEP):
        trials.append(("table", exact_sigmas, False))
        if config.get("algorithm_type") == "sde-dpmsolver++" and config.get("solver_order") == 3:
            trials.append(("third-order-constant", exact_sigmas, True))
    for kind, sigmas, corrected in trials:
        if compare(expected, measured(sigmas(), corrected))[0] <= LIMIT:
            return kind
    return "formula"
