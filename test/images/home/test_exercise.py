"""What to type next."""

import pytest

from home.exercise import steps
from home.watch import Service

COMMANDS = {f"{number:02} step": f"type {number}" for number in range(1, 13)}
RUNNING = {"mids": {"gameApi": True}}
EVENTS = {"kafka": {"events": 40}}


def folders(*paths):
    return {"hdfs": {"folders": [{"path": path} for path in paths]}}


def tables(*names):
    return {"metastore": {"tables": [{"name": name} for name in names]}}


QUERIES = {"presto": {"queries": [{"text": "select 1"}]}}
BATCH = {**EVENTS, **folders("/tmp/purchases")}
ALL = {
    **EVENTS,
    **folders("/tmp/purchases", "/tmp/sword_purchases"),
    **tables("purchases2", "purchases", "purchase_events"),
    **QUERIES,
}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, [1]),
        (RUNNING, [2, 3]),
        ({**RUNNING, **EVENTS}, [4]),
        (EVENTS, [4]),
        (BATCH, [5, 6, 7]),
        ({**BATCH, **tables("purchases2")}, [5, 6, 7]),
        ({**BATCH, **tables("purchase_events")}, [8]),
        ({**BATCH, **tables("purchases")}, [9]),
        ({**BATCH, **tables("purchases"), **QUERIES}, [10, 11, 12]),
        (ALL, []),
    ],
)
def test_next_is_the_first_step_without_its_trace(figures, expected):
    services = {name: Service(name, name, name, None, figures=known) for name, known in figures.items()}
    told = steps(COMMANDS, services)
    assert [int(step["number"]) for step in told if step["state"] == "next"] == expected
    assert [step["command"] for step in told] == list(COMMANDS.values())


def test_a_step_that_was_passed_over_is_not_next():
    services = {"metastore": Service("metastore", "", "", None, figures=tables("purchases")["metastore"])}
    states = {step["number"]: step["state"] for step in steps(COMMANDS, services)}
    assert states["04"] == "seen"
    assert states["08"] == "done"
    assert states["09"] == "next"
