"""Who is let in, and what goes out with every answer."""

import re

import pytest

from front_page import TOKEN
from home.gate import known_host

ROUTES = ["/", "/app.js", "/style.css", "/icon.svg", "/api/state", "/api/alive", "/open/JupyterLab", "/nothing"]
HEADER = {"Authorization": f"token {TOKEN}"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"headers": {"Authorization": "token wrong"}},
        {"headers": {"Authorization": f"Basic {TOKEN}"}},
        {"headers": {"Authorization": f"token {TOKEN}x"}},
        {"headers": {"Authorization": "token töken"}},
        {"params": {"token": "wrong"}},
        {"params": {"token": ""}},
        {"cookies": {"lab-test-home": TOKEN}},
        {"cookies": {"lab-test-home": ""}},
    ],
)
def test_without_the_token_nothing_is_shown(page, route, shown):
    async def ask(client):
        answer = await client.get(route, allow_redirects=False, **shown)
        text = await answer.text()
        assert answer.status == 401
        assert TOKEN not in text
        assert "Set-Cookie" not in answer.headers

    page(ask)


@pytest.mark.parametrize("word", ["token", "Token", "Bearer"])
def test_the_header_lets_in(page, word):
    async def ask(client):
        answer = await client.get("/api/state", headers={"Authorization": f"{word} {TOKEN}"})
        assert (await answer.json())["lab"] == "test"

    page(ask)


def test_the_link_becomes_a_cookie_and_leaves_the_address(page):
    async def ask(client):
        answer = await client.get("/", params={"token": TOKEN}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "./")
        cookie = answer.headers["Set-Cookie"]
        assert re.fullmatch(r"lab-test-home=[0-9a-f]{64}; HttpOnly; Path=/; SameSite=Strict", cookie)
        assert TOKEN not in cookie
        assert (await client.get("/")).status == 200
        assert (await client.get("/api/state")).status == 200

    page(ask)


def test_the_form_lets_in_whom_the_link_would(page):
    async def ask(client):
        refused = await client.post("/login", data={"token": "wrong"}, headers={"Accept": "text/html"})
        assert refused.status == 401
        assert "not the lab's token" in (await refused.text()).replace("&#x27;", "'")
        assert (await client.post("/login")).status == 401
        answer = await client.post("/login", data={"token": TOKEN}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "./")
        assert (await client.get("/")).status == 200

    page(ask)


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_is_sealed(page, route):
    async def ask(client):
        for headers in ({}, HEADER):
            answer = await client.get(route, headers=headers, allow_redirects=False)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Server" not in answer.headers

    page(ask)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "127.0.0.1.nip.io:8000"]
)
def test_another_host_name_is_refused(page, host):
    assert not known_host(host)

    async def ask(client):
        assert (await client.get("/", headers={**HEADER, "Host": host})).status in (400, 421)

    page(ask)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "localhost", "home:8000", "[::1]:8000", "10.0.0.7"]
)
def test_addresses_and_this_machine_are_known(host):
    assert known_host(host)


def test_links_lead_through_jupyters_login_with_the_token(page):
    async def ask(client):
        async def leads(name, host="127.0.0.1:16000"):
            answer = await client.get(f"/open/{name}", headers={**HEADER, "Host": host}, allow_redirects=False)
            return answer.headers.get("Location")

        assert await leads("JupyterLab") == f"http://127.0.0.1:8888/login?next=/lab&token={TOKEN}"
        assert await leads("JupyterLab", "[::1]:8000") == f"http://[::1]:8888/login?next=/lab&token={TOKEN}"
        assert await leads("JupyterLab", "home:8000") == "../../lab"
        assert await leads("the game API") == "http://127.0.0.1:5000/"
        assert await leads("the game API", "home:8000") == "http://127.0.0.1:5000/"
        assert await leads("else") is None

    page(ask)
