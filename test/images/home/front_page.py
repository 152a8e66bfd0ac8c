"""Servers that say what a test wants, and addresses at which nobody listens."""

import asyncio
import contextlib
import socket

from home.reading import Address

TOKEN = "0123456789abcdef0123456789abcdef"


def free_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Address("127.0.0.1", free.getsockname()[1])


@contextlib.asynccontextmanager
async def server(answer):
    """Listens, and answers whatever comes first with these bytes. Gives its address and what came."""
    heard = []

    async def serve(reader, writer):
        heard.append(await reader.read(4096))
        writer.write(answer)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", listening.sockets[0].getsockname()[1]), heard
    finally:
        listening.close()
