"""Reads the topic as the lab's batch jobs do, and does nothing with it: what each of them takes at least.

read_alone.py        (in the bench's timed.py, as one of the lab's jobs)
"""

from pyspark.sql import SparkSession

from events import messages


def main():
    spark = SparkSession.builder.appName("read_alone").getOrCreate()
    messages(spark).write.format("noop").mode("overwrite").save()
    spark.stop()
