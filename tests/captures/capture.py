"""Writes the page of a sample run and takes its pictures with headless Chromium: light, dark, 400 px wide.

Exit status: 0 done, 1 a picture is missing or too large, 3 no Chromium on this machine.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parent.parent / "browser"))
import run as browser  # noqa: E402

# Name, width and height in pixels, and what Chromium is told of the reader's colours (0 is dark).
PICTURES = (
    ("light", 1000, 1250, "preferredColorScheme=1"),
    ("dark", 1000, 1250, "preferredColorScheme=0"),
    ("narrow", 400, 1600, "preferredColorScheme=1"),
)
LARGEST = 300_000
# Chromium's windows are never narrower than some 500 pixels; a frame is.
FRAME = '<!DOCTYPE html><body style="margin:0"><iframe src="{page}" style="border:0;width:{width}px;height:{height}px"></iframe>'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", required=True, help="the program that writes the page")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of the pictures")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, browser.BROWSERS)), None)
    if chromium is None:
        browser.say("no Chromium found; nothing was drawn")
        return 3
    options.out.mkdir(parents=True, exist_ok=True)
    status = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = pathlib.Path(folder) / "page.html"
        subprocess.run([options.page, page], check=True)
        for name, width, height, colours in PICTURES:
            frame = pathlib.Path(folder) / f"{name}.html"
            frame.write_text(FRAME.format(page=page.name, width=width, height=height), encoding="utf-8")
            picture = options.out / f"{name}.png"
            command = [
                chromium,
                "--headless=new",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                f"--user-data-dir={folder}/profile",
                f"--blink-settings={colours}",
                f"--window-size={width},{height}",
                f"--screenshot={picture.resolve()}",
                frame.as_uri(),
            ]
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                command.insert(1, "--no-sandbox")
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            size = picture.stat().st_size
            browser.say(f"{picture}: {size} bytes")
            status |= size > LARGEST
    return status


if __name__ == "__main__":
    sys.exit(main())
