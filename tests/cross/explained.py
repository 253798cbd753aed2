"""The machine-readable list of explained deviations: which finding explains which kind, where, up to what size."""

import json
from pathlib import Path

import library

BOOK = Path(__file__).with_name("explained.json")


class Book:
    """explained.json; remembers which entries explained something."""

    def __init__(self):
        self.entries = json.loads(BOOK.read_text())
        self.used = set()

    def explain(self, config, deviation):
        """The id of the finding that explains a deviation, or None."""
        full = library.complete(config)
        for number, entry in enumerate(self.entries):
            if entry["kind"] != deviation.kind or entry.get("detail", "") not in deviation.detail:
                continue
            if not entry.get("steps_from", 1) <= deviation.steps <= entry.get("steps_to", 10**9):
                continue
            if deviation.size > entry.get("up_to_u", float("inf")):
                continue
            if all(full.get(key) in allowed for key, allowed in entry.get("where", {}).items()):
                self.used.add(number)
                return entry["finding"]
        return None

    def idle(self):
        return [entry for number, entry in enumerate(self.entries) if number not in self.used]
