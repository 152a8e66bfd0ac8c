"""The student's folder /w205: saved, compared with an archive's, and put back beside what is there.

What a student has made since is never lost: a file that differs from the archive's gets another name and stays. The
lab's own job files, where nobody has edited them, stay those of the lab that is there.
"""

import hashlib
import io
import json
import os
import stat
from pathlib import PurePosixPath

from archive import BLOCK, below, sha256, text_path, unquote
from install_jobs import MANIFEST
from student_folder import InTheWay, StudentFolder

ROOT = "/w205"
# Read whole before they are written, so that a change in between can't spoil the archive.
SMALL = 16 << 20


def save(writer, left_out):
    part = writer.part("w205")
    part.count(files=0)
    top = os.fsencode(ROOT)
    for path, status in walk(top, left_out):
        name = b"w205/" + os.path.relpath(path, top)
        if stat.S_ISDIR(status.st_mode):
            writer.folder(name, stat.S_IMODE(status.st_mode), status.st_mtime)
        elif stat.S_ISLNK(status.st_mode):
            writer.link(name, os.readlink(path), status.st_mtime)
        elif stat.S_ISREG(status.st_mode):
            try:
                save_file(writer, path, name)
                part.count(files=1)
            except PermissionError as error:
                left_out.append(f"{os.fsdecode(path)}: {error.strerror}")
            except FileNotFoundError:
                pass  # deleted meanwhile


def walk(folder, left_out):
    """Each thing below the folder, folders first, in the order of their names. Sockets and the like have no content."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except PermissionError as error:
        left_out.append(f"{os.fsdecode(folder)}: {error.strerror}")
        return
    for entry in entries:
        status = entry.stat(follow_symlinks=False)
        yield entry.path, status
        if stat.S_ISDIR(status.st_mode):
            yield from walk(entry.path, left_out)


def save_file(writer, path, name):
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        status = os.fstat(file.fileno())
        size = status.st_size
        attributes = {"mode": stat.S_IMODE(status.st_mode), "mtime": status.st_mtime}
        if size > SMALL:
            writer.file(name, file, size, **attributes)
        else:
            data = file.read(SMALL)
            writer.file(name, io.BytesIO(data), len(data), **attributes)


class Restore:
    def __init__(self, write):
        self.folder = StudentFolder(ROOT)
        self.write = write
        self.conflicts, self.missing, self.same = [], 0, 0
        self.said = []
        self._originals = originals(self.folder.read(MANIFEST))
        self._modes = []

    def member(self, member, content):
        path = text_path(below(member.name, "w205"))
        if path == MANIFEST and content:
            self._manifest(content.read())
            return
        if self.write:
            self._clear_way(path)
        try:
            status = self.folder.status(path)
        except InTheWay:
            status = None
        if member.isdir():
            self._folder(path, member, status)
        elif member.issym():
            self._link(path, os.fsdecode(unquote(member.linkname)), status)
        else:
            self._file(path, member, status, content)

    def _clear_way(self, path):
        """What stands where the path's folders have to be gets another name."""
        *folders, _ = path.split("/")
        for depth in range(1, len(folders) + 1):
            outer = "/".join(folders[:depth])
            status = self.folder.status(outer)
            if status and not stat.S_ISDIR(status.st_mode):
                self._put_aside(outer)

    def _put_aside(self, path):
        name = PurePosixPath(path)
        number = 1
        while True:
            other = name.with_name(f"{name.stem}.kept{number if number > 1 else ''}{name.suffix}")
            if self.folder.status(str(other)) is None:
                self.folder.rename(path, other.name)
                self.said.append(f"{ROOT}/{path} was there, other than in the archive: it is now {ROOT}/{other}")
                return
            number += 1

    def _makes_room(self, path, status):
        """Whether what is missing is to be made at the path; what stood there then has another name."""
        self.missing += 1
        if self.write and status:
            self._put_aside(path)
        return self.write

    def _folder(self, path, member, status):
        if status and stat.S_ISDIR(status.st_mode):
            self.same += 1
            return
        if self._makes_room(path, status):
            # Its mode last: it may forbid to write into it.
            self.folder.make_folder(path, 0o755)
            self._modes.append((path, member.mode))

    def _link(self, path, target, status):
        if status and stat.S_ISLNK(status.st_mode) and self.folder.target(path) == target:
            self.same += 1
            return
        if self._makes_room(path, status):
            self.folder.link(path, target)

    def _file(self, path, member, status, content):
        there = None
        if status and stat.S_ISREG(status.st_mode):
            with self.folder.open(path) as file:
                there = sha256(file)
        if not self.write:
            self._judge(path, there, sha256(content))
            return
        if status and there is None:
            self._put_aside(path)
        try:
            with self.folder.draft(path, member.mode) as draft:
                if not self._judge(path, there, copy(content, draft)):
                    raise Unneeded
                if there and there not in self._originals.get(path, ()):
                    self._put_aside(path)
        except Unneeded:
            pass

    def _judge(self, path, there, saved):
        """Whether the archive's file has to be written."""
        known = self._originals.get(path, ())
        if there == saved or (there in known and saved in known):
            self.same += 1
            return False
        self.missing += 1
        return True

    def _manifest(self, content):
        saved = originals(content)
        if all(set(sums) <= set(self._originals.get(path, ())) for path, sums in saved.items()):
            self.same += 1
            return
        self.missing += 1
        for path, sums in saved.items():
            mine = self._originals.setdefault(path, [])
            mine += [one for one in sums if one not in mine]
        if self.write:
            text = json.dumps({"originals": self._originals}, indent=1, sort_keys=True) + "\n"
            self.folder.write(MANIFEST, text.encode())

    def finish(self):
        for path, mode in reversed(self._modes):
            self.folder.set_mode(path, mode)


class Unneeded(Exception):
    """What is there is right."""


def originals(text):
    """The sums of the lab's own files, by path."""
    try:
        return {path: [str(one) for one in sums] for path, sums in json.loads(text)["originals"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def copy(stream, file):
    """Gives the SHA-256 of what was copied."""
    found = hashlib.sha256()
    while data := stream.read(BLOCK):
        found.update(data)
        file.write(data)
    return found.hexdigest()
