"""JupyterLab, Presto and Superset, by their own APIs."""

import re
import time
from datetime import datetime

import aiohttp

from home.reading import SECONDS, Down, Reading, unreachable

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
CANARY = "lab_canary_"
# What Superset asks for its own lists of schemas and tables is nobody's query.
SUPERSETS_LISTS = re.compile(r"\s*show\b|.*\binformation_schema\b", re.IGNORECASE | re.DOTALL)
QUERIES = 5
LONGEST = 300
ENDED = {"FINISHED", "FAILED"}


class Web:
    """A service's HTTP API."""

    def __init__(self, address, session, headers=None):
        self.address = address
        self.session = session
        self.headers = headers or {}

    async def get(self, path, read=lambda answer: answer.json(content_type=None)):
        try:
            async with self.session.get(f"http://{self.address}{path}", headers=self.headers) as answer:
                answer.raise_for_status()
                return await read(answer)
        except TimeoutError:
            raise Down(f"no answer at {self.address} in {SECONDS:.0f} s") from None
        except aiohttp.ClientConnectorError as problem:
            raise Down(unreachable(self.address, problem.os_error)) from None
        except aiohttp.ClientResponseError as problem:
            raise Down(f"{path} is answered with {problem.status} {problem.message}") from None
        except (aiohttp.ClientError, ValueError) as problem:
            raise Down(f"{path} gets no proper answer: {type(problem).__name__} {problem}"[:200]) from None


class Jupyter(Web):
    async def look(self):
        status = await self.get("/api/status")
        try:
            started = datetime.fromisoformat(status["started"]).timestamp()
            return Reading({"kernels": status["kernels"]}, up_since=started)
        except (KeyError, TypeError, ValueError):
            raise Down(f"/api/status answers {str(status)[:120]}") from None


class Superset(Web):
    async def look(self):
        said = await self.get("/health", lambda answer: answer.text())
        if said != "OK":
            raise Down(f"/health answers {said[:120]!r}")
        return Reading()


class Presto(Web):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Presto forgets a query after half a minute or twenty others, its health checks among them.
        self._queries = {}

    async def look(self):
        info = await self.get("/v1/info")
        if info.get("starting", True):
            raise Down("it is still starting")
        cluster = await self.get("/v1/cluster")
        self._take(await self.get("/v1/query"))
        return Reading(
            {
                "workers": cluster["activeWorkers"],
                "running": cluster["runningQueries"],
                "queries": sorted(self._queries.values(), key=lambda query: query["created"], reverse=True),
            },
            up_since=time.time() - seconds(info["uptime"]),
        )

    def _take(self, queries):
        for query in self._queries.values():
            if query["state"] not in ENDED:
                query["state"] = "GONE"  # unless it is among those below
        for query in queries:
            user, source = query["session"].get("user"), query["session"].get("source")
            if user == "health" or CANARY in query["query"]:
                continue
            if source == "superset" and SUPERSETS_LISTS.match(query["query"]):
                continue
            stats = query["queryStats"]
            self._queries[query["queryId"]] = {
                "text": query["query"][:LONGEST],
                "state": query["state"],
                "source": source or user,
                "created": datetime.fromisoformat(stats["createTime"]).timestamp(),
                "seconds": seconds(stats["elapsedTime"]),
            }
        youngest = sorted(self._queries, reverse=True)[:QUERIES]
        self._queries = {name: self._queries[name] for name in youngest}


def seconds(duration):
    """A duration as Presto writes it, such as 13.86m."""
    number, unit = re.fullmatch(r"([\d.]+)(ns|us|ms|s|m|h|d)", duration).groups()
    return float(number) * UNITS[unit]
