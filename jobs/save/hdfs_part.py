"""What is in HDFS under /user and /tmp: saved from a snapshot, compared with an archive's, and put back.

A snapshot of HDFS is one instant of all its files. A stream's checkpoint, its list of finished files and the files
belong together in it as after a crash, which is what streams are made to go on from.
"""

import hashlib
import itertools
import re
import secrets
import sys
import time
import urllib.request

from archive import below, sha256, text_path
from lab import Hdfs, fail

ROOTS = ("/user", "/tmp")
# Hive's scratch, and the canary's own.
LEFT_OUT = re.compile(r"/tmp/(hive|lab-canary-[a-z0-9]{6,32})(/.*)?")
SNAPSHOT = re.compile(r"lab-save-[0-9a-z-]+")
# Where a file is written before it gets its name: outside of what is saved, and in the same file system.
DRAFTS = "/system/lab-restore"


class HdfsFiles(Hdfs):
    """HDFS with what saving and restoring need of it."""

    def take_snapshot(self):
        """One instant of everything; gives the snapshot's name."""
        self.drop_snapshots()
        name = f"lab-save-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        self._ask("PUT", "/", "ALLOWSNAPSHOT")
        self._ask("PUT", "/", "CREATESNAPSHOT", snapshotname=name)
        return name

    def drop_snapshots(self):
        """Takes away the snapshots of this save and of any that was cut off."""
        for snapshot in self.listing("/.snapshot"):
            if SNAPSHOT.fullmatch(snapshot["pathSuffix"]):
                self._ask("DELETE", "/", "DELETESNAPSHOT", snapshotname=snapshot["pathSuffix"])

    def walk(self, top, root=""):
        """Each file and folder below, folders first, in the order of their names: path and status. `root` is before
        the path when it is asked for, and not in what is given.
        """
        for status in sorted(self.listing(root + top), key=lambda status: status["pathSuffix"]):
            path = f"{top}/{status['pathSuffix']}"
            if LEFT_OUT.fullmatch(path):
                continue
            yield path, status
            if status["type"] == "DIRECTORY":
                yield from self.walk(path, root)

    def open(self, path):
        """The file's content to read, and its length."""
        answer = self._open("GET", path, "OPEN")
        return answer, int(answer.headers["Content-Length"])

    def create(self, path, content, mode):
        """Writes the file: the NameNode names a DataNode, which takes it. `content` has a size and can be read."""
        permission = f"{mode:o}"
        where = self._ask("PUT", path, "CREATE", overwrite="true", permission=permission, noredirect="true")["Location"]
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(content.size)}
        request = urllib.request.Request(where, data=content, headers=headers, method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
        except OSError as error:
            fail(f"HDFS: {path} could not be written: {error}")

    def rename(self, old, new):
        if not self._ask("PUT", old, "RENAME", destination=new)["boolean"]:
            fail(f"HDFS: {old} could not be renamed to {new}")

    def set_attributes(self, path, member):
        self._ask("PUT", path, "SETPERMISSION", permission=f"{member.mode:o}")
        self.set_owner(path, member.uname, member.gname)

    def set_time(self, path, seconds):
        self._ask("PUT", path, "SETTIMES", modificationtime=seconds * 1000, accesstime=-1)


def save(writer):
    hdfs = HdfsFiles()
    part = writer.part("hdfs")
    part.count(files=0)
    at = f"/.snapshot/{hdfs.take_snapshot()}"
    try:
        for root in ROOTS:
            top = hdfs.status(at + root)
            for path, status in itertools.chain([(root, top)], hdfs.walk(root, at)) if top else []:
                mode, mtime = int(status["permission"], 8), status["modificationTime"] // 1000
                names = status["owner"], status["group"]
                if status["type"] == "DIRECTORY":
                    writer.folder(f"hdfs{path}", mode, mtime, names)
                else:
                    content, length = hdfs.open(at + path)
                    with content:
                        writer.file(f"hdfs{path}", content, length, mode=mode, mtime=mtime, names=names)
                    part.count(files=1)
    finally:
        hdfs.drop_snapshots()


class Restore:
    """Compares the members of an archive with what is in HDFS, and writes what is missing.

    `write` is whether it may. What differs is never overwritten: `conflicts` says so.
    """

    def __init__(self, write):
        self.hdfs = HdfsFiles()
        self.write = write
        self.conflicts, self.missing, self.same = [], 0, 0
        self._seen = set()
        self._folders = []
        if write:
            self.hdfs.delete(DRAFTS)

    def member(self, member, content):
        path = "/" + text_path(below(member.name, "hdfs"))
        self._seen.add(path)
        status = self.hdfs.status(path)
        if member.isdir():
            self._folder(path, member, status)
        else:
            self._file(path, member, status, content)

    def _folder(self, path, member, status):
        if status and status["type"] != "DIRECTORY":
            self.conflicts.append(f"HDFS: {path} is a file, and a folder in the archive")
        elif self.write:
            if not status:
                self.hdfs.make_folder(path)
            self._folders.append((path, member))
        elif status and has_attributes(status, member):
            self.same += 1
        else:
            self.missing += 1

    def _file(self, path, member, status, content):
        if status is None:
            self.missing += 1
            if self.write:
                self._put(path, member, content)
        elif status["type"] != "FILE" or status["length"] != member.size or not self._equal(path, member, content):
            self.conflicts.append(f"HDFS: {path} is there, and not as in the archive")
        elif has_attributes(status, member):
            self.same += 1
        elif self.write:
            self.hdfs.set_attributes(path, member)
        else:
            self.missing += 1

    def _equal(self, path, member, content):
        there, _ = self.hdfs.open(path)
        with there:
            # A file that its writer left open gives more than the length that HDFS, and a snapshot, has of it.
            return sha256(there, member.size) == sha256(content)

    def _put(self, path, member, content):
        """Whole or not at all: a name is given to a file that is complete."""
        draft = f"{DRAFTS}/{hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()}"
        self.hdfs.create(draft, Sized(content, member.size), member.mode)
        self.hdfs.set_owner(draft, member.uname, member.gname)
        self.hdfs.set_time(draft, member.mtime)
        self.hdfs.rename(draft, path)

    def finish(self):
        # Inner ones first: a folder may take away the right to write into it, and what is put into one sets its time.
        for path, member in reversed(self._folders):
            self.hdfs.set_attributes(path, member)
            self.hdfs.set_time(path, member.mtime)
        if self.write:
            self.hdfs.delete(DRAFTS)
        for root in ROOTS:
            for path, status in self.hdfs.walk(root):
                if path not in self._seen and status["type"] == "FILE":
                    self.conflicts.append(f"HDFS: {path} is there, and not in the archive")


def has_attributes(status, member):
    return (int(status["permission"], 8), status["owner"], status["group"]) == (
        member.mode,
        member.uname,
        member.gname,
    )


def clear():
    """Takes away all files under /user and /tmp, and folders but the roots."""
    hdfs = HdfsFiles()
    for root in ROOTS:
        for status in hdfs.listing(root):
            path = f"{root}/{status['pathSuffix']}"
            if not LEFT_OUT.fullmatch(path):
                hdfs.delete(path)
                print(f"HDFS: {path} taken away", file=sys.stderr)


class Sized:
    """A stream of known length, as http.client takes it."""

    def __init__(self, stream, size):
        self._stream = stream
        self.size = size

    def read(self, count=-1):
        return self._stream.read(count)
