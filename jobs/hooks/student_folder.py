"""Reads and writes inside the student's folder, and follows no link in it: nothing outside is reached."""

import contextlib
import os
import secrets
import stat
from typing import NamedTuple


class InTheWay(Exception):
    """Where a folder has to be stands something else."""


class NotAFile:
    """What stands at a path that is no plain file: a link, a folder ..."""

    def __init__(self, mode):
        self.kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a special file"


class Place(NamedTuple):
    """A handle on a path's folder (None where that is missing), and the name in it."""

    folder: int | None
    name: str


class StudentFolder:
    def __init__(self, root):
        self.root = root
        self._top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    def read(self, path):
        """The file's bytes, None where there is nothing, a NotAFile where there is something else."""
        folder, name = self._open_folder(path, make=False)
        if folder is None:
            return None
        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode):
                return NotAFile(mode)
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        finally:
            os.close(folder)

    def write(self, path, content):
        """Puts the file there, whole or not at all; one that was there keeps its mode."""
        with self.draft(path) as file:
            file.write(content)

    @contextlib.contextmanager
    def draft(self, path, mode=None):
        """A file to write that takes the path's place when it is whole, with the mode of the one that was there."""
        folder, name = self._open_folder(path, make=True)
        draft = f".{name[:200]}.{secrets.token_hex(4)}"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
            with open(handle, "wb") as file:
                yield file
                file.flush()
                os.fchmod(handle, _mode(name, folder) if mode is None else mode)
                os.fsync(handle)
            os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            _forget(draft, folder)
            raise
        finally:
            os.close(folder)

    def status(self, path):
        """What stands there (a link itself, not its target), or None."""
        with self._at(path) as at:
            if at.folder is None:
                return None
            try:
                return os.stat(at.name, dir_fd=at.folder, follow_symlinks=False)
            except FileNotFoundError:
                return None

    def open(self, path):
        """The plain file, to read."""
        with self._at(path) as at:
            return open(os.open(at.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at.folder), "rb")

    def make_folder(self, path, mode):
        with self._at(path, make=True) as at:
            os.mkdir(at.name, mode, dir_fd=at.folder)

    def set_mode(self, path, mode):
        with self._at(path) as at:
            os.chmod(at.name, mode, dir_fd=at.folder)

    def link(self, path, target):
        with self._at(path, make=True) as at:
            os.symlink(target, at.name, dir_fd=at.folder)

    def target(self, path):
        """Where the link points."""
        with self._at(path) as at:
            return os.readlink(at.name, dir_fd=at.folder)

    def rename(self, path, name):
        """Gives what stands there another name in its folder, which nothing may have."""
        with self._at(path) as at:
            os.rename(at.name, name, src_dir_fd=at.folder, dst_dir_fd=at.folder)

    @contextlib.contextmanager
    def _at(self, path, make=False):
        at = Place(*self._open_folder(path, make))
        try:
            yield at
        finally:
            if at.folder is not None:
                os.close(at.folder)

    def _open_folder(self, path, make):
        """A handle on the folder of the path (None where it is missing, and not to be made), and the name."""
        *folders, name = path.split("/")
        handle = os.dup(self._top)
        for depth, folder in enumerate(folders, 1):
            outer = handle
            try:
                handle = _enter(folder, outer, make)
            except FileNotFoundError:
                return None, name
            except NotADirectoryError:
                at = "/".join([self.root, *folders[:depth]])
                raise InTheWay(f"{at} has to be a folder, and is a file or a link") from None
            finally:
                os.close(outer)
        return handle, name


def _enter(folder, outer, make):
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        return os.open(folder, flags, dir_fd=outer)
    except FileNotFoundError:
        if not make:
            raise
        os.mkdir(folder, 0o755, dir_fd=outer)
        return os.open(folder, flags, dir_fd=outer)


def _forget(draft, folder):
    try:
        os.unlink(draft, dir_fd=folder)
    except FileNotFoundError:
        pass


def _mode(name, folder):
    try:
        return stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return 0o644
