"""Looks at every service again and again: often while somebody looks at the page, else rarely."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from home.reading import Down, Reading

WATCHED_SECONDS = 2.0
IDLE_SECONDS = 30.0
# The page asks every two seconds while it is visible.
SOMEBODY_LOOKS_SECONDS = 10.0
# No look takes longer, all its time-outs together.
LONGEST_SECONDS = 12.0
# Two reports of one start that differ by no more than this are the same: uptimes are rounded.
SAME_START = 0.02
SAME_START_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass
class Service:
    """What is known of a service. Times are in seconds since 1970."""

    name: str
    title: str
    container: str
    look: object
    state: str = "unknown"
    problem: str | None = None
    # When the state was first seen to be what it is.
    since: float | None = None
    # As the service tells it.
    up_since: float | None = None
    figures: dict = field(default_factory=dict)
    read_at: float | None = None
    looked_at: float | None = None

    def take(self, reading, now):
        self._enter("up", now)
        self.problem = None
        self.up_since = steady(self.up_since, reading.up_since, now)
        self.figures, self.read_at, self.looked_at = reading.figures, now, now

    def fail(self, problem, now):
        """The last figures stay, with the time at which they were read."""
        self._enter("down", now)
        self.problem, self.up_since, self.looked_at = problem, None, now

    def _enter(self, state, now):
        if self.state != state:
            self.state, self.since = state, now

    def report(self):
        return {
            "name": self.name,
            "title": self.title,
            "container": self.container,
            "state": self.state,
            "problem": self.problem,
            "since": self.since,
            "upSince": self.up_since,
            "figures": self.figures,
            "readAt": self.read_at,
            "lookedAt": self.looked_at,
        }


def steady(known, told, now):
    """The start that is known already, unless what is told now is another one."""
    if known is None or told is None:
        return told
    return known if abs(told - known) <= max(SAME_START_SECONDS, SAME_START * (now - known)) else told


class Watch:
    def __init__(self, services, clock=time.time):
        self.services = {service.name: service for service in services}
        self.clock = clock
        self._looked = -SOMEBODY_LOOKS_SECONDS
        self._wake = asyncio.Event()

    def somebody_looks(self):
        if not self.watched:
            self._wake.set()
        self._looked = time.monotonic()

    @property
    def watched(self):
        return time.monotonic() - self._looked < SOMEBODY_LOOKS_SECONDS

    async def run(self):
        """Goes on until it is cancelled. Each service has a task of its own: a slow one holds up no other."""
        async with asyncio.TaskGroup() as tasks:
            for service in self.services.values():
                tasks.create_task(self._watch(service))

    async def _watch(self, service):
        while True:
            await self.look_at(service)
            await self._pause()

    async def _pause(self):
        if self.watched:
            await asyncio.sleep(WATCHED_SECONDS)
            return
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            pass  # nobody came

    async def look_at(self, service):
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                reading = await service.look()
        except Down as problem:
            service.fail(str(problem), self.clock())
        except TimeoutError:
            service.fail(f"no answer in {LONGEST_SECONDS:.0f} s", self.clock())
        except Exception as problem:
            log.exception("the answer of %s is not understood", service.name)
            service.fail(f"its answer is not understood: {type(problem).__name__}", self.clock())
        else:
            service.take(reading or Reading(), self.clock())

    def alive(self):
        """Whether every service was looked at as lately as it should have been."""
        latest = self.clock() - IDLE_SECONDS - LONGEST_SECONDS
        return all((service.looked_at or 0) > latest for service in self.services.values())
