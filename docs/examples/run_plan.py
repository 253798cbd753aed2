"""Runs a dpm-spec plan in plain Python: python docs/examples/run_plan.py PLAN.json

The model here knows a data set of one point, DATA; every sampler without noise must then end at
alpha DATA + sigma EPS of the last node. An engine puts its network in the place of `network`.
"""
import json
import math
import sys

DATA, EPS = 0.5, 0.3


def number(value):
    return float.fromhex(value["f64"])


def network(plan, node, x):
    """What a perfect network of the plan's prediction type outputs when it is shown x at a node."""
    alpha, sigma = number(node["alpha"]), number(node["sigma"])
    eps = (x - alpha * DATA) / sigma
    v = alpha * eps - sigma * DATA
    return {"noise": eps, "data": DATA, "v": v, "flow": eps - DATA, "score": -eps / sigma}[plan["prediction"]]


def run(plan, x, noise):
    values = {"s0": x}
    for instruction in plan["program"]:
        if "evaluate" in instruction:
            call = instruction["evaluate"]
            node, state = plan["nodes"][call["node"]], values[call["state"]]
            output = network(plan, node, state)  # an engine passes number(node["input_scale"]) * state and node["label"]
            to = call["convert"]
            values[call["output"]] = number(to["state"]) * state + number(to["output"]) * output
        else:
            step = instruction["combine"]
            terms = [(values[name] if name in values else noise(), number(weight)) for name, weight in step["terms"]]
            values[step["target"]] = sum(weight * value for value, weight in terms)
            result = values[step["target"]]
    return result


if __name__ == "__main__":
    plan = json.load(open(sys.argv[1], encoding="ascii"))
    first, last = plan["nodes"][0], plan["nodes"][-1]
    start = number(first["alpha"]) * DATA + number(first["sigma"]) * EPS
    result = run(plan, start, noise=lambda: 0.0)
    expected = number(last["alpha"]) * DATA + number(last["sigma"]) * EPS
    print(f"result {result!r}, expected {expected!r} for a sampler without noise")
    drawn = any(name[0] == "z" for i in plan["program"] for name, _ in i.get("combine", {}).get("terms", []))
    sys.exit(0 if drawn or math.isclose(result, expected, rel_tol=1e-9, abs_tol=1e-9) else 1)
