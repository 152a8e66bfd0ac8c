"""What the streaming jobs add to Spark's own streams, with files in the place of Kafka and HDFS."""

import logging
import signal
import time

import pytest

import filter_swords_stream
import streams
import write_swords_stream as job
from events import SCHEMA, purchases, swords

PURCHASE = '{"event_type": "purchase_sword", "Host": "%s"}'


class Query:
    """A streaming query by its progress."""

    def __init__(self, *batches, error=None):
        counts = {"messages": 3, "purchases": 1, "left_out": 2}
        self.recentProgress = [
            {"batchId": batch, "numInputRows": rows, "observedMetrics": {"events": counts}} for batch, rows in batches
        ]
        self.rounds = 0
        self.error = error
        self.stopped = False
        self.isActive = True
        self.status = {"isTriggerActive": False}

    def awaitTermination(self, seconds):
        self.rounds += 1
        if self.error:
            raise self.error
        if self.rounds == 4:
            signal.raise_signal(signal.SIGTERM)
        return False

    def stop(self):
        self.stopped = True


@pytest.fixture(autouse=True)
def signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    logging.disable(logging.NOTSET)


def test_each_batch_is_reported_once_and_sigterm_stops_the_query(spark, capsys):
    query = Query((4, 3), (5, 0), (6, 3))
    first = []
    streams.run(spark, query, after_first_batch=lambda: first.append(1))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["batch 4", "batch 6"]
    assert "3 messages, 1 of them purchases; left out: 2 events" in lines[0]
    assert (query.stopped, first) == (True, [1])


def test_a_query_that_fails_fails_the_job(spark):
    with pytest.raises(ValueError, match="broken"):
        streams.run(spark, Query(error=ValueError("broken")))


def test_a_batch_in_the_making_is_let_end_before_the_query_stops():
    states = [True, True, False]

    class Busy(Query):
        status = property(lambda _self: {"isTriggerActive": states.pop(0)}, lambda _self, _value: None)

    query = Busy()
    streams.stop(query)
    assert query.stopped
    assert states == []


def test_a_spark_that_the_signal_stopped_too_is_no_failure(spark):
    query = Query()

    def gone(_seconds):
        signal.raise_signal(signal.SIGTERM)
        raise ConnectionRefusedError

    query.awaitTermination = gone
    streams.run(spark, query)


@pytest.fixture
def stream(spark, tmp_path):
    """Sends lines through the job's columns into its files, as one more run of the stream."""
    (tmp_path / "topic").mkdir()

    def send(name, *lines):
        (tmp_path / "topic" / name).write_text("\n".join(lines))
        source = spark.readStream.text(str(tmp_path / "topic")).selectExpr(
            "cast(value as binary) as value", "current_timestamp() as timestamp"
        )
        query = (
            swords(purchases(source, "events"))
            .writeStream.format("parquet")
            .option("path", str(tmp_path / "files"))
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
        return query.lastProgress["observedMetrics"]["events"]

    return send


def test_a_batch_is_shown_by_its_first_rows_and_counted_whole(spark, tmp_path, capfd):
    lines = [PURCHASE % f"host{number:02}" for number in range(25)] + ["rubbish"]
    (tmp_path / "lines").write_text("\n".join(lines))
    source = spark.readStream.schema("value string").text(str(tmp_path))
    source = source.selectExpr("cast(value as binary) as value", "current_timestamp() as timestamp")
    query = (
        purchases(source, "events")
        .writeStream.foreachBatch(filter_swords_stream.show)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    shown = capfd.readouterr().out
    assert "Batch: 0\n" in shown
    assert shown.count("|purchase_sword|") == 20
    assert "only showing top 20 rows" in shown
    assert query.lastProgress["observedMetrics"]["events"] == {"messages": 26, "left_out": 1, "purchases": 25}


@pytest.fixture
def folders(spark, tmp_path):
    return job.Folder(spark, str(tmp_path / "files")), job.Folder(spark, str(tmp_path / "checkpoint"))


def hosts(spark, tmp_path):
    table = spark.read.schema(SCHEMA).parquet(str(tmp_path / "files"))
    return sorted(row["Host"] for row in table.select("Host").collect())


def test_a_stream_goes_on_where_it_stopped_and_hides_what_a_crash_left(spark, stream, folders, tmp_path, capsys):
    files, checkpoint = folders
    job.refuse_half(files, checkpoint)
    assert stream("1", PURCHASE % "a", "rubbish") == {"messages": 2, "left_out": 1, "purchases": 1}
    (half,) = (tmp_path / "files").glob("part-*.parquet")
    (tmp_path / "files/part-00000-crash.snappy.parquet").write_bytes(half.read_bytes()[:50])
    (tmp_path / "files/mine.parquet").write_bytes(b"mine")
    started = time.time() + 1
    job.refuse_half(files, checkpoint)
    stream("2", PURCHASE % "b", PURCHASE % "c")
    job.hide_unfinished(spark, files, started)
    assert hosts(spark, tmp_path) == ["a", "b", "c"]
    assert len(list((tmp_path / "files").glob("part-*.parquet"))) == 2
    assert (tmp_path / "files/.unfinished-part-00000-crash.snappy.parquet").exists()
    assert (tmp_path / "files/mine.parquet").exists()
    assert capsys.readouterr().out.count("hid ") == 1

    (tmp_path / "checkpoint").rename(tmp_path / "gone")
    with pytest.raises(SystemExit, match="belong together, and one was deleted"):
        job.refuse_half(files, checkpoint)
    (tmp_path / "gone").rename(tmp_path / "checkpoint")
    (tmp_path / "files").rename(tmp_path / "gone")
    with pytest.raises(SystemExit, match="hadoop fs -rm -r /tmp/checkpoints_for_sword_purchases"):
        job.refuse_half(files, checkpoint)


def test_files_of_another_run_that_goes_on_are_left_alone(spark, stream, folders, tmp_path):
    stream("1", PURCHASE % "a")
    started = time.time() - 60
    (tmp_path / "files/part-00000-young.snappy.parquet").write_bytes(b"")
    job.hide_unfinished(spark, folders[0], started)
    assert (tmp_path / "files/part-00000-young.snappy.parquet").exists()
