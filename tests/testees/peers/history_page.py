"""docs/scoreboard-history.md, from the results of history.py."""

import json
import re
from collections import Counter, defaultdict

FAILING = {"deviates", "fails"}
PASSING = {"exact", "conforms", "imprecise"}
KINDS = {
    "fixed": "failed before, passes since",
    "broken": "passed before, fails since",
    "new": "could not be asked before, and fails",
    "gone": "failed before, cannot be asked any more",
}
HEAD = """\
<!-- Written by `make peers-history`; don't edit. -->
# Releases of diffusers

What the suite, edition {edition}, finds in {count} releases of diffusers from {first} to {last}: the classes that the
[suite asks of the newest one](../tests/testees/peers), with the same testees, so that what was fixed since shows as
cases that fail in one release and pass in the next. Maintainers found and fixed most of these themselves, often within
weeks; that the suite sees them is what this page is for.

Asked are the cases of `--profile quick` of the checks {checks}: every solver and every grid that the class has, in 3, 5
and 10 steps. A case is counted if the class could be asked it; "n of m" means that n of m come to `deviates` or
`fails` ([verdicts](../spec/conformance.md#verdicts)). "-" stands for a class that the release doesn't have. The more
options a class has, the more cases it is asked: the numbers of two classes, or of two releases, are no ranking.

Releases before 0.22 step along whole timesteps through tables of alpha and sigma; there the testee puts the runner's
nodes into these tables, as it does with the sigmas of later releases. Every release runs with PyTorch {torch} and SciPy
{scipy}, not with those of its own time, and with the pins in the last column; what they need further is pinned in
[requirements.txt](../tests/testees/peers/requirements.txt).
"""


def page(told, folder):
    """The whole page."""
    runs = [(it, json.loads((folder / f"{it['release']}.json").read_text())) for it in told["releases"]]
    whole = [(it, run) for it, run in runs if not skipped(run)]
    first, last = whole[0], whole[-1]
    text = HEAD.format(
        edition=last[1]["edition"],
        count=len(whole),
        first=f"{first[0]['release']} ({first[0]['date']})",
        last=f"{last[0]['release']} ({last[0]['date']})",
        checks=" and ".join(", ".join(f"`{it}`" for it in last[1]["checks"]).rsplit(", ", 1)),
        torch=last[1]["torch"],
        scipy=last[1]["scipy"],
    )
    text += "\n".join(["", *table(told, runs), "", "## What changed between releases", ""])
    text += "A pattern stands for ids: `level/solver/check`, `*` for several. What is said about the cause was read in the two releases' own source, the file named being in `diffusers/`.\n"
    for (_, before), (release, after) in zip(whole, whole[1:]):
        text += "\n".join(section(told, before, release, after)) + "\n"
    text += "\n".join(remaining(told, *last)) + "\n"
    return text


def skipped(run):
    """Why a release was not asked, or nothing."""
    if run["skipped"]:
        return run["skipped"]
    cases = [case for kind in run["results"].values() for case in kind.values()]
    reasons = {message for _, message in cases}
    return reasons.pop() if len(reasons) == 1 and all(verdict == "skipped" for verdict, _ in cases) else ""


def table(told, runs):
    """One row a release."""
    kinds = list(told["classes"])
    short = [kind.removesuffix("Scheduler") for kind in kinds]
    yield f"| release | date | {' | '.join(short)} | with |"
    yield "|---|---" * 1 + "|---" * (len(kinds) + 1) + "|"
    for release, run in runs:
        reason = skipped(run)
        cells = [f"skipped: {reason}", *[""] * (len(kinds) - 1)] if reason else [cell(run["results"].get(kind)) for kind in kinds]
        pins = ", ".join(pin.replace("==", " ") for pin in told["with"][release["with"]])
        yield f"| {release['release']} | {release['date']} | {' | '.join(cells)} | {pins} |"


def cell(cases):
    if cases is None:
        return "-"
    counts = Counter(verdict for verdict, _ in cases.values())
    failing = sum(counts[it] for it in FAILING)
    return f"{failing} of {failing + sum(counts[it] for it in PASSING)}"


def section(told, before, release, after):
    """What of two releases differs, under a heading; nothing if it doesn't."""
    lines = []
    for kind in told["classes"]:
        was, now = before["results"].get(kind, {}), after["results"].get(kind, {})
        said = told["said"].get(release["release"], {}).get(kind, {})
        for what, groups in changes(was, now):
            lines += [f"- **{kind}: {KINDS[what]}.** {said.get(what, 'The cause was not looked into.')}"]
            lines += [f"  - {it}" for it in groups]
    return ["", f"### {release['release']} ({release['date']})", "", *lines] if lines else []


def changes(was, now):
    """Kinds of change with the groups of cases that changed so."""
    found = defaultdict(dict)
    for id in {**was, **now}:
        old, new = state(was.get(id)), state(now.get(id))
        names = {("fails", "passes"): "fixed", ("passes", "fails"): "broken", ("", "fails"): "new", ("fails", ""): "gone"}
        if (old, new) in names:
            found[names[old, new]][id] = now[id][1] if new == "fails" else was[id][1]
    return [(what, grouped(found[what])) for what in KINDS if found[what]]


def state(case):
    verdict = case[0] if case else ""
    return "fails" if verdict in FAILING else "passes" if verdict in PASSING else ""


def grouped(cases):
    """Cases whose messages say the same, but for numbers, in one line each."""
    groups = defaultdict(list)
    for id, message in cases.items():
        text = brief(message)
        pattern = re.sub(r"output \d|a noise|noise \d|start|\d[\d.e+-]*(?: \(0x[^)]*\))?|NaN|inf", "#", text)
        groups[id.split("/")[2], pattern[:48]].append((id, text))
    for (check, _), them in groups.items():
        solvers = sorted({id.split("/")[1] for id, _ in them})
        shown = solvers[0] if len(solvers) == 1 else "*"
        extra = f" ({', '.join(solvers)})" if len(solvers) > 1 else ""
        yield f"{len(them)} of `core/{shown}/{check}`{extra}, as `{them[0][0]}`: {them[0][1]}"


def brief(message):
    text = message.split("; standard error")[0]
    text = re.sub(r" \(0x[^)]*\)", "", text)
    text = text if len(text) < 260 else text[:257] + "..."
    return text.replace("<", "&lt;").replace("|", "\\|")


def remaining(told, release, run):
    """What fails in the newest release."""
    yield ""
    yield f"## What fails in {release['release']}"
    yield ""
    yield "The same cases in more steps, and their causes: [scoreboard](scoreboard.md), [findings](findings/README.md)."
    yield ""
    for kind, cases in run["results"].items():
        failing = {id: message for id, (verdict, message) in cases.items() if verdict in FAILING}
        for line in grouped(failing):
            yield f"- **{kind}**: {line}"
