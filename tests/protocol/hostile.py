"""A testee that misbehaves in one way: `hostile.py NAME`; `hostile.py --list` shows the interpreter
and all ways.

Apart from that it is DDIM on `vp-linear` in double precision. With each way the list says what must
come of it: `start` (no testee), `undeclared`, `fails`, `deviates`, `skipped`, `ends` (right but
for its end), `passes` (it is unusual, but allowed).
"""

import json
import math
import os
import signal
import subprocess
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


# ---- Processes ----


@at("hello", "start")
def no_hello(reply):
    forever()


@at("start", "start")
def never_reads_nor_speaks(_):
    forever()


@at("start", "fails")
def speaks_without_reading(_):
    write(raw({**HELLO, "seq": 0}))
    forever()


@at("start", "start")
def exits_with_0(_):
    sys.exit(0)


@at("start", "start")
def exits_with_1(_):
    sys.exit("out of order")


@at("result", "fails")
def sleeps(reply):
    forever()


@at("result", "fails")
def exits_in_a_run_with_0(reply):
    os._exit(0)


@at("result", "fails")
def exits_in_a_run_with_1(reply):
    os._exit(1)


@at("result", "fails")
def aborts(reply):
    os.abort()


@at("result", "fails")
def closes_stdout(reply):
    os.close(1)
    forever()


@at("result", "fails")
def closes_stdin(reply):
    os.close(0)
    forever()


@at("result", "fails")
def grandchild_holds_stdout(reply):
    subprocess.Popen(["sleep", "600"])
    os._exit(0)


@at("result", "fails")
def grandchild_in_its_own_session_holds_stdout(reply):
    subprocess.Popen(["sleep", "15"], start_new_session=True)
    os._exit(0)


