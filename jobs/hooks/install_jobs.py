"""Hook `jobs`: puts the lab's job files into the student's folder.

install_jobs.py [--check LAB] SOURCE[=FOLDER] ... /w205        (in mids)

Each source's files go into the student's folder itself, or into FOLDER below it.
A file that is missing is written, and one that is still as the lab wrote it is brought up to date. One that
the student has edited is never touched: where the lab's original has changed since, the new original is put
beside it as NAME.new.py, and that is said. /w205/.lab/installed.json has the originals' sums; without it,
each file that differs counts as the student's. Nothing is ever deleted. With --check it changes nothing and
fails when a file is missing.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path, PurePosixPath

from lab import fail, mend
from student_folder import InTheWay, NotAFile, StudentFolder

MANIFEST = ".lab/installed.json"


class Manifest:
    """The sums of all originals that the lab has put at each path."""

    def __init__(self, folder):
        self._folder = folder
        self._sums, self.broken = self._load()
        self._saved = json.dumps(self._sums)

    def _load(self):
        text = self._folder.read(MANIFEST)
        if text is None:
            return {}, False
        if isinstance(text, NotAFile):
            raise InTheWay(f"{self._folder.root}/{MANIFEST} has to be a file, and is {text.kind}")
        try:
            sums = json.loads(text)
            return {path: [str(each) for each in known] for path, known in sums["originals"].items()}, False
        except (ValueError, TypeError, KeyError, AttributeError):
            return {}, True

    def knows(self, path, content):
        return _sum(content) in self._sums.get(path, [])

    def add(self, path, content):
        if not self.knows(path, content):
            self._sums.setdefault(path, []).append(_sum(content))

    def save(self):
        if json.dumps(self._sums) != self._saved:
            text = json.dumps({"originals": self._sums}, indent=1, sort_keys=True) + "\n"
            self._folder.write(MANIFEST, text.encode())
            self._saved = json.dumps(self._sums)


def _sum(content):
    return hashlib.sha256(content).hexdigest()


def install(originals, root):
    """Brings the originals (path to bytes) into the folder; gives what has to be said and what went wrong."""
    folder = StudentFolder(root)
    manifest = Manifest(folder)
    said, problems, edited = [], [], []
    if manifest.broken:
        said.append(f"{root}/{MANIFEST} can't be read: each file that differs from the lab's counts as yours")
    write = []
    for path, original in originals.items():
        try:
            found = folder.read(path)
        except InTheWay as obstacle:
            problems.append(str(obstacle))
            continue
        if is_the_students(manifest, path, found, original):
            edited.append(path)
        else:
            manifest.add(path, original)
            if found != original:
                write.append(path)
    manifest.save()  # before the files: one that is written must never count as edited
    for path in write:
        folder.write(path, originals[path])
    for path in edited:
        if not manifest.knows(path, originals[path]):
            beside = put_beside(folder, manifest, path, originals[path])
            said.append(f"you have edited {root}/{path}; the lab's new version is beside it: {root}/{beside}")
            manifest.add(path, originals[path])
    manifest.save()
    summary = f"jobs in {root}: {len(originals)} files, {len(write)} written, {len(edited)} edited by you and kept"
    return [*said, summary], problems


def is_the_students(manifest, path, found, original):
    if isinstance(found, NotAFile):
        return True
    return found is not None and found != original and not manifest.knows(path, found)


def put_beside(folder, manifest, path, original):
    """Writes the original as NAME.new.py, or NAME.new2.py ... where the student uses that name."""
    name = PurePosixPath(path)
    number = 1
    while True:
        beside = str(name.with_name(f"{name.stem}.new{number if number > 1 else ''}{name.suffix}"))
        found = folder.read(beside)
        if not is_the_students(manifest, beside, found, original):
            manifest.add(beside, original)
            manifest.save()
            folder.write(beside, original)
            return beside
        number += 1


def missing(originals, root):
    folder = StudentFolder(root)
    for path in originals:
        try:
            if folder.read(path) is None:
                yield path
        except InTheWay:
            yield path


def read_originals(source):
    source, _, folder = source.partition("=")
    files = sorted(path for path in Path(source).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    originals = {(Path(folder) / path.relative_to(source)).as_posix(): path.read_bytes() for path in files}
    return originals or fail(f"{source} has no job files")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="LAB")
    parser.add_argument("sources", nargs="+")
    parser.add_argument("root")
    args = parser.parse_args()
    originals = {path: content for source in args.sources for path, content in read_originals(source).items()}
    try:
        if args.check:
            gone = list(missing(originals, args.root))
            if gone:
                fail(f"{args.root}: {', '.join(gone)} missing. {mend(args.check, 'jobs')}")
            print(f"job files are there: {len(originals)} in {args.root}")
            return
        said, problems = install(originals, args.root)
    except InTheWay as obstacle:
        fail(f"{obstacle}: move it away, then run the hook again")
    except OSError as error:
        owner = os.stat(args.root).st_uid if os.path.exists(args.root) else "nobody: it is missing"
        fail(f"{args.root} can't be used by uid {os.getuid()} (it belongs to uid {owner}): {error}")
    print("\n".join(said))
    if problems:
        sys.exit("\n".join(f"{problem}: move it away, then run the hook again" for problem in sorted(set(problems))))


if __name__ == "__main__":
    main()
