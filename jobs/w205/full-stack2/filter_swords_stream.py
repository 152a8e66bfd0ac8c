"""Streaming job: prints the purchases that come to the topic from now on, until Ctrl-C.

spark-submit /w205/full-stack2/filter_swords_stream.py
"""

from pyspark.sql import SparkSession

from events import first_swords, new_messages, purchases
from streams import run


def main():
    spark = SparkSession.builder.appName("filter_swords_stream").getOrCreate()
    query = purchases(new_messages(spark), "events").writeStream.foreachBatch(show).start()
    run(spark, query)


def show(new_purchases, batch):
    """Prints a batch's first rows. The format "console" does too, but takes all rows of the batch into the driver."""
    line = "-" * 43
    print(f"{line}\nBatch: {batch}\n{line}")
    first_swords(new_purchases, 21).show(20)  # of more than 20 it says so


if __name__ == "__main__":
    main()
