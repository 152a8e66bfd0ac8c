"""What a look at a service brings back, and how it ends when the service is not well."""

import asyncio
import socket
from dataclasses import dataclass, field

SECONDS = 3.0


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    def __str__(self):
        return f"{self.host}:{self.port}"


class Down(Exception):
    """The service does not do its job; the message says what was seen, in one line."""


@dataclass
class Reading:
    """What a service said. `up_since` is in seconds since 1970, as the service itself tells it, or None."""

    figures: dict = field(default_factory=dict)
    up_since: float | None = None


async def ask(address, data, size=65536, seconds=SECONDS):
    """What a server answers to these bytes, until it closes the connection or has sent `size` of them."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                writer.write(data)
                answer = b""
                while len(answer) < size and (more := await reader.read(size - len(answer))):
                    answer += more
                return answer
            finally:
                writer.close()
    except TimeoutError:
        raise Down(f"no answer at {address} in {seconds:.0f} s") from None
    except OSError as problem:
        raise Down(unreachable(address, problem)) from None


def unreachable(address, problem):
    """Why nobody answers: names are known in a lab's network as long as their containers run."""
    if isinstance(problem, socket.gaierror):
        return f"its container does not run ({address.host} is not on the lab's network)"
    if isinstance(problem, ConnectionRefusedError):
        return f"its container runs, but nothing listens on port {address.port}"
    return f"{address} can't be reached: {problem.strerror or problem}"
