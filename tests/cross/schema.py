"""Every published plan satisfies the JSON Schema, broken ones do not, and the plain-Python example runs them.

    python tests/cross/schema.py spec/golden
"""

import copy
import json
import runpy
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]


def broken(plan):
    """Copies of a plan, each with one thing wrong that a schema can see."""
    places = [
        (("version",), 2),
        (("extra",), 1),
        (("grid", "steps"), 0),
        (("prediction",), "x0"),
        (("recipe", "side"), "both"),
        (("nodes", 0, "lambda"), "infinity"),
        (("nodes", 0, "t"), "time"),
        (("nodes", 0, "alpha", "f64"), 0.5),
        (("nodes", 0, "alpha", "f64"), "0x1.80p-3"),
        (("nodes", 0, "alpha", "f16"), "0x3C00"),
        (("nodes", 0, "alpha", "dec"), "0.5"),
        (("program", 0, "evaluate", "state"), "x0"),
        (("program", 1, "combine", "terms", 0), ["s0"]),
        (("certificate", "bits"), 64),
    ]
    for path, value in places:
        changed = copy.deepcopy(plan)
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        yield path, changed


def main(directory):
    schema = json.loads((ROOT / "spec/schema/plan.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    example = ROOT / "docs/examples/run_plan.py"
    files, wrong = sorted(Path(directory).rglob("*.json")), 0
    for file in files:
        plan = json.loads(file.read_text())
        for error in validator.iter_errors(plan):
            wrong += 1
            print(f"{file}: {error.json_path}: {error.message[:200]}")
        if plan["prediction"] == "edm":
            continue
        sys.argv = [str(example), str(file)]
        try:
            runpy.run_path(str(example), run_name="__main__")
        except SystemExit as finished:
            if finished.code != 0:
                wrong += 1
                print(f"{file}: the example does not end where the sampler must")
    for path, plan in broken(json.loads(files[0].read_text())):
        if validator.is_valid(plan):
            wrong += 1
            print(f"a plan with a wrong {path} passes")
    print(f"{len(files)} files, {wrong} problems")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
