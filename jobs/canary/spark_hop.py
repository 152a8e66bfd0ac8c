"""Canary, hop 3 (in spark, by spark-submit): as filtered_writes.py, from the canary's topic to its folder."""

import os

from canary import from_arguments

canary = from_arguments()
os.environ["EVENTS_TOPIC"] = canary.topic  # read by events, so set before it is imported

from pyspark.sql import SparkSession  # noqa: E402

from events import messages, write_purchases  # noqa: E402


def main():
    spark = SparkSession.builder.appName(canary.topic).getOrCreate()
    write_purchases(messages(spark), canary.folder)
    rows = spark.read.parquet(canary.folder).select("Accept", "Host", "User-Agent", "event_type", "timestamp").collect()
    canary.check("Spark", [tuple(row) for row in rows])
    spark.stop()
    print(f"Spark: the purchase is written to {canary.folder}")


if __name__ == "__main__":
    main()
