"""The game API, with a stand-in for Kafka's producer: a real broker is the end-to-end tests' business."""

import json
import queue
import selectors
import socket
import threading

import pytest
from confluent_kafka import KafkaError, KafkaException
from werkzeug.serving import make_server

import game_api


class Producer:
    """Confirms each event when it is polled, unless told otherwise."""

    def __init__(self, config):
        self.config = config
        self.waiting = queue.SimpleQueue()
        self.events = []
        Producer.latest = self
        Producer.made += 1

    made = 0
    answer = staticmethod(lambda: None)
    silent = False
    refuse = None

    def produce(self, topic, value, on_delivery):
        if self.refuse:
            raise self.refuse
        self.events.append((topic, json.loads(value)))
        if not self.silent:
            self.waiting.put(on_delivery)

    def poll(self, seconds):
        try:
            self.waiting.get(timeout=seconds)(self.answer(), None)
        except queue.Empty:
            pass


@pytest.fixture
def kafka(monkeypatch):
    class Fresh(Producer):
        pass

    Producer.made = 0
    monkeypatch.setattr(game_api, "Producer", Fresh)
    monkeypatch.setattr(game_api, "_logs", {})
    yield Fresh
    for log in game_api._logs.values():
        log.close()


@pytest.fixture
def client(kafka):
    return game_api.app.test_client()


def events():
    return [event for _, event in Producer.latest.events]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/", "This is the default response!", "default"),
        ("/purchase_a_sword", "Sword Purchased!", "purchase_sword"),
    ],
)
def test_each_route_answers_and_logs_its_event_with_the_headers(client, path, text, kind):
    headers = {"Host": "user1.comcast.com", "User-Agent": "ApacheBench/2.3", "Accept": "*/*"}
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.text.strip()) == (200, text)
    assert Producer.latest.events == [("events", {"event_type": kind, **headers})]


def test_an_answer_means_that_all_replicas_have_the_event(client):
    client.get("/")
    assert Producer.latest.config["acks"] == "all"
    assert Producer.latest.config["bootstrap.servers"] == "kafka:29092"


def test_an_unknown_route_is_404_and_no_event(client):
    client.get("/")
    assert client.get("/buy_a_shield").status_code == 404
    assert client.post("/purchase_a_sword", data="x").status_code == 405
    assert len(events()) == 1


def test_no_header_replaces_the_event_type(client):
    client.get("/", headers={"Event_Type": "x", "Event-Type": "y"})
    assert events()[0]["event_type"] == "default"


@pytest.mark.parametrize(
    ("raw", "text"), [(b"caf\xc3\xa9", "café"), (b"caf\xe9", "café"), (b"\xff\x00\x80", "ÿ\x00\x80")]
)
def test_header_bytes_of_any_kind(client, raw, text):
    client.get("/", environ_overrides={"HTTP_X_NAME": raw.decode("latin-1")})
    assert events()[0]["X-Name"] == text


def test_no_confirmation_is_503_with_the_reason(client, kafka):
    kafka.answer = staticmethod(lambda: KafkaError(KafkaError._MSG_TIMED_OUT))
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Kafka at kafka:29092 did not confirm it for topic events (Local: Message timed out)" in answer.text
    kafka.answer = staticmethod(lambda: None)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (BufferError("full"), "too many events"),
        (KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)), "Message size too large"),
    ],
)
def test_a_producer_that_refuses_is_503_too(client, kafka, problem, reason):
    kafka.refuse = problem
    answer = client.get("/")
    assert (answer.status_code, reason in answer.text) == (503, True)


def test_a_producer_that_never_answers_is_503_in_time(client, kafka, monkeypatch):
    monkeypatch.setattr(game_api, "CONFIRM_SECONDS", -0.9)
    kafka.silent = True
    assert client.get("/").status_code == 503


def test_a_producer_that_is_broken_for_good_is_replaced(client, kafka):
    kafka.answer = staticmethod(lambda: KafkaError(KafkaError._FATAL, "fenced", True))
    assert client.get("/").status_code == 503
    kafka.answer = staticmethod(lambda: None)
    assert client.get("/").status_code == 200
    assert Producer.made == 2


def test_requests_at_once_share_one_producer_and_each_gets_its_own_confirmation(client):
    def buy():
        codes.append(game_api.app.test_client().get("/purchase_a_sword").status_code)

    codes = []
    buyers = [threading.Thread(target=buy) for _ in range(50)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join(10)
    assert codes == [200] * 50
    assert (len(events()), Producer.made) == (50, 1)


@pytest.fixture
def server(kafka):
    """The development server of `flask run`, on a free port."""
    server = make_server("127.0.0.1", 0, game_api.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.port
    server.shutdown()


def test_the_development_server_hangs_up_at_once(server, monkeypatch):
    found = []

    class Selector(selectors.DefaultSelector):
        def select(self, timeout=None):
            ready = super().select(timeout)
            found.append(bool(ready))
            return ready

    monkeypatch.setattr(selectors, "DefaultSelector", Selector)
    with socket.create_connection(("127.0.0.1", server)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
    assert answer.endswith(b"This is the default response!\n")
    assert found == [True], "it waited whether the client has more to send"


def test_the_development_server_still_reads_a_body_that_nobody_wants(server):
    body = b"x" * 3_000_000
    with socket.create_connection(("127.0.0.1", server)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body)
        assert b" 405 " in connection.recv(100)
