"""Kafka's broker, with what saving and restoring need of it; and events as they stand in an archive."""

import base64
import re
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource

from lab import KAFKA, fail

# Kafka's own, and the canary's.
LEFT_OUT = re.compile(r"__consumer_offsets|__transaction_state|lab-canary-[a-z0-9]{6,32}")
SECONDS = 30


class Broker:
    def __init__(self):
        self.admin = AdminClient({"bootstrap.servers": KAFKA, "log_level": 0})
        self._consumer = None

    def topics(self):
        """The students' topics: name to numbers of partitions."""
        found = self.admin.list_topics(timeout=SECONDS).topics
        return {name: sorted(found[name].partitions) for name in sorted(found) if not LEFT_OUT.fullmatch(name)}

    @property
    def consumer(self):
        # Assigned, not subscribed, and nothing committed: the broker never hears of a consumer group.
        self._consumer = self._consumer or Consumer(
            {
                "bootstrap.servers": KAFKA,
                "group.id": "unused",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "isolation.level": "read_uncommitted",
                "queued.max.messages.kbytes": 16384,
                "log_level": 0,
            }
        )
        return self._consumer

    def limits(self, topic, partition):
        """The first offset and the one after the last."""
        return self.consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=SECONDS)

    def events(self, topic, partition, first, end):
        """The events from one offset to before another, as they are in an archive."""
        self.consumer.assign([TopicPartition(topic, partition, first)])
        at, deadline = first, time.monotonic() + SECONDS
        while at < end:
            # Waits for all that it is asked for, unless the second is over.
            messages = self.consumer.consume(min(1000, end - at), timeout=1)
            if messages:
                deadline = time.monotonic() + SECONDS
            elif time.monotonic() > deadline:
                fail(f"Kafka: topic {topic} gives no event at offset {at} of {end} in {SECONDS} s")
            for message in messages:
                if message.error():
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        return
                    raise KafkaException(message.error())
                at = message.offset() + 1
                if at > end:
                    return
                yield to_json(message)

    def settings(self, topics):
        """The settings that were made for each topic."""
        resources = [ConfigResource(ConfigResource.Type.TOPIC, topic) for topic in topics]
        found = {}
        for resource, future in (self.admin.describe_configs(resources) if resources else {}).items():
            entries = future.result(SECONDS).values()
            own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
            found[resource.name] = {entry.name: entry.value for entry in entries if entry.source == own}
        return found

    def retention_ms(self):
        """How old events may get where their topic does not say."""
        broker = next(iter(self.admin.list_topics(timeout=SECONDS).brokers))
        resource = ConfigResource(ConfigResource.Type.BROKER, str(broker))
        found = self.admin.describe_configs([resource])[resource].result(SECONDS)
        for unit, milliseconds in (("ms", 1), ("minutes", 60_000), ("hours", 3_600_000)):
            if (entry := found.get(f"log.retention.{unit}")) and entry.value is not None:
                return int(entry.value) * milliseconds
        return -1

    def change_settings(self, topic, settings, without=()):
        entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in settings]
        entries += [ConfigEntry(name, None, incremental_operation=AlterConfigOpType.DELETE) for name in without]
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
        self.admin.incremental_alter_configs([resource])[resource].result(SECONDS)

    def delete_before(self, topic, partition, offset):
        place = TopicPartition(topic, partition, offset)
        self.admin.delete_records([place])[place].result(SECONDS)


def to_json(message):
    event = {"offset": message.offset(), "timestamp": message.timestamp()[1]}
    for name, value in (("key", message.key()), ("value", message.value())):
        if value is not None:
            event[name] = as_text(value)
    if message.headers():
        event["headers"] = [[name, None if value is None else as_text(value)] for name, value in message.headers()]
    return event


def as_text(data):
    """Text where it is some, so that people can read it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def as_bytes(value):
    if value is None:
        return None
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode()
