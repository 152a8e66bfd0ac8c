"""Looks at what the exercise has left in Kafka, HDFS, Presto and /w205, and changes nothing.

look_at_data.py        (in mids; prints JSON: see platform/exercise.ts)
"""

import hashlib
import json
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "hooks")]

from confluent_kafka import Consumer, KafkaException, TopicPartition  # noqa: E402

import parquet  # noqa: E402
from lab import KAFKA, Hdfs  # noqa: E402
from presto import PrestoError, query  # noqa: E402

TOPIC = "events"
TABLES = ("purchases2", "purchases", "purchase_events")
PURCHASES = "/tmp/purchases"
SWORDS = "/tmp/sword_purchases"
CHECKPOINT = "/tmp/checkpoints_for_sword_purchases"
STUDENT_FOLDER = "/w205"
# Looked into: half of them the oldest, half the newest. A check has to take seconds, whatever is on the topic.
EVENTS = 20_000
FILES = 50
SECONDS = 10


def events():
    """The topic's events by their type and Host header."""
    consumer = Consumer({"bootstrap.servers": KAFKA, "group.id": "unused", "enable.auto.commit": False, "log_level": 0})
    try:
        topics = consumer.list_topics(timeout=SECONDS).topics
        if TOPIC not in topics:
            return None
        limits = {
            number: consumer.get_watermark_offsets(TopicPartition(TOPIC, number), timeout=SECONDS)
            for number in topics[TOPIC].partitions
        }
        share = EVENTS // (2 * len(limits))
        found = Counter()
        seen = 0
        for partition, (first, end) in limits.items():
            for start, stop in ranges(first, end, share):
                for message in read(consumer, partition, start, stop):
                    seen += 1
                    found[kind_and_host(message)] += 1
    finally:
        consumer.close()
    return {
        "messages": sum(end - first for first, end in limits.values()),
        "lookedAt": seen,
        "found": [{"type": kind, "host": host, "count": count} for (kind, host), count in found.items()],
        "end": {str(number): end for number, (_, end) in limits.items()},
    }


def ranges(first, end, share):
    if end - first <= 2 * share:
        return [(first, end)] if first < end else []
    return [(first, first + share), (end - share, end)]


def read(consumer, partition, start, stop):
    """The values from start to before stop; fewer where offsets are missing."""
    consumer.assign([TopicPartition(TOPIC, partition, start)])
    while messages := consumer.consume(min(1000, stop - start), timeout=2):
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
            if message.offset() >= stop:
                return
            yield message.value()
            if message.offset() == stop - 1:
                return


def kind_and_host(value):
    """An event's type and Host header; (None, None) for what is no event, as the jobs see it."""
    try:
        event = json.loads(value or b"")
        kind, host = event["event_type"], event.get("Host")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, None
    if not isinstance(kind, str):
        return None, None
    return kind, host if isinstance(host, str) else None


def folder(path):
    """The parquet files of a folder, and the rows in the first of them."""
    hdfs = Hdfs()
    found = [file for file in hdfs.listing(path) if is_data(file)]
    counted = sorted(found, key=lambda file: file["pathSuffix"])[:FILES]
    rows, broken = 0, []
    for file in counted:
        name = f"{path}/{file['pathSuffix']}"
        try:
            rows += parquet.rows(file["length"], lambda offset, length, name=name: hdfs.read(name, offset, length))
        except ValueError as problem:
            broken.append(f"{name}: {problem}")
    return {"files": len(found), "counted": len(counted), "rows": rows, "broken": broken}


def is_data(file):
    """What Hive, Presto and Spark read: names that begin with a dot or a _ are hidden."""
    name = file["pathSuffix"]
    return file["type"] == "FILE" and name[:1] not in "._" and name.endswith(".parquet")


def checkpoint():
    """How far the stream has come: the batches that are done, and the offsets up to which they read."""
    hdfs = Hdfs()
    commits = [int(file["pathSuffix"]) for file in hdfs.listing(f"{CHECKPOINT}/commits") if is_number(file)]
    if not commits:
        return {"batches": 0, "offsets": {}}
    offsets = hdfs.read(f"{CHECKPOINT}/offsets/{max(commits)}").decode().strip().splitlines()
    return {"batches": max(commits) + 1, "offsets": json.loads(offsets[-1]).get(TOPIC, {})}


def is_number(file):
    return file["pathSuffix"].isdigit()


def tables():
    """Each table's rows and the columns without a single value, or what Presto says of it."""
    with ThreadPoolExecutor(len(TABLES)) as pool:
        return dict(zip(TABLES, pool.map(table, TABLES), strict=True))


def table(name):
    try:
        columns = [row[0] for row in query(f"describe {name}")]
        quoted = ['"' + column.replace('"', '""') + '"' for column in columns]
        [[rows, *filled]] = query(f"select count(*), {', '.join(f'count({column})' for column in quoted)} from {name}")
    except PrestoError as problem:
        return {"problem": str(problem)}
    return {"rows": rows, "empty": [column for column, count in zip(columns, filled, strict=True) if not count]}


def student_folder():
    """The job files that the student has edited, the files of their own, and the notebooks that were run."""
    root = Path(STUDENT_FOLDER)
    try:
        originals = json.loads((root / ".lab/installed.json").read_text())["originals"]
    except (OSError, ValueError, KeyError):
        originals = {}
    edited, own, notebooks = [], [], []
    for path in own_files(root):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".ipynb" and was_run(path):
            notebooks.append(name)
        if name not in originals:
            own.append(name)
        elif hashlib.sha256(path.read_bytes()).hexdigest() not in originals[name]:
            edited.append(name)
    missing = [name for name in originals if not os.path.lexists(root / name)]
    return {"edited": edited, "own": len(own), "missing": missing, "notebooks": notebooks}


def own_files(root):
    for folder_name, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(files):
            path = Path(folder_name, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def was_run(notebook):
    try:
        cells = json.loads(notebook.read_text())["cells"]
        return any(cell.get("execution_count") for cell in cells if cell.get("cell_type") == "code")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def look(at):
    try:
        return at()
    except KafkaException as error:
        return {"problem": f"Kafka does not answer at {KAFKA}: {error.args[0].str()}"}
    except FileNotFoundError as error:
        return {"problem": f"{error} was deleted meanwhile"}
    except SystemExit as end:  # the hooks' way to say what is wrong
        return {"problem": str(end.code)}


def main():
    looks = {
        "events": events,
        "purchases": lambda: folder(PURCHASES),
        "swords": lambda: folder(SWORDS),
        "checkpoint": checkpoint,
        "tables": tables,
        "w205": student_folder,
    }
    with ThreadPoolExecutor(len(looks)) as pool:
        print(json.dumps(dict(zip(looks, pool.map(look, looks.values()), strict=True))))


if __name__ == "__main__":
    main()
