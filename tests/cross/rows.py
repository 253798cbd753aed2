"""Rows of a plan: what each step, and each whole run, makes of start state, network outputs and noises.

A plan here is a list of instructions with floats: ("evaluate", node, state, output, kx, ko) and
("combine", target, {"s0": .., "m0": .., "z0": ..}), from our own prediction or from a plan file.
"""

import numpy as np


def from_program(program):
    """Instructions of a predicted program, the label of each call, and the side, in floats."""
    plain = []
    for instruction in program.instructions:
        if instruction[0] == "evaluate":
            plain.append((*instruction[:4], *(float(x) for x in instruction[4:])))
        else:
            plain.append((*instruction[:2], {k: float(x) for k, x in instruction[2].items()}))
    labels = [float(program.nodes[i[1]].label) for i in plain if i[0] == "evaluate"]
    return plain, labels, program.form.side


def from_plan(plan):
    """Instructions of a plan file (spec/schema/plan.json), the label of each call, and the side, from binary64."""
    plain = []
    for instruction in plan["program"]:
        if "evaluate" in instruction:
            call = instruction["evaluate"]
            weights = [number(call["convert"][key]) for key in ("state", "output")]
            plain.append(("evaluate", call["node"], int(call["state"][1:]), int(call["output"][1:]), *weights))
        else:
            step = instruction["combine"]
            terms = {name: number(value) for name, value in step["terms"]}
            plain.append(("combine", int(step["target"][1:]), terms))
    labels = [number(plan["nodes"][i[1]]["label"]) for i in plain if i[0] == "evaluate"]
    return plain, labels, plan["recipe"]["side"]


def number(value):
    return float.fromhex(value["f64"])


def local(instructions, joined):
    """Per step: (conversion row, step row); a step row maps x (the state shown), base, m0 (newest), m1, m2, z to numbers.

    joined: the conversion is part of the step (m0 is then the network's output) and its row is None.
    """
    found, call = [], None
    for instruction in instructions:
        if instruction[0] == "evaluate":
            call = instruction
            continue
        _, _, state, newest, kx, ko = call
        row = dict.fromkeys(("x", "base", "m0", "m1", "m2", "z"), 0.0)
        for name, weight in instruction[2].items():
            kind, index = name[0], int(name[1:])
            if kind == "m":
                row[f"m{newest - index}"] += weight
            else:
                row["z" if kind == "z" else "x" if index == state else "base"] += weight
        if joined:
            row["x"] += row["m0"] * kx
            row["m0"] *= ko
        found.append((None if joined else {"x": kx, "out": ko}, row))
    return found


def closed(instructions):
    """The states shown to the network and the result, as rows over (x_T, outputs, noises)."""
    calls = sum(1 for i in instructions if i[0] == "evaluate")
    width = 1 + 2 * calls
    states, outputs, shown = {0: unit(0, width)}, {}, []
    last = 0
    for instruction in instructions:
        if instruction[0] == "evaluate":
            _, _, state, output, kx, ko = instruction
            shown.append(states[state])
            outputs[output] = kx * states[state] + ko * unit(1 + len(outputs), width)
        else:
            _, last, terms = instruction
            total = np.zeros(width)
            for name, weight in terms.items():
                kind, index = name[0], int(name[1:])
                source = {"s": states, "m": outputs}.get(kind)
                total = total + weight * (source[index] if source is not None else unit(1 + calls + index, width))
            states[last] = total
    return shown + [states[last]]


def unit(index, width):
    row = np.zeros(width)
    row[index] = 1.0
    return row
