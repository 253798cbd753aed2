"""Asks old releases of diffusers what the suite asks the newest one, and writes docs/scoreboard-history.md.

    make peers-history

history.json says which releases, with what dependencies, and what is known of the changes between them. Every release
goes into a folder of its own, without its dependencies; these have a folder for each set of pins. PyTorch and SciPy are
those of the environment that `make peers` makes, whose packages stand behind both folders.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import history_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MADE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "peers"
CHECKS = ["rows", "calls", "finite", "labels", "noise", "grid"]
PROBE = """
import json, sys, diffusers, numpy, torch, scipy
from importlib import metadata
classes = [it for it in sys.argv[1:] if hasattr(diffusers, it)]
found = {it: metadata.version(it) for it in ("numpy", "huggingface-hub")}
print(json.dumps({"classes": classes, "torch": torch.__version__.split("+")[0], "scipy": scipy.__version__, **found}))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--python", type=Path, default=MADE / "venv/bin/python", help="of the environment with PyTorch")
    parser.add_argument("--binary", type=Path, help="a dpm-spec, in place of one that is built")
    parser.add_argument("--folder", type=Path, default=MADE / "history", help="for releases and results")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/scoreboard-history.md")
    parser.add_argument("--release", action="append", help="ask these alone; no page is written")
    parser.add_argument("--again", action="store_true", help="write the page from the results of the last run")
    asked = parser.parse_args()
    if not asked.again and not asked.python.is_file():
        print(f"history: {asked.python} is missing: run `make peers` first, which makes that environment", file=sys.stderr)
        return 3
    told = json.loads((HERE / "history.json").read_text())
    if not asked.again:
        asked.folder.mkdir(parents=True, exist_ok=True)
        if not asked.binary:
            subprocess.run(["cargo", "build", "--locked", "--release", "--features", "cli", "--bin", "dpm-spec"], cwd=ROOT, check=True)
            asked.binary = MADE.parent / "release/dpm-spec"
        chosen = [it for it in told["releases"] if not asked.release or it["release"] in asked.release]
        for release in chosen:
            release["skipped"] = installed(asked, told, release)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda release: ask(asked, told, release), chosen))
    if not asked.release:
        asked.page.write_text(history_page.page(told, asked.folder))
        print(f"history: wrote {asked.page}", file=sys.stderr)
    return 0


def installed(asked, told, release):
    """Why a release and its pins cannot be installed, or nothing."""
    own = install(asked.python, asked.folder / release["release"], [f"diffusers=={release['release']}"])
    return own or install(asked.python, asked.folder / "with" / release["with"], told["with"][release["with"]])


def install(python, folder, pins):
    """Why these pins cannot be installed into the folder, or nothing."""
    mark = folder / "installed.txt"
    if mark.is_file() and mark.read_text().split() == pins:
        return ""
    print(f"history: {' '.join(pins)} into {folder}", file=sys.stderr, flush=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target", folder]
    done = subprocess.run([*pip, *pins], capture_output=True, text=True)
    if done.returncode:
        return f"it cannot be installed: {last(done.stderr)}"
    mark.write_text("\n".join(pins))
    return ""


def ask(asked, told, release):
    """One release into FOLDER/RELEASE.json: what it runs with and what every class answers, or why it is skipped."""
    name = release["release"]
    classes = list(told["classes"])
    behind = [asked.folder / name, asked.folder / "with" / release["with"], ROOT / "testees/python"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, behind)), "PYTHONNOUSERSITE": "1"}
    reason, found, start = release["skipped"], {}, time.time()
    if not reason:
        probe = subprocess.run([asked.python, "-c", PROBE, *classes], env=environment, cwd=asked.folder, capture_output=True, text=True)
        reason = f"it cannot be imported: {last(probe.stderr)}" if probe.returncode else ""
    if not reason:
        found = {**json.loads(probe.stdout.splitlines()[-1]), "results": {}, "checks": CHECKS}
        for kind in found.pop("classes"):
            found["results"][kind], found["edition"] = results(asked, environment, name, kind, told["classes"][kind])
    (asked.folder / f"{name}.json").write_text(json.dumps({"skipped": reason, **found}, indent=0))
    print(f"history: diffusers {name}: {reason or f'{time.time() - start:.0f} s'}", file=sys.stderr, flush=True)


def results(asked, environment, name, kind, testees):
    """Verdict and message of every case that the release's testees were asked, and the edition."""
    cases, edition = {}, ""
    for testee in testees:
        if not parts(testee.get("from", "0")) <= parts(name) < parts(testee.get("below", "1000")):
            continue
        lines = asked.folder / f"{name}.ndjson"
        lines.unlink(missing_ok=True)
        only = [it for check in CHECKS for it in ("--only", f"*/*/{check}")]
        command = [asked.binary, "check", "--profile", "quick", "--jobs", "1", "--timeout", "60", *only, "--ndjson", lines]
        command += ["--", asked.python, HERE / testee["testee"], kind]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        if not lines.is_file():
            print(f"history: {' '.join(map(str, command))}: {last(done.stderr)}", file=sys.stderr)
            cases[testee["testee"]] = ["skipped", last(done.stderr)]
            continue
        for line in lines.read_text().splitlines():
            case = json.loads(line)
            edition = case.get("edition", edition)
            if case.get("verdict", "not-applicable") != "not-applicable":
                cases[case["id"]] = [case["verdict"], case["message"] or ""]
    return cases, edition


def parts(version):
    return [int(part) for part in version.split(".")]


def last(text):
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no message")


if __name__ == "__main__":
    sys.exit(main())
