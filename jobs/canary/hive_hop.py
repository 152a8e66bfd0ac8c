"""Canary, hop 5 (in cloudera): a Hive table over the canary's files shows the row, User-Agent too."""

from canary import fail, from_arguments
from hive import HiveError, hive


def main():
    canary = from_arguments()
    try:
        rows = hive(
            "-e",
            f"create external table default.{canary.table} "
            "(Accept string, Host string, User_Agent string, event_type string, `timestamp` string) "
            f"stored as parquet location '{canary.folder}' "
            "tblproperties ('parquet.column.index.access' = 'true');"
            f"select * from default.{canary.table}",
        )
    except HiveError as problem:
        fail(f"Hive: {problem}")
    canary.check("Hive", rows)
    print(f"Hive: the row is in default.{canary.table}")


if __name__ == "__main__":
    main()
