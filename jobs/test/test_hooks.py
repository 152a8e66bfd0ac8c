"""The hooks for topics, folders and DDL, each against a stand-in for its service."""

import json
import threading
import urllib.parse
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

import apply_ddl
import create_topics
import hdfs_folders
import hive
import lab


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a hook's main; gives what it printed, or its last words."""

    def start(hook, *args):
        monkeypatch.setattr("sys.argv", [hook.__name__, *args])
        try:
            hook.main()
        except SystemExit as end:
            return f"failed: {end.code}"
        return capsys.readouterr().out.strip()

    return start


@pytest.fixture
def namenode(monkeypatch):
    """A NameNode that keeps its folders in a dict: path to type, owner and permission."""
    tree = {"/": {"type": "DIRECTORY", "owner": "science", "permission": "755"}}

    class WebHdfs(BaseHTTPRequestHandler):
        def do(self):
            url = urllib.parse.urlparse(self.path)
            path = urllib.parse.unquote(url.path.removeprefix("/webhdfs/v1"))
            query = dict(urllib.parse.parse_qsl(url.query))
            answer = {"boolean": True}
            if query["op"] == "MKDIRS":
                tree.setdefault(path, {"type": "DIRECTORY", "owner": query["user.name"], "permission": "755"})
            elif path not in tree:
                self.send(404, {"RemoteException": {"exception": "FileNotFoundException", "message": path}})
                return
            elif path == "/forbidden":
                self.send(403, {"RemoteException": {"exception": "AccessControlException", "message": "no\nat x"}})
                return
            elif query["op"] == "GETFILESTATUS":
                answer = {"FileStatus": tree[path]}
            elif query["op"] == "SETOWNER":
                tree[path]["owner"] = query["owner"]
            elif query["op"] == "SETPERMISSION":
                tree[path]["permission"] = query["permission"]
            self.send(200, answer)

        do_GET = do_PUT = do

        def send(self, code, answer):
            body = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), WebHdfs)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setattr(lab, "NAMENODE", f"http://127.0.0.1:{server.server_port}")
    yield tree
    server.shutdown()


def test_folders_are_made_with_owner_and_mode_once(run, namenode):
    folders = ["/tmp:science:1777", "/user/alice:alice:750"]
    assert run(hdfs_folders, *folders) == "HDFS folders: 2 asked for, 2 made or changed /tmp /user/alice"
    assert namenode["/tmp"] == {"type": "DIRECTORY", "owner": "science", "permission": "1777"}
    assert namenode["/user/alice"]["owner"] == "alice"
    assert run(hdfs_folders, *folders) == "HDFS folders: 2 asked for, 0 made or changed"


def test_the_folders_check_names_what_is_wrong(run, namenode):
    namenode["/a"] = {"type": "FILE", "owner": "science", "permission": "644"}
    namenode["/b"] = {"type": "DIRECTORY", "owner": "root", "permission": "700"}
    assert run(hdfs_folders, "--check", "local", "/a:science:755", "/b:science:755", "/c:science:755") == (
        "failed: HDFS: /a is a file, not a folder; /b belongs to root, not science; /b has mode 700, not 755"
        "; /c is missing. `npm run hook -- local folders` mends it"
    )
    assert "/c" not in namenode


def test_folders_that_cannot_be(run, namenode, monkeypatch):
    namenode["/a"] = {"type": "FILE", "owner": "science", "permission": "644"}
    namenode["/forbidden"] = {}
    assert "failed: HDFS: /a is a file" in run(hdfs_folders, "/a:science:755")
    assert run(hdfs_folders, "/forbidden:science:755") == "failed: HDFS refuses GETFILESTATUS of /forbidden: no"
    assert "expected PATH:OWNER:MODE" in run(hdfs_folders, "tmp:science:1777")
    monkeypatch.setattr(lab, "NAMENODE", "http://127.0.0.1:1")
    assert "failed: HDFS does not answer at http://127.0.0.1:1" in run(hdfs_folders, "/b:science:755")


class Admin:
    """A broker's admin client that keeps its topics in a dict: name to number of partitions."""

    def __init__(self, topics):
        self.topics = topics
        self.error = None

    def list_topics(self, timeout):
        assert timeout
        return SimpleNamespace(topics={name: SimpleNamespace(partitions=range(n)) for name, n in self.topics.items()})

    def _done(self):
        future = Future()
        if self.error:
            future.set_exception(KafkaException(self.error))
        else:
            future.set_result(None)
        return future

    def create_topics(self, topics, operation_timeout):
        self.topics |= {topic.topic: topic.num_partitions for topic in topics}
        return {topic.topic: self._done() for topic in topics}

    def create_partitions(self, topics, operation_timeout):
        self.topics |= {topic.topic: topic.new_total_count for topic in topics}
        return {topic.topic: self._done() for topic in topics}


