"""Kafka's topics: saved with their settings and every event, compared with an archive's, and put back.

Events come back at their old offsets, since streams' checkpoints and consumer groups count by them. Where offsets are
missing (retention has cut the beginning, a topic was compacted, a transaction has ended), fillers take their places:
empty events with the key `lab-restore-filler`. Those before a topic's first event are deleted again; those between
events stay, and are told.
"""

import json
import time

from confluent_kafka import Producer
from confluent_kafka.admin import NewPartitions, NewTopic

from kafka_broker import SECONDS, Broker, as_bytes
from lab import KAFKA, fail

FILLER = b"lab-restore-filler"
CHUNK = 4 << 20
# While events are put back, none may be refused, cut off, or get another time.
OPEN_SETTINGS = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
KEPT_FOR_EVER = {"retention.ms": "-1"}
DAY_MS = 24 * 3_600_000
LAST_SETTINGS = (*OPEN_SETTINGS, "message.timestamp.type")


def save(writer):
    broker = Broker()
    part = writer.part("kafka")
    topics = broker.topics()
    settings = broker.settings(topics)
    limits = {
        topic: {str(number): broker.limits(topic, number) for number in numbers} for topic, numbers in topics.items()
    }
    known = {topic: {"partitions": limits[topic], "settings": settings[topic]} for topic in topics}
    part.count(topics=len(topics), events=0)
    writer.text("kafka/topics.json", json.dumps(known, indent=1).encode())
    for topic, partitions in limits.items():
        for number, (first, end) in partitions.items():
            for offset, lines in chunks(broker.events(topic, int(number), first, end)):
                writer.text(f"kafka/{topic}/{number}/{offset:020}.jsonl", b"".join(lines))
                part.count(events=len(lines))


