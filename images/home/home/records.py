"""The canary's record: what the last flight of the canary left here, on the front page's own volume."""

import json
import os
import sys
from pathlib import Path

MOST_BYTES = 64 * 1024


def read_canary(folder):
    """The record, or None where there is none that can be read."""
    try:
        return check(json.loads((folder / "canary.json").read_text()))
    except (OSError, ValueError):
        return None


def check(record):
    """Raises ValueError unless it is the record of a flight."""
    if not isinstance(record, dict) or not isinstance(record.get("green"), bool):
        raise ValueError("a canary's record is a map with `green`")
    if not isinstance(record.get("at"), (int, float)):
        raise ValueError("a canary's record has `at`, in seconds since 1970")
    for hop in record.get("hops", []):
        if not isinstance(hop.get("name"), str) or not isinstance(hop.get("seconds"), (int, float)):
            raise ValueError("a hop has `name` and `seconds`")
    return record


def note_canary(folder, text):
    """Puts a record in the place of the last one, whole or not at all. Raises ValueError."""
    record = check(json.loads(text))
    new = folder / ".canary.json.new"
    new.write_text(json.dumps(record))
    os.replace(new, folder / "canary.json")


if __name__ == "__main__":
    try:
        note_canary(Path(os.environ.get("LAB_RECORDS", "/data/home")), sys.stdin.read(MOST_BYTES))
    except (OSError, ValueError, AttributeError) as error:
        sys.exit(f"the canary's record was not kept: {error}")
