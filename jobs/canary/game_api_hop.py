"""Canary, hop 1 (in mids): buys one sword at a game API of its own, whose events go to a topic of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from canary import GAME_API, fail, from_arguments
from create_topics import connect, ensure

SECONDS = 20


def main():
    canary = from_arguments()
    ensure(connect(), canary.topic, wanted=1, found=None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = subprocess.Popen(
        [sys.executable, "-m", "flask", "run", "--port", str(port)],
        env={
            **os.environ,
            "FLASK_APP": str(GAME_API),
            "EVENTS_TOPIC": canary.topic,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for_port(api, port)
        buy_sword(port, canary)
    finally:
        api.terminate()
        try:
            api.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            api.kill()
            api.communicate()
    print("game API: one sword bought, the event confirmed by Kafka")


def wait_for_port(api, port):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if api.poll() is not None:
            fail(f"game API ended at its start: {last_line(api.communicate()[0])}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    fail(f"game API did not listen within {SECONDS} s")


def buy_sword(port, canary):
    url = f"http://127.0.0.1:{port}/purchase_a_sword"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=canary.headers), timeout=SECONDS) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        fail(f"game API answered {error.code}: {last_line(error.read().decode(errors='replace'))}")
    except OSError as error:
        fail(f"game API did not answer: {error}")
    if text.strip() != "Sword Purchased!":
        fail(f"game API answered {text.strip()!r}, not 'Sword Purchased!'")


def last_line(text):
    return (text.strip().splitlines() or ["it said nothing"])[-1]


if __name__ == "__main__":
    main()
