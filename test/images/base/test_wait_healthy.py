"""The wait for a container's own health check, which may fail, or hang."""

import os
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "images/base/bin/wait-healthy"


@pytest.fixture
def wait_healthy(tmp_path):
    """Runs the wait with a health check of these lines. Gives how it ended, and the seconds that it took."""

    def run(seconds, *health):
        check = tmp_path / "health"
        check.write_text("\n".join(["#!/usr/bin/env bash", *health]))
        check.chmod(0o755)
        began = time.monotonic()
        ended = subprocess.run(
            [SCRIPT, str(seconds)],
            check=False,
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ended, time.monotonic() - began

    return run


def test_healthy_is_said_at_once(wait_healthy):
    ended, _ = wait_healthy(60, "exit 0")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_it_asks_until_the_answer_is_yes(wait_healthy):
    ended, _ = wait_healthy(60, "[[ -e asked ]] || { touch asked; exit 1; }")
    assert ended.returncode == 0


def test_the_last_answer_is_told_when_the_time_is_over(wait_healthy):
    ended, _ = wait_healthy(1, "echo no broker; exit 1")
    assert ended.returncode == 1
    assert ended.stderr == "not healthy after 1 s: no broker\n"


@pytest.mark.parametrize("hang", ["sleep 300", "trap '' TERM; while :; do sleep 1; done"])
def test_a_check_that_hangs_does_not_hold_it_up(wait_healthy, hang):
    ended, seconds = wait_healthy(2, "echo began", hang)
    assert ended.returncode == 1
    assert ended.stderr == "not healthy after 2 s: began\nthe health check did not end in time\n"
    assert seconds < 30
