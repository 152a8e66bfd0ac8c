"""The canary's own judgement: one row, with its mark; and its way through Presto's pages."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import canary
import presto as client
import presto_hop

ROW = ["*/*", "local.canary", "canary/abc123", "purchase_sword", "2024-05-17 10:30:00"]


def test_its_own_row_passes():
    canary.Canary("local", "abc123").check("Hive", [ROW])
    canary.Canary("local", "abc123").check("Spark", [tuple(ROW)])


@pytest.mark.parametrize(
    "rows", [[], [ROW, ROW], [ROW[:2] + ["NULL"] + ROW[3:]], [ROW[:4] + ["NULL"]], [ROW[:4] + [None]], [[]]]
)
def test_any_other_answer_fails(rows):
    with pytest.raises(SystemExit, match="Hive: expected one row .* found"):
        canary.Canary("local", "abc123").check("Hive", rows)


@pytest.mark.parametrize("bad", ["", "abc", "ABCDEF", "a'; drop", "x" * 33])
def test_an_id_that_would_not_be_a_name_is_refused(bad):
    with pytest.raises(SystemExit, match="canary id"):
        canary.Canary("local", bad)


def test_its_names_match_what_cleaning_up_takes():
    one = canary.Canary("local", "abc123")
    assert canary.TOPICS.fullmatch(one.topic)
    assert canary.FOLDERS.fullmatch(one.folder.rsplit("/", 1)[1])
    assert canary.TABLES.fullmatch(one.table)
    assert not canary.TOPICS.fullmatch("events")
    assert not canary.TABLES.fullmatch("lab_canary_of_mine")


@pytest.fixture
def presto(monkeypatch):
    pages = {}

    class Coordinator(BaseHTTPRequestHandler):
        def do(self):
            body = json.dumps(pages[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Coordinator)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(client, "PRESTO", url)
    yield url, pages
    server.shutdown()


def test_presto_answers_in_pages(presto):
    url, pages = presto
    pages["/v1/statement"] = {"nextUri": f"{url}/1"}
    pages["/1"] = {"nextUri": f"{url}/2", "data": [[1], [2]]}
    pages["/2"] = {"data": [[3]]}
    assert client.query("select 1") == [[1], [2], [3]]


def test_prestos_error_is_the_canarys(presto, monkeypatch):
    monkeypatch.setattr("sys.argv", ["presto_hop.py", "local", "abc123"])
    presto[1]["/v1/statement"] = {"error": {"message": "Table hive.default.x does not exist"}}
    with pytest.raises(SystemExit, match="Presto: Table hive.default.x does not exist"):
        presto_hop.main()
