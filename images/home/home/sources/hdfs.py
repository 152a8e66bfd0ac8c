"""HDFS, by the NameNode's JMX page and WebHDFS: Parquet files under /tmp, and how far the stream has come."""

import json
import re
from datetime import UTC, datetime

import aiohttp

from home.parquet import Footer, footer_size, read_footer
from home.reading import SECONDS, Down, Reading, unreachable

ROOT = "/tmp"
CHECKPOINT = "/tmp/checkpoints_for_sword_purchases"
PURCHASES = "/tmp/purchases"
TOPIC = "events"
NOT_OURS = re.compile(r"lab-canary-|checkpoints_for_|hive$|hadoop|\.")
MOST_FOLDERS = 12
FOOTERS_A_LOOK = 40  # a stream makes a file each ten seconds: what is there already is counted in several looks
FOOTER_GUESS = 16 * 1024
MOST_FOOTER = 4 * 1024 * 1024


class Hdfs:
    def __init__(self, address, session):
        self.address = address
        self.session = session
        self._footers = {}
        self._folders = {}
        self._stream = (None, None)

    async def look(self):
        try:
            state, started = await self._state()
            if state["FSState"] != "Operational" or state["NumLiveDataNodes"] < 1:
                raise Down(f"{state['FSState']}, {state['NumLiveDataNodes']} DataNodes are there")
            entries = await self._list(ROOT)
            folders = await self._look_at_folders(entries)
            stream = await self._look_at_stream(entries)
        except TimeoutError:
            raise Down(f"no answer at {self.address} in {SECONDS:.0f} s") from None
        except aiohttp.ClientConnectorError as problem:
            raise Down(unreachable(self.address, problem.os_error)) from None
        except (aiohttp.ClientError, ValueError, KeyError, IndexError) as problem:
            raise Down(f"{self.address} gives no proper answer: {type(problem).__name__} {problem}"[:200]) from None
        return Reading(
            {
                "dataNodes": state["NumLiveDataNodes"],
                "usedBytes": state["CapacityUsed"],
                "freeBytes": state["CapacityRemaining"],
                "folders": folders,
                "stream": stream,
                "lastPurchase": self._last_purchase(folders),
            },
            up_since=started / 1000,
        )

    async def _state(self):
        beans = (await self._get("/jmx", qry="Hadoop:service=NameNode,name=FSNamesystemState"))["beans"]
        info = (await self._get("/jmx", get="Hadoop:service=NameNode,name=NameNodeInfo::NNStartedTimeInMillis"))[
            "beans"
        ]
        return beans[0], info[0]["NNStartedTimeInMillis"]

    async def _look_at_folders(self, entries):
        """Every folder directly under /tmp that has Parquet files in it."""
        folders = []
        budget = FOOTERS_A_LOOK
        names = [entry for entry in entries if entry["type"] == "DIRECTORY" and not NOT_OURS.match(entry["pathSuffix"])]
        for entry in names[:MOST_FOLDERS]:
            path = f"{ROOT}/{entry['pathSuffix']}"
            files = await self._files(path, entry["modificationTime"])
            if not files:
                continue
            for file in files:
                key = (path, file["pathSuffix"], file["length"], file["modificationTime"])
                if key not in self._footers and budget > 0:
                    budget -= 1
                    self._footers[key] = await self._footer(f"{path}/{file['pathSuffix']}", file["length"])
            known = [self._footers.get((path, f["pathSuffix"], f["length"], f["modificationTime"])) for f in files]
            folders.append(
                {
                    "path": path,
                    "files": len(files),
                    "bytes": sum(file["length"] for file in files),
                    "rows": sum(footer.rows for footer in known if footer),
                    "counted": sum(footer is not None for footer in known),
                    "changed": max(file["modificationTime"] for file in files) / 1000,
                }
            )
        self._forget({folder["path"] for folder in folders})
        return folders

    def _forget(self, paths):
        there = {
            (path, file["pathSuffix"], file["length"], file["modificationTime"])
            for path, (_, files) in self._folders.items()
            if path in paths
            for file in files
        }
        self._footers = {key: footer for key, footer in self._footers.items() if key in there}
        self._folders = {path: known for path, known in self._folders.items() if path in paths}

    async def _files(self, path, changed):
        """The folder's Parquet files that a table over it would read. Listed again only when the folder has changed."""
        known = self._folders.get(path)
        if known and known[0] == changed:
            return known[1]
        files = [
            {name: entry[name] for name in ("pathSuffix", "length", "modificationTime")}
            for entry in await self._list(path)
            if entry["type"] == "FILE"
            and entry["length"] > 0
            and entry["pathSuffix"].endswith(".parquet")
            and not entry["pathSuffix"].startswith(("_", "."))
        ]
        self._folders[path] = (changed, files)
        return files

    async def _footer(self, path, length):
        """A file's footer; one that can't be read counts as no rows."""
        try:
            end = await self._open(path, max(0, length - FOOTER_GUESS))
            size = footer_size(end)
            if len(end) < size <= min(length, MOST_FOOTER):
                end = await self._open(path, length - size)
            return read_footer(end, "timestamp")
        except (ValueError, FileNotFoundError):
            return Footer(0, None)

    def _last_purchase(self, folders):
        """Kafka's time of the youngest event that the batch job has written, in milliseconds."""
        if not any(folder["path"] == PURCHASES and folder["counted"] == folder["files"] for folder in folders):
            return None
        largest = [footer.largest for (path, *_), footer in self._footers.items() if path == PURCHASES]
        return to_milliseconds(max(filter(None, largest), default=None))

    async def _look_at_stream(self, entries):
        """How many events the stream that keeps swords has read, from the last batch of its checkpoint that is done."""
        name = CHECKPOINT.rpartition("/")[2]
        if name not in [entry["pathSuffix"] for entry in entries]:
            return None
        commits = next((part for part in await self._list(CHECKPOINT) if part["pathSuffix"] == "commits"), None)
        if commits is None:
            return None
        changed = commits["modificationTime"]
        if self._stream[0] != changed:
            batches = [
                int(part["pathSuffix"])
                for part in await self._list(f"{CHECKPOINT}/commits")
                if part["pathSuffix"].isdecimal()
            ]
            read = await self._offsets(max(batches)) if batches else None
            self._stream = (changed, read and {"batch": max(batches), "read": read, "changed": changed / 1000})
        return self._stream[1]

    async def _offsets(self, batch):
        """The last line of a batch's offsets: {"events": {"0": 40}}."""
        lines = (await self._open(f"{CHECKPOINT}/offsets/{batch}", 0)).decode().strip().splitlines()
        return sum(json.loads(lines[-1])[TOPIC].values())

    async def _list(self, path):
        try:
            return (await self._get(f"/webhdfs/v1{path}", op="LISTSTATUS"))["FileStatuses"]["FileStatus"]
        except FileNotFoundError:
            return []

    async def _open(self, path, offset):
        """A file's bytes from an offset; the DataNode has them."""
        async with self._request(f"/webhdfs/v1{path}", op="OPEN", offset=str(offset)) as answer:
            return await self._checked(answer, path).read()

    async def _get(self, path, **query):
        async with self._request(path, **query) as answer:
            return await self._checked(answer, path).json(content_type=None)

    def _request(self, path, **query):
        return self.session.get(f"http://{self.address}{path}", params=query)

    def _checked(self, answer, path):
        if answer.status == 404:  # noqa: PLR2004
            raise FileNotFoundError(path)
        answer.raise_for_status()
        return answer


def to_milliseconds(text):
    """Spark's text of a time, such as 2026-11-24 10:20:03.1, in the lab's zone: UTC. None when it is none."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?", text or "")
    if not match:
        return None
    seconds = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC).timestamp()
    return int(seconds) * 1000 + int((match[3] or "0").ljust(3, "0")[:3])
