"""Streaming job: writes the purchases that come to the topic to /tmp/sword_purchases, each 10 seconds.

    spark-submit /w205/full-stack2/write_swords_stream.py

The checkpoint remembers how far the stream has come: after a stop, or a crash, it goes on from there, and no
event is lost or written twice.
"""

import os
import sys
import time

from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession

from events import KAFKA, SCHEMA, TOPIC, new_messages, purchases, swords
from streams import run

FILES = os.environ.get("SWORD_PURCHASES_PATH", "/tmp/sword_purchases")
CHECKPOINT = os.environ.get("SWORD_CHECKPOINT_PATH", "/tmp/checkpoints_for_sword_purchases")
BEGIN_AFRESH = f"""To begin afresh, and keep the files of before:
    docker-compose exec cloudera hadoop fs -mv {FILES} {FILES}.old
    docker-compose exec cloudera hadoop fs -rm -r {CHECKPOINT}
(one of them may be gone already), then start this job again."""


def main():
    spark = SparkSession.builder.appName("write_swords_stream").getOrCreate()
    files = Folder(spark, FILES)
    refuse_half(files, Folder(spark, CHECKPOINT))
    started = time.time()
    query = (
        swords(purchases(new_messages(spark), "events"))
        .repartition(1)  # each batch is read and parsed on every core, and makes one file
        .writeStream.format("parquet")
        .option("path", FILES)
        .option("checkpointLocation", CHECKPOINT)
        .trigger(processingTime="10 seconds")
        .start()
    )
    try:
        run(spark, query, after_first_batch=lambda: hide_unfinished(spark, files, started))
    except StreamingQueryException as problem:
        if "failOnDataLoss" not in str(problem):
            raise
        sys.exit(f"Topic {TOPIC} on {KAFKA} lost the next events: was it deleted and made again?\n{BEGIN_AFRESH}")


def refuse_half(files, checkpoint):
    """With only one of the two, Spark would leave out batches without a word, or fail at a later one."""
    written = files.names("_spark_metadata")
    if (written and not checkpoint.names("offsets")) or (checkpoint.names("commits") and not written):
        sys.exit(f"{FILES} and its checkpoint {CHECKPOINT} belong together, and one was deleted.\n{BEGIN_AFRESH}")


def hide_unfinished(spark, files, started):
    """Renames the files of a batch that a crash cut short, now that the batch was written again.

    Spark knows from its list of finished files that they don't count. Hive and Presto would read them, but
    skip names that begin with a dot.
    """
    finished = spark.read.schema(SCHEMA).parquet(files.path).inputFiles()
    finished = {path.rsplit("/", 1)[-1] for path in finished}
    for name, changed in files.listing():
        if name.startswith("part-") and name not in finished and changed < started:
            files.close(name)
            files.rename(name, f".unfinished-{name}")
            print(f"hid {files.path}/{name}: its batch was cut short, and is written again")


class Folder:
    """A folder in HDFS, through the client that Spark brings along."""

    def __init__(self, spark, path):
        self.path = path
        self._new_path = spark._jvm.org.apache.hadoop.fs.Path
        self._client = self._new_path(path).getFileSystem(spark._jsc.hadoopConfiguration())

    def listing(self, below=""):
        """Names and times of change, in seconds."""
        folder = self._new_path(f"{self.path}/{below}")
        if self._client.exists(folder):
            for status in self._client.listStatus(folder):
                yield status.getPath().getName(), status.getModificationTime() / 1000

    def names(self, below):
        return [name for name, _ in self.listing(below)]

    def close(self, name):
        """Ends a file whose writer is gone: else HDFS keeps it open for 20 minutes, and what is in it unsettled."""
        if self._client.getScheme() == "hdfs":
            self._client.recoverLease(self._new_path(f"{self.path}/{name}"))

    def rename(self, old, new):
        self._client.rename(self._new_path(f"{self.path}/{old}"), self._new_path(f"{self.path}/{new}"))


if __name__ == "__main__":
    main()
