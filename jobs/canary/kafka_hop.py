"""Canary, hop 2 (in mids): finds the marked event on the canary's topic, once, with all its fields."""

import json
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from canary import fail, from_arguments
from lab import KAFKA

SECONDS = 15


def main():
    canary = from_arguments()
    # Assigned, not subscribed, and nothing committed: the broker never hears of a consumer group.
    consumer = Consumer({"bootstrap.servers": KAFKA, "group.id": "unused", "enable.auto.commit": False, "log_level": 0})
    try:
        values = read_all(consumer, canary.topic)
    except KafkaException as problem:
        fail(f"Kafka: topic {canary.topic} can't be read: {problem.args[0].str()}")
    finally:
        consumer.close()
    if len(values) != 1:
        fail(f"Kafka: expected one event on {canary.topic}, found {len(values)}: {values[:3]}")
    event = json.loads(values[0])
    differences = {name: event.get(name) for name, value in canary.event.items() if event.get(name) != value}
    if differences:
        fail(f"Kafka: the event on {canary.topic} is not the canary's: {differences}")
    print("Kafka: the event is on its topic, once")


def read_all(consumer, topic):
    deadline = time.monotonic() + SECONDS
    first, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=SECONDS)
    consumer.assign([TopicPartition(topic, 0, first)])
    values = []
    while len(values) < end - first and time.monotonic() < deadline:
        message = consumer.poll(1)
        if message and message.error():
            raise KafkaException(message.error())
        if message:
            values.append(message.value())
    return values


if __name__ == "__main__":
    main()
