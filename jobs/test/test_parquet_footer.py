"""The front page counts what the jobs write by the files' footers alone."""

import pytest

from events import write_purchases
from home.parquet import read_footer


@pytest.fixture
def footers(spark, messages, tmp_path):
    def write(*values):
        write_purchases(messages(*values), str(tmp_path / "purchases"))
        files = sorted((tmp_path / "purchases").glob("*.parquet"))
        return [read_footer(file.read_bytes()[-16384:], "timestamp") for file in files]

    return write


def test_rows_and_the_youngest_purchase_stand_in_the_footers(footers):
    sword = '{"event_type": "purchase_sword", "Host": "a"}'
    found = footers(*[sword] * 3, '{"event_type": "default"}')
    assert sum(footer.rows for footer in found) == 3
    assert max(footer.largest for footer in found if footer.largest) == "2024-05-17 10:30:00.25"


def test_no_purchase_is_no_row(footers):
    found = footers('{"event_type": "default"}')
    assert sum(footer.rows for footer in found) == 0
    assert [footer.largest for footer in found if footer.largest] == []
