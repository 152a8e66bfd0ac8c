"""Canary, cleaning up in cloudera: takes away the canary's table and folder, and those of earlier ones."""

from canary import FOLDER_OF_FOLDERS, FOLDERS, TABLES, fail, from_arguments
from hive import HiveError, hive
from lab import Hdfs


def main():
    from_arguments()
    hdfs = Hdfs()
    folders = [entry["pathSuffix"] for entry in hdfs.listing(FOLDER_OF_FOLDERS)]
    folders = [f"{FOLDER_OF_FOLDERS}/{name}" for name in folders if FOLDERS.fullmatch(name)]
    for folder in folders:
        hdfs.delete(folder)
    try:
        tables = [row[0] for row in hive("-e", "show tables in default like 'lab_canary_*'")]
        tables = [table for table in tables if TABLES.fullmatch(table)]
        if tables:
            hive("-e", ";".join(f"drop table if exists default.{table}" for table in tables))
    except HiveError as problem:
        fail(f"Hive: a table of the canary was not dropped: {problem}")
    print(f"cleaned up: {len(folders)} folders, {len(tables)} tables")


if __name__ == "__main__":
    main()
