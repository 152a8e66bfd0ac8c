"""The class exercise's Spark jobs as class notes write them: a Python function a row, and rows made into a frame.

notes_jobs.py JOB        (by spark-submit; the bench's timed.py runs it)

They read and write the same as the lab's jobs of the same names. The notes' `show` has no order; these order as the
lab's job does where the rows that are shown depend on it.
"""

import json
import os

from pyspark.sql import Row, SparkSession
from pyspark.sql.functions import from_json, udf
from pyspark.sql.types import StringType, StructField, StructType

TOPIC = os.environ["EVENTS_TOPIC"]
PURCHASES_PATH = os.environ["PURCHASES_PATH"]
SWORD_PURCHASES_PATH = os.environ["SWORD_PURCHASES_PATH"]
SWORD_CHECKPOINT_PATH = os.environ["SWORD_CHECKPOINT_PATH"]


def purchase_sword_event_schema():
    return StructType(
        [
            StructField("Accept", StringType(), True),
            StructField("Host", StringType(), True),
            StructField("User-Agent", StringType(), True),
            StructField("event_type", StringType(), True),
        ]
    )


@udf("boolean")
def is_purchase(event_as_json):
    event = json.loads(event_as_json)
    return event["event_type"] == "purchase_sword"


def read_topic(reader):
    return (
        reader.format("kafka")
        .option("kafka.bootstrap.servers", "kafka:29092")
        .option("subscribe", TOPIC)
        .option("startingOffsets", "earliest")
    )


def raw_events(spark):
    return read_topic(spark.read).option("endingOffsets", "latest").load()


def extracted_purchases(spark):
    events = raw_events(spark)
    purchases = events.select(events.value.cast("string").alias("raw"), events.timestamp.cast("string")).filter(
        is_purchase("raw")
    )
    return purchases.rdd.map(lambda r: Row(timestamp=r.timestamp, **json.loads(r.raw))).toDF()


def filtered_writes():
    spark = SparkSession.builder.appName("filtered_writes").getOrCreate()
    extracted = extracted_purchases(spark)
    extracted.printSchema()
    extracted.show()
    extracted.write.mode("overwrite").parquet(PURCHASES_PATH)
    spark.stop()


def write_hive_table():
    spark = SparkSession.builder.appName("write_hive_table").enableHiveSupport().getOrCreate()
    spark.sql("drop table if exists purchases")
    extracted = extracted_purchases(spark)
    extracted.printSchema()
    extracted.show()
    extracted.registerTempTable("extracted_purchase_events")
    spark.sql(
        f"create external table purchases stored as parquet location '{PURCHASES_PATH}' "
        "as select * from extracted_purchase_events"
    )
    spark.stop()


def sword_purchases(events):
    return (
        events.filter(is_purchase(events.value.cast("string")))
        .select(
            events.value.cast("string").alias("raw_event"),
            events.timestamp.cast("string"),
            from_json(events.value.cast("string"), purchase_sword_event_schema()).alias("json"),
        )
        .select("raw_event", "timestamp", "json.*")
    )


def filter_swords_batch():
    spark = SparkSession.builder.appName("filter_swords_batch").getOrCreate()
    swords = sword_purchases(raw_events(spark))
    swords.printSchema()
    swords.orderBy("timestamp").show(100)
    spark.stop()


def filter_swords_stream():
    spark = SparkSession.builder.appName("filter_swords_stream").getOrCreate()
    swords = sword_purchases(read_topic(spark.readStream).load())
    swords.writeStream.format("console").start().awaitTermination()


def write_swords_stream():
    spark = SparkSession.builder.appName("write_swords_stream").getOrCreate()
    swords = sword_purchases(read_topic(spark.readStream).load())
    (
        swords.writeStream.format("parquet")
        .option("path", SWORD_PURCHASES_PATH)
        .option("checkpointLocation", SWORD_CHECKPOINT_PATH)
        .trigger(processingTime="10 seconds")
        .start()
        .awaitTermination()
    )
