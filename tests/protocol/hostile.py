"""A testee that misbehaves in one way: `hostile.py NAME`; `hostile.py --list` shows the interpreter
and all ways.

Apart from that it is DDIM on `vp-linear` in double precision. With each way the list says what must
come of it: `start` (no testee), `undeclared`, `fails`, `deviates`, `skipped`, `ends` (right but
for its end), `passes` (it is unusual, but allowed).
"""

import json
import math
import os
import sys

import ways_of_messages  # noqa: F401
import ways_of_processes  # noqa: F401
from ways import CALLS, HELLO, WAYS, raw, write


def read():
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else sys.exit(0)


def level(t):
    tau = math.expm1((0.5 * (20 - 0.1) * t + 0.1) * t)
    return 1 / math.sqrt(1 + tau), math.sqrt(tau / (1 + tau)), -0.5 * math.log(tau)


def ddim(times, x, model):
    for s, t in zip(times, times[1:]):
        (_, sigma_s, lambda_s), (alpha, sigma, lambda_t) = level(s), level(t)
        m = model(s, x)
        weight = -alpha * math.expm1(lambda_s - lambda_t)
        x = [sigma / sigma_s * a + weight * b for a, b in zip(x, m)]
    return x


def numbers(texts):
    return [float.fromhex(text) for text in texts]


def texts(vector):
    return [value.hex() for value in vector]


def run(request, send):
    """The result of a run, its model a script or asked for call by call."""
    seq, script, calls = request["seq"], request.get("script"), []
    CALLS[0] = 0

    def model(t, x):
        calls.append({"time": t.hex(), "state": texts(x)})
        CALLS[0] += 1
        if script:
            return numbers(script["outputs"][len(calls) - 1])
        send({"type": "eval", "seq": seq, "call": CALLS[0] - 1, **calls[-1]})
        answer = read()
        return numbers(answer["output"]) if answer["type"] == "output" else None

    times, start = numbers(request["case"]["times"]), numbers(request["start"])
    name = sys.argv[1]
    while name in ("calls-without-end", "calls-on-after-stop"):
        if model(times[0], start) is None and name == "calls-without-end":
            return {"type": "stopped", "seq": seq}
    state = texts(ddim(times, start, model))
    shown = {"calls": calls, "draws": []} if script else {}
    return {"type": "result", "seq": seq, "state": state, **shown}


def main(name):
    stage, _, change = WAYS[name]
    hello = dict(HELLO)
    if stage == "eval":
        hello["models"] = ["callback"]
    if name == "too-precise":
        hello["element"] = "f32"
    if name == "another-hello-every-time":
        hello["version"] = str(os.getpid())
    if stage == "start":
        change(None)

    def send(reply):
        changed = change(reply) if stage in (reply["type"], "any") else reply
        write(changed if isinstance(changed, bytes) else raw(changed))

    while True:
        request = read()
        if request["type"] == "run":
            send(run(request, send))
        elif request["type"] == "hello":
            send({**hello, "seq": request["seq"]})
        else:
            send({"type": "bye", "seq": request["seq"]})
            return


if sys.argv[1:] == ["--list"]:
    print(sys.executable)
    for name, (_, outcome, _) in WAYS.items():
        print(name, outcome)
else:
    main(sys.argv[1])
