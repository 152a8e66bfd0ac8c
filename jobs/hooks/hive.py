"""HiveServer2 through the lab's hive-sql, for scripts that run in cloudera."""

import subprocess

from lab import fail


class HiveError(Exception):
    """What HiveServer2 says of a statement that failed."""


def hive(*args):
    """Runs `hive-sql FILE` or `hive-sql -e STATEMENTS`; gives its rows, each a list of texts."""
    try:
        ran = subprocess.run(["/opt/lab/bin/hive-sql", *args], capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        fail("Hive does not answer: no reply in 120 s")
    if ran.returncode:
        raise HiveError(ran.stderr.strip() or f"hive-sql ended with {ran.returncode}")
    return [line.split("\t") for line in ran.stdout.splitlines()]
