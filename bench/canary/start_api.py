"""Starts the game API as the canary does and waits until it listens: what that hop costs before its first event."""

import os
import socket
import subprocess
import sys
import time

API = "/w205/full-stack/game_api.py"
PORT = "5099"


def main():
    api = subprocess.Popen(
        [sys.executable, "-m", "flask", "run", "--port", PORT],
        env={**os.environ, "FLASK_APP": API, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while api.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", int(PORT)), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("the game API ended at its start")
    finally:
        api.terminate()
        api.wait()


if __name__ == "__main__":
    main()
