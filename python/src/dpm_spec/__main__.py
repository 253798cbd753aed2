"""A testee for `dpm-spec check`: `dpm-spec check -- python -m dpm_spec MODULE:FUNCTION`."""

import contextlib
import os
import sys

import dpm_spec_testee

from .declaration import Unusable, load


@contextlib.contextmanager
def protocol_set_aside():
    """What a module reads or prints while it is imported is none of the conversation."""
    asked, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(asked, 0)
        os.dup2(answers, 1)
        for file in (asked, answers, nothing):
            os.close(file)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: dpm-spec check -- python -m dpm_spec MODULE:FUNCTION")
    try:
        with protocol_set_aside():
            sample, declared = load(sys.argv[1])
    except Unusable as reason:
        sys.exit(f"{sys.argv[1]}: {reason}")
    dpm_spec_testee.serve(sample, **declared)


if __name__ == "__main__":
    main()
