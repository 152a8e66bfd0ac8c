"""Batch job: prints the purchases on the topic, read with a schema that is known beforehand.

spark-submit /w205/full-stack2/filter_swords_batch.py
"""

from pyspark.sql import Observation, SparkSession

from events import first_swords, messages, purchases, summary


def main():
    spark = SparkSession.builder.appName("filter_swords_batch").getOrCreate()
    seen = Observation()
    swords = first_swords(purchases(messages(spark), seen), 100)
    swords.printSchema()
    swords.show(100)
    print(summary(seen.get))
    spark.stop()


if __name__ == "__main__":
    main()
