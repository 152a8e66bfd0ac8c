"""Batch job: filtered_writes.py, and a Hive table over what it wrote.

    spark-submit /w205/full-stack2/write_hive_table.py

Makes the external table default.purchases at /tmp/purchases in the metastore, where Hive and Presto find it.
"""

from pyspark.sql import SparkSession

from events import PURCHASES_PATH, messages, write_purchases


def main():
    spark = SparkSession.builder.appName("write_hive_table").enableHiveSupport().getOrCreate()
    # The last run's table may have had other columns. Dropping an external table leaves its files alone; one
    # that somebody made without `external` takes them along, so it goes before they are written.
    spark.sql("drop table if exists default.purchases")
    columns = write_purchases(messages(spark), PURCHASES_PATH)
    declared = ", ".join(f"`{column}` string" for column in columns)
    spark.sql(f"create external table default.purchases ({declared}) stored as parquet location '{PURCHASES_PATH}'")

    purchases = spark.table("default.purchases")
    purchases.printSchema()
    purchases.show(100)
    spark.stop()


if __name__ == "__main__":
    main()
