"""Messages and results satisfy their JSON Schemas, broken ones do not; needs `jsonschema`.

    python tests/cross/messages.py --binary target/release/dpm-spec
"""

import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
# Solvers of the last testee that refuse and raise.
RUDE = ["dpmpp-2m", "dpmpp-3m"]
# Between them they bring about every message of the protocol, in both directions.
CONVERSATIONS = [
    (["testees/python/wrong.py"], ["--only=core/dpmpp-2m/*/vp-linear:n=5"]),
    (["tests/protocol/hostile.py", "calls-without-end"], ["--only=core/ddim/rows/vp-linear:n=3"]),
    (
        ["tests/testees/everything.py"],
        [
            "--only=core/ddim/*/vp-linear:n=3",
            "--only=core/any",
            "--only=core/*/order/vp-linear:n=5",
            *(f"--only=core/{solver}/rows/vp-linear:n=3" for solver in RUDE),
        ],
    ),
]


class Schema:
    """A schema with one `$defs` entry for everything that can be checked."""

    def __init__(self, name):
        self.whole = json.loads((ROOT / "spec/schema" / name).read_text())
        Draft202012Validator.check_schema(self.whole)
        self.seen = {}

    def of(self, definition):
        return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": self.whole["$defs"]})

    def wrong(self, definition, value):
        """What is wrong with a value, by its own entry; the first one of a kind by the schema as a whole, too."""
        validators = [self.of(definition)]
        if definition not in self.seen:
            self.seen[definition] = value
            validators.append(Draft202012Validator(self.whole))
        for validator in validators:
            for error in validator.iter_errors(value):
                yield f"{definition}: {error.json_path}: {error.message[:200]}"

    def broken(self, definition, value):
        """Copies of a value, each with one thing wrong, that pass all the same."""
        validator = self.of(definition)
        for name, spoiled in spoil(value, self.whole["$defs"][definition]):
            if validator.is_valid(spoiled):
                yield f"{definition}: passes with {name}"


def spoil(value, rules):
    """Copies with a field missing, one more, or one of another type."""
    if "additionalProperties" in rules:
        yield "an unknown field", {**value, "further": 1}
    for name in rules["required"]:
        yield f"no {name}", {key: it for key, it in value.items() if key != name}
    for name in value:
        if name in rules["properties"]:
            yield f"another {name}", {**value, name: [[[]]]}
    if "seq" in value:
        yield "a negative seq", {**value, "seq": -1}
        yield "a fractional seq", {**value, "seq": 0.5}
    for place in first_numbers(value):
        for number in (0.5, "0,5", "0x1.8", "infinity", ""):
            changed = copy.deepcopy(value)
            inner = changed
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = number
            yield f"{number!r} at {place}", changed


NUMBERS = {"eta", "times", "start", "outputs", "noises", "output", "noise", "time", "state", "samples", "bound", "ratio"}


def first_numbers(value, place=()):
    """Where the first number of every field of numbers stands."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        here = (*place, key)
        if isinstance(inner, str) and key in NUMBERS and not (key == "time" and "element" in value):
            yield here
        elif isinstance(inner, dict) and key != "policy":
            yield from first_numbers(inner, here)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield from first_numbers(inner[0], (*here, 0))
        elif isinstance(inner, list) and key in NUMBERS:
            while isinstance(inner, list) and inner:
                here, inner = (*here, 0), inner[0]
            if isinstance(inner, str):
                yield here


def check(binary, folder, testee, options):
    """The events of a recorded run, its lines of results, and its document."""
    record, lines = folder / "transcript", folder / "lines"
    files = ["--record", str(record), "--ndjson", str(lines)]
    command = [binary, "--json", "check", *options, *files, "--", sys.executable, *testee]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    # All of them are wrong on purpose.
    assert done.returncode == 1, done
    read = lambda path: [json.loads(line) for line in path.read_text().splitlines()]
    return read(record), read(lines), json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    binary = str(Path(parser.parse_args().binary).resolve())
    messages, results = Schema("protocol.json"), Schema("results.json")
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for testee, options in CONVERSATIONS:
            events, lines, document = check(binary, Path(folder), testee, options)
            for event in events:
                sender = {"sent": "runner", "received": "testee"}.get(event["event"])
                if sender:
                    message = json.loads(event["text"])
                    problems += messages.wrong(f"{sender}.{message['type']}", message)
                    count += 1
            kinds = ["header", *["case"] * (len(lines) - 2), "closing"]
            for kind, line in [*zip(kinds, lines), ("document", document)]:
                problems += results.wrong(kind, line)
                count += 1
    for schema in (messages, results):
        for definition, value in schema.seen.items():
            problems += schema.broken(definition, value)
    silent = {it for it in messages.whole["$defs"] if "." in it} - set(messages.seen)
    problems += [f"no {name} was said" for name in sorted(silent)]
    number = messages.of("number")
    corpus = json.loads((ROOT / "tests/protocol/numbers.json").read_text())
    for kind, valid in (("numbers", True), ("beyond", True), ("malformed", False)):
        for text in corpus[kind]:
            count += 1
            if number.is_valid(text) != valid:
                problems.append(f"the pattern says {not valid} of {text!r}")
    for problem in problems:
        print(problem)
    kinds = len(messages.seen) + len(results.seen)
    print(f"{count} messages, lines and numbers of {kinds} kinds, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
