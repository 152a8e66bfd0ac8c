"""Batch job: writes all purchases on the topic to /tmp/purchases in HDFS, as parquet.

    spark-submit /w205/full-stack2/filtered_writes.py

Each run replaces what the last one wrote. Columns: Accept, Host, User-Agent, event_type, timestamp (when
Kafka got the event), then one for each further field that a purchase has. All are strings.
"""

from pyspark.sql import SparkSession

from events import PURCHASES_PATH, messages, write_purchases


def main():
    spark = SparkSession.builder.appName("filtered_writes").getOrCreate()
    write_purchases(messages(spark), PURCHASES_PATH)

    written = spark.read.parquet(PURCHASES_PATH)
    written.printSchema()
    written.show(100)
    spark.stop()


if __name__ == "__main__":
    main()
