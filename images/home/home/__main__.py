"""Runs the service: python3 -m home."""

import asyncio
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from home.app import make_app
from home.settings import BadSetting, read_settings

PORT = 8000
# Names of containers that do not run are asked for in threads, and those may wait for an answer from outside the lab.
THREADS = 16


async def main(settings):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    runner = web.AppRunner(make_app(settings), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", PORT).start()
    print(f"The front page of the lab {settings.lab} listens on port {PORT} and asks for the lab's token.", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
try:
    asyncio.run(main(read_settings()))
except BadSetting as problem:
    sys.exit(f"home: {problem}")
except KeyboardInterrupt:
    pass
