"""An application of the front page whose services are not there."""

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from front_page import TOKEN, free_address
from home.app import make_app
from home.settings import ADDRESSES, Page, Settings

WEB = Path(__file__).resolve().parents[3] / "images/home/web"


@pytest.fixture
def settings(tmp_path):
    return Settings(
        lab="test",
        token=TOKEN,
        addresses={name: free_address() for name in ADDRESSES},
        versions={"Kafka": "3.9.1"},
        exercise={"01 game API": "flask run", "03 send events": "ab"},
        pages=[Page("JupyterLab", 8888, "/lab", True), Page("the game API", 5000, "/", False)],
        records=tmp_path,
    )


@pytest.fixture
def page(settings):
    """Runs a test's coroutine with a client of the page."""

    def run(test):
        async def with_client():
            async with TestClient(TestServer(make_app(settings, WEB))) as client:
                return await test(client)

        return asyncio.run(with_client())

    return run
