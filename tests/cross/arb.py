"""Every published digit of plan files against an independent computation with Arb balls.

    python tests/cross/arb.py spec/golden/...

For each file: derives the program again (recipes.py), rounds each ball to 40 decimal digits and to
binary64, binary32, binary16 and bfloat16, raising the precision until the rounding is decided, and
compares. Prints counts; exit 1 on any difference.
"""

import json
import sys
from pathlib import Path

from flint import arb, ctx

import rounding
from recipes import Recipe

FIRST, LAST = 192, 4096
KEYS = ("dec", *rounding.FORMATS)


def expected_values(plan):
    """{place: ball} of every number that a plan file should hold, and {place: text} of its words."""
    made = Recipe(plan).derive()
    values, words = {"initial.scale": first_scale(plan, made)}, {}
    for i, node in enumerate(made.nodes):
        place = f"nodes[{i}]."
        values[place + "alpha"], values[place + "sigma"] = node.alpha, node.sigma
        values[place + "input_scale"] = arb(1)
        if node.clean:
            words[place + "lambda"] = "inf"
        elif node.pure_noise:
            words[place + "lambda"] = "-inf"
        else:
            values[place + "lambda"] = node.lam()
        for key in ("t", "label"):
            number = getattr(node, key)
            if number is not None:
                values[place + key] = number
    for i, instruction in enumerate(made.instructions):
        place = f"program[{i}]."
        if instruction[0] == "evaluate":
            _, node, state, output, kx, ko = instruction
            words[place + "evaluate"] = f"node {node} s{state} m{output} {plan['recipe']['side']}"
            values[place + "state"], values[place + "output"] = kx, ko
        else:
            words[place + "combine"] = f"s{instruction[1]}"
            for name, weight in instruction[2].items():
                values[place + name] = weight
    return values, words


def first_scale(plan, made):
    return made.nodes[0].sigma if plan["state_space"] == "ve" else arb(1)


def published_values(plan):
    """The same two dictionaries as a file holds them."""
    values, words = {"initial.scale": plan["initial"]["scale"]}, {}
    for i, node in enumerate(plan["nodes"]):
        for key, value in node.items():
            if (key, value) == ("t", "label"):
                value = node["label"]
            if isinstance(value, str):
                words[f"nodes[{i}].{key}"] = value
            elif value is not None:
                values[f"nodes[{i}].{key}"] = value
    for i, instruction in enumerate(plan["program"]):
        place = f"program[{i}]."
        if "evaluate" in instruction:
            call = instruction["evaluate"]
            words[place + "evaluate"] = f"node {call['node']} {call['state']} {call['output']} {call['convert']['to']}"
            values[place + "state"], values[place + "output"] = call["convert"]["state"], call["convert"]["output"]
        else:
            step = instruction["combine"]
            words[place + "combine"] = step["target"]
            for name, value in step["terms"]:
                values[place + name] = value
    return values, words


class Comparison:
    """Differences of one file."""

    def __init__(self, plan):
        self.plan, self.differences, self.decided = plan, [], 0

    def run(self):
        """Rounds at growing precision until every value is decided."""
        values, words = published_values(self.plan)
        bits, waiting = FIRST, None
        while waiting is None or waiting:
            ctx.prec = bits
            computed, expected_words = expected_values(self.plan)
            if waiting is None:
                self.shape(words, expected_words, values, computed)
                waiting = [(place, key) for place in values if place in computed for key in values[place]]
            waiting = [pair for pair in waiting if not self.settle(values, computed, *pair)]
            bits *= 2
            if bits > LAST and waiting:
                self.differences += [f"{place}.{key}: undecided at {LAST} bits" for place, key in waiting]
                break
        return self

    def shape(self, words, expected_words, values, computed):
        for place in sorted(set(words) | set(expected_words)):
            if words.get(place) != expected_words.get(place):
                self.differences.append(f"{place}: {words.get(place)}, expected {expected_words.get(place)}")
        for place in sorted(set(values) - set(computed)):
            self.differences.append(f"{place}: published, not expected")
        for place in sorted(set(computed) - set(values)):
            if computed[place] != 0:
                self.differences.append(f"{place}: expected {computed[place].str(10)}, not published")

    def settle(self, values, computed, place, key):
        """True if the rounding is decided; notes a difference."""
        ours = rounding.rounded(computed[place], key)
        if ours is None:
            return False
        self.decided += 1
        if rounding.published(values[place][key], key) != ours:
            self.differences.append(f"{place}.{key}: {values[place][key]}, expected {computed[place].str(45)}")
        return True


def main(paths):
    files = sorted(file for path in map(Path, paths) for file in (path.rglob("*.json") if path.is_dir() else [path]))
    values = wrong = broken = 0
    for file in files:
        plan = json.loads(file.read_text())
        if plan.get("format") != "dpm-spec/plan":
            continue
        try:
            done = Comparison(plan).run()
        except (ValueError, KeyError, ArithmeticError) as error:
            broken += 1
            print(f"{file}: not derived: {type(error).__name__}: {error}")
            continue
        values, wrong = values + done.decided, wrong + len(done.differences)
        print(f"{file}: {done.decided} values, {len(done.differences)} differ", flush=True)
        for difference in done.differences[:20]:
            print(f"  {difference}")
    print(f"{len(files)} files, {values} values, {values - wrong} agree, {wrong} differ, {broken} files not derived")
    return 1 if wrong or broken or not values else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
