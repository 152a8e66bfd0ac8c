"""What a check sees: rows by a parquet file's footer, events by type and host, what a student has changed in /w205."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import look_at_data
import parquet


@pytest.fixture(scope="module")
def parquet_file(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet") / "rows"
    names = ", ".join(f"'{n}' as c{n}" for n in range(20))
    spark.sql(f"select id, id % 2 = 0 as even, {names} from range(37)").coalesce(1).write.parquet(str(folder))
    return next(folder.glob("*.parquet")).read_bytes()


def read_from(data):
    return lambda offset, length: data[offset : offset + length]


def test_rows_of_a_parquet_file_that_spark_wrote(parquet_file):
    assert parquet.rows(len(parquet_file), read_from(parquet_file)) == 37


@given(st.data())
def test_a_broken_file_is_told_from_a_whole_one_and_never_breaks_the_check(parquet_file, data):
    cut = parquet_file[: data.draw(st.integers(0, len(parquet_file) - 1))]
    with pytest.raises(ValueError, match="parquet|footer"):
        parquet.rows(len(cut), read_from(cut))
    at = data.draw(st.integers(len(parquet_file) - 400, len(parquet_file) - 1))
    flipped = bytearray(parquet_file)
    flipped[at] ^= data.draw(st.integers(1, 255))
    try:
        parquet.rows(len(flipped), read_from(bytes(flipped)))
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'{"event_type": "default", "Host": "a"}', ("default", "a")),
        (b'{"event_type": "default"}', ("default", None)),
        (b'{"event_type": "default", "Host": 7}', ("default", None)),
        (b'{"event_type": 7, "Host": "a"}', (None, None)),
        (b'{"Host": "a"}', (None, None)),
        (b"[1]", (None, None)),
        (b'"text"', (None, None)),
        (b"not json", (None, None)),
        (b"\xff", (None, None)),
        (None, (None, None)),
    ],
)
def test_kind_and_host_of_whatever_is_on_the_topic(value, expected):
    assert look_at_data.kind_and_host(value) == expected


def test_a_long_topic_is_looked_at_from_both_ends():
    assert look_at_data.ranges(5, 5, 10) == []
    assert look_at_data.ranges(5, 25, 10) == [(5, 25)]
    assert look_at_data.ranges(5, 1000, 10) == [(5, 15), (990, 1000)]


def test_what_a_student_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(look_at_data, "STUDENT_FOLDER", str(tmp_path))
    for name, text in {
        "full-stack2/job.py": "mine",
        "full-stack2/same.py": "lab's",
        "notes.md": "my notes",
        "run.ipynb": json.dumps({"cells": [{"cell_type": "code", "execution_count": 3}]}),
        "fresh.ipynb": json.dumps({"cells": [{"cell_type": "code", "execution_count": None}]}),
        "broken.ipynb": "{",
        ".git/config": "hidden",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    known = [hashlib.sha256(b"lab's").hexdigest()]
    (tmp_path / ".lab").mkdir()
    originals = {"full-stack2/job.py": known, "full-stack2/same.py": known, "full-stack2/gone.py": known}
    (tmp_path / ".lab/installed.json").write_text(json.dumps({"originals": originals}))
    assert look_at_data.student_folder() == {
        "edited": ["full-stack2/job.py"],
        "own": 4,
        "missing": ["full-stack2/gone.py"],
        "notebooks": ["run.ipynb"],
    }
