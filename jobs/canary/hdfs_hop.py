"""Canary, hop 4 (in cloudera): the parquet files that Spark wrote are whole and in HDFS."""

from canary import fail, from_arguments
from lab import Hdfs


def main():
    canary = from_arguments()
    files = {file["pathSuffix"]: file["length"] for file in Hdfs().listing(canary.folder)}
    parquet = [name for name, length in files.items() if name.endswith(".parquet") and length > 0]
    if "_SUCCESS" not in files or not parquet:
        fail(f"HDFS: expected parquet files and _SUCCESS in {canary.folder}, found {files or 'nothing'}")
    print(f"HDFS: {len(parquet)} parquet file{'s' if len(parquet) > 1 else ''} in {canary.folder}")


if __name__ == "__main__":
    main()
