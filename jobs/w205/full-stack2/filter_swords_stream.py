"""Streaming job: prints the purchases that come to the topic from now on, until Ctrl-C.

spark-submit /w205/full-stack2/filter_swords_stream.py
"""

from pyspark.sql import SparkSession

from events import new_messages, sword_purchases
from streams import run


def main():
    spark = SparkSession.builder.appName("filter_swords_stream").getOrCreate()
    swords = sword_purchases(new_messages(spark), "events")
    run(spark, swords.writeStream.format("console").start())


if __name__ == "__main__":
    main()
