"""Which messages are events, and what the jobs make of them."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import Observation

import events as jobs

PURCHASE = '{"event_type": "purchase_sword", "Host": "user1.comcast.com", "User-Agent": "ab", "Accept": "*/*"}'
NO_EVENTS = [
    None,
    b"",
    b"   ",
    b"no json",
    b"null",
    b'"purchase_sword"',
    b"5",
    b"[]",
    b'[{"event_type": "purchase_sword"}]',
    b"{}",
    b'{"Host": "h"}',
    b'{"event_type": null}',
    b'{"event_type": 5}',
    b'{"event_type": true}',
    b'{"event_type": NaN}',
    b'{"event_type": {"a": "purchase_sword"}}',
    b'{"event_type": ["purchase_sword"]}',
    b'{"event_type": "purchase_sword"',
    b'{"event_type": "purchase_sword"} and more',
    b'{"event_type": "purchase_sword"}{"event_type": "purchase_sword"}',
    b'{"event_type": "purchase_sword"},{"event_type": "purchase_sword"}',
    b'{"event_type": "purchase_sword"}]',
    b"{'event_type': 'purchase_sword'}",
    b'{"event_type": "purchase_sword",}',
    b'{"event_type": "purchase\nsword"}',
    b"\xff\xfe\x00",
    b'{"event_type": "q", "a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
]


def counted(frame, schema):
    seen = Observation()
    rows = jobs.parsed(jobs.purchases(frame, seen), schema).collect()
    return rows, seen.get


@pytest.mark.parametrize("schema", [jobs.SCHEMA, jobs.ANY_FIELDS], ids=["schema", "any fields"])
def test_only_json_objects_with_a_text_as_event_type_are_events(messages, schema):
    others = [
        '{"event_type": "default"}',
        '{"event_type": "5"}',
        '{"event_type": "true"}',
        '{"event_type": ""}',
    ]
    rows, seen = counted(messages(PURCHASE, *NO_EVENTS, *others), schema)
    assert [row["raw_event"] for row in rows] == [PURCHASE]
    assert (seen["messages"], seen["left_out"], seen["purchases"]) == (len(NO_EVENTS) + 5, len(NO_EVENTS), 1)


@pytest.mark.parametrize("value", NO_EVENTS, ids=lambda value: repr(value)[:50])
def test_the_model_of_the_property_tests_says_the_same(value):
    assert event_type(value) is None


def test_bytes_that_are_no_utf8_spoil_neither_the_event_nor_the_output(messages):
    own = b'{"event_type": "purchase_sword", "Host": "caf\xe9"}'
    seen = Observation()
    rows = jobs.swords(jobs.purchases(messages(own, own.replace(b": ", b":")), seen)).collect()
    assert [row["Host"] for row in rows] == ["caf\ufffd", "caf\ufffd"]
    assert seen.get["left_out"] == 0


def test_sword_purchases_have_the_columns_of_the_schema(messages):
    both = messages(PURCHASE, '{"event_type": "purchase_sword", "x": 1}')
    swords = jobs.swords(jobs.purchases(both, Observation()))
    assert swords.columns == ["raw_event", "timestamp", "Accept", "Host", "User-Agent", "event_type"]
    assert {kind for _, kind in swords.dtypes} == {"string"}
    full, bare = [tuple(row) for row in swords.collect()]
    assert full == (PURCHASE, "2024-05-17 10:30:00.25", "*/*", "user1.comcast.com", "ab", "purchase_sword")
    assert bare[2:] == (None, None, None, "purchase_sword")


def test_of_the_first_purchases_all_events_are_read_once_and_no_other_is_parsed(spark, messages):
    seen = Observation()
    first = jobs.first_swords(jobs.purchases(messages(*[PURCHASE] * 30, "rubbish").repartition(3), seen), 10)
    plan = first._jdf.queryExecution().executedPlan().toString()
    behind, _, before = plan.partition("TakeOrderedAndProject")
    assert "cast(timestamp" in behind
    assert "cast(timestamp" not in before
    assert first.count() == 10
    assert seen.get == {"messages": 31, "left_out": 1, "purchases": 30}


def test_the_summary_says_what_was_left_out():
    text = jobs.summary({"messages": 43, "purchases": 20, "left_out": 3})
    assert text.startswith("43 messages, 20 of them purchases; left out: 3 events ")


def event_type(value):
    """What Python makes of a message: its event_type, or None where it is no event."""
    try:
        event = json.loads((value or b"").decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    found = event.get("event_type") if isinstance(event, dict) else None
    return found if isinstance(found, str) else None


# UTF-16 surrogates can't be sent as UTF-8
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)
TYPES = st.sampled_from(["purchase_sword", "default", "5", "true", "[", '{"', "NaN", " purchase_sword"]) | VALUE
EVENT = st.builds(lambda fields, kind: {**fields, "event_type": kind}, st.dictionaries(TEXT, VALUE, max_size=4), TYPES)
JSON = (EVENT | VALUE).map(lambda value: json.dumps(value).encode())
BROKEN = st.builds(
    lambda whole, cut, tail: whole[: len(whole) - cut] + tail,
    JSON,
    st.integers(0, 3),
    st.sampled_from([b"", b" ", b"x", b"}", b"]", b"{}", b",", b"\x00", b"\xc3"]),
)
MANY = st.lists(st.none() | st.binary(max_size=20) | JSON | BROKEN, min_size=40, max_size=120)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(MANY)
def test_whatever_lies_on_the_topic_is_counted_as_python_would(messages, values):
    kinds = [event_type(value) for value in values]
    for schema in (jobs.SCHEMA, jobs.ANY_FIELDS):
        rows, seen = counted(messages(*values), schema)
        assert seen["messages"] == len(values)
        assert seen["left_out"] == kinds.count(None)
        assert len(rows) == seen["purchases"] == kinds.count(jobs.PURCHASE)


# As the game API makes them and nearly so: what is in a field may look like another field, or have to be escaped.
PIECE = st.sampled_from(['"', ": ", ", ", "Host", "event_type", "\\", "a", "ä", "\x7f", "\n", "{}"])
HEADER = st.lists(PIECE, max_size=7).map("".join)
SIMILAR = st.builds(
    lambda fields, order, separators, ascii_only: json.dumps(
        {name: fields[name] for name in order if name in fields}, separators=separators, ensure_ascii=ascii_only
    ).encode(),
    st.fixed_dictionaries(
        {"event_type": st.just(jobs.PURCHASE)},
        optional=dict.fromkeys(("Host", "Accept", "User-Agent", "X", "Host: "), HEADER),
    ),
    st.permutations(["event_type", "Host", "Accept", "User-Agent", "X", "Host: "]),
    st.sampled_from([(", ", ": "), (", ", ": "), (",", ":"), (", ", ":"), (" , ", ": ")]),
    st.booleans(),
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(SIMILAR, min_size=60, max_size=120))
def test_a_purchases_fields_are_what_python_reads(messages, values):
    rows = jobs.swords(jobs.purchases(messages(*values), Observation())).collect()
    read = [json.loads(value) for value in values]
    assert [[row[name] for name in jobs.FIELDS] for row in rows] == [
        [event.get(name) for name in jobs.FIELDS] for event in read
    ]


def test_the_game_apis_own_events_are_told_from_others(messages):
    own = json.loads(PURCHASE)
    others = [{**own, "X": "1"}, {**own, "Host": 5}, {**own, "Host": "\\"}, {**own, "Host": '"'}, [own], {}]
    frame = jobs.events(messages(PURCHASE, *map(json.dumps, others), PURCHASE.replace(": ", ":")), Observation())
    assert [row["is_own"] for row in frame.collect()] == [True, *[False] * 7]
