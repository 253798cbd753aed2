"""docs/scoreboard-history.md, from the results of history.py."""

import json
import re
from collections import Counter, defaultdict

FAILING = {"deviates", "fails"}
PASSING = {"exact", "conforms", "imprecise"}
KINDS = {
    "fixed": "failed before, passes since",
    "broken": "passed before, fails since",
    "other": "fails in another way since",
    "new": "asked here first, and fails",
    "gone": "failed before, cannot be asked any more",
}
HEAD = """\
<!-- Written by `make peers-history`; don't edit. -->
# Releases of diffusers

What the suite finds in {count} releases of diffusers from {first} to {last}, asked by the same
[testees](../tests/testees/peers) as the newest one: what was fixed in these years shows as cases that fail in one
release and pass in the next.

Asked is edition {edition} in `--profile quick`, of it the checks {checks}: every
solver and grid that the class has, in 3, 5 and 10 steps. "n of m": of the m cases that the class can be asked, n come to
`deviates` or `fails` ([verdicts](../spec/conformance.md#verdicts)). "-": the release has no such class. A class with more
options is asked more cases, so the numbers of two classes or two releases are no ranking.

Classes before 0.22 step along whole timesteps through tables of alpha and sigma; the testee puts the runner's nodes into
these tables, as it puts them into the sigmas of later releases. Every release runs with PyTorch {torch} and
SciPy {scipy}, not with those of its own time, and with the pins in the last column; what they need further is pinned in
[requirements.txt](../tests/testees/peers/requirements.txt). With numpy 2, `np.linspace` of a tensor is a tensor, which
the timesteps of some releases before 0.31 cannot be; hence the older numpy there.
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
    text += "\n".join(["", *table(told, runs), "", "## What changed between releases", "", ""])
    text += "A pattern stands for ids, `level/solver/check`, with `*` for any. What is said of the cause was read in the source of the two\n"
    text += "releases, whose file is named, in `diffusers/schedulers/`.\n"
    pairs = list(zip(whole, whole[1:]))
    if not any(what == "broken" for (_, was), (_, now) in pairs for kind in told["classes"] for what, _ in changes(*both(was, now, kind))):
        text += "No case that passes in one of these releases fails in the next one.\n"
    for (_, before), (release, after) in pairs:
        text += "".join(f"{line}\n" for line in section(told, before, release, after))
    return text + "".join(f"{line}\n" for line in remaining(*last))


def skipped(run):
    """Why a release was not asked, or nothing."""
    if run["skipped"]:
        return run["skipped"]
    cases = [case for kind in run["results"].values() for case in kind.values()]
    reasons = Counter(message for _, message in cases)
    return "" if any(verdict != "skipped" for verdict, _ in cases) else reasons.most_common(1)[0][0]


def table(told, runs):
    """One row a release."""
    kinds = list(told["classes"])
    short = [kind.removesuffix("Scheduler") for kind in kinds]
    yield f"| release | date | {' | '.join(short)} | with |"
    yield "|---" * (len(kinds) + 3) + "|"
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
    if not failing + sum(counts[it] for it in PASSING):
        return "skipped"
    return f"{failing} of {failing + sum(counts[it] for it in PASSING)}"


def section(told, before, release, after):
    """What of two releases differs, under a heading; nothing if it doesn't."""
    lines = []
    for kind in told["classes"]:
        said = told["said"].get(release["release"], {}).get(kind, {})
        for what, groups in changes(*both(before, after, kind)):
            lines += [f"- **{kind}: {KINDS[what]}.** {said.get(what, 'The cause was not looked into.')}"]
            lines += [f"  - {it}" for it in groups]
    return ["", f"### {release['release']} ({release['date']})", "", *lines] if lines else []


def both(before, after, kind):
    return before["results"].get(kind, {}), after["results"].get(kind, {})


def changes(was, now):
    """Kinds of change with the groups of cases that changed so."""
    found = defaultdict(dict)
    for id in {**was, **now}:
        old, new = state(was.get(id)), state(now.get(id))
        names = {("fails", "passes"): "fixed", ("passes", "fails"): "broken", ("", "fails"): "new", ("fails", ""): "gone"}
        if (old, new) in names:
            found[names[old, new]][id] = now[id][1] if new == "fails" else was[id][1]
        elif old == new == "fails" and was[id][0] != now[id][0]:
            found["other"][id] = now[id][1]
    return [(what, grouped(found[what])) for what in KINDS if found[what]]


def state(case):
    verdict = case[0] if case else ""
    return "fails" if verdict in FAILING else "passes" if verdict in PASSING else ""


def grouped(cases):
    """Cases whose messages say the same, but for where and by how much, in one line each."""
    groups = defaultdict(list)
    for id, message in cases.items():
        text = brief(message)
        pattern = re.sub(r"^the (result|state shown at call \d+|end of step \d+), coefficient of [^:]*", "a coefficient", text)
        groups[re.sub(r"-?\d[\d.e+-]*", "#", pattern)[:60]].append((id, text))
    for them in groups.values():
        solvers, checks = ([*dict.fromkeys(id.split("/")[at] for id, _ in them)] for at in (1, 2))
        shown = ", ".join(f"`core/{solvers[0] if len(solvers) == 1 else '*'}/{check}`" for check in checks)
        every = f" of {', '.join(solvers)}" if len(solvers) > 1 else ""
        yield f"{len(them)} of {shown}{every}, as `{them[0][0]}`: {them[0][1]}"


def brief(message):
    """The message without its hexadecimal digits, its further lines, and a variant that is merely the nearest one."""
    text = re.split(r"; standard error|\\n|, but expected one of|; nearest is", message)[0]
    text = re.sub(r" \(-?0x[^)]*\)", "", text)
    return text.replace("<", "&lt;").replace("|", "\\|")


def remaining(release, run):
    """What fails in the newest release."""
    yield ""
    yield f"## What fails in {release['release']}"
    yield ""
    yield "More cases and the causes: [scoreboard](scoreboard.md), [findings](findings/README.md)."
    yield ""
    for kind, cases in run["results"].items():
        for line in grouped({id: message for id, (verdict, message) in cases.items() if verdict in FAILING}):
            yield f"- **{kind}**: {line}"
