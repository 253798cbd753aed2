"""Lets `dpm-spec check` ask a sampler written in Python. One file, standard library only.

    import dpm_spec_testee

    def sample(case, model, x, noise):
        for t, next_t in zip(case.times, case.times[1:]):
            m = model(t, x)
            x = ...
        return x

    dpm_spec_testee.serve(sample, name="mine", solvers=["dpmpp-2m"], schedules=["vp-linear"])

Then: dpm-spec check -- python3 mine.py

`x`, what `model(t, x)` and `noise()` return, and the result are vectors of floats: lists in, any
sequence of numbers out (a NumPy array or a tensor of one dimension will do). `case` has `solver`,
`eta`, `schedule`, `prediction`, `policy` (a dict), `space`, `steps` and `times` (one more than
steps; one more than blocks where `outer` is "blocks"). Raise `Refused` for what the sampler cannot
do: the case is skipped. Any other exception is a failure of the case. Standard output carries the
protocol, so `print` goes to standard error.

The protocol: spec/protocol.md of dpm-spec. Python 3.9 or later.
"""

import json
import os
import sys
import traceback
from types import SimpleNamespace

PROTOCOL = 1


class Refused(Exception):
    """The sampler cannot do this; the case is skipped with this reason."""


class _Stopped(BaseException):
    """The runner has ended the run. No Exception, so that no sampler takes it for one."""


def serve(
    sample,
    *,
    name,
    solvers,
    schedules,
    version="",
    element="f64",
    time="continuous",
    spaces=("vp",),
    predictions=(),
    policies=(),
    models=("script", "callback"),
    grids=(),
    nodes=None,
    threshold=None,
    local=False,
):
    """Answers the runner until it says bye.

    `sample(case, model, x, noise)` returns the last state. With `grids`, `nodes(schedule, grid,
    steps)` returns the times of a grid. `threshold(rule, samples)` returns the samples after
    `rule`: `rule.kind` is "static" (with `bound`) or "dynamic" (with `ratio` and `max`). With
    `local`, `sample` calls `x = model.restart(x)` at the start of every step.
    """
    if sys.stdin.isatty():
        sys.exit(f"{name}: a sampler for dpm-spec. Ask it: dpm-spec check -- python3 {sys.argv[0]}")
    hello = {
        "protocol": PROTOCOL,
        "name": name,
        "version": version,
        "language": "Python",
        "element": element,
        "time": time,
        "spaces": list(spaces),
        "solvers": list(solvers),
        "schedules": list(schedules),
        "predictions": list(predictions),
        "policies": list(policies),
        "models": list(models),
        "grids": list(grids),
        "thresholds": threshold is not None,
        "local": local,
    }
    runner = _Runner()
    while True:
        request = runner.read()
        kind = request["type"]
        if kind == "run":
            runner.reply(_attempt(lambda: _run(sample, runner, request)))
        elif kind == "grid":
            runner.reply(_attempt(lambda: _grid(nodes, request)))
        elif kind == "threshold":
            runner.reply(_attempt(lambda: _threshold(threshold, request)))
        elif kind == "hello":
            runner.reply(("hello", hello))
        elif kind == "bye":
            runner.reply(("bye", {}))
            return
        else:
            sys.exit(f"dpm_spec_testee: the runner says `{kind}`, which nobody asked for")


class _Runner:
    """Standard input and output, one message a line."""

    def __init__(self):
        self.lines = sys.stdin.buffer
        sys.stdout.flush()
        self.output = os.fdopen(os.dup(1), "wb")
        # What the sampler and its libraries print goes to standard error.
        os.dup2(2, 1)

    def read(self):
        line = self.lines.readline()
        if not line:
            sys.exit(0)
        request = json.loads(line)
        self.seq = request["seq"]
        return request

    def reply(self, message):
        kind, fields = message
        text = json.dumps({"type": kind, "seq": self.seq, **fields})
        self.output.write(text.encode() + b"\n")
        self.output.flush()

    def ask(self, kind, **fields):
        """A question within a run, and its answer."""
        self.reply((kind, fields))
        answer = self.read()
        if answer["type"] == "stop":
            raise _Stopped
        return answer


def _run(sample, runner, request):
    case = SimpleNamespace(**request["case"])
    case.eta = _number(case.eta)
    case.times = _vector(case.times)
    script = request.get("script")
    asked = _Asked(runner) if script is None else _Scripted(runner, script)
    asked.model.restart = asked.restart if request.get("local") else lambda state: state
    state = sample(case, asked.model, _vector(request["start"]), asked.noise)
    return "result", {"state": _texts(state), **asked.shown()}


class _Asked:
    """A model and a noise that ask the runner."""

    def __init__(self, runner):
        calls, draws, steps = _counter(), _counter(), _counter()

        def model(t, x):
            answer = runner.ask("eval", call=calls(), time=_text(t), state=_texts(x))
            return _vector(answer["output"])

        def restart(x):
            answer = runner.ask("restart", step=steps(), state=_texts(x))
            return _vector(answer["state"])

        self.model, self.restart = model, restart
        self.noise = lambda: _vector(runner.ask("draw", draw=draws())["noise"])

    def shown(self):
        return {}


class _Scripted(_Asked):
    """A model and a noise whose answers are known."""

    def __init__(self, runner, script):
        super().__init__(runner)
        self.calls, self.draws = [], []
        outputs, noises = iter(script["outputs"]), script["noises"]
        most = len(noises) + 4 * len(script["outputs"])

        def model(t, x):
            self.calls.append({"time": _text(t), "state": _texts(x)})
            return _next(outputs, f"model call {len(self.calls)}")

        def noise():
            self.draws.append(len(self.calls))
            if len(self.draws) > most:
                raise RuntimeError(f"noise {len(self.draws)}: far more than the solver draws")
            # Beyond what is known the last one comes again.
            return _vector(noises[min(len(self.draws), len(noises)) - 1])

        self.model, self.noise = model, noise

    def shown(self):
        return {"calls": self.calls, "draws": self.draws}


def _grid(nodes, request):
    times = nodes(request["schedule"], request["grid"], request["steps"])
    return "nodes", {"times": _texts(times)}


def _threshold(threshold, request):
    numbers = {key: _number(text) for key, text in request["rule"].items() if key != "kind"}
    rule = SimpleNamespace(kind=request["rule"]["kind"], **numbers)
    samples = threshold(rule, [_vector(sample) for sample in request["samples"]])
    return "samples", {"samples": [_texts(sample) for sample in samples]}


def _attempt(answer):
    """The reply, or why there is none."""
    try:
        return answer()
    except _Stopped:
        return "stopped", {}
    except Refused as refusal:
        return "skipped", {"reason": str(refusal)}
    except Exception as error:
        traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = traceback.format_exception_only(type(error), error)[-1].strip()
        file = os.path.basename(place.filename)
        return "error", {"message": f"{what} ({file}, line {place.lineno}, {place.name})"}


def _next(vectors, what):
    try:
        return _vector(next(vectors))
    except StopIteration:
        raise RuntimeError(f"{what}: far more than the solver makes") from None


def _counter():
    count = iter(range(sys.maxsize))
    return lambda: next(count)


def _number(text):
    return float.fromhex(text) if "x" in text else float(text)


def _vector(texts):
    return [_number(text) for text in texts]


def _text(number):
    return float(number).hex()


def _texts(vector):
    # Arrays and tensors are slow to iterate.
    numbers = vector.tolist() if hasattr(vector, "tolist") else vector
    return [_text(number) for number in numbers]
