"""`make peers`: asks real libraries what they compute, and writes docs/scoreboard.* from what they answer.

Makes a virtual environment in target/peers/venv (requirements.txt; the first time a download of
about 3.2 GB, most of it PyTorch), builds the testees in Rust and C++ from their packages, and runs
`dpm-spec check` on each. A library that is not there, or that no package carries and whose path is
not given, is skipped with the reason.
"""

import argparse
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MADE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "peers"
BINARY = MADE.parent / "release" / "dpm-spec"

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--only", action="append", default=[], metavar="ID", help="ask only this one; the scoreboard stays as it is")
parser.add_argument("--profile", default="core")
parser.add_argument("--again", action="store_true", help="write the pages again from the answers that are there")
parser.add_argument("--dpm-solver", default=os.environ.get("DPM_SOLVER_PYTORCH", ""), metavar="FILE", help="the authors' dpm_solver_pytorch.py")
parser.add_argument("--dpm-solver-version", default="", metavar="TEXT", help="which commit it is of")
parser.add_argument("--uni-pc", default=os.environ.get("UNI_PC", ""), metavar="FILE", help="the UniPC authors' uni_pc.py")
parser.add_argument("--uni-pc-version", default="", metavar="TEXT")
parser.add_argument("--python", type=Path, help="an interpreter that has the packages, in place of the virtual environment")
asked = parser.parse_args()


def say(text):
    print(f"peers: {text}", file=sys.stderr, flush=True)


def environment():
    """The interpreter of an environment that has the packages of requirements.txt."""
    folder = MADE / "venv"
    wanted = "".join((HERE / f"requirements{suffix}.txt").read_text() for suffix in ("", "-alone"))
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if not done.is_file() or done.read_text() != wanted:
        say(f"a virtual environment in {folder}: about 3.2 GB to download, 6 GB on disk")
        venv.create(folder, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
        # Packages of which a file is asked, not what they need.
        subprocess.run([*pip, "--no-deps", "-r", HERE / "requirements-alone.txt"], check=True)
        done.write_text(wanted)
    return python


def purelib(python):
    found = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


def built(command, **options):
    """Whether a testee that has to be built could be."""
    say(" ".join(map(str, command)))
    return subprocess.run(command, stdout=sys.stderr, **options).returncode == 0


def peers(python):
    """(id, command) of every testee."""
    ask = lambda script, *words: [python, HERE / script, *words]
    carried = purelib(python) / "ldm/models/diffusion/dpm_solver/dpm_solver.py"
    for name in ("DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "DEISMultistepScheduler", "UniPCMultistepScheduler"):
        yield f"diffusers-{name}", ask("ask_diffusers.py", name)
    for name in ("DPMSolverMultistepScheduler", "DDIMScheduler"):
        yield f"diffusers-indices-{name}", ask("ask_diffusers_indices.py", name)
    for name in ("FlowMatchEulerDiscreteScheduler", "DPMSolverMultistepScheduler"):
        yield f"diffusers-flow-{name}", ask("ask_diffusers_flow.py", name)
    for name in ("EDMDPMSolverMultistepScheduler", "EDMEulerScheduler"):
        yield f"diffusers-{name}", ask("ask_diffusers_edm.py", name)
    yield "diffusers-LMSDiscreteScheduler", ask("ask_diffusers_lms.py")
    yield "diffusers-IPNDMScheduler", ask("ask_diffusers_ipndm.py")
    yield "k-diffusion", ask("ask_k_diffusion.py")
    yield "azula", ask("ask_azula.py")
    yield "dpm-solver", ask("ask_dpm_solver.py", asked.dpm_solver, "--version", asked.dpm_solver_version)
    yield "dpm-solver-time-uniform", ask("ask_dpm_solver.py", asked.dpm_solver, "--version", asked.dpm_solver_version, "--skip", "time_uniform")
    yield "dpm-solver-f32", ask("ask_dpm_solver.py", asked.dpm_solver, "--version", asked.dpm_solver_version, "--element", "f32")
    yield "stable-diffusion-sdkit", ask("ask_dpm_solver.py", carried, "--package", "stable-diffusion-sdkit", "--name", "stable-diffusion-sdkit dpm_solver.py")
    yield "uni-pc", ask("ask_uni_pc.py", asked.uni_pc, asked.uni_pc_version)
    for name in ("ddim", "unipc", "flux", "z_image"):
        yield f"candle-{name}", [MADE / "candle" / "release" / name]
    for mode in ("", "v2", "flow"):
        yield f"stable-diffusion-cpp{mode and '-'}{mode}", [MADE / "stable_diffusion_cpp" / "testee", *filter(None, [mode])]


def unbuilt(ids):
    """Those of the chosen ones that have to be built and could not be."""
    candle = [id for id in ids if id.startswith("candle")]
    cpp = [id for id in ids if id.startswith("stable-diffusion-cpp")]
    env = {**os.environ, "CARGO_TARGET_DIR": str(MADE / "candle")}
    if candle and built(["cargo", "build", "--release", "--locked"], cwd=HERE / "candle", env=env):
        candle = []
    if cpp and built([HERE / "stable_diffusion_cpp" / "build"]):
        cpp = []
    return candle + cpp


def main():
    MADE.mkdir(parents=True, exist_ok=True)
    python = asked.python or environment()
    subprocess.run(["cargo", "build", "--locked", "--release", "--features", "cli", "--bin", "dpm-spec"], cwd=ROOT, check=True)
    chosen = [(id, command) for id, command in peers(python) if not asked.only or id in asked.only]
    unknown = set(asked.only) - {id for id, _ in chosen}
    if unknown:
        sys.exit(f"peers: no {', '.join(sorted(unknown))}; there are {', '.join(id for id, _ in peers(python))}")
    missing = unbuilt([id for id, _ in chosen])
    results, skipped = [], []

    def skip(id, why):
        say(f"{id}: skipped, {why}")
        skipped.extend(["--skipped", f"{id}={why}"])

    path = os.pathsep.join([str(ROOT / "testees" / "python"), os.environ.get("PYTHONPATH", "")])
    for id, command in chosen:
        if id in missing:
            skip(id, "it could not be built")
            continue
        results.append(MADE / f"{id}.ndjson")
        if asked.again and results[-1].is_file():
            continue
        check = [BINARY, "check", "--profile", asked.profile, "--timeout", "60", "--ndjson", results[-1], "--"]
        begun = time.monotonic()
        shown = subprocess.run([*check, *command], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True)
        took = time.monotonic() - begun
        say(f"{id}: {took:.0f} s; {shown.stdout.splitlines()[0] if shown.stdout else 'no answer'}")
        if shown.returncode > 1:
            results.pop().unlink(missing_ok=True)
            skip(id, "its testee could not be asked")
    board = [BINARY, "scoreboard", "--explained", HERE / "explained.json"]
    whole = not asked.only and asked.profile == "core"
    where = ["--out", ROOT / "docs"] if whole else []
    sys.exit(subprocess.run([*board, *where, *skipped, *results], stdout=subprocess.DEVNULL).returncode)


if __name__ == "__main__":
    main()
