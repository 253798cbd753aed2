"""Breaks the crate on purpose, one place at a time, and says which breaks no test notices.

The mutants are those of cargo-mutants (`cargo mutants --list`). Nearly all of them stand in one build,
each behind a switch that the environment variable DPM_SPEC_MUTANT sets (schemata.py); the few that
cannot are built one by one. A mutant survives if every test program of its module passes; each
survivor needs a reason in reasons.txt. Works on a copy of the tree under target/mutants.

Exit status: 0 every survivor has a reason and every reason a survivor, 1 not so, 3 a tool is missing.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import schemata

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
# What is broken, and the test programs that should notice, in any order: the quickest runs first.
MODULES = {
    "solver": (
        ["src/solver/**", "src/policy.rs", "src/recipe.rs"],
        ["solvers", "plans", "policies", "spec_formulas", "spec_explain", "spec_pages", "golden", "rows", "order", "plan_file", "converge"],
    ),
    "schedule": (
        ["src/schedule/**", "src/grid/**"],
        ["schedules", "grids", "plans", "predictions", "import", "golden", "spec_pages", "policies"],
    ),
    "plan": (
        ["src/plan/**", "src/prediction.rs"],
        ["plans", "plan_file", "solvers", "policies", "predictions", "rows", "spec_formulas", "spec_explain", "golden", "traced", "verify", "number_text", "long_numbers", "order"],
    ),
    "check": (
        ["src/conformance/**"],
        ["conformance", "conformance_views"],
    ),
}
FEATURES = ["--features", "cli,oracle"]
# Seconds from which a test program's tests are run each by itself.
SLOW = 3
# Seconds that a test may take at most without a mutant.
LONGEST = 900
# A test that reads the sources as they are without mutants.
OF_SOURCES = "every_mutant_with_a_reason_stands_on_a_line_that_exists"
KINDS = ("caught", "does not compile", "survives", "not run")
# What rustc says where there is no such name, operator or value, or one of another type: with the
# mutant alone, too, unless the function returns `impl Trait`.
MISSING = ("E0277", "E0308", "E0369", "E0412", "E0425", "E0433", "E0432", "E0599", "E0600", "E0614")
# The programs are linked again for every mutant that cannot stand behind a switch.
QUICK = {"CARGO_PROFILE_TEST_DEBUG": "0"}
BUILD = ["--locked", "--profile", "test", "--message-format", "json", "--no-run"]


def say(text):
    print(f"mutants: {text}", flush=True)


def tracked(folder):
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=folder, check=True, capture_output=True, text=True)
    return names.stdout.split("\n")[:-1]


class Bench:
    """A copy of the tree, its mutants, and the test programs built from it."""

    def __init__(self, module, folder):
        self.globs, self.tests = MODULES[module]
        self.folder, self.tree = folder, folder / "tree"
        self.copy()
        listed = subprocess.run(
            ["cargo", "mutants", "--list", "--json", *[word for glob in self.globs for word in ("-f", glob)]],
            cwd=self.tree, check=True, capture_output=True, text=True)
        self.mutants = list(enumerate(json.loads(listed.stdout)))
        self.sources = {name: (ROOT / name).read_text() for name in {mutant["file"] for _, mutant in self.mutants}}
        self.files = {number: mutant["file"] for number, mutant in self.mutants}
        self.keys, seen = {}, collections.Counter()
        for number, mutant in self.mutants:
            key = self.key(mutant)
            seen[key] += 1
            self.keys[number] = key if seen[key] == 1 else f"{key} ({seen[key]})"

    def copy(self):
        names = set(tracked(ROOT))
        for old in self.tree.rglob("*"):
            if old.is_file() and str(old.relative_to(self.tree)) not in names:
                old.unlink()
        for name in names:
            source, target = ROOT / name, self.tree / name
            if not source.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)
                target.chmod(source.stat().st_mode)

    def key(self, mutant):
        """The name of a mutant that outlives a change elsewhere in its file: what is done, and to which line."""
        line = self.sources[mutant["file"]].split("\n")[mutant["span"]["start"]["line"] - 1].strip()
        doing = mutant["name"].split(": ", 1)[1]
        return f"{mutant['file']}: {doing} | {line}"

    def write(self, texts):
        for name, text in texts.items():
            (self.tree / name).write_text(text)

    def build(self, tests=None):
        """Builds test programs (all of them): their paths, or the file, byte and code of each error."""
        command = ["cargo", "test", *BUILD, *FEATURES, *[word for test in tests or self.tests for word in ("--test", test)]]
        environment = {**os.environ, "RUSTFLAGS": "-Awarnings", "CARGO_TARGET_DIR": str(self.folder / "built"), "CARGO_INCREMENTAL": "1", **QUICK}
        done = subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True)
        programs, errors = {}, []
        for line in filter(lambda line: line.startswith("{"), done.stdout.split("\n")):
            message = json.loads(line)
            if message["reason"] == "compiler-artifact" and message.get("executable") and message["profile"]["test"]:
                programs[message["target"]["name"]] = message["executable"]
            if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
                code = (message["message"]["code"] or {}).get("code")
                errors += [(span["file_name"], span["byte_start"], code) for span in message["message"]["spans"] if span["is_primary"]]
        if done.returncode and not errors:
            raise SystemExit(f"mutants: the build fails: {done.stderr[-2000:]}")
        return programs, errors

    def weave(self):
        """One build with every mutant that compiles behind a switch.

        Returns the programs, the mutants that have to be built one by one, and those that do not compile.
        """
        single, broken = set(), set()
        while True:
            texts = {}
            for name, source in self.sources.items():
                here = [(number, mutant) for number, mutant in self.mutants if mutant["file"] == name and number not in single | broken]
                texts[name], left_out = schemata.weave(source, here)
                single.update(left_out)
            lib = "src/lib.rs"
            texts[lib] = texts.get(lib, (ROOT / lib).read_text()) + schemata.SWITCH
            self.write(texts)
            programs, errors = self.build()
            if not errors:
                return programs, single, broken
            found = set()
            for name, byte, code in errors:
                if name in texts and code == "E0004":  # told where the match begins, before its arms
                    switches = schemata.switches_of_match(texts[name], byte)
                    found |= {(number, code) for number, mutant in self.mutants if number in switches and mutant["genre"] == "MatchArm"}
                elif name in texts and code == "E0282":  # told at a closure's parameter, before its body
                    found.add((schemata.next_switch(texts[name], byte), code))
                elif name in texts:
                    found.add((schemata.last_switch(texts[name], byte), code))
            found = {(number, code) for number, code in found if number is not None and number not in single | broken}
            if not found:
                raise SystemExit(f"mutants: the build fails at {errors[:5]}, where no mutant stands")
            opaque = {number for number, mutant in self.mutants if "impl " in ((mutant["function"] or {}).get("return_type") or "")}
            broken |= {number for number, code in found if code in MISSING and number not in opaque}
            single |= {number for number, code in found if code not in MISSING or number in opaque}


def passes(program, test, number, limit, tree, names=(), more=None):
    """Whether a test program passes with a mutant switched on, what it took, and which test failed."""
    environment = {**os.environ, **(more or {}), "DPM_SPEC_MUTANT": str(number), "RUST_BACKTRACE": "0", "PROPTEST_FAILURE_PERSISTENCE": "off", "RUST_TEST_THREADS": "1"}
    start = time.monotonic()
    try:
        done = subprocess.run([program, *names, "--skip", OF_SOURCES], cwd=tree, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit)
        good, printed = done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        good, printed = False, ""
    failed = [line.split()[1] for line in printed.split("\n") if line.startswith("test ") and line.endswith("FAILED")]
    return good, time.monotonic() - start, (failed or [test])[0]


class Judge:
    """Runs tests against a mutant, whole programs or the tests of a slow one each by itself.

    The quickest run first, and those that caught others of the same file; those that do not reach it never.
    """

    def __init__(self, programs, tree, longest, jobs):
        self.tree, self.programs, self.units = tree, dict(programs), []
        # Programs that write files, under names of their own: each may run once at a time.
        self.alone = {test: threading.Lock() for test in programs if self.writes(test)}
        self.caught, self.reached, units = collections.Counter(), {}, []
        for test, program in programs.items():
            quick = self.time(test, [], SLOW) < SLOW
            units += [(test, [])] if quick else [(test, ["--exact", name]) for name in self.listed(program)]
        def timed(unit):
            with self.alone.get(unit[0], contextlib.nullcontext()):
                return (self.time(*unit, min(longest, LONGEST)), *unit)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            self.units = list(pool.map(timed, units))
        self.units = sorted(unit for unit in self.units if unit[0] < longest)
        self.left_out = len(units) - len(self.units)
        say(f"{len(self.units)} tests, {sum(took for took, _, _ in self.units):.0f} s without a mutant; {self.left_out} longer ones are left out")

    def writes(self, test):
        sources = [self.tree / "tests" / f"{test}.rs", *(self.tree / "tests" / test).glob("*.rs")]
        return any("CARGO_TARGET_TMPDIR" in source.read_text() for source in sources if source.exists())

    def listed(self, program):
        lines = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout.split("\n")
        return [line.removesuffix(": test") for line in lines if line.endswith(": test")]

    def time(self, test, names, limit):
        """What a test takes without a mutant, the limit if that is more; notes what it reaches."""
        trace = self.tree.parent / "-".join(["reached", test, *names]).replace(":", "-")
        trace.unlink(missing_ok=True)
        good, took, failed = passes(self.programs[test], test, "none", limit, self.tree, names, {"DPM_SPEC_REACHED": str(trace)})
        if not good and (took < limit or limit == LONGEST):
            raise SystemExit(f"mutants: {test} ({failed}) fails without any mutant")
        self.reached[test, *names] = set(trace.read_text().split("\n")) if trace.exists() else set()
        trace.unlink(missing_ok=True)
        return took if good else limit

    def verdict(self, number, file, programs):
        """Which test of these programs catches a mutant of a file, or that none does."""
        worth = lambda unit: unit[0] / (1 + 20 * self.caught[file, unit[1], *unit[2]])
        able = lambda unit: unit[1] in programs and (number == "none" or str(number) in self.reached[unit[1], *unit[2]])
        for took, test, names in sorted(filter(able, self.units), key=worth):
            with self.alone.get(test, contextlib.nullcontext()):
                good, _, failed = passes(self.programs[test], test, number, 20 + 10 * took, self.tree, names)
            if not good:
                self.caught[file, test, *names] += 1
                return f"caught by {test}: {failed}"
        return "survives" if not self.left_out else "not run: shorter tests pass"


def reasons():
    """The survivors that are meant to survive: each under the comment that says why."""
    known, why = {}, None
    for number, line in enumerate((HERE / "reasons.txt").read_text().split("\n"), 1):
        if line.startswith("#"):
            why = line[1:].strip()
        elif not line.strip():
            why = None
        elif why is None:
            raise SystemExit(f"mutants: reasons.txt:{number}: no reason stands above this entry")
        else:
            known[line.strip()] = why
    return known


class Results:
    """What is known so far, a line each, so that a run can go on where it was stopped."""

    def __init__(self, path, fresh):
        self.path, self.known = path, {}
        if fresh:
            path.unlink(missing_ok=True)
        for line in path.read_text().split("\n") if path.exists() else []:
            if line:
                self.known.update([json.loads(line)])

    def add(self, key, verdict):
        self.known[key] = verdict
        with self.path.open("a") as file:
            file.write(json.dumps([key, verdict]) + "\n")


def run(module, results, options):
    """Runs what is not known of a module, and what survives without a reason; returns its mutants' keys."""
    bench = Bench(module, results.path.parent)
    why = reasons()
    known = lambda key: results.known.get(key, "not run")
    left = lambda key: known(key).startswith("not run") or known(key) == "survives" and key not in why
    todo = [number for number, key in bench.keys.items() if options.only in key and left(key)]
    if todo and not options.summary:
        work(bench, todo, results, options)
    return [key for key in bench.keys.values() if options.only in key]


