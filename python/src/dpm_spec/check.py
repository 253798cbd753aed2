"""Runs `dpm-spec check` once and reads what became of each case."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from xml.etree import ElementTree

FINE = ("exact", "conforms", "imprecise")


class Failed(Exception):
    """No sampler was asked; says why in one line."""


def ask(config):
    """`cases`: name, outcome (pass, warn, fail, skip, xfail) and text of each that applies, and of
    each complaint about the run; `summary`: lines about all of them. Only lists and texts, which
    pytest-xdist can send to its workers."""
    wanted = config.option
    options = ["--profile", wanted.sampler_profile, "--timeout", wanted.sampler_timeout]
    for pattern in wanted.sampler_only:
        options += ["--only", pattern]
    if wanted.sampler_known_failing:
        options += ["--known-failing", wanted.sampler_known_failing]
    testee = [sys.executable, "-m", "dpm_spec", wanted.sampler]
    place = {
        "cwd": config.invocation_params.dir,
        "env": _environment(config),
        "stdin": subprocess.DEVNULL,
        "capture_output": True,
        "encoding": "utf-8",
        "errors": "replace",
    }
    with tempfile.TemporaryDirectory() as folder:
        lines, views = Path(folder, "results.ndjson"), Path(folder, "results.xml")
        files = ["--ndjson", lines, "--junit", views]
        run = subprocess.run([_binary(), "check", *options, *files, "--", *testee], **place)
        if run.returncode not in (0, 1):
            raise Failed(_why(testee, place) or _last_error(run))
        cases = _cases(lines, views)
    if not cases:
        raise Failed(_last_error(run))
    counts, *more = run.stdout.splitlines()
    unasked = [it for it in more if it.startswith("declared, but asked by no case")]
    return {"cases": cases, "summary": [counts, *unasked]}


def _binary():
    """The command of this wheel, or another one on the path."""
    found = shutil.which("dpm-spec", path=sysconfig.get_path("scripts")) or shutil.which("dpm-spec")
    if not found:
        raise Failed("no command `dpm-spec`: pip install --force-reinstall dpm-spec")
    return found


def _environment(config):
    """A sampler is found where pytest finds its tests, and in the folders that it stands in."""
    folders = [*sys.path, str(config.invocation_params.dir), str(config.rootpath)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}


def _why(testee, place):
    """Why a testee does not start, in its own words; none if it does, or takes too long."""
    try:
        alone = subprocess.run(testee, timeout=10, **place)
    except subprocess.TimeoutExpired:
        return None
    # Without a runner it ends well, for there is nothing to answer.
    line = alone.stderr.strip().rpartition("\n")[2]
    return alone.returncode and line.removeprefix(f"{testee[-1]}: ")


def _last_error(run):
    lines = [it for it in run.stderr.splitlines() if it.startswith("error: ")]
    return lines[-1].partition(" ")[2] if lines else f"dpm-spec ends with {run.returncode}"


def _cases(lines, views):
    """The cases that apply; none if no case does."""
    told = {it.get("name"): it for it in ElementTree.parse(views).iter("testcase")}
    cases = []
    with open(lines, encoding="utf-8") as stream:
        for record in map(json.loads, stream):
            if record.get("verdict", "not-applicable") != "not-applicable":
                cases.append([record["id"], *_outcome(record, told.pop(record["id"]))])
    # What is left over is about the run: an entry of the known failures that nothing needs, say.
    return cases and cases + [[name, "fail", it.findtext("failure")] for name, it in told.items()]


def _outcome(record, told):
    """The verdict and what explains it, in the light of what is known to fail."""
    verdict, message = record["verdict"], record["message"]
    if told.find("failure") is not None:
        though = ", though known to fail" if verdict in FINE else ""
        return "fail", f"{verdict}{though}: {told.findtext('failure')}"
    if verdict == "skipped":
        return "skip", message
    if told.find("skipped") is not None:
        return "xfail", f"{told.find('skipped').get('message')}\n{verdict}: {message}"
    if verdict == "imprecise":
        return "warn", f"{record['id']}: imprecise: {message}"
    return "pass", ""
