"""Reads and writes inside the student's folder, and follows no link in it: nothing outside is reached."""

import os
import secrets
import stat


class InTheWay(Exception):
    """Where a folder has to be stands something else."""


class NotAFile:
    """What stands at a path that is no plain file: a link, a folder ..."""

    def __init__(self, mode):
        self.kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a special file"


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
        folder, name = self._open_folder(path, make=True)
        draft = f".{name}.{secrets.token_hex(4)}"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
            with open(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(handle, _mode(name, folder))
                os.fsync(handle)
            os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            _forget(draft, folder)
            raise
        finally:
            os.close(folder)

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
