"""Kafka's events come back at their offsets, and what differs is a conflict: with a broker that is a list."""

import io
import json
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kafka_broker
import kafka_part


class FakeBroker:
    """Topics in memory: one partition each, a list of events with their offsets, the first offset and the next."""

    def __init__(self, events=(), first=0, end=0):
        self.log, self.first, self.end = list(events), first, end
        self.changed = []

    def topics(self):
        return {"events": [0]}

    def limits(self, topic, partition):
        return self.first, self.end

    def events(self, topic, partition, first, end):
        yield from [event for event in self.log if first <= event["offset"] < end]

    def settings(self, topics):
        return {topic: {} for topic in topics}

    def change_settings(self, topic, settings, without=()):
        self.changed.append((dict(settings), set(without)))

    def retention_ms(self):
        return 30 * kafka_part.DAY_MS

    def delete_before(self, topic, partition, offset):
        self.first = offset
        self.log = [event for event in self.log if event["offset"] >= offset]


@pytest.fixture
def kafka(monkeypatch):
    """Restores events into a broker, whose topic is `broker.log`."""
    now = int(kafka_part.time.time() * 1000)

    def event(offset, value="x", **more):
        return {"offset": offset, "timestamp": now, "value": value, **more}

    def restore(broker, events, first, end, *, write=True, stop_after=None, settings=None):
        monkeypatch.setattr(kafka_part, "Broker", lambda: broker)

        def produce(partition, key, value, timestamp, headers):
            if stop_after is not None and broker.end >= stop_after:
                raise KeyboardInterrupt
            made = {"offset": broker.end, "timestamp": timestamp or now}
            made |= {
                name: kafka_broker.as_text(data) for name, data in (("key", key), ("value", value)) if data is not None
            }
            broker.log.append(made)
            broker.end += 1
            partition._at += 1

        monkeypatch.setattr(kafka_part.Partition, "_produce", produce)
        part = kafka_part.Restore(write)
        known = {"events": {"partitions": {"0": [first, end]}, "settings": settings or {}}}
        part.member(SimpleNamespace(name="kafka/topics.json"), io.BytesIO(json.dumps(known).encode()))
        for one in events:
            chunk = SimpleNamespace(name=f"kafka/events/0/{one['offset']:020}.jsonl")
            part.member(chunk, [json.dumps(one).encode()])
        part.finish()
        return part

    return SimpleNamespace(event=event, restore=restore)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # it keeps nothing from one to the next
@given(st.sets(st.integers(0, 30)), st.integers(0, 5), st.integers(0, 40))
def test_events_come_back_at_their_offsets_also_after_a_restore_that_was_cut_off(kafka, offsets, after, stop):
    events = [kafka.event(offset, f"v{offset}") for offset in sorted(offsets)]
    first = min(offsets, default=after)
    end = max(offsets, default=after - 1) + 1 + after
    broker = FakeBroker()
    try:
        kafka.restore(broker, events, first, end, stop_after=stop)
    except KeyboardInterrupt:
        assert kafka.restore(broker, events, first, end, write=False).conflicts == []
    part = kafka.restore(broker, events, first, end)
    assert part.conflicts == []
    assert (broker.first, broker.end) == (first, end)
    assert [event for event in broker.log if not kafka_part.is_filler(event)] == events
    assert all(first <= event["offset"] < end for event in broker.log)
    again = kafka.restore(broker, events, first, end, write=False)
    assert (again.conflicts, again.missing) == ([], 0)


def test_a_topic_with_other_or_more_events_is_a_conflict_and_is_not_touched(kafka):
    events = [kafka.event(0), kafka.event(1)]
    other = FakeBroker([kafka.event(0, "other")], 0, 1)
    assert "event at offset 0 is not the archive's" in kafka.restore(other, events, 0, 2, write=False).conflicts[0]
    more = FakeBroker([*events, kafka.event(2)], 0, 3)
    assert kafka.restore(more, events, 0, 2, write=False).conflicts == [
        "Kafka: topic events has 1 events after the archive's last"
    ]


def test_events_older_than_their_topic_keeps_them_are_not_deleted_at_once(kafka):
    broker = FakeBroker()
    old = kafka.event(0) | {"timestamp": 1_000_000_000_000}
    part = kafka.restore(broker, [old], 0, 1)
    assert "older than it keeps any (30 days)" in part.said[0]
    assert broker.changed[-1][0] == {"retention.ms": "-1"}
    fresh = FakeBroker()
    assert kafka.restore(fresh, [kafka.event(0)], 0, 1, settings={"max.message.bytes": "9"}).said == []
    assert fresh.changed[-1] == ({"max.message.bytes": "9"}, set(kafka_part.LAST_SETTINGS))


@given(st.none() | st.binary())
def test_keys_and_values_of_any_bytes_come_back(data):
    assert kafka_broker.as_bytes(json.loads(json.dumps(None if data is None else kafka_broker.as_text(data)))) == data