@at("start", "passes")
def ignores_sigterm(_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@at("start", "passes")
def floods_stderr(_):
    for _ in range(64):
        os.write(2, MIB)


@at("bye", "ends")
def lives_on_after_bye(reply):
    write(raw(reply))
    forever()


@at("bye", "ends")
def speaks_after_bye(reply):
    return raw(reply) * 2


@at("bye", "ends")
def ends_badly(reply):
    write(raw(reply))
    os._exit(3)


@at("result", "fails")
def another_hello_every_time(reply):
    os._exit(0)


# ---- Lines ----


@at("result", "fails")
def endless_line(reply):
    endless(MIB)


@at("result", "fails")
def a_million_garbage_lines(reply):
    for _ in range(100):
        write(b"garbage\n" * 10000)
    return reply


@at("result", "fails")
def endless_newlines(reply):
    endless(b"\n" * 4096)


@at("result", "fails")
def half_a_line(reply):
    write(raw(reply)[:40])
    forever()


@at("result", "fails")
def half_a_line_and_an_end(reply):
    write(raw(reply)[:40])
    os._exit(0)


@at("any", "passes")
def crlf(reply):
    return raw(reply).replace(b"\n", b"\r\n")


@at("hello", "start")
def byte_order_mark(reply):
    return b"\xef\xbb\xbf" + raw(reply)


@at("result", "fails")
def invalid_utf8(reply):
    return raw(reply).replace(b"result", b"res\xff\xfelt")


@at("result", "fails")
def nul(reply):
    return raw(reply).replace(b"result", b"res\0lt")


@at("hello", "start")
def utf16(reply):
    return raw(reply).decode().encode("utf-16")


@at("hello", "start")
def banner(reply):
    return b"Loading the model... 100 %\n" + raw(reply)


@at("result", "fails")
def deep_nesting(reply):
    return b'{"type":' + b"[" * 1000000 + b"\n"


@at("result", "fails")
def wide_nesting(reply):
    return b'{"type":"result","seq":1,"state":[' + b"{}," * 2000000 + b"{}]}\n"


@at("result", "fails")
def as_many_values_as_a_line_holds(reply):
    return {**reply, "state": ["0x1.23456789abcdp+0" + "0" * 8] * 65000}


@at("result", "fails")
def as_many_fields_as_a_line_holds(reply):
    return {**reply, **{f"a field nobody {i:09}": 0 for i in range(65000)}}


@at("result", "fails")
def an_array(reply):
    return b"[" + raw(reply)[:-1] + b"]\n"


# ---- Messages ----


@at("result", "fails")
def wrong_seq(reply):
    return {**reply, "seq": reply["seq"] + 1}


@at("result", "fails")
def missing_seq(reply):
    return {key: value for key, value in reply.items() if key != "seq"}


@at("result", "fails")
def duplicated_seq(reply):
    return {**reply, "seq": reply["seq"] - 1}


@at("result", "fails")
def negative_seq(reply):
    return {**reply, "seq": -1}


@at("result", "deviates")
def two_replies(reply):
    return raw(reply) * 2


@at("eval", "fails")
def out_of_order(reply):
    return {**reply, "call": 1 - reply["call"]}


@at("hello", "start")
def protocol_2(reply):
    return {**reply, "protocol": 2}


@at("hello", "start")
def unknown_field_in_hello(reply):
    return {**reply, "vendor": "nobody"}


@at("hello", "start")
def missing_field_in_hello(reply):
    return {key: value for key, value in reply.items() if key != "element"}


@at("hello", "start")
def unknown_solver(reply):
    return {**reply, "solvers": ["dpmpp-9m"]}


@at("hello", "undeclared")
def nothing_declared(reply):
    return {**reply, "solvers": []}


@at("hello", "start")
def endless_names(reply):
    return {**reply, "solvers": ["ddim"] * 1001}


@at("result", "fails")
def unknown_field(reply):
    return {**reply, "comment": "hello"}


@at("result", "fails")
def missing_field(reply):
    return {key: value for key, value in reply.items() if key != "state"}


@at("result", "fails")
def calls_not_shown(reply):
    return {key: value for key, value in reply.items() if key != "calls"}


@at("result", "fails")
def another_reply(reply):
    return {"type": "nodes", "seq": reply["seq"], "times": []}


@at("result", "fails")
def eval_in_a_run_with_a_script(reply):
    return {"type": "eval", "seq": reply["seq"], "call": 0, **reply["calls"][0]}


@at("result", "fails")
def errors(reply):
    return {"type": "error", "seq": reply["seq"], "message": "no luck"}


@at("result", "skipped")
def refuses_what_it_declared(reply):
    return {"type": "skipped", "seq": reply["seq"], "reason": "not today"}


# ---- Numbers ----


def with_number(text):
    """The result with another second number."""

    def change(reply):
        return {**reply, "state": [reply["state"][0], text, *reply["state"][2:]]}

    return change


for name, text in {
    "overflowing_decimal": "1e400",
    "overflowing_hexadecimal": "0x1p+1024",
    "not_a_number": "nan",
    "infinite": "inf",
    "infinitely_negative": "-inf",
    "signed_nan": "-nan",
    "decimal_comma": "0,5",
    "an_endless_exponent": "0x1p" + "9" * 1000000,
    "no_digits": "",
    "python_float": "Infinity",
}.items():
    function = with_number(text)
    function.__name__ = name
    at("result", "fails")(function)


@at("result", "fails")
def numbers_that_are_no_strings(reply):
    return {**reply, "state": [0.5] * len(reply["state"])}


def last_is(text):
    """The result with another last number, which is to be 0."""
    return lambda reply: {**reply, "state": [*reply["state"][:-1], text]}


@at("result", "passes")
def negative_zero(reply):
    return last_is("-0x0p+0")(reply)


@at("result", "passes")
def subnormal(reply):
    return last_is("0x1p-1074")(reply)


@at("result", "passes")
def decimals(reply):
    state = [repr(float.fromhex(text)) for text in reply["state"]]
    return {**reply, "state": state}


@at("result", "passes")
def endless_decimals(reply):
    return last_is("0." + "0" * 1000000)(reply)


@at("result", "fails")
def too_short(reply):
    return {**reply, "state": reply["state"][:-1]}


@at("result", "fails")
def too_long(reply):
    return {**reply, "state": reply["state"] * 2}


@at("result", "fails")
def empty(reply):
    return {**reply, "state": []}


@at("result", "fails")
def too_short_a_state_in_a_call(reply):
    calls = [{**call, "state": call["state"][:-1]} for call in reply["calls"]]
    return {**reply, "calls": calls}


@at("result", "fails")
def too_precise(reply):
    return reply


@at("result", "fails")
def draws_beyond_the_calls(reply):
    return {**reply, "draws": [999]}


# ---- Behaviour ----


@at("result", "deviates")
def too_few_calls(reply):
    return {**reply, "calls": reply["calls"][1:]}


@at("result", "fails")
def too_many_calls(reply):
    return {**reply, "calls": reply["calls"] * 1000}


@at("eval", "fails")
def calls_without_end(reply):
    return {**reply, "call": CALLS[0] - 1}


@at("eval", "fails")
def calls_on_after_stop(reply):
    return {**reply, "call": CALLS[0] - 1}


RUNS = []


@at("result", "deviates")
def state_leaks(reply):
    RUNS.append(reply)
    leaked = float.fromhex(reply["state"][1]) + 2.0**-20 * (len(RUNS) - 1)
    return with_number(leaked.hex())(reply)


@at("hello", "passes")
def terminal_control_in_its_name(reply):
    return {**reply, "name": "\x1b[2J\x1b]0;title\x07<script>alert(1)</script>\u202e"}


@at("hello", "passes")
def a_path_as_its_name(reply):
    return {**reply, "name": "../../../../tmp/hostile", "version": "/etc/passwd"}


@at("result", "fails")
def terminal_control_in_an_error(reply):
    message = "\x1b[2J\x1b]0;title\x07<script>alert(1)</script>\u202e"
    os.write(2, message.encode() + b"\xff\x9b31m")
    return {"type": "error", "seq": reply["seq"], "message": message}


@at("result", "fails")
def terminal_control_before_its_end(reply):
    os.write(2, b"\x1b[2J\x9b31m<script>alert(1)</script>")
    os._exit(1)


@at("result", "fails")
def megabytes_of_error_text(reply):
    return {"type": "error", "seq": reply["seq"], "message": "error " * (300 << 10)}


@at("result", "fails")
def a_gigabyte_of_error_text(reply):
    write(b'{"type":"error","seq":%d,"message":"' % reply["seq"])
    for _ in range(1024):
        write(MIB)
    return b'"}\n'


@at("result", "fails")
def much_stderr_before_its_end(reply):
    for _ in range(128):
        os.write(2, MIB)
    os._exit(1)


# ---- The sampler ----

CALLS = [0]


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
