"""Every coefficient of the real diffusers classes against the plans of dpm-spec.

    python tests/cross/diffusers_probe.py --binary target/release/dpm-spec [--strength 3] [--only NAME]

Without --binary the plans are this folder's own prediction (library.py). Exit 1 on a deviation that
explained.json doesn't explain, and on an entry of explained.json that explains nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path

from flint import ctx

import cases
import deviations
import explained
import library
import rows

ctx.prec = 160


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary")
    parser.add_argument("--strength", type=int, default=2, help="2: options in pairs, 3: in triples")
    parser.add_argument("--only", default="", help="part of a case's name")
    parser.add_argument("--steps", type=int, nargs="*", default=cases.STEPS)
    parser.add_argument("--verbose", action="store_true", help="print every deviation")
    return parser.parse_args()


def plan_of(binary, folder, name, config, steps, mu):
    """The plan of dpm-spec as instructions and labels; ValueError if it refuses."""
    path = Path(folder) / f"{name}.json"
    path.write_text(json.dumps(config))
    command = [binary, "plan", "--from-diffusers", str(path), "--steps", str(steps), "--json"]
    command += [] if mu is None else ["--mu", str(mu)]
    done = subprocess.run(command, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    if done.returncode:
        error = answer["error"]
        raise ValueError(f"{error['code']}, {error['where']}: {error['what']}")
    return rows.from_plan(answer)


def main():
    wanted = arguments()
    book = explained.Book()
    selected = [c for c in [*cases.real(), *cases.options(wanted.strength)] if wanted.only in c[0]]
    unexplained, counts = [], Counter()
    print(f"{'case':42} {'runs':>4} {'worst u':>8}  findings")
    with tempfile.TemporaryDirectory() as folder:
        for name, config, mu in selected:
            worst, ids = 0.0, Counter()
            for steps in wanted.steps:
                predicted = lru_cache(lambda: library.predict(config, steps, mu))

                def reference():
                    if wanted.binary:
                        return plan_of(wanted.binary, folder, name, config, steps, mu)
                    return rows.from_program(predicted())

                def exact_sigmas():
                    flow = config.get("use_flow_sigmas")
                    return [float(n.sigma if flow else n.sigma / n.alpha) for n in predicted().nodes]

                size, found = deviations.judge(name, config, steps, mu, reference, exact_sigmas)
                counts["runs"] += 1
                counts["within 8 u"] += not found
                if not found:
                    worst = max(worst, size)
                for deviation in found:
                    finding = book.explain(config, deviation)
                    ids[finding or "UNEXPLAINED"] += 1
                    counts[finding] += 1
                    if finding is None:
                        unexplained.append(deviation)
                    if wanted.verbose or finding is None:
                        print(f"  {deviation} finding={finding}")
            listed = ", ".join(f"{finding} ({number})" for finding, number in sorted(ids.items()))
            print(f"{name:42} {len(wanted.steps):4} {worst:8.2f}  {listed}", flush=True)
    idle = book.idle() if not wanted.only and wanted.steps == cases.STEPS else []
    for entry in idle:
        print(f"explained.json: an entry of finding {entry['finding']} matches nothing: {entry}")
    explanations = ", ".join(f"{key} {counts[key]}" for key in sorted(k for k in counts if k and k.isdigit()))
    print(f"runs explained by each finding: {explanations}")
    print(f"{counts['runs']} runs, {counts['within 8 u']} without any deviation, {len(unexplained)} unexplained deviations, {len(idle)} idle entries")
    return 1 if unexplained or idle else 0


if __name__ == "__main__":
    sys.exit(main())
