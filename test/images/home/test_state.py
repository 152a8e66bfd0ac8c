"""What the page is told, by services that are not there."""

import json

import pytest

from front_page import TOKEN
from home.records import check, note_canary, read_canary

HEADER = {"Authorization": f"token {TOKEN}"}
RECORD = {"green": True, "at": 1.5, "seconds": 9.0, "hops": [{"name": "Kafka", "seconds": 0.5}]}


def test_services_that_are_not_there_are_down(page):
    async def ask(client):
        for _ in range(40):
            state = await (await client.get("/api/state", headers=HEADER)).json()
            if all(service["state"] != "unknown" for service in state["services"]):
                break
        return state

    state = page(ask)
    down = {service["name"]: service for service in state["services"]}
    assert down.pop("mids")["figures"] == {"gameApi": False}  # its name is known: its container runs
    assert len(down) == 7
    for service in down.values():
        assert service["state"] == "down"
        assert "nothing listens on port" in service["problem"]
        assert service["upSince"] is None
        assert service["readAt"] is None
        assert service["figures"] == {}
    assert [step["state"] for step in state["exercise"]] == ["next", "later"]
    assert TOKEN not in json.dumps(state)


def test_the_canarys_record_is_shown(page, settings):
    note_canary(settings.records, json.dumps(RECORD))

    async def ask(client):
        return await (await client.get("/api/state", headers=HEADER)).json()

    assert page(ask)["canary"] == RECORD


@pytest.mark.parametrize("text", ["", "1", "{}", '{"green": 1, "at": 2}', '{"green": true, "at": 1, "hops": [{}]}'])
def test_what_is_no_record_is_not_kept(tmp_path, text):
    note_canary(tmp_path, json.dumps(RECORD))
    with pytest.raises(ValueError):
        note_canary(tmp_path, text)
    assert read_canary(tmp_path) == RECORD


def test_no_record_is_none(tmp_path):
    assert read_canary(tmp_path) is None
    (tmp_path / "canary.json").write_text("{")
    assert read_canary(tmp_path) is None
    assert check(RECORD) == RECORD
