"""One save or restore at a time: whoever started the last one may have been killed, and it may still be at its end."""

import fcntl
import time

from lab import fail

LOCK = "/tmp/lab-save.lock"
SECONDS = 60


def wait_for_others():
    """Holds the lock for as long as this process lives."""
    lock = open(LOCK, "w")  # noqa: SIM115 - open until the process ends
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                fail(f"another save or restore has been at this lab for {SECONDS} s; try again when it is done")
            time.sleep(0.2)
