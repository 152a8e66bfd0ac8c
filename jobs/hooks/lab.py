"""What the hook and canary scripts share: how they end, and HDFS over HTTP."""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

KAFKA = os.environ.get("KAFKA_BOOTSTRAP", "kafka:29092")
NAMENODE = os.environ.get("NAMENODE_HTTP", "http://cloudera:50070")
USER = "science"


def fail(message):
    """Ends the script: one line says what is wrong."""
    sys.exit(message)


def mend(lab, hook):
    return f"`npm run hook -- {lab} {hook}` mends it"


class Hdfs:
    """HDFS through the NameNode's WebHDFS: no JVM has to start."""

    def _ask(self, method, path, op, **params):
        with self._open(method, path, op, **params) as answer:
            return json.loads(answer.read() or b"{}")

    def _open(self, method, path, op, **params):
        query = urllib.parse.urlencode({"op": op, "user.name": USER, **params})
        url = f"{NAMENODE}/webhdfs/v1{urllib.parse.quote(path)}?{query}"
        try:
            return urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20)
        except urllib.error.HTTPError as error:
            problem = _remote_exception(error)
            if problem["exception"] == "FileNotFoundException":
                raise FileNotFoundError(path) from None
            fail(f"HDFS refuses {op} of {path}: {problem['message'].splitlines()[0]}")
        except OSError as error:
            fail(f"HDFS does not answer at {NAMENODE}: {getattr(error, 'reason', error)}")

    def status(self, path):
        """The file's or folder's status, or None where there is none."""
        try:
            return self._ask("GET", path, "GETFILESTATUS")["FileStatus"]
        except FileNotFoundError:
            return None

    def listing(self, path):
        try:
            return self._ask("GET", path, "LISTSTATUS")["FileStatuses"]["FileStatus"]
        except FileNotFoundError:
            return []

    def read(self, path, offset=0, length=None):
        """The file's bytes from the offset on, no more than so many; a DataNode gives them."""
        part = {"offset": offset} | ({} if length is None else {"length": length})
        with self._open("GET", path, "OPEN", **part) as answer:
            return answer.read()

    def make_folder(self, path):
        self._ask("PUT", path, "MKDIRS")

    def set_owner(self, path, owner, group=""):
        self._ask("PUT", path, "SETOWNER", owner=owner, group=group)

    def set_mode(self, path, mode):
        self._ask("PUT", path, "SETPERMISSION", permission=mode)

    def delete(self, path):
        return self._ask("DELETE", path, "DELETE", recursive="true")["boolean"]


def _remote_exception(error):
    try:
        return json.loads(error.read())["RemoteException"]
    except (ValueError, KeyError, OSError):
        return {"exception": "", "message": f"{error.code} {error.reason}"}