def work(bench, todo, results, options):
    programs, single, broken = bench.weave()
    for number in broken.intersection(todo):
        results.add(bench.keys[number], "does not compile")
    judge = Judge(programs, bench.tree, options.longest, options.jobs)
    woven = [number for number in todo if number not in single | broken]
    for number in sorted(single.intersection(todo)):
        say(f"one by one: {bench.keys[number]}")
    say(f"{len(woven)} mutants behind switches, {len(single.intersection(todo))} one by one")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, verdict in zip(woven, pool.map(lambda number: judge.verdict(number, bench.files[number], bench.tests), woven)):
            results.add(bench.keys[number], verdict)
            if not verdict.startswith("caught"):
                say(f"{verdict}: {bench.keys[number]}")
    verdicts = [results.known.get(key, "") for key in bench.keys.values()]
    catches = lambda test: sum(verdict.startswith(f"caught by {test}:") for verdict in verdicts)
    bench.write(bench.sources)
    bench.write({"src/lib.rs": (ROOT / "src/lib.rs").read_text()})
    for number, mutant in bench.mutants:
        if number in single and number in todo:
            name = mutant["file"]
            bench.write({name: schemata.alone(bench.sources[name], mutant)})
            # The program that caught most of the others is built first: the rest may not be needed.
            for tests in (sorted(bench.tests, key=catches, reverse=True)[:1], bench.tests):
                programs, errors = bench.build(tests)
                judge.programs |= programs
                verdict = "does not compile" if errors else judge.verdict("none", name, tests)
                if errors or verdict.startswith("caught"):
                    break
            results.add(bench.keys[number], verdict)
            bench.write({name: bench.sources[name]})
            if not verdict.startswith("caught"):
                say(f"{verdict}: {bench.keys[number]}")


