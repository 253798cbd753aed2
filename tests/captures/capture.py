"""Writes the page of a sample run and takes its pictures with headless Chromium: light, dark, 400 px wide.

Chromium also measures the page 400 px wide, everything unfolded: nothing may scroll sideways.
Exit status: 0 done, 1 a picture is missing or too large or something scrolls sideways, 3 no
Chromium on this machine.
"""

import argparse
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parent.parent / "browser"))
import run as browser  # noqa: E402

# Pixels of a telephone's screen, held upright.
NARROW = 400
# Name, width and height in pixels, and what Chromium is told of the reader's colours (0 is dark).
PICTURES = (
    ("light", 1000, 1250, "preferredColorScheme=1"),
    ("dark", 1000, 1250, "preferredColorScheme=0"),
    ("narrow", NARROW, 1600, "preferredColorScheme=1"),
)
LARGEST = 300_000
# Chromium's windows are never narrower than some 500 pixels; a frame is.
FRAME = '<!DOCTYPE html><body style="margin:0"><iframe src="{page}" style="border:0;width:{width}px;height:{height}px"></iframe>'

# A page within an attribute has the origin of the frame around it, which may then measure it.
MEASURED = """<!DOCTYPE html><body><iframe srcdoc="{page}" style="border:0;width:{width}px;height:2000px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const page = frame.contentDocument, window = frame.contentWindow;
  page.querySelectorAll("details").forEach((it) => {{ it.open = true; }});
  const scrolls = (it) => ["auto", "scroll"].includes(window.getComputedStyle(it).overflowX);
  const sideways = [...page.querySelectorAll("*")].filter((it) => scrolls(it) && it.scrollWidth > it.clientWidth);
  const told = {{
    width: page.documentElement.scrollWidth,
    text: page.body.innerText.length,
    sideways: sideways.map((it) => it.outerHTML.slice(0, 80)),
  }};
  document.body.dataset.told = JSON.stringify(told);
}});
</script>"""


def chromium_on(chromium, folder, page, *options):
    """Shows a page without a window; what Chromium prints."""
    command = [
        chromium,
        "--headless=new",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--user-data-dir={folder}/profile",
        *options,
        page.as_uri(),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    return subprocess.run(command, check=True, capture_output=True, timeout=120, text=True).stdout


def stays_within(chromium, folder, page, width):
    """Whether nothing on the page scrolls sideways at a width."""
    frame = pathlib.Path(folder) / "measured.html"
    text = html.escape(page.read_text(encoding="utf-8"))
    frame.write_text(MEASURED.format(page=text, width=width), encoding="utf-8")
    found = re.search('data-told="([^"]*)"', chromium_on(chromium, folder, frame, "--dump-dom"))
    if found is None:
        browser.say("Chromium did not measure the page")
        return False
    told = json.loads(html.unescape(found[1]))
    browser.say(f"{width} px: the page is {told['width']} px wide, {len(told['sideways'])} parts of it scroll sideways")
    for part in told["sideways"]:
        browser.say(f"scrolls sideways: {part}")
    return told["text"] > 0 and told["width"] <= width and not told["sideways"]


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
        status |= not stays_within(chromium, folder, page, NARROW)
        for name, width, height, colours in PICTURES:
            frame = pathlib.Path(folder) / f"{name}.html"
            frame.write_text(FRAME.format(page=page.name, width=width, height=height), encoding="utf-8")
            picture = options.out / f"{name}.png"
            chromium_on(
                chromium,
                folder,
                frame,
                f"--blink-settings={colours}",
                f"--window-size={width},{height}",
                f"--screenshot={picture.resolve()}",
            )
            size = picture.stat().st_size
            browser.say(f"{picture}: {size} bytes")
            status |= size > LARGEST
    return status


if __name__ == "__main__":
    sys.exit(main())
