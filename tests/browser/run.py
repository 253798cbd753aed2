"""Runs the kernels in headless Chromium through WebGPU and compares the bits with the reference.

Exit status: 0 all equal, 1 something differs or failed, 3 no WebGPU on this machine (0 unless
DPM_SPEC_REQUIRE_GPU=1, like the tests that find no adapter).
"""

import argparse
import http.server
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PAGE = pathlib.Path(__file__).with_name("page.html")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def say(text):
    print(f"browser: {text}", file=sys.stderr, flush=True)


def serve(cases, told):
    """A server of the page on a free local port; what the page posts goes into the queue."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, kind, body):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/cases":
                self.answer("application/json", cases)
            elif self.path == "/":
                self.answer("text/html; charset=utf-8", PAGE.read_bytes())
            else:
                self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer("text/plain", b"")
            told.put((self.path, json.loads(body)))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def start(browser, adapter, port, profile):
    command = [
        browser,
        "--headless=new",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--enable-unsafe-webgpu",
        f"--user-data-dir={profile}",
    ]
    if adapter == "swiftshader":
        command += ["--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan", "--use-vulkan=swiftshader"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")
    log = open(pathlib.Path(profile) / "log", "w", encoding="utf-8")
    return subprocess.Popen(command + [f"http://127.0.0.1:{port}/"], stdout=log, stderr=log)


def unavailable(why):
    say(f"Chromium's WebGPU cannot be started on this machine: {why}")
    required = os.environ.get("DPM_SPEC_REQUIRE_GPU") == "1"
    say("that fails, for DPM_SPEC_REQUIRE_GPU=1" if required else "nothing was compared")
    return 3 if required else 0


def compare(case, result):
    """Elements whose bits differ from the expected ones."""
    digits = 8 if "F32" in case["name"] else 4
    expected = case["expected"]
    return sum(
        result[k : k + digits] != expected[k : k + digits] for k in range(0, len(expected), digits)
    )


def follow(told, process, cases, seconds):
    """Compares as results come; (equal, status)."""
    wrong, results = 0, set()
    deadline = time.monotonic() + seconds
    while True:
        try:
            path, body = told.get(timeout=1)
        except queue.Empty:
            if process.poll() is not None:
                return unavailable(f"it ended with status {process.returncode}")
            if time.monotonic() < deadline:
                continue
            if not results:
                return unavailable(f"no answer in {seconds} s")
            say(f"no answer in {seconds} s, after {len(results)} of {len(cases)} cases")
            return 1
        deadline = time.monotonic() + seconds
        if path == "/adapter":
            say(f"adapter: {body}")
        elif path == "/unavailable":
            return unavailable(body)
        elif path == "/failed":
            say(f"failed: {body}")
            return 1
        elif path == "/result":
            case = cases[body["index"]]
            results.add(body["index"])
            differ = compare(case, body["result"])
            if not differ:
                continue
            variant = "deterministic" if case["deterministic"] else "free to fuse"
            say(f"{case['name']} ({variant}): {differ} elements differ")
            # Only the deterministic kernels promise the reference's bits on every adapter.
            wrong += case["deterministic"]
        elif path == "/done":
            complete = len(results) == len(cases) and not wrong
            say(f"{len(results)} of {len(cases)} runs done, {wrong} wrong; {body['compiled']} kernels compile")
            return 0 if complete else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", required=True, help="the program that writes the cases")
    parser.add_argument("--browser", help="default: the first found of " + ", ".join(BROWSERS))
    parser.add_argument("--adapter", choices=("swiftshader", "default"), default="swiftshader")
    parser.add_argument("--seconds", type=int, default=120, help="longest silence of the browser")
    options = parser.parse_args()
    browser = options.browser or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return unavailable("no Chromium found")
    text = subprocess.run([options.cases], check=True, capture_output=True).stdout
    told = queue.Queue()
    server = serve(text, told)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = start(browser, options.adapter, server.server_address[1], profile)
        try:
            status = follow(told, process, json.loads(text)["cases"], options.seconds)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        if status:
            say((pathlib.Path(profile) / "log").read_text(encoding="utf-8", errors="replace")[-3000:])
    server.shutdown()
    return status


if __name__ == "__main__":
    sys.exit(main())
