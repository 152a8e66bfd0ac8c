"""Events and purchases for the notebooks of this folder, where the exercise has not made any yet."""

import json
import sys
import time

sys.path.append("/w205/full-stack2")

from pyspark.errors import AnalysisException

from events import KAFKA, PURCHASES_PATH, TOPIC, messages, write_purchases

DEFAULT, PURCHASE = "default", "purchase_sword"


def send(spark, sent):
    """Puts events on the topic, and returns when Kafka has them. Each is: how many seconds ago, Host, event_type."""
    kafka = spark._jvm.org.apache.kafka
    settings = spark._jvm.java.util.HashMap()
    settings["bootstrap.servers"] = KAFKA
    text = kafka.common.serialization.StringSerializer()
    producer = kafka.clients.producer.KafkaProducer(settings, text, text)
    now = int(time.time() * 1000)
    for seconds_ago, host, event_type in sent:
        event = {"event_type": event_type, "Host": host, "User-Agent": "notebook", "Accept": "*/*"}
        time_ms = now - seconds_ago * 1000
        producer.send(kafka.clients.producer.ProducerRecord(TOPIC, None, time_ms, None, json.dumps(event)))
    producer.close()  # waits for what is under way


def ten_minutes():
    """What two players may do in ten minutes: they look around, and sometimes buy a sword."""
    for minute in range(10):
        for host, looks, swords in (
            ("user1.comcast.com", 2 + minute % 4, 1 + minute % 3),
            ("user2.att.com", 1 + minute % 3, minute % 2),
        ):
            for event_type, times in (DEFAULT, looks), (PURCHASE, swords):
                yield from [((10 - minute) * 60, host, event_type)] * times


def need_events(spark):
    """Sees to it that there is a purchase on the topic."""
    event_type = "get_json_object(cast(value as string), '$.event_type')"
    if not messages(spark).where(f"{event_type} = '{PURCHASE}'").count():
        sample = list(ten_minutes())
        send(spark, sample)
        print(f"The topic had no purchases: {len(sample)} sample events were sent.")


def need_purchases(spark):
    """Sees to it that there are purchases in HDFS."""
    try:
        found = spark.read.parquet(PURCHASES_PATH).count()
    except AnalysisException:  # no such folder, or nothing in it
        found = 0
    if not found:
        need_events(spark)
        write_purchases(messages(spark), PURCHASES_PATH)


def need_table(spark):
    """Sees to it that there is the table `purchases`, with purchases in it."""
    if not spark.catalog.tableExists("default.purchases"):
        need_purchases(spark)
        columns = ", ".join(f"`{name}` string" for name in spark.read.parquet(PURCHASES_PATH).columns)
        spark.sql(f"create external table default.purchases ({columns}) stored as parquet location '{PURCHASES_PATH}'")
    need_purchases(spark)
