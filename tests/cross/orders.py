"""Re-checks the orders that `dpm-spec order --certificate FILE` proves: plain Python, standard library only.

    python tests/cross/orders.py FILE              checks a certificate
    python tests/cross/orders.py --binary PATH     has one written, and checks that all solvers are in it

Nothing is taken from the certificate but what it claims. Then certificates spoiled in one place are
shown to the same checks, and each must be refused.
"""

import argparse
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import order_eta
import order_moments
import order_trees

FORMAT = "dpm-spec order certificate 1"


def claimed_order(entry):
    claim = entry["claimed"].rsplit(", drift ", 1)[-1].removeprefix("weak ")
    if " if r2 = 2/3, else " in claim:
        then, otherwise = claim.split(" if r2 = 2/3, else ")
        claim = then if entry["solver"].endswith(",r2=2/3") else otherwise
    return int(claim)


def check_entry(entry):
    """Raises if anything in the entry is not what comes out here."""
    if "moments" in entry:
        method, ours = "moments", order_moments.check(entry["formula"], entry["solver"], entry["moments"])
    elif "eta" in entry:
        assert entry["formula"] == "ddim_eta"
        method, ours = "moments", order_eta.check(entry["eta"])
    else:
        method, order = "trees", order_trees.check(entry["formula"], entry["trees"])
        ours = {
            "proven": dict.fromkeys(("arbitrary", "smooth", "uniform"), order),
            "with_ddim_start": order,
        }
        ours |= of_trees(entry["trees"], order)
    for key, value in ours.items():
        assert entry[key] == value, f"{entry['solver']}: {key} is {value}, not {entry[key]}"
    assert entry["method"] == method and entry["evidence"] == "proof"
    confirms = claimed_order(entry) == ours["proven"]["arbitrary"]
    assert entry["confirms"] is confirms and confirms, entry["solver"]


def of_trees(section, order):
    """What follows from the coefficients of the trees at c = 1, once they are checked."""
    trees = next(e["trees"] for e in section["examinations"] if e["c"] == "1")
    constants = []
    for row in trees:
        pairs = zip(map(order_trees.Fraction, row["scheme"]), map(order_trees.Fraction, row["exact"]))
        differences = [a - b for a, b in pairs]
        if differences[order + 1]:
            extra = order + 1 - row["vertices"]
            c = {0: "", 1: "c "}.get(extra, f"c^{extra} ")
            name = f"tree {row['tree']} at {c}h^{order + 1}"
            constants.append({"condition": name, "leading": str(differences[order + 1])})
    return {
        "identically_exact": [row["tree"] for row in trees if row["identical"]],
        "error_constants": constants,
        "first_failing": constants[0],
    }


def check(certificate, ids=None):
    """Checks a whole certificate; returns the number of solvers."""
    assert certificate["format"] == FORMAT
    for entry in certificate["proofs"]:
        check_entry(entry)
    found = [entry["solver"].split(":")[0] for entry in certificate["proofs"]]
    assert len(set(found)) == len(found)
    assert ids is None or found == ids, "not the solvers of the catalogue"
    return len(found)


def put(*path):
    """Replaces what stands at a path, the last of its arguments."""
    *path, last, new = path

    def spoil(entry):
        place = entry
        for step in path:
            place = place[step]
        assert place[last] != new, "spoils nothing"
        place[last] = new

    return spoil


def drop(*path):
    """Removes one item of a list."""

    def spoil(entry):
        place = entry
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return spoil


def smaller_grid(entry):
    """Too few values of r_0, all else made to fit."""
    section = entry["moments"]
    enough = order_moments.Scheme(entry["formula"], entry["solver"]).degrees()[1] + 1
    gone = set(section["grid"][1][enough - 1 :])
    section["grid"][1] = section["grid"][1][: enough - 1]
    section["degrees"][1] = enough - 2
    section["residuals"] = [at for at in section["residuals"] if at["ratios"][0] not in gone]


