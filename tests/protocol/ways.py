"""What the ways to misbehave are made of: a registry, and raw bytes on standard output."""

import json
import sys
import time

HELLO = {
    "type": "hello",
    "protocol": 1,
    "name": "hostile",
    "version": "1",
    "language": "Python",
    "element": "f64",
    "time": "continuous",
    "spaces": ["vp"],
    "solvers": ["ddim"],
    "schedules": ["vp-linear"],
    "predictions": [],
    "policies": [],
    "models": ["script"],
}
WAYS = {}
# How many calls the model has had in this run.
CALLS = [0]
MIB = b"x" * (1 << 20)


def at(stage, outcome):
    """Registers what is done to the message of that type before it is sent."""

    def register(change):
        WAYS[change.__name__.strip("_").replace("_", "-")] = (stage, outcome, change)
        return change

    return register


def raw(reply):
    return json.dumps(reply).encode() + b"\n"


def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def endless(data):
    while True:
        write(data)


def forever():
    while True:
        time.sleep(60)
