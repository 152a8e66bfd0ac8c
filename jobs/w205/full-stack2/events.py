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
STARTING_OFFSETS = os.environ.get("STARTING_OFFSETS", "latest")  # of a stream that begins afresh
PURCHASES_PATH = os.environ.get("PURCHASES_PATH", "/tmp/purchases")

PURCHASE = "purchase_sword"
FIELDS = ["Accept", "Host", "User-Agent", "event_type"]
SCHEMA = StructType([StructField(field, StringType()) for field in FIELDS])
ANY_FIELDS = MapType(StringType(), StringType())
STRICT = {"allowSingleQuotes": "false"}
# An event as the game API makes it: its own fields alone, without escapes. They are cut out of its text, at a third of
# what parsing costs.
# Control characters one by one: Java looks a range up apart, for a quarter more of the whole expression's time.
_PLAIN = r'[^"\\' + "".join(rf"\x{code:02x}" for code in range(32)) + "]"
_OWN_FIELD = rf'"(?:{"|".join(FIELDS)})": "{_PLAIN}*"'
OWN_EVENT = rf"\A\{{{_OWN_FIELD}(?:, {_OWN_FIELD})*+\}}\z"
TIMESTAMP = "timestamp"  # Kafka's: an event's own field of that name never takes its place
COLUMN_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


def messages(spark):
    """All messages of the topic, from the earliest to the latest, as a batch."""
    return _topic(spark, spark.read).option("startingOffsets", "earliest").option("endingOffsets", "latest").load()


def new_messages(spark):
    """The messages of the topic as a stream, from now on."""
    return _topic(spark, spark.readStream).option("startingOffsets", STARTING_OFFSETS).load()


def _topic(spark, reader):
    return (
        reader.format("kafka")
        .option("kafka.bootstrap.servers", KAFKA)
        .option("subscribe", TOPIC)
        .option("minPartitions", spark.sparkContext.defaultParallelism)  # work for every core
        # After each poll Spark asks Kafka for the topic's ends, and drops what was fetched beyond the poll.
        .option("kafka.max.poll.records", 5000)
        # At the topic's end Kafka holds a fetch until something comes, and Spark's next question with it.
        .option("kafka.fetch.max.wait.ms", 20)
    )


def events(messages, observation):
    """The messages as raw_event (their text), timestamp, is_own (whether the game API makes such ones) and event_type:
    null where the message is no event. The observation counts them on the way.
    """
    return (
        messages.select(F.decode("value", "UTF-8").alias("raw_event"), "timestamp")
        .select("raw_event", "timestamp", F.col("raw_event").rlike(OWN_EVENT).alias("is_own"))
        .select("*", F.when(F.col("is_own"), _cut("event_type")).otherwise(_event_type()).alias("event_type"))
        .observe(
            observation,
            F.count(F.lit(1)).alias("messages"),
            F.count_if(F.col("event_type").isNull()).alias("left_out"),
            F.count_if(F.col("event_type") == PURCHASE).alias("purchases"),
        )
    )


def _cut(name):
    """A field of the game API's own events, or null. No quote is in it; of two with one name the last one counts."""
    raw_event, mark = F.col("raw_event"), f'"{name}": "'
    return F.when(raw_event.contains(mark), F.substring_index(F.substring_index(raw_event, mark, -1), '"', 1))


def _event_type():
    """The event's type, of any event."""
    # In brackets, so that text behind the object is seen too: from_json stops reading where its value ends.
    bracketed = F.concat(F.lit("["), "raw_event", F.lit(",{}]"))
    parts = F.from_json(bracketed, ArrayType(SCHEMA), STRICT)
    event_type = parts[0]["event_type"]
    # from_json gives 5 and "5" as the same text; where it may be either, a look at the quotes tells.
    is_text = ~event_type.rlike("^(true$|false$|[^A-Za-z])")
    is_quoted = F.get_json_object(bracketed, "$[*].event_type").startswith('"')
    return F.when((F.size(parts) == F.lit(2)) & (is_text | is_quoted), event_type)


def purchases(messages, observation):
    """The events that are purchases. The observation counts all events on the way."""
    return events(messages, observation).where(F.col("event_type") == PURCHASE)


def parsed(purchases, schema):
    """The purchases with timestamp as text, and event: the fields that the schema asks for, but of the game API's own
    events null. See `field`.
    """
    return purchases.select(
        "raw_event",
        F.col("timestamp").cast("string").alias("timestamp"),
        "is_own",
        F.when(~F.col("is_own"), F.from_json("raw_event", schema, STRICT)).alias("event"),
    )


def field(name):
    """A field of parsed purchases, or null."""
    return F.when(F.col("is_own"), _cut(name)).otherwise(F.col("event")[name])


def swords(purchases):
    """The purchases with the columns raw_event, timestamp, Accept, Host, User-Agent and event_type."""
    fields = [field(name).alias(name) for name in FIELDS]
    return parsed(purchases, SCHEMA).select("raw_event", "timestamp", *fields)


def first_swords(purchases, count):
    """The first ones of many purchases. Only these are parsed."""
    first = purchases.orderBy("timestamp").limit(count).coalesce(1)  # without it Spark parses before it limits
    return swords(first)


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
        seen, found = Observation(), Observation()
        names = F.array_distinct(F.flatten(F.collect_set(F.map_keys("event"))))
        table = parsed(purchases(messages, seen), ANY_FIELDS).observe(found, F.to_json(names).alias("fields"))
        table = table.select(*_values(columns(fields)))
        table.write.mode("overwrite").parquet(path)
        more = set(json.loads(found.get["fields"])) - fields
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
            yield F.coalesce(*map(field, fields)).alias(name)
