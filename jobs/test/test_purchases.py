"""The table of purchases: its columns, its values, and that it can be written at any time."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import events as jobs

FIVE = ["Accept", "Host", "User-Agent", "event_type", "timestamp"]


def purchase(**fields):
    return json.dumps({"event_type": "purchase_sword", **fields})


@pytest.fixture
def written(spark, messages, tmp_path, capsys):
    """Writes purchases from messages; gives the rows as dicts, the columns, and what was printed."""

    def write(*values):
        columns = jobs.write_purchases(messages(*values), str(tmp_path / "purchases"))
        table = spark.read.parquet(str(tmp_path / "purchases"))
        assert table.columns == columns
        assert {kind for _, kind in table.dtypes} == {"string"}
        return [row.asDict() for row in table.collect()], columns, capsys.readouterr().out

    return write


def test_the_five_columns_are_there_even_without_any_event(written):
    rows, columns, printed = written()
    assert (rows, columns) == ([], FIVE)
    assert "0 messages, 0 of them purchases; left out: 0 events" in printed


def test_a_column_for_each_header_then_the_others_by_name(written):
    headers = {"Host": "h", "User-Agent": "ab", "Accept": "*/*", "X-b": "2", "Accept-Language": "de"}
    rows, columns, _ = written(purchase(**headers), purchase(Cookie="c"))
    assert columns == [*FIVE, "Accept-Language", "Cookie", "X-b"]
    full = {**headers, "event_type": "purchase_sword", "timestamp": "2024-05-17 10:30:00.25", "Cookie": None}
    assert full in rows
    assert [row["Cookie"] for row in rows if row != full] == ["c"]


def test_the_game_apis_own_events_among_others(written):
    own = {"Host": "h", "User-Agent": "ab", "Accept": ""}
    rows, columns, _ = written(purchase(**own), purchase(**own, X="1"), purchase(Host='"'))
    assert columns == [*FIVE, "X"]
    assert {tuple(row[name] for name in ("Host", "User-Agent", "Accept", "X")) for row in rows} == {
        ("h", "ab", "", None),
        ("h", "ab", "", "1"),
        ('"', None, None, None),
    }


def test_fields_of_other_events_make_no_column(written):
    rows, columns, printed = written('{"event_type": "default", "Extra": 1}', "rubbish", None, purchase())
    assert columns == FIVE
    assert len(rows) == 1
    assert "4 messages, 1 of them purchases; left out: 2 events" in printed


def test_names_that_differ_by_case_share_a_column(written):
    rows, columns, _ = written(purchase(host="small"), purchase(Host="big", HOST="other"), purchase(xA="1", XA="2"))
    assert columns == [*FIVE, "XA"]
    assert sorted(row["Host"] or "" for row in rows) == ["", "big", "small"]
    assert "2" in [row["XA"] for row in rows]


def test_kafkas_timestamp_is_never_replaced(written):
    rows, columns, _ = written(purchase(timestamp="1970", Timestamp="1971"))
    assert columns == FIVE
    assert rows[0]["timestamp"].startswith("2024")


def test_nested_values_are_their_json(written):
    rows, columns, _ = written(purchase(Host={"a": [1, None, "x"]}, n=5, t=True, z=None))
    assert (rows[0]["Host"], rows[0]["n"], rows[0]["t"], rows[0]["z"]) == (
        '{"a":[1,null,"x"]}',
        "5",
        "true",
        None,
    )
    assert columns == [*FIVE, "n", "t", "z"]


def test_fields_with_impossible_names_are_left_out_and_said(written):
    _, columns, printed = written(purchase(**{"": 1, "a b": 1, "a,b": 1, "ä": 1, "a.b": 1, "`": 1, "ok_1-x": 1}))
    assert columns == [*FIVE, "ok_1-x"]
    assert "left out: fields with names that a Hive table can't hold: ['', '`', 'a b', 'a,b', 'a.b', 'ä']" in printed


def test_a_second_run_replaces_the_first(written):
    assert written(purchase(Host="h", X="1"))[1] == [*FIVE, "X"]
    rows, columns, _ = written(purchase(Host="h"), purchase(Host="i"))
    assert columns == FIVE
    assert sorted(row["Host"] for row in rows) == ["h", "i"]


def test_hundreds_of_fields(written):
    rows, columns, _ = written(*[purchase(**{f"f{n}-{i}": i for i in range(30)}) for n in range(10)])
    assert len(columns) == len(FIVE) + 300
    assert len(rows) == 10


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=12) | st.sampled_from(["HOST", "accept", "TimeStamp", "user-agent", "x", "X"])))
def test_columns_are_what_hive_can_hold(fields):
    columns = jobs.columns(fields)
    assert list(columns)[:5] == FIVE
    assert list(columns)[5:] == sorted(list(columns)[5:])
    assert all(jobs.COLUMN_NAME.fullmatch(name) for name in columns)
    assert len({name.lower() for name in columns}) == len(columns)
    held = [field for same in columns.values() for field in same]
    assert sorted(held) == sorted({*FIVE, *(field for field in fields if jobs.COLUMN_NAME.fullmatch(field))})
