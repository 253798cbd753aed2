"""The example with a mistake that is easily made: its formula takes all steps for equally long."""

import dpm_spec_testee
from example import sample


def halfway(m, h, older, h_older):
    """Adams and Bashforth's 3/2 and -1/2: right only where h_older = h."""
    return [1.5 * a - 0.5 * b for a, b in zip(m, older)]


if __name__ == "__main__":
    dpm_spec_testee.serve(
        lambda *run: sample(*run, extrapolated=halfway),
        name="wrong",
        version="1",
        solvers=["dpmpp-2m"],
        schedules=["vp-linear"],
        local=True,
    )
