"""Processes and lines that are not what they should be."""

import os
import signal
import subprocess
import sys

from ways import HELLO, MIB, at, endless, forever, raw, write

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


@at("result", "fails")
def ignores_signals_as_does_a_grandchild(reply):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # What a process ignores, the programs that it starts ignore, too.
        signal.signal(number, signal.SIG_IGN)
    subprocess.Popen(["sleep", "600"])
    forever()


@at("start", "passes")
def floods_stderr(_):
    for _ in range(64):
        os.write(2, MIB)


@at("result", "fails")
def endless_stderr(reply):
    while True:
        os.write(2, MIB)


FLOODS = []


@at("result", "fails")
def errors_while_a_grandchild_floods_stderr(reply):
    FLOODS or FLOODS.append(subprocess.Popen(["yes"], stdout=2))
    return {"type": "error", "seq": reply["seq"], "message": "no luck"}


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
    return {**reply, "state": ["0x1.23456789abcdp+0" + "0" * 8] * 32000}


@at("result", "fails")
def as_many_fields_as_a_line_holds(reply):
    return {**reply, **{f"a field nobody {i:09}": 0 for i in range(32000)}}


@at("result", "fails")
def an_array(reply):
    return b"[" + raw(reply)[:-1] + b"]\n"
