"""What is known of a service, and how old it is."""

import asyncio

import pytest

from home.reading import Down, Reading
from home.watch import Service, Watch, steady


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def watch_of(clock, look):
    service = Service("kafka", "Kafka", "kafka", look)
    return service, Watch([service], clock)


def test_a_service_that_goes_down_keeps_its_figures_and_their_time(clock):
    answers = [
        Reading({"events": 40}, up_since=900.0),
        Down("nobody there"),
        Down("nobody there"),
        Reading({"events": 0}, 1015.0),
    ]

    async def look():
        answer = answers.pop(0)
        if isinstance(answer, Down):
            raise answer
        return answer

    service, watch = watch_of(clock, look)
    asyncio.run(watch.look_at(service))
    assert (service.state, service.since, service.up_since, service.read_at) == ("up", 1000.0, 900.0, 1000.0)
    for clock.now in (1010.0, 1012.0):
        asyncio.run(watch.look_at(service))
        assert (service.state, service.since, service.up_since) == ("down", 1010.0, None)
        assert (service.figures, service.read_at, service.looked_at) == ({"events": 40}, 1000.0, clock.now)
        assert service.problem == "nobody there"
    clock.now = 1020.0
    asyncio.run(watch.look_at(service))
    assert (service.state, service.since, service.up_since, service.problem) == ("up", 1020.0, 1015.0, None)
    assert service.figures == {"events": 0}


def test_an_answer_that_is_not_understood_is_no_health(clock):
    async def look():
        raise KeyError("beans")

    service, watch = watch_of(clock, look)
    asyncio.run(watch.look_at(service))
    assert (service.state, service.problem) == ("down", "its answer is not understood: KeyError")


def test_it_is_alive_while_it_looks(clock):
    async def look():
        return Reading()

    service, watch = watch_of(clock, look)
    assert not watch.alive()
    asyncio.run(watch.look_at(service))
    assert watch.alive()
    clock.now += 60
    assert not watch.alive()


def test_who_comes_is_shown_new_figures_at_once(clock):
    looks = []

    async def look():
        looks.append(asyncio.get_running_loop().time())
        return Reading()

    async def visit():
        _, watch = watch_of(clock, look)
        running = asyncio.create_task(watch.run())
        await asyncio.sleep(0.1)
        assert len(looks) == 1
        watch.somebody_looks()
        await asyncio.sleep(0.1)
        assert len(looks) == 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("known", "told", "now", "start"),
    [
        (None, 100.0, 200.0, 100.0),
        (100.0, None, 200.0, None),
        (100.0, 104.0, 200.0, 100.0),
        (100.0, 106.0, 200.0, 106.0),
        (100.0, 160.0, 10_000.0, 100.0),
        (100.0, 9_990.0, 10_000.0, 9_990.0),
    ],
)
def test_a_rounded_start_does_not_wander(known, told, now, start):
    assert steady(known, told, now) == start
