"""A save's archive: a tar, gzipped, of four parts and a manifest at its end, written and read as a stream.

    hdfs/tmp/...                        each file and folder, with owner and mode
    kafka/topics.json                   partitions, offsets, settings
    kafka/TOPIC/PARTITION/OFFSET.jsonl  events, from this offset on
    metastore/databases.json            and metastore/DATABASE/TABLE.json
    w205/...
    manifest.json                       what each part has, and the SHA-256 of it

A part's SHA-256 is that of one line for each of its members, in their order (see `line`). Names are ASCII: what else
is in one, and "%" and "\\", stands there in percents.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import urllib.parse

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20
PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in "%\\")


class BadArchive(Exception):
    """What is wrong with an archive."""


def quote(name):
    """A name, text or bytes, in ASCII."""
    return urllib.parse.quote(name, safe=PLAIN)


def unquote(name):
    return urllib.parse.unquote_to_bytes(name)


def line(member, content):
    """What the part's sum is made of: `content` is the SHA-256 of a file, and where a link points."""
    kind = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link"}.get(member.type, "file")
    fields = [member.name, kind, member.mode, member.uname, member.gname, member.mtime, member.size, content]
    return json.dumps(fields, separators=(",", ":")) + "\n"


class Part:
    """Counts and sums up the members of a part."""

    def __init__(self):
        self._sum = hashlib.sha256()
        self.counts = {"members": 0, "bytes": 0}

    def add(self, member, content):
        self._sum.update(line(member, content).encode())
        self.count(members=1, bytes=member.size)

    def count(self, **more):
        for name, number in more.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def summary(self):
        return {**self.counts, "sha256": self._sum.hexdigest()}


class Writer:
    def __init__(self, output):
        # The fastest of the levels: parquet is compressed already, and text shrinks to a tenth by any of them.
        self._zip = gzip.GzipFile(fileobj=output, mode="wb", compresslevel=1, mtime=0, filename="")
        self._tar = tarfile.open(  # noqa: SIM115 - finish() closes it
            fileobj=self._zip, mode="w|", format=tarfile.PAX_FORMAT
        )
        self.parts = {}

    def part(self, name):
        self.parts[name] = Part()
        return self.parts[name]

    def folder(self, name, mode, mtime, names=("", "")):
        self._add(self._member(name, tarfile.DIRTYPE, mode, mtime, names), "")

    def link(self, name, target, mtime):
        member = self._member(name, tarfile.SYMTYPE, 0o777, mtime)
        member.linkname = quote(target)
        self._add(member, member.linkname)

    def file(self, name, stream, size, *, mode=0o644, mtime=0, names=("", "")):
        """Writes exactly `size` bytes of the stream. Raises EOFError where it has fewer: the archive is spoilt then."""
        member = self._member(name, tarfile.REGTYPE, mode, mtime, names)
        member.size = size
        summed = Summed(stream, size)
        self._tar.addfile(member, summed)
        self._count(member, summed.sum.hexdigest())

    def text(self, name, data):
        self.file(name, io.BytesIO(data), len(data))

    def finish(self, manifest):
        data = json.dumps(
            {"format": FORMAT, **manifest, "parts": {name: part.summary() for name, part in self.parts.items()}},
            indent=1,
        ).encode()
        member = self._member(MANIFEST, tarfile.REGTYPE, 0o644, 0)
        member.size = len(data)
        self._tar.addfile(member, io.BytesIO(data))
        self._tar.close()
        self._zip.close()

    def _member(self, name, kind, mode, mtime, names=("", "")):
        member = tarfile.TarInfo(quote(name))
        member.type, member.mode, member.mtime = kind, mode, int(mtime)
        member.uname, member.gname = map(quote, names)
        return member

    def _add(self, member, content):
        self._tar.addfile(member)
        self._count(member, content)

    def _count(self, member, content):
        self.parts[member.name.partition("/")[0]].add(member, content)


class Summed:
    """A stream that sums up what is read from it, and ends with an error where it is too short."""

    def __init__(self, stream, size):
        self._stream = stream
        self._left = size
        self.sum = hashlib.sha256()

    def read(self, count):
        data = self._stream.read(min(count, self._left))
        if not data and self._left and count:
            raise EOFError
        self._left -= len(data)
        self.sum.update(data)
        return data


def members(stream):
    """The archive's members, each with its content to read (None for folders and links), without the manifest."""
    with tarfile.open(fileobj=gzip.GzipFile(fileobj=stream, mode="rb"), mode="r|") as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            yield member, tar.extractfile(member) if member.isreg() else None
        # To the end, so that whoever writes it is not cut off.
        while stream.read(BLOCK):
            pass


def sha256(stream, length=None):
    """Of what there is to read, or of so many bytes of it."""
    found = hashlib.sha256()
    while data := stream.read(BLOCK if length is None else min(BLOCK, length)):
        found.update(data)
        length = None if length is None else length - len(data)
    return found.hexdigest()


def below(name, part):
    """A member's path in its part, as bytes. Raises BadArchive on one that would lead out of it."""
    path = unquote(name.partition("/")[2])
    if name.partition("/")[0] != part or b"\0" in path or any(word in (b"", b".", b"..") for word in path.split(b"/")):
        raise BadArchive(f"the archive has the name {name!r}")
    return path


def text_path(path):
    return os.fsdecode(path)
