"""The metastore's protocol, and which tables are made, replaced or a conflict: with a metastore that is a dict."""

import io
import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metastore
import metastore_part

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = {
    "bool": st.booleans(),
    "byte": st.integers(-128, 127),
    "i16": st.integers(-(2**15), 2**15 - 1),
    "i32": st.integers(-(2**31), 2**31 - 1),
    "i64": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "string": TEXT,
}


VALUES = st.sampled_from(sorted(PLAIN)).flatmap(lambda kind: st.tuples(st.just(kind), PLAIN[kind]))


def structs(depth):
    """Structs of any fields: plain values, lists and maps of them, and structs so many deep."""
    plain = VALUES.map(lambda typed: {typed[0]: typed[1]})
    lists = VALUES.map(lambda typed: {"list": {"of": typed[0], "items": [typed[1], typed[1]]}})
    maps = VALUES.map(lambda typed: {"map": {"of": ["string", typed[0]], "items": [["a", typed[1]], ["ü", typed[1]]]}})
    values = plain | lists | maps
    if depth:
        inner = structs(depth - 1)
        values |= inner.map(lambda one: {"struct": one}) | inner.map(
            lambda one: {"list": {"of": "struct", "items": [one]}}
        )
    return st.dictionaries(st.integers(1, 30).map(str), values, max_size=3)


@settings(deadline=None)
@given(structs(2))
def test_a_struct_comes_back_from_its_bytes_and_from_json(struct):
    data = io.BytesIO(metastore.encode_struct(json.loads(json.dumps(struct))))
    assert metastore.Reader(data.read).struct() == struct
    assert data.read() == b""


def table(name="t", location="/tmp/t", parameters=(), created=1):
    columns = [{"1": {"string": column}} for column in metastore_part.LABS_COLUMNS]
    return {
        "1": {"string": name},
        "2": {"string": "default"},
        "4": {"i32": created},
        "7": {"struct": {"1": {"list": {"of": "struct", "items": columns}}, "2": {"string": location}}},
        "9": {"map": {"of": ["string", "string"], "items": [list(item) for item in parameters]}},
    }


class FakeMetastore:
    def __init__(self, *tables):
        self.known = {metastore.get(one, 1): one for one in tables}

    def databases(self):
        return [{"1": {"string": "default"}}]

    def tables(self, database):
        return list(self.known)

    def table(self, database, name):
        if name not in self.known:
            raise metastore.NoSuchObject(name)
        return self.known[name]

    def create_table(self, made):
        self.known[metastore.get(made, 1)] = made

    def drop_table(self, database, name):
        del self.known[name]


@pytest.mark.parametrize(
    ("there", "saved", "conflicts"),
    [
        ([], [table()], 0),
        ([table(created=9, parameters=[("transient_lastDdlTime", "9")])], [table()], 0),
        ([table(location="/tmp/other")], [table()], 1),
        ([table("other")], [table()], 1),
        ([table("purchases2", "/tmp/purchases", [metastore_part.LABS_PARAMETER])], [table("purchases2", "/x")], 0),
        ([table("purchases2", "/tmp/purchases", [metastore_part.LABS_PARAMETER])], [], 0),
        ([table("purchases2", "/tmp/mine")], [table("purchases2", "/x")], 1),
        ([table("lab_canary_abcdef")], [], 0),
    ],
)
def test_tables_are_made_unless_a_student_has_another(monkeypatch, there, saved, conflicts):
    fake = FakeMetastore(*there)
    monkeypatch.setattr(metastore_part, "Metastore", lambda: fake)
    members = [("metastore/databases.json", [{"1": {"string": "default"}}])]
    members += [("metastore/default/x.json", {"table": one, "partitions": []}) for one in saved]
    results = []
    for write in (False, True, False):
        part = metastore_part.Restore(write)
        for name, value in members:
            part.member(SimpleNamespace(name=name), io.BytesIO(json.dumps(value).encode()))
        part.finish()
        results.append(part)
        assert len(part.conflicts) == conflicts
        if conflicts:
            return
    assert results[-1].missing == 0