@pytest.fixture
def admin(monkeypatch):
    admin = Admin({})
    monkeypatch.setattr(create_topics, "connect", lambda: admin)
    return admin


def test_topics_are_made_once(run, admin):
    assert run(create_topics, "events", "more:3") == "topic events: made, 1 partition\ntopic more: made, 3 partitions"
    assert admin.topics == {"events": 1, "more": 3}
    assert run(create_topics, "events", "more:3") == "topic events: is there\ntopic more: is there"


def test_partitions_are_added_and_never_taken(run, admin):
    admin.topics = {"events": 2}
    assert run(create_topics, "events:4") == "topic events: had 2 partitions, now 4"
    assert run(create_topics, "events:1").startswith("topic events: keeps its 4 partitions")
    assert admin.topics == {"events": 4}


def test_a_topic_that_somebody_else_made_just_now_is_fine(run, admin):
    admin.error = KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)
    assert run(create_topics, "events") == "topic events: is there"
    admin.topics.clear()
    admin.error = KafkaError(KafkaError.INVALID_REPLICATION_FACTOR)
    assert run(create_topics, "events").startswith("failed: topic events was not made: ")


def test_the_topics_check_names_what_is_missing(run, admin):
    admin.topics = {"other": 1}
    assert run(create_topics, "--check", "bob", "events", "other") == (
        "failed: Kafka: topic events is missing on kafka:29092. `npm run hook -- bob topics` mends it"
    )
    assert admin.topics == {"other": 1}
    assert run(create_topics, "--check", "bob", "other") == "Kafka topics are there: other"


@pytest.mark.parametrize("topic", ["", "a b", "events:0", "events:x", "e" * 250])
def test_bad_topics_are_refused(run, admin, topic):
    assert "expected TOPIC or TOPIC:PARTITIONS" in run(create_topics, topic)


@pytest.fixture
def hive_sql(monkeypatch):
    """HiveServer2 by its answers: statement to rows, or to the message of its error. Asked: a list a session."""
    answers = {}
    asked = []

    def sql(command, **_):
        asked.append([statement.strip() for statement in command[-1].split(";") if statement.strip()])
        rows = []
        for statement in asked[-1]:
            answer = answers.get(statement, [])
            if isinstance(answer, str):
                return SimpleNamespace(returncode=1, stdout="", stderr=f"{answer}\nin the statement: {statement}")
            rows += answer
        return SimpleNamespace(returncode=0, stdout="\n".join(rows), stderr="")

    monkeypatch.setattr(hive.subprocess, "run", sql)
    return SimpleNamespace(answers=answers, asked=asked)


@pytest.fixture
def ddl(tmp_path):
    file = tmp_path / "purchases2.sql"
    file.write_text("create table purchases2;\n")
    return (str(file), "default.purchases2", "Host,User_Agent")


def test_ddl_is_applied_and_checked(run, hive_sql, ddl):
    hive_sql.answers["describe default.purchases2"] = ["host\tstring\t", "user_agent\tstring\t"]
    assert run(apply_ddl, *ddl) == "Hive table default.purchases2 is there: host string, user_agent string"
    assert hive_sql.asked == [["create table purchases2", "describe default.purchases2"]]
    hive_sql.asked.clear()
    run(apply_ddl, "--check", "local", *ddl)
    assert hive_sql.asked == [["describe default.purchases2"]]


def test_ddl_that_did_not_make_the_table(run, hive_sql, ddl):
    missing = "SemanticException [Error 10001]: Table not found default.purchases2"
    hive_sql.answers["describe default.purchases2"] = missing
    assert run(apply_ddl, "--check", "local", *ddl) == (
        "failed: Hive: table default.purchases2 is missing in the metastore. `npm run hook -- local ddl` mends it"
    )
    assert run(apply_ddl, *ddl) == "failed: Hive: table default.purchases2 is missing in the metastore."
    for message in ("ParseException line 1", "SemanticException [Error 10001]: Table not found other"):
        hive_sql.answers["create table purchases2"] = message
        assert run(apply_ddl, *ddl) == f"failed: Hive: {message}\nin the statement: create table purchases2"


def test_a_table_with_other_columns(run, hive_sql, ddl):
    hive_sql.answers["describe default.purchases2"] = ["host\tint\t"]
    assert "has the columns host int, not host string, user_agent string" in run(apply_ddl, *ddl)
