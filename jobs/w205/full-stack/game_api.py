"""The game's API server: each request becomes one event on a Kafka topic.

While you try things out:
    FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0
Under load, in /w205/full-stack:
    granian --interface wsgi --host 0.0.0.0 --port 5000 --workers 2 --blocking-threads 16 game_api:app

A player gets the answer only once Kafka has confirmed the event, so what was answered is never lost.
"""

import atexit
import json
import os
import queue
import socket
import threading

from confluent_kafka import KafkaException, Producer
from flask import Flask, request

TOPIC = os.environ.get("EVENTS_TOPIC", "events")
KAFKA = os.environ.get("KAFKA_BOOTSTRAP", "kafka:29092")
CONFIRM_SECONDS = 4

# `flask run` has a thread for each request. Small stacks are kept for the next one; of Linux's usual 8 MiB, few are.
threading.stack_size(512 * 1024)


class HangUp:
    """Spares `flask run` a wait: after each answer its server listens for 10 ms, in case the client has more
    to send, and only then closes the connection. Behind a request without a body nothing comes.
    """

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        answer = self.wsgi_app(environ, start_response)
        connection = environ.get("werkzeug.socket")  # no other server sets it
        if connection is None or "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            return answer
        return self.send(answer, connection)

    def send(self, answer, connection):
        try:
            yield from answer
        finally:
            answer.close()
            connection.shutdown(socket.SHUT_RD)


app = Flask(__name__)
app.wsgi_app = HangUp(app.wsgi_app)


class NotStored(Exception):
    """Kafka did not confirm an event."""


class EventLog:
    """A Kafka producer that all requests of a process share: events that come together leave together."""

    def __init__(self):
        self.producer = Producer(
            {
                "bootstrap.servers": KAFKA,
                "acks": "all",
                "enable.idempotence": True,  # a batch that has to be sent again is still stored once
                "linger.ms": 3,  # what comes within 3 ms leaves for Kafka together
                "message.timeout.ms": CONFIRM_SECONDS * 1000,
            }
        )
        self.broken = False
        self.closing = False
        # one thread receives Kafka's confirmations and hands them to the requests that wait for them
        self.thread = threading.Thread(target=self.confirm, daemon=True)
        self.thread.start()

    def confirm(self):
        while not self.closing:
            self.producer.poll(0.1)

    def write(self, event):
        """Returns when Kafka has stored the event; raises NotStored when it has not."""
        confirmation = queue.SimpleQueue()
        try:
            self.producer.produce(
                TOPIC, json.dumps(event).encode(), on_delivery=lambda error, _: confirmation.put(error)
            )
            error = confirmation.get(timeout=CONFIRM_SECONDS + 1)
        except KafkaException as problem:
            error = problem.args[0]
        except BufferError:
            raise NotStored("too many events are waiting to be stored") from None
        except queue.Empty:
            raise NotStored("no answer") from None
        if error:
            self.broken = self.broken or error.fatal()
            raise NotStored(error.str())

    def close(self):
        self.closing = True
        self.thread.join()


_logs = {}
_logs_lock = threading.Lock()


def event_log():
    """The EventLog of this process, made at its first event: a producer does not outlive a fork."""
    process = os.getpid()
    log = _logs.get(process)
    if log is None or log.broken:
        with _logs_lock:
            log = _logs.get(process)
            if log is None or log.broken:
                log = _logs[process] = EventLog()
                atexit.register(log.close)
    return log


def text(value):
    """A header's value: WSGI hands its bytes over as Latin-1, but clients mostly mean UTF-8."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def log_event(event_type):
    """Puts the request on the topic: its event_type, then its headers, none of which can replace the type."""
    event = {"event_type": event_type}
    for name, value in request.headers:
        event.setdefault(name, text(value))
    event_log().write(event)


@app.errorhandler(NotStored)
def not_stored(problem):
    message = f"The event was not stored: Kafka at {KAFKA} did not confirm it for topic {TOPIC} ({problem})."
    app.logger.error(message)
    return message + "\n", 503


@app.route("/")
def default_response():
    log_event("default")
    return "This is the default response!\n"


@app.route("/purchase_a_sword")
def purchase_a_sword():
    log_event("purchase_sword")
    return "Sword Purchased!\n"