def count(keys, known):
    verdicts = [known.get(key, "not run") for key in keys]
    return {kind: sum(verdict.startswith(kind) for verdict in verdicts) for kind in KINDS}


def report(keys, known, whole):
    """Prints the counts and the survivors of each module; says whether every one has a reason."""
    why, every = reasons(), {key for found in keys.values() for key in found}
    unexplained = sorted(key for key in every if known.get(key) == "survives" and key not in why)
    stale = sorted(key for key in why if known.get(key) not in ("survives", None) or (whole and key not in every))
    for key in unexplained:
        say(f"no test notices, and no reason is given: {key}")
    for key in stale:
        say(f"reasons.txt has an entry that does not survive: {key}")
    for module, found in keys.items():
        counts = count(found, known)
        say(f"{module}: {len(found)} mutants, " + ", ".join(f"{number} {kind}" for kind, number in counts.items() if number))
    return not unexplained and not stale and not any(known.get(key, "not run").startswith("not run") for key in every)


PAGE = """# What breaking the crate on purpose shows

Written by `make mutants` on {day}; don't edit. A mutant is one place of the source changed as
[cargo-mutants](https://mutants.rs) {version} changes it: an operator for another, a function that returns a
constant, an arm deleted. It is caught if a test fails with it. `tests/mutants/run.py` says how.

| module | what is broken | mutants | caught | do not compile | survive | not run |
|---|---|---|---|---|---|---|
{rows}

{reasons}
"""


