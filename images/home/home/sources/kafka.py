"""Kafka, by its own client; and since when its broker is registered, by ZooKeeper."""

import asyncio
import json
import logging
import time
from collections import deque

from confluent_kafka import Consumer, KafkaException, TopicPartition
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError

from home.reading import SECONDS, Down, Reading, ask

TOPIC = "events"
INTERNAL = "__"
CANARY = "lab-canary-"
RATE_SECONDS = 10
REGISTRATION_SECONDS = 60
logging.getLogger("kazoo").setLevel(logging.CRITICAL)


class Kafka:
    def __init__(self, address, zookeeper):
        self.address = address
        self.zookeeper = zookeeper
        self.rate = Rate()
        self._consumer = None
        self._registered = (0.0, None)

    async def look(self):
        # The client would wait for its time-out, and has no word for a container that does not run.
        try:
            await ask(self.address, b"", size=0)
            return await asyncio.to_thread(self._look)
        except Down:
            self._registered = (0.0, None)
            raise

    async def read_until(self, milliseconds):
        """How many of the topic's events came up to a time: all that a job can have read that has read one of then."""
        return await asyncio.to_thread(self._read_until, milliseconds)

    def _look(self):
        try:
            topics = self._client().list_topics(timeout=SECONDS).topics
            ranges = [self._range(partition) for partition in topics[TOPIC].partitions] if TOPIC in topics else []
        except KafkaException as problem:
            raise Down(f"{self.address} does not answer as a broker: {problem.args[0].str()}") from None
        begin, end = sum(low for low, _ in ranges), sum(high for _, high in ranges)
        names = [name for name in topics if not name.startswith((INTERNAL, CANARY))]
        return Reading(
            {
                "topics": len(names),
                "events": end - begin,
                "end": end,
                "perSecond": self.rate.take(time.monotonic(), end),
            },
            up_since=self._registration(),
        )

    def _client(self):
        if self._consumer is None:
            # Assigned to nothing and committing nothing: the broker never hears of a consumer group.
            self._consumer = Consumer(
                {
                    "bootstrap.servers": str(self.address),
                    "group.id": "unused",
                    "enable.auto.commit": False,
                    "socket.timeout.ms": int(SECONDS * 1000),
                    "reconnect.backoff.max.ms": 2000,
                    "log_level": 0,
                },
                logger=logging.getLogger("librdkafka"),
            )
        return self._consumer

    def _range(self, partition):
        return self._client().get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=SECONDS)

    def _read_until(self, milliseconds):
        try:
            partitions = self._client().list_topics(TOPIC, timeout=SECONDS).topics[TOPIC].partitions
            after = [TopicPartition(TOPIC, partition, milliseconds + 1) for partition in partitions]
            found = self._client().offsets_for_times(after, timeout=SECONDS)
            # No later event: all that there are.
            return sum(part.offset if part.offset >= 0 else self._range(part.partition)[1] for part in found)
        except KafkaException as problem:
            raise Down(problem.args[0].str()) from None

    def _registration(self):
        """When the broker registered itself, in seconds. Asked rarely: each time is a session for ZooKeeper."""
        asked, registered = self._registered
        if time.monotonic() - asked < REGISTRATION_SECONDS and registered:
            return registered
        client = KazooClient(str(self.zookeeper), timeout=SECONDS, read_only=True)
        try:
            client.start(timeout=SECONDS)
            brokers = client.get_children("/brokers/ids")
            times = [int(json.loads(client.get(f"/brokers/ids/{broker}")[0])["timestamp"]) for broker in brokers]
            registered = max(times) / 1000 if times else None
        except (KazooException, KazooTimeoutError, OSError, ValueError, KeyError):
            registered = None  # not known while ZooKeeper is away: Kafka itself may be well
        finally:
            client.stop()
            client.close()
        self._registered = (time.monotonic(), registered)
        return registered


class Rate:
    """Events a second, from the topic's end at the last looks."""

    def __init__(self):
        self._ends = deque()

    def take(self, now, end):
        """Notes the end and gives the rate since about ten seconds ago, or None when there is nothing to compare."""
        if self._ends and end < self._ends[-1][1]:
            self._ends.clear()  # another topic of the same name
        self._ends.append((now, end))
        while len(self._ends) > 2 and now - self._ends[1][0] >= RATE_SECONDS:  # noqa: PLR2004
            self._ends.popleft()
        then, before = self._ends[0]
        return (end - before) / (now - then) if now > then else None
