"""Batch job: prints the purchases on the topic, read with a schema that is known beforehand.

spark-submit /w205/full-stack2/filter_swords_batch.py
"""

from pyspark.sql import Observation, SparkSession

from events import messages, summary, sword_purchases


def main():
    spark = SparkSession.builder.appName("filter_swords_batch").getOrCreate()
    seen = Observation()
    swords = sword_purchases(messages(spark), seen)
    swords.printSchema()
    swords.orderBy("timestamp").limit(100).show(100)
    print(summary(seen.get))
    spark.stop()


if __name__ == "__main__":
    main()
