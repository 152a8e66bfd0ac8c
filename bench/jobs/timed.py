"""Runs one job and says how long it took from its Spark session being ready to its end.

timed.py lab|notes JOB MESSAGES [ROWS]        (by spark-submit)

A stream has no end: it is stopped when it has worked through so many messages. ROWS are the parquet files that the job
writes: they are counted and summed up behind the end, outside of the time.
"""

import contextlib
import importlib
import json
import os
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming import StreamingQuery

LAB_JOBS = "/w205/full-stack2"
EVENT_COLUMNS = ["Accept", "Host", "User-Agent", "event_type", "timestamp"]
moments = {}


class StreamRead(BaseException):
    """The stream has worked through the topic. No job catches it."""


def note(moment):
    moments.setdefault(moment, (time.time(), processor_seconds()))


def processor_seconds():
    """Processor time of all that runs in the container, and of what has ended there."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in stat.read_text().rsplit(")", 1)[1].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def note_ready():
    make = SparkSession.Builder.getOrCreate

    def get_or_create(builder):
        session = make(builder)
        note("ready")
        return session

    SparkSession.Builder.getOrCreate = get_or_create


def note_end():
    """A batch job's end is its call of stop; the session is kept until its rows were looked at."""
    SparkSession.stop = lambda _: note("end")


def end_stream_behind(messages):
    wait = StreamingQuery.awaitTermination

    def await_termination(query, timeout=None):
        while not wait(query, 0.05):
            done = query.recentProgress
            if sum(progress["numInputRows"] for progress in done) >= messages:
                note("end")
                query.stop()
                # Rows that are shown are not on files; the notes' way counts them as the sink's, the lab as purchases.
                moments["out"] = sum(shown(progress) for progress in done)
                raise StreamRead
        return True

    StreamingQuery.awaitTermination = await_termination


def shown(progress):
    counts = progress.get("observedMetrics", {}).get("events")
    return counts["purchases"] if counts else progress["sink"]["numOutputRows"]


def summed_up(spark, path):
    """The files' rows: their number, and a sum that is another one when a row is."""
    columns = [F.coalesce(f"`{column}`", F.lit("(null)")) for column in EVENT_COLUMNS]
    row = spark.read.parquet(path).agg(F.count(F.lit(1)), F.sum(F.xxhash64(*columns).cast("decimal(38)"))).first()
    return [row[0], str(row[1])]


def main():
    way, job, messages, *files = sys.argv[1:]
    stop = SparkSession.stop
    note_ready()
    note_end()
    end_stream_behind(int(messages))
    if way == "lab":
        sys.path.insert(0, LAB_JOBS)
        run = importlib.import_module(job).main
    else:
        run = getattr(importlib.import_module("notes_jobs"), job)
    with contextlib.suppress(StreamRead):
        run()
    (ready, cpu_ready), (end, cpu_end) = moments["ready"], moments["end"]
    spark = SparkSession.builder.getOrCreate()
    started = time.time()
    rows = summed_up(spark, *files) if files else [moments.get("out"), None]
    looked = time.time() - started
    stop(spark)
    figures = {"seconds": end - ready, "processorSeconds": cpu_end - cpu_ready, "lookSeconds": looked, "rows": rows}
    print("TIMED", json.dumps(figures))


if __name__ == "__main__":
    main()
