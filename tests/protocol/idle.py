"""A testee that does nothing: it declares what a file says, calls no model, and returns its start.

    idle.py DECLARATION.json
"""

import json
import sys
from pathlib import Path

DECLARED = json.loads(Path(sys.argv[1]).read_text())
HELLO = {"type": "hello", "protocol": 1, "models": ["script", "callback"], **DECLARED}


def reply(request):
    shown = {"calls": [], "draws": []} if "script" in request else {}
    return {
        "hello": HELLO,
        "run": {"type": "result", "state": request.get("start"), **shown},
        "bye": {"type": "bye"},
    }.get(request["type"], {"type": "error", "message": "does nothing"})


for line in sys.stdin:
    message = json.loads(line)
    print(json.dumps({**reply(message), "seq": message["seq"]}), flush=True)
    if message["type"] == "bye":
        break