def page(path, keys, known):
    """Writes what is known of every module, with the reasons of the survivors."""
    rows, grouped = [], {}
    for module, found in keys.items():
        globs, counts = ", ".join(f"`{glob}`" for glob in MODULES[module][0]), count(found, known)
        rows.append(f"| {module} | {globs} | {len(found)} | " + " | ".join(str(counts[kind]) for kind in KINDS) + " |")
    for key, why in reasons().items():
        grouped.setdefault(why, []).append(key)
    unexplained = [key for found in keys.values() for key in found if known.get(key) == "survives" and key not in reasons()]
    if unexplained:
        grouped["**No reason is known:** a test is missing, or a reason."] = unexplained
    heading = "The survivors, each under what is known of it:\n\n"
    listed = heading + "\n\n".join(f"{why}\n" + "".join(f"\n- ``{key}``" for key in found) for why, found in grouped.items())
    version = subprocess.run(["cargo", "mutants", "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    path.write_text(PAGE.format(day=datetime.date.today(), version=version, rows="\n".join(rows), reasons=listed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", choices=[[], *MODULES], help="what to break (all of it)")
    parser.add_argument("--only", default="", help="mutants whose name contains this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="test programs at once")
    parser.add_argument("--longest", type=float, default=float("inf"), help="leave out tests of more than so many seconds; what only they could catch stays not run")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    parser.add_argument("--page", type=pathlib.Path, help="where to write what is known, as a page")
    parser.add_argument("--summary", action="store_true", help="only say what is known")
    options = parser.parse_args()
    if shutil.which("cargo-mutants") is None:
        say("cargo-mutants is missing: cargo install cargo-mutants --locked")
        return 3
    folder = (pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "mutants").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results = Results(folder / "results.ndjson", options.fresh)
    keys = {module: run(module, results, options) for module in options.modules or MODULES}
    good = report(keys, results.known, not options.modules and not options.only)
    if options.page:
        page(options.page, keys, results.known)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
