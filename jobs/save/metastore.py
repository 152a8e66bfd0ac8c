"""The Hive metastore by its own protocol (Thrift, binary), without its library: structs as JSON, every field of them.

A struct is {field number: {type: value}}, as the metastore's IDL numbers its fields; that numbering is what Hive keeps
the same from version to version. So what is saved is all that the metastore told, and comes back as it was.
"""

import os
import socket
import struct

from lab import fail

HOST, PORT = os.environ.get("HIVE_METASTORE", "cloudera:9083").split(":")
SECONDS = 60

VERSION = 0x80010000
CALL, REPLY, EXCEPTION = 1, 2, 3
NUMBERS = {"byte": (3, ">b"), "double": (4, ">d"), "i16": (6, ">h"), "i32": (8, ">i"), "i64": (10, ">q")}
CODES = {"bool": 2, "string": 11, "struct": 12, "map": 13, "set": 14, "list": 15} | {
    name: code for name, (code, _) in NUMBERS.items()
}
NAMES = {code: name for name, code in CODES.items()}


# Fields of a table.
PARAMETERS, TABLE_TYPE = 9, 12


class MetastoreError(Exception):
    """What the metastore says of a call that failed."""


class NoSuchObject(MetastoreError):
    """There is no such database or table."""


class AlreadyExists(MetastoreError):
    """There is one of that name."""


def string(value):
    return {"string": value}


def get(thing, number, default=None):
    """A struct's field by its number, without its type."""
    return next(iter(thing.get(str(number), {"": default}).values()))


def encode_struct(thing):
    fields = b"".join(
        struct.pack(">bh", CODES[kind], int(number)) + encode(kind, value)
        for number, typed in sorted(thing.items(), key=lambda item: int(item[0]))
        for kind, value in typed.items()
    )
    return fields + b"\0"


def encode(kind, value):
    if kind in NUMBERS:
        return struct.pack(NUMBERS[kind][1], value)
    if kind == "bool":
        return bytes([value])
    if kind == "string":
        data = value.encode("utf-8", "surrogateescape")
        return struct.pack(">i", len(data)) + data
    if kind == "struct":
        return encode_struct(value)
    if kind == "map":
        key, inner = value["of"]
        items = b"".join(encode(key, one) + encode(inner, other) for one, other in value["items"])
        return struct.pack(">bbi", CODES[key], CODES[inner], len(value["items"])) + items
    items = b"".join(encode(value["of"], item) for item in value["items"])
    return struct.pack(">bi", CODES[value["of"]], len(value["items"])) + items


def is_view(table):
    return get(table, TABLE_TYPE) == "VIRTUAL_VIEW"


def uncounted(table):
    """The metastore takes this parameter away again, and leaves sizes and numbers of files as they are given."""
    items = get(table, PARAMETERS, {"items": []})["items"]
    properties = {"of": ["string", "string"], "items": [*items, ["DO_NOT_UPDATE_STATS", "true"]]}
    return {**table, str(PARAMETERS): {"map": properties}}


class Reader:
    """Reads values as a stream of bytes brings them; read(n) gives n bytes."""

    def __init__(self, read):
        self._read = read

    def _number(self, form):
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def struct(self):
        fields = {}
        while code := self._number(">b"):
            number = self._number(">h")
            fields[str(number)] = {NAMES[code]: self.value(NAMES[code])}
        return fields

    def value(self, kind):
        if kind in NUMBERS:
            return self._number(NUMBERS[kind][1])
        if kind == "bool":
            return bool(self._number(">b"))
        if kind == "string":
            return self._read(self._number(">i")).decode("utf-8", "surrogateescape")
        if kind == "struct":
            return self.struct()
        if kind == "map":
            codes = self._number(">b"), self._number(">b")
            count = self._number(">i")
            # An empty map's kinds may be zero.
            key, inner = (NAMES.get(code, "string") for code in codes)
            return {"of": [key, inner], "items": [[self.value(key), self.value(inner)] for _ in range(count)]}
        inner = NAMES[self._number(">b")]
        return {"of": inner, "items": [self.value(inner) for _ in range(self._number(">i"))]}


class Metastore:
    def __init__(self):
        try:
            self._socket = socket.create_connection((HOST, int(PORT)), timeout=SECONDS)
        except OSError as error:
            fail(f"the Hive metastore does not answer at {HOST}:{PORT}: {error}")
        self._file = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def databases(self):
        names = self._call("get_all_databases")["items"]
        return [self._call("get_database", string(name)) for name in names]

    def tables(self, database):
        """The names of its tables and views."""
        return self._call("get_all_tables", string(database))["items"]

    def table(self, database, name):
        return self._call("get_table", string(database), string(name))

    def partitions(self, database, name):
        return self._call("get_partitions", string(database), string(name), {"i16": -1})["items"]

    def create_database(self, database):
        self._call("create_database", {"struct": database})

    def create_table(self, table):
        self._call("create_table", {"struct": table if is_view(table) else uncounted(table)})

    def add_partitions(self, partitions):
        self._call("add_partitions", {"list": {"of": "struct", "items": partitions}})

    def drop_table(self, database, name):
        """Its files stay."""
        self._call("drop_table", string(database), string(name), {"bool": False})

    def drop_database(self, name):
        self._call("drop_database", string(name), {"bool": False}, {"bool": False})

    def _call(self, method, *arguments):
        name = method.encode()
        head = struct.pack(">Ii", VERSION | CALL, len(name)) + name + struct.pack(">i", 0)
        fields = {str(number): argument for number, argument in enumerate(arguments, 1)}
        try:
            self._socket.sendall(head + encode_struct(fields))
            return self._answer(method)
        except OSError as error:
            fail(f"the Hive metastore does not answer {method}: {error}")

    def _answer(self, method):
        reader = Reader(self._read)
        kind = struct.unpack(">I", self._read(4))[0] & 0xFF
        reader.value("string")
        self._read(4)
        answer = reader.struct()
        if kind == EXCEPTION:
            raise MetastoreError(f"{method}: {get(answer, 1)}")
        for number, typed in answer.items():
            if number != "0":
                raise _error(method, number, get(typed.get("struct", {}), 1, ""))
        return get(answer, 0)

    def _read(self, count):
        data = self._file.read(count)
        if len(data) < count:
            raise OSError("the connection was closed")
        return data


# Which of a call's exceptions, by their number, mean that there is none, or one already.
MISSING = {"get_table": "2", "get_database": "1", "drop_table": "1", "drop_database": "1"}
THERE = {"create_table": "1", "create_database": "1", "add_partitions": "2"}


def _error(method, number, message):
    if MISSING.get(method) == number:
        return NoSuchObject(message)
    if THERE.get(method) == number:
        return AlreadyExists(message)
    return MetastoreError(f"{method}: {message}")
