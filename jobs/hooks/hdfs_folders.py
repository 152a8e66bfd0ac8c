"""Hook `folders`: makes folders in HDFS, with owner and mode.

hdfs_folders.py [--check LAB] PATH:OWNER:MODE ...        (in cloudera; MODE in octal, as 1777)

With --check it changes nothing and fails when a folder is missing or has another owner or mode.
"""

import argparse
import re

from lab import Hdfs, fail, mend

FOLDER = re.compile(r"(?P<path>/[^:]*):(?P<owner>[a-z_][a-z0-9_-]*):(?P<mode>[01]?[0-7]{3})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="LAB")
    parser.add_argument("folders", nargs="+", metavar="PATH:OWNER:MODE")
    args = parser.parse_args()
    wanted = [FOLDER.fullmatch(folder) or fail(f"{folder!r}: expected PATH:OWNER:MODE") for folder in args.folders]
    hdfs = Hdfs()
    if args.check:
        problems = [problem for folder in wanted for problem in differences(hdfs, **folder.groupdict())]
        if problems:
            fail(f"HDFS: {'; '.join(problems)}. {mend(args.check, 'folders')}")
        print(f"HDFS folders are there: {', '.join(folder['path'] for folder in wanted)}")
        return
    changed = [folder["path"] for folder in wanted if ensure(hdfs, **folder.groupdict())]
    print(f"HDFS folders: {len(wanted)} asked for, {len(changed)} made or changed {' '.join(changed)}".rstrip())


def differences(hdfs, path, owner, mode):
    status = hdfs.status(path)
    if status is None:
        return [f"{path} is missing"]
    if status["type"] != "DIRECTORY":
        return [f"{path} is a file, not a folder"]
    found = []
    if status["owner"] != owner:
        found.append(f"{path} belongs to {status['owner']}, not {owner}")
    if int(status["permission"], 8) != int(mode, 8):
        found.append(f"{path} has mode {status['permission']}, not {mode}")
    return found


def ensure(hdfs, path, owner, mode):
    """Makes the folder what it has to be; says whether it was not."""
    status = hdfs.status(path)
    if status and status["type"] != "DIRECTORY":
        fail(f"HDFS: {path} is a file; a folder has to be there: move it away, then run the hook again")
    if not differences(hdfs, path, owner, mode):
        return False
    hdfs.make_folder(path)
    hdfs.set_owner(path, owner)
    hdfs.set_mode(path, mode)
    return True


if __name__ == "__main__":
    main()