def chunks(events):
    """The events as lines, some MiB of them at a time, with the offset of the first."""
    lines, size = [], 0
    for event in events:
        if not lines:
            start = event["offset"]
        lines.append(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        size += len(lines[-1])
        if size >= CHUNK:
            yield start, lines
            lines, size = [], 0
    if lines:
        yield start, lines


class Restore:
    """Compares the topics of an archive with the broker's, and goes on where one ends. What differs is a conflict."""

    def __init__(self, write):
        self.broker = Broker()
        self.write = write
        self.conflicts, self.missing, self.same = [], 0, 0
        self.said = []
        self._topics = {}
        self._oldest = {}
        self._begun = set()
        self._there = self.broker.topics()
        self._partition = None

    def member(self, member, content):
        if member.name == "kafka/topics.json":
            self._topics = json.load(content)
            for topic, known in self._topics.items():
                self._topic(topic, known["partitions"])
            return
        _, topic, number, _ = member.name.split("/")
        if self._partition is None or self._partition.place != (topic, int(number)):
            self._end_partition()
            self._partition = self._begin(topic, number)
        for event in content:
            self._partition.event(json.loads(event))

    def _topic(self, topic, partitions):
        """The topic itself, with its partitions; `_there` then says which of them have to be looked at."""
        numbers = self._there.get(topic, [])
        more = [number for number in numbers if str(number) not in partitions]
        if self._events(topic, more):
            self.conflicts.append(
                f"Kafka: topic {topic} has {len(numbers)} partitions, {len(partitions)} in the archive"
            )
        elif len(numbers) < len(partitions):
            self.missing += 1
            if self.write:
                self._make(topic, len(numbers), len(partitions))
                self._there[topic] = list(range(len(partitions)))
        if self.write:
            settings = OPEN_SETTINGS | {
                name: value for name, value in self._topics[topic]["settings"].items() if name not in LAST_SETTINGS
            }
            self.broker.change_settings(topic, settings.items(), ["message.timestamp.type"])

    def _events(self, topic, numbers):
        return sum(end - first for first, end in (self.broker.limits(topic, number) for number in numbers))

    def _make(self, topic, found, wanted):
        admin = self.broker.admin
        if found == 0:
            futures = admin.create_topics([NewTopic(topic, num_partitions=wanted, replication_factor=1)])
        else:
            futures = admin.create_partitions([NewPartitions(topic, wanted)])
        futures[topic].result(SECONDS)
        for _ in range(100):  # a client hears of it a little later
            if len(self.broker.topics().get(topic, [])) >= wanted:
                return
            time.sleep(0.1)
        fail(f"Kafka: topic {topic} was made, and is not there")

    def limits(self, topic, partition):
        """None where there is no such partition yet."""
        return self.broker.limits(topic, partition) if partition in self._there.get(topic, []) else None

    def _begin(self, topic, number):
        self._begun.add((topic, number))
        first, end = self._topics[topic]["partitions"][number]
        return Partition(self, topic, int(number), first, end)

    def _end_partition(self):
        if self._partition:
            self._partition.finish()
            self._partition = None

    def finish(self):
        self._end_partition()
        for topic, known in self._topics.items():
            for number in known["partitions"]:
                # One without an event: its offsets count nevertheless.
                if (topic, number) not in self._begun:
                    self._begin(topic, number).finish()
        for topic, numbers in self._there.items():
            if topic not in self._topics:
                count = self._events(topic, numbers)
                if count:
                    self.conflicts.append(f"Kafka: topic {topic} has {count} events, and is not in the archive")
        found = self.broker.settings([topic for topic in self._topics if topic in self._there])
        for topic, known in self._topics.items():
            if self.write:
                settings = self._lasting(topic, known["settings"])
                self.broker.change_settings(topic, settings.items(), {*LAST_SETTINGS, *found[topic]} - set(settings))
            elif topic in found and found[topic] not in (known["settings"], known["settings"] | KEPT_FOR_EVER):
                self.missing += 1

    def seen(self, topic, event):
        """An event's time: what is older than a topic keeps would be deleted as soon as it is back."""
        if event["timestamp"] >= 0:
            self._oldest[topic] = min(event["timestamp"], self._oldest.get(topic, event["timestamp"]))

    def _lasting(self, topic, settings):
        """The saved settings, unless they would delete events at once."""
        keeps = int(settings["retention.ms"]) if "retention.ms" in settings else self.broker.retention_ms()
        oldest = self._oldest.get(topic)
        # A day to spare: a restore that loses its events the same evening is none.
        if "delete" not in settings.get("cleanup.policy", "delete") or keeps < 0 or oldest is None:
            return settings
        if oldest > time.time() * 1000 - keeps + DAY_MS:
            return settings
        self.said.append(
            f"Kafka: topic {topic} has events that are older than it keeps any ({keeps / DAY_MS:.3g} days): it now "
            "keeps them for ever (retention.ms=-1)"
        )
        return settings | KEPT_FOR_EVER


class Partition:
    """One partition's events, as they come from the archive, beside those that the broker has."""

    def __init__(self, restore, topic, number, first, end):
        self.place = topic, number
        self._restore = restore
        self._first, self._end = first, end
        limits = restore.limits(topic, number)
        self._start, self._next = limits or (0, 0)
        self._differs = self._next > end
        if self._differs:
            restore.conflicts.append(
                f"Kafka: topic {topic} has {self._next - end} events after the archive's last"
                if self._start < end
                else f"Kafka: topic {topic} begins after the archive's last event"
            )
        self._had = iter(restore.broker.events(topic, number, self._start, self._next))
        self._at = self._next  # the next offset to write
        self._gaps = 0
        self._producer = None

    def event(self, event):
        self._restore.seen(self.place[0], event)
        if self._differs:
            return
        if event["offset"] < self._next:
            self._compare(event)
            return
        if event["offset"] >= self._first:
            self._restore.missing += 1
        if self._restore.write:
            self._fill(event["offset"])
            self._send(event)

    def _compare(self, event):
        """The broker's next event; fillers before it are those of a restore."""
        for there in self._had:
            if there["offset"] < event["offset"] and is_filler(there):
                continue
            if there == event:
                self._restore.same += 1
                return
            break
        self._differs = True
        topic, number = self.place
        self._restore.conflicts.append(
            f"Kafka: topic {topic}, partition {number}: the event at offset {event['offset']} is not the archive's"
        )

    def _fill(self, until):
        """Fillers in place of the offsets that are missing."""
        self._gaps += max(0, until - max(self._at, self._first))
        while self._at < until:
            self._produce(FILLER, None, None, None)

    def _send(self, event):
        headers = [(name, as_bytes(value)) for name, value in event.get("headers", [])]
        self._produce(as_bytes(event.get("key")), as_bytes(event.get("value")), event["timestamp"], headers)

    def _produce(self, key, value, timestamp, headers):
        self._producer = self._producer or Producer(
            {"bootstrap.servers": KAFKA, "enable.idempotence": True, "linger.ms": 20, "log_level": 0}
        )
        more = {} if timestamp is None or timestamp < 0 else {"timestamp": timestamp}
        topic, number = self.place
        while True:
            try:
                self._producer.produce(
                    topic, value=value, key=key, partition=number, headers=headers, on_delivery=self._delivered, **more
                )
                break
            except BufferError:
                self._producer.poll(1)
        self._at += 1
        self._producer.poll(0)

    def _delivered(self, error, message):
        if error:
            fail(f"Kafka: topic {self.place[0]} did not take an event: {error}")

    def finish(self):
        if self._differs:
            return
        topic, number = self.place
        if self._restore.write:
            self._fill(self._end)
            if self._producer and self._producer.flush(SECONDS):
                fail(f"Kafka: topic {topic} did not take all events in {SECONDS} s")
            if self._first > 0 and self._start < self._first:
                self._restore.broker.delete_before(topic, number, self._first)
            if self._gaps:
                self._restore.said.append(
                    f"Kafka: topic {topic}, partition {number}: {self._gaps} offsets had no event; empty ones with the "
                    f"key {FILLER.decode()} are there now, so that all others are where they were"
                )
        elif (self._start, self._next) != (self._first, self._end):
            self._restore.missing += 1


def is_filler(event):
    return event.get("key") == FILLER.decode() and "value" not in event


def clear():
    """Deletes the students' topics."""
    broker = Broker()
    topics = list(broker.topics())
    for future in (broker.admin.delete_topics(topics, operation_timeout=SECONDS) if topics else {}).values():
        future.result(SECONDS + 5)
    while broker.topics():
        time.sleep(0.1)
