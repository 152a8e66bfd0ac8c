"""Counts what a student has in the lab's services, for a warning before some of it goes.

inventory.py        (in mids; prints JSON; null where a service does not answer)
"""

import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "hooks")]

from confluent_kafka import KafkaException  # noqa: E402

from hdfs_part import ROOTS, HdfsFiles  # noqa: E402
from kafka_broker import Broker  # noqa: E402
from metastore import Metastore, get  # noqa: E402
from metastore_part import LEFT_OUT  # noqa: E402


def kafka():
    broker = Broker()
    limits = {topic: [broker.limits(topic, number) for number in numbers] for topic, numbers in broker.topics().items()}
    return {topic: sum(end - first for first, end in partitions) for topic, partitions in limits.items()}


def hdfs():
    files = HdfsFiles()
    sizes = [status["length"] for root in ROOTS for _, status in files.walk(root) if status["type"] == "FILE"]
    return {"files": len(sizes), "bytes": sum(sizes)}


def tables():
    with Metastore() as metastore:
        names = [get(database, 1) for database in metastore.databases()]
        return [
            f"{name}.{table}" for name in names for table in metastore.tables(name) if not LEFT_OUT.fullmatch(table)
        ]


def main():
    found = {}
    for count in (kafka, hdfs, tables):
        try:
            found[count.__name__] = count()
        except (SystemExit, KafkaException):
            found[count.__name__] = None
    print(json.dumps(found))


if __name__ == "__main__":
    main()
