"""Streaming job: prints the purchases that come to the topic from now on, until Ctrl-C.

spark-submit /w205/full-stack2/filter_swords_stream.py
"""

from pyspark.sql import SparkSession

from events import new_messages, sword_purchases
from streams import run


def main():
    spark = SparkSession.builder.appName("filter_swords_stream").getOrCreate()
    messages = new_messages(spark, at_once=spark.sparkContext.defaultParallelism)
    swords = sword_purchases(messages, "events")
    run(spark, swords.writeStream.foreachBatch(show).start())


def show(swords, batch):
    """Prints a batch's first rows. The format "console" does too, but takes all rows of the batch into the driver."""
    line = "-" * 43
    print(f"{line}\nBatch: {batch}\n{line}")
    swords.orderBy("timestamp").show(20)


if __name__ == "__main__":
    main()
