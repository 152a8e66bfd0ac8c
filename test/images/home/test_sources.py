"""How services' answers are read."""

import asyncio
import struct

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from front_page import free_address, server
from home.parquet import read_footer
from home.reading import Address, Down
from home.settings import ADDRESSES, BadSetting, read_settings
from home.sources import client, hiveserver, zookeeper
from home.sources.hdfs import to_milliseconds
from home.sources.kafka import Rate
from home.sources.metastore import Metastore
from home.sources.web import Superset, seconds


def look(source, answer):
    async def with_server():
        async with server(answer) as (address, heard):
            return await source(address), heard

    return asyncio.run(with_server())


def test_zookeeper_tells_its_figures():
    answer = b"zk_server_state\tstandalone\nzk_uptime\t5000\nzk_num_alive_connections\t2\nzk_znode_count\t130\n"
    reading, heard = look(zookeeper.look, answer)
    assert heard == [b"mntr"]
    assert reading.figures == {"connections": 2, "nodes": 130}
    assert reading.up_since is not None


@pytest.mark.parametrize("answer", [b"", b"This ZooKeeper instance is not currently serving requests\n"])
def test_zookeeper_that_serves_nobody_is_down(answer):
    with pytest.raises(Down, match="serves no requests"):
        look(zookeeper.look, answer)


def test_hiveserver_takes_a_login_or_is_down():
    assert look(hiveserver.look, b"\5\0\0\0\0")[0].up_since is None
    with pytest.raises(Down, match="takes no login"):
        look(hiveserver.look, b"")


def test_the_client_is_well_with_and_without_the_game_api_and_gets_no_request():
    reading, heard = look(client.look, b"")
    assert reading.figures == {"gameApi": True}
    assert heard in ([], [b""])
    assert asyncio.run(client.look(free_address())).figures == {"gameApi": False}


@pytest.mark.parametrize(("text", "well"), [("OK", True), ("<html>", False)])
def test_superset_says_that_it_is_well_or_is_down(text, well):
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode()

    async def ask(address):
        async with aiohttp.ClientSession() as session:
            return await Superset(address, session).look()

    if well:
        assert look(ask, answer)[0].figures == {}
    else:
        with pytest.raises(Down, match="/health answers '<html>'"):
            look(ask, answer)


def test_a_container_that_does_not_run_is_named():
    with pytest.raises(Down, match="its container does not run"):
        asyncio.run(client.look(Address("nobody.invalid", 5000)))


def test_the_metastore_that_answers_something_else_is_down():
    with pytest.raises(Down, match="does not answer"):
        look(lambda address: Metastore(address).look(), struct.pack(">Ii", 0x80010003, 4) + b"nope")


@pytest.mark.parametrize(
    ("text", "value"), [("13.86m", 831.6), ("342.03us", 0.00034203), ("1.00ns", 1e-9), ("2.00d", 172800)]
)
def test_prestos_durations(text, value):
    assert seconds(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-24 10:20:03", 1795515603000),
        ("2026-11-24 10:20:03.1", 1795515603100),
        ("2026-11-24 10:20:03.123456", 1795515603123),
        ("yesterday", None),
        (None, None),
    ],
)
def test_sparks_times(text, value):
    assert to_milliseconds(text) == value


def test_the_rate_is_that_of_the_last_ten_seconds():
    rate = Rate()
    assert rate.take(0, 100) is None
    assert rate.take(2, 140) == 20
    for second in range(4, 30, 2):
        last = rate.take(second, 140)
    assert last == 0
    assert rate.take(31, 10) is None  # the topic was made anew


@given(st.binary(max_size=300))
def test_bytes_that_are_no_footer_are_refused_in_one_way(content):
    for end in (content, content + struct.pack("<I", len(content)) + b"PAR1"):
        try:
            read_footer(end, "timestamp")
        except ValueError:
            pass


def environment(tmp_path, **changes):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    addresses = {f"LAB_{name.upper()}": "somewhere:1" for name in ADDRESSES}
    values = {
        "LAB_TOKEN_FILE": str(token),
        "LAB_ID": "a",
        "LAB_VERSIONS": "{}",
        "LAB_EXERCISE": "{}",
        "LAB_PAGES": "[]",
    }
    return {**addresses, **values, **changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"LAB_TOKEN_FILE": "/nowhere"}, "LAB_TOKEN_FILE='/nowhere' can't be read"),
        ({"LAB_ID": "A lab"}, "LAB_ID='A lab' must be of a-z, 0-9 and -"),
        ({"LAB_KAFKA": "kafka"}, "LAB_KAFKA='kafka' must be HOST:PORT"),
        ({"LAB_PAGES": "{}"}, "LAB_PAGES='{}' must be JSON, a list"),
        ({"LAB_VERSIONS": "x"}, "LAB_VERSIONS='x' must be JSON, a map"),
    ],
)
def test_settings_that_can_not_be_are_named(tmp_path, change, message):
    with pytest.raises(BadSetting, match=message.replace("(", "\\(")):
        read_settings(environment(tmp_path, **change))


def test_settings_are_read(tmp_path):
    assert read_settings(environment(tmp_path)).address("kafka").port == 1
