"""Messages, numbers and samplers that are not what they should be."""

import os

from ways import CALLS, MIB, at, raw, write

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


@at("result", "fails")
def seq_twice(reply):
    return raw(reply).replace(b"{", b'{"seq": 0, ', 1)


@at("result", "fails")
def state_twice(reply):
    return raw(reply).replace(b"}\n", b', "state": []}\n')


@at("result", "fails")
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
    os.write(2, b"no luck in run %d" % reply["seq"])
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
    return {"type": "error", "seq": reply["seq"], "message": "error " * (150 << 10)}


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
