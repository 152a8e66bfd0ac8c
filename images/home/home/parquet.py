"""What a Parquet file's footer says: how many rows there are, and the largest value of a column of texts."""

import struct
from dataclasses import dataclass

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TException
from thrift.transport.TTransport import TMemoryBuffer

from home.thrift_reader import read_struct

MAGIC = b"PAR1"
TAIL = 8  # the footer's length, and the magic

# Numbers of fields in parquet.thrift.
ROWS, ROW_GROUPS = 3, 4
COLUMNS = 1
META_DATA = 3
PATH, STATISTICS = 3, 12
MAX_VALUE = 5


@dataclass(frozen=True)
class Footer:
    rows: int
    largest: str | None


def footer_size(end):
    """The size of a file's footer, from its last bytes. Raises ValueError when it is no Parquet file."""
    if len(end) < TAIL or end[-4:] != MAGIC:
        raise ValueError("no Parquet file")
    return int.from_bytes(end[-TAIL:-4], "little") + TAIL


def read_footer(end, column):
    """The footer in a file's last bytes. Raises ValueError when they are no whole footer."""
    size = footer_size(end)
    if len(end) < size:
        raise ValueError(f"the footer has {size} bytes, {len(end)} are here")
    try:
        meta = read_struct(TCompactProtocol(TMemoryBuffer(end[-size:-TAIL])))
        largest = [
            found[STATISTICS][MAX_VALUE].decode(errors="replace")
            for found in _columns(meta)
            if found.get(PATH) == [column.encode()] and MAX_VALUE in found.get(STATISTICS, {})
        ]
        return Footer(meta[ROWS], max(largest, default=None))
    except (TException, EOFError, KeyError, TypeError, IndexError, struct.error) as problem:
        raise ValueError(f"the footer can't be read: {problem!r}") from None


def _columns(meta):
    for group in meta.get(ROW_GROUPS, []):
        for column in group.get(COLUMNS, []):
            yield column.get(META_DATA, {})
