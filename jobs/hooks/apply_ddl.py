"""Hook `ddl`: applies a file of Hive DDL and checks the table that it makes.

apply_ddl.py [--check LAB] FILE TABLE COLUMN[,COLUMN ...]        (in cloudera; TABLE as default.purchases2)

With --check it changes nothing and fails when the table is missing or has other columns.
"""

import argparse

from hive import HiveError, hive
from lab import fail, mend

# What Hive says of a table that is not there.
NO_SUCH_TABLE = "[Error 10001]"


def columns_of(table, before=""):
    """The columns' names and types; None where there is no such table. Statements before it give no rows.

    One session for all: each costs HiveServer2 as much as the statements.
    """
    try:
        rows = hive("-e", f"{before}\n;\ndescribe {table}")
    except HiveError as problem:
        if NO_SUCH_TABLE in str(problem) and f"describe {table}" in str(problem):
            return None
        raise
    return [f"{row[0].strip()} {row[1].strip()}" for row in rows if row[0].strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="LAB")
    parser.add_argument("file")
    parser.add_argument("table")
    parser.add_argument("columns")
    args = parser.parse_args()
    wanted = [f"{column.lower()} string" for column in args.columns.split(",")]
    try:
        if args.check:
            found = columns_of(args.table)
        else:
            with open(args.file, encoding="utf-8") as file:
                found = columns_of(args.table, before=file.read())
    except HiveError as problem:
        fail(f"Hive: {problem}")
    advice = f" {mend(args.check, 'ddl')}" if args.check else ""
    if found is None:
        fail(f"Hive: table {args.table} is missing in the metastore.{advice}")
    if found != wanted:
        fail(
            f"Hive: table {args.table} has the columns {', '.join(found)}, not {', '.join(wanted)}. "
            f"Drop it (an external table's files stay), then run the hook `ddl` again.{advice}"
        )
    print(f"Hive table {args.table} is there: {', '.join(found)}")


if __name__ == "__main__":
    main()
