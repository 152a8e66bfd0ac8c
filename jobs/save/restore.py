"""Compares the lab with the archive on standard input, or puts back what is missing.

restore.py compare|write        (in mids)
restore.py clear                takes away what a restore would meet: HDFS files, topics, tables

Prints JSON: what is the same, what is missing (or was, before it was written), what differs.
"""

import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "hooks")]

import hdfs_part  # noqa: E402
import kafka_part  # noqa: E402
import metastore_part  # noqa: E402
import w205_part  # noqa: E402
from alone import wait_for_others  # noqa: E402
from archive import members  # noqa: E402
from lab import fail  # noqa: E402
from problems import in_words  # noqa: E402

PARTS = {"hdfs": hdfs_part, "kafka": kafka_part, "metastore": metastore_part, "w205": w205_part}


def restore(stream, write):
    parts = {name: part.Restore(write) for name, part in PARTS.items()}
    for member, content in members(stream):
        parts[member.name.partition("/")[0]].member(member, content)
    for part in parts.values():
        part.finish()
    return {
        name: {
            "same": part.same,
            "missing": part.missing,
            "conflicts": part.conflicts,
            "said": getattr(part, "said", []),
        }
        for name, part in parts.items()
    }


def main():
    mode = sys.argv[1] if len(sys.argv) == len(["restore.py", "mode"]) else ""
    if mode not in ("compare", "write", "clear"):
        fail("usage: restore.py compare|write|clear")
    lock = wait_for_others()
    with in_words():
        if mode == "clear":
            # Tables before the files that they stand on.
            for part in (metastore_part, hdfs_part, kafka_part):
                part.clear()
            print("{}")
        else:
            print(json.dumps(restore(sys.stdin.buffer, mode == "write")))
    lock.close()


if __name__ == "__main__":
    main()