def third_order(entry):
    """3m as published passed off as of order 3, its missing moment painted over."""
    for at in entry["moments"]["residuals"]:
        at["coefficients"][2][3] = "0"
    entry |= {"claimed": "3", "with_ddim_start": 2}
    entry["proven"] = dict.fromkeys(("arbitrary", "smooth", "uniform"), 3)


SPOILED = [
    ("dpmpp-3m", put("formula", "dpmpp_3m_exact")),
    ("dpmpp-3m", third_order),
    ("dpmpp-3m", put("claimed", "3")),
    ("dpmpp-3m", put("first_failing", "leading", "-1/12")),
    ("dpmpp-3m-exact", smaller_grid),
    ("dpmpp-3m-exact", put("moments", "degrees", 2, 1)),
    ("dpmpp-3m-exact", put("moments", "grid", 1, 0, "7")),
    ("dpmpp-3m-exact", put("moments", "residuals", 17, "coefficients", 3, 4, "-1")),
    ("dpmpp-3m-exact", put("moments", "residuals", 3, "identical", 3, True)),
    ("dpmpp-3m-exact", drop("moments", "residuals", 5)),
    ("dpmpp-3m-exact", put("with_ddim_start", 3)),
    ("dpmpp-4m-exact", put("first_failing", "leading", "-251/60")),
    ("dpm-4m-exact", smaller_grid),
    ("deis-rho-3", smaller_grid),
    ("deis-rho-4", put("moments", "in_rho", False)),
    ("deis-rho-4", put("first_failing", "leading", "-251/60")),
    ("sde-dpmpp-3m-exact", put("claimed", "weak 2")),
    ("ipndm-3", put("claimed", "2")),
    ("ipndm-3", put("proven", "smooth", 1)),
    ("dpmpp-2m", put("identically_exact", ["R_0", "R_1"])),
    ("dpmpp-2m", put("proven", "arbitrary", 3)),
    ("dpmpp-2m", put("evidence", "sampled")),
    ("ddim-eta", put("eta", "defects", 0, "coefficients", 0, 2, "1/16")),
    ("ddim-eta", drop("eta", "defects", 2)),
    ("ddim-eta", put("eta", "etas", 1, "1")),
    ("dpmpp-3s", put("formula", "dpmpp_3s_taylor")),
    ("dpmpp-3s", put("trees", "stages", 1, "3/4")),
    ("dpmpp-3s", put("trees", "examinations", 0, "trees", 4, "scheme", 3, "1")),
    ("dpmpp-3s", put("trees", "all_stages", "identities", 0, "factor", "1/5")),
]


def refused(certificate):
    """How many of the spoiled entries are refused; a message for each that is not."""
    count = 0
    for number, (solver, spoil) in enumerate(SPOILED):
        found = [e for e in certificate["proofs"] if e["solver"].split(":")[0] == solver]
        if not found:
            continue
        entry = copy.deepcopy(found[0])
        spoil(entry)
        try:
            check_entry(entry)
        except (AssertionError, KeyError, StopIteration, ValueError):
            count += 1
        else:
            sys.exit(f"orders: a spoiled certificate passes: {solver}, number {number}")
    return count


def main():
    if not __debug__:
        sys.exit("orders: without assertions nothing is checked")
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--binary")
    options = parser.parse_args()
    ids = None
    if options.binary:
        listed = subprocess.check_output([options.binary, "--json", "list", "solvers"])
        ids = [row["id"] for row in json.loads(listed)["solvers"]]
        with tempfile.TemporaryDirectory() as folder:
            options.file = Path(folder) / "orders.json"
            command = [options.binary, "order", "--certificate", options.file]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            certificate = json.loads(options.file.read_text())
    elif options.file:
        certificate = json.loads(options.file.read_text())
    else:
        parser.error("a certificate or --binary is needed")
    solvers = check(certificate, ids)
    print(f"{solvers} proofs of order recomputed, {refused(certificate)} spoiled ones refused")


if __name__ == "__main__":
    main()
