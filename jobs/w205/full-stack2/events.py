"""What the jobs of this folder share: reading the topic, and telling events from other messages.

An event is a JSON object whose event_type is a text. Whatever else lies on the topic (a null, half an
object, a list, no JSON at all) is left out and counted, and never stops a job.
"""

import json
import os
import re

from pyspark.sql import Observation
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, StringType, StructField, StructType

TOPIC = os.environ.get("EVENTS_TOPIC", "events")
KAFKA = os.environ.get("KAFKA_BOOTSTRAP", "kafka:29092")
PURCHASES_PATH = os.environ.get("PURCHASES_PATH", "/tmp/purchases")

PURCHASE = "purchase_sword"
FIELDS = ["Accept", "Host", "User-Agent", "event_type"]
SCHEMA = StructType([StructField(field, StringType()) for field in FIELDS])
ANY_FIELDS = MapType(StringType(), StringType())
TIMESTAMP = "timestamp"  # Kafka's: an event's own field of that name never takes its place
COLUMN_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


def messages(spark):
    """All messages of the topic, from the earliest to the latest, as a batch."""
    return (
        spark.read.format("kafka")
        .option("kafka.bootstrap.servers", KAFKA)
        .option("subscribe", TOPIC)
        .option("startingOffsets", "earliest")
        .option("endingOffsets", "latest")
        .option("minPartitions", spark.sparkContext.defaultParallelism)  # work for every core
        .load()
    )


def new_messages(spark):
    """The messages of the topic as a stream, from now on."""
    return (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", KAFKA)
        .option("subscribe", TOPIC)
        .option("startingOffsets", "latest")
        .load()
    )


def events(messages, schema, observation):
    """Turns messages into raw_event (their text), timestamp (Kafka's, as text) and event: the fields that the
    schema asks for, or null where the message is no event. The observation counts them on the way.
    """
    # In brackets, so that text behind the object is seen too: from_json stops reading where its value ends.
    bracketed = F.concat(F.lit("["), "raw_event", F.lit(",{}]"))
    parts = F.from_json(bracketed, ArrayType(schema), {"allowSingleQuotes": "false"})
    event_type = F.col("parts")[0]["event_type"]
    # from_json gives 5 and "5" as the same text; where it may be either, a look at the quotes tells.
    is_text = ~event_type.rlike("^(true$|false$|[^A-Za-z])")
    is_quoted = F.get_json_object(bracketed, "$[*].event_type").startswith('"')
    is_event = (F.size("parts") == F.lit(2)) & (is_text | is_quoted)
    return (
        messages.select(
            F.decode("value", "UTF-8").alias("raw_event"),
            F.col("timestamp").cast("string").alias("timestamp"),
        )
        .withColumn("parts", parts)
        .select("raw_event", "timestamp", F.when(is_event, F.col("parts")[0]).alias("event"))
        .observe(observation, *_counts(schema))
    )


def _counts(schema):
    event = F.col("event")
    is_purchase = event["event_type"] == PURCHASE
    yield F.count(F.lit(1)).alias("messages")
    yield F.count_if(event.isNull()).alias("left_out")
    yield F.count_if(is_purchase).alias("purchases")
    if schema == ANY_FIELDS:
        names = F.collect_set(F.when(is_purchase, F.map_keys(event)))
        yield F.to_json(F.array_distinct(F.flatten(names))).alias("fields")


def purchases(events):
    return events.where(F.col("event")["event_type"] == PURCHASE)


def sword_purchases(messages, observation):
    """The purchases with the columns raw_event, timestamp, Accept, Host, User-Agent and event_type."""
    return purchases(events(messages, SCHEMA, observation)).select("raw_event", "timestamp", "event.*")


def summary(counts):
    return (
        f"{counts['messages']} messages, {counts['purchases']} of them purchases; "
        f"left out: {counts['left_out']} events that are no JSON object with a text as event_type"
    )


def columns(fields):
    """Maps each column to the fields that fill it: the known ones first, then any other by name.

    Hive and Presto don't tell Host from HOST, so fields that differ only by case share a column. Names that
    they can't hold get none.
    """
    found = {name.lower(): [name] for name in [*FIELDS, TIMESTAMP]}
    for field in sorted(set(fields) - {*FIELDS, TIMESTAMP}):
        if COLUMN_NAME.fullmatch(field):
            found.setdefault(field.lower(), []).append(field)
    return {same[0]: same for same in found.values()}


def write_purchases(messages, path):
    """Overwrites the path with the purchases among the messages, as parquet; gives the columns' names.

    Which fields there are is known only when all events have been read, so the first try takes the known
    ones; the rare topic with more fields is read once more.
    """
    fields = set(FIELDS)
    while True:
        seen = Observation()
        table = purchases(events(messages, ANY_FIELDS, seen)).select(*_values(columns(fields)))
        table.write.mode("overwrite").parquet(path)
        more = set(json.loads(seen.get["fields"])) - fields
        if not more:
            break
        fields |= more
    print(summary(seen.get))
    unnamed = sorted(field for field in fields if not COLUMN_NAME.fullmatch(field))
    if unnamed:
        print(f"left out: fields with names that a Hive table can't hold: {unnamed}")
    return table.columns


def _values(columns):
    for name, fields in columns.items():
        if name == TIMESTAMP:
            yield F.col(TIMESTAMP)
        else:
            yield F.coalesce(*[F.col("event")[field] for field in fields]).alias(name)
