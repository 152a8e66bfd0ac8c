"""Starts a game API on a topic of its own, puts it under load, stops it, and counts the events on the topic.

served.py ab flask|notes|granian REQUESTS        (in mids)
served.py stop flask|notes|granian SIGNAL SECONDS

`ab` is ab itself with 16 clients. `stop` sends the signal in the middle of a load of 16 clients that give each request
a number: an answer counts when it came whole, and its number has to be on the topic.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

KAFKA = os.environ["KAFKA_BOOTSTRAP"]
PORT = 5000
CLIENTS = 16
LAB_API = "/w205/full-stack"
FLASK = ["flask", "run", "--host", "0.0.0.0"]
SERVERS = {
    "flask": ({"FLASK_APP": f"{LAB_API}/game_api.py"}, FLASK),
    "notes": ({"FLASK_APP": str(Path(__file__).with_name("notes_game_api.py"))}, FLASK),
    # as jobs/README.md recommends
    "granian": (
        {},
        [
            *["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "5000"],
            *["--workers", "2", "--blocking-threads", "16", "--working-dir", LAB_API, "game_api:app"],
        ],
    ),
}


def main():
    how, name, *rest = sys.argv[1:]
    topic = f"bench-{time.time_ns()}"
    admin = AdminClient({"bootstrap.servers": KAFKA})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    with server(name, topic) as process:
        # Each process's first event makes its producer: not what is measured.
        warm = [f"warm-{number}" for number in range(64) if answered(f"warm-{number}")]
        if how == "ab":
            print_json(under_ab(int(rest[0]), process, topic, len(warm)))
        else:
            print_json(stopped(process, getattr(signal, rest[0]), float(rest[1]), topic, warm))
    admin.delete_topics([topic])[topic].result(30)


@contextlib.contextmanager
def server(name, topic):
    environment, command = SERVERS[name]
    with open(f"/tmp/bench-{name}.log", "w") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment, "EVENTS_TOPIC": topic, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_port(process)
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for_port(process):
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
            return
        time.sleep(0.05)
    sys.exit(f"the server does not listen on {PORT}; its log: /tmp/bench-*.log")


def under_ab(requests, process, topic, warm):
    """ab's figures, and how many of the answered requests have no event on the topic."""
    url = f"http://127.0.0.1:{PORT}/purchase_a_sword"
    ab = subprocess.run(
        ["ab", "-n", str(requests), "-c", str(CLIENTS), url], capture_output=True, text=True, check=True
    )
    end(process, signal.SIGINT)
    wrong = found(r"^Failed requests:\s+(\d+)", ab.stdout) + found(r"^Non-2xx responses:\s+(\d+)", ab.stdout)
    answers = requests - wrong
    return {
        "requestsPerSecond": found(r"^Requests per second:\s+([\d.]+)", ab.stdout),
        "slowestMs": found(r"^\s+99%\s+(\d+)", ab.stdout),
        "answered": int(answers),
        "missing": max(0, int(answers) + warm - len(agents(topic))),
    }


def found(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return float(match[1]) if match else 0


def stopped(process, number, seconds, topic, warm):
    """How many requests were answered until the server was gone; how many of them are not on the topic, or twice."""
    answers = list(warm)
    gone = threading.Event()

    def ask(client):
        request = 0
        while not gone.is_set():
            request += 1
            if answered(f"{client}-{request}"):
                answers.append(f"{client}-{request}")

    clients = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    in_load = len(answers)
    end(process, number)
    gone.set()
    for client in clients:
        client.join()
    counts = Counter(agents(topic))
    return {
        "answered": len(answers),
        "beforeTheSignal": in_load,
        "missing": sum(1 for answer in answers if not counts[answer]),
        "twice": sum(1 for answer in answers if counts[answer] > 1),
    }


def answered(agent):
    """Whether the server gave the whole answer to a purchase of this User-Agent."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        connection.request("GET", "/purchase_a_sword", headers={"User-Agent": agent})
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK and answer.read() == b"Sword Purchased!\n"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def end(process, number):
    process.send_signal(number)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        sys.exit(f"the server did not end within 60 s of signal {number}")


def agents(topic):
    """The User-Agent of each event on the topic."""
    consumer = Consumer({"bootstrap.servers": KAFKA, "group.id": "unused", "enable.auto.commit": False})
    first, last = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=15)
    consumer.assign([TopicPartition(topic, 0, first)])
    values = []
    deadline = time.monotonic() + 60
    while len(values) < last - first and time.monotonic() < deadline:
        values += [json.loads(message.value())["User-Agent"] for message in consumer.consume(1000, 1)]
    consumer.close()
    return values


def print_json(figures):
    print("SERVED", json.dumps(figures))


if __name__ == "__main__":
    main()
