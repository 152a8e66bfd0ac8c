"""Looks at the exercise's tables through Hive itself, and changes nothing.

look_at_hive.py        (in cloudera; prints JSON: see platform/exercise.ts)
"""

import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "hooks")]

from hive import HiveError, hive  # noqa: E402

TABLES = ("purchases2", "purchases", "purchase_events")
# Hive reads so many without MapReduce.
ROWS = 20


def table(name):
    if not hive("-e", f"show tables in default like '{name}'"):
        return {"problem": f"there is no table {name}"}
    columns = [row[0].strip() for row in hive("-e", f"describe default.{name}") if row[0].strip()]
    rows = hive("-e", f"select * from default.{name} limit {ROWS}")
    empty = [column for place, column in enumerate(columns) if rows and all(row[place] == "NULL" for row in rows)]
    return {"rows": len(rows), "empty": empty}


def main():
    found = {}
    for name in TABLES:
        try:
            found[name] = table(name)
        except HiveError as problem:
            found[name] = {"problem": str(problem).splitlines()[0]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
