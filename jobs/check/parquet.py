"""How many rows a parquet file has, by its footer alone: Thrift's compact protocol, as far as it takes.

The footer is a struct FileMetaData: 1 version, 2 schema (a list of structs), 3 num_rows.
"""

MAGIC = b"PAR1"
TAIL = 8  # the footer's length, and the magic number
NUM_ROWS = 3
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
WIDTHS = {BYTE: 1, DOUBLE: 8}


def rows(size, read):
    """The rows of a file of this size; read(offset, length) gives its bytes. Raises ValueError where it is none."""
    if size < len(MAGIC) + TAIL:
        raise ValueError("too short for a parquet file")
    tail = read(size - TAIL, TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > size - TAIL - len(MAGIC):
        raise ValueError("no parquet file")
    try:
        return Footer(read(size - TAIL - length, length)).number(NUM_ROWS)
    except (IndexError, RecursionError):
        raise ValueError("its footer is cut") from None


class Footer:
    def __init__(self, data):
        self._data = data
        self._at = 0

    def number(self, wanted):
        """The whole number in this field of the outermost struct."""
        for field, kind in self._fields():
            if field == wanted and kind in (I16, I32, I64):
                return self._zigzag()
            self._skip(kind)
        raise ValueError("its footer does not tell the rows")

    def _byte(self):
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self):
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte has no high bit
                return value
            shift += 7

    def _zigzag(self):
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _fields(self):
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            yield field, head & 0x0F

    def _skip(self, kind, in_list=False):
        if self._at > len(self._data):
            raise IndexError
        if kind in (TRUE, FALSE):
            self._at += in_list  # a field's truth is in its kind
        elif kind in WIDTHS:
            self._at += WIDTHS[kind]
        elif kind in (I16, I32, I64):
            self._varint()
        elif kind == BINARY:
            length = self._varint()
            self._at += length
        elif kind in (LIST, SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 0x0F else self._varint()  # noqa: PLR2004 - 15 means a longer one
            self._skip_all(count, [head & 0x0F])
        elif kind == MAP:
            if count := self._varint():
                kinds = self._byte()
                self._skip_all(count, [kinds >> 4, kinds & 0x0F])
        elif kind == STRUCT:
            for _, inner in self._fields():
                self._skip(inner)
        else:
            raise ValueError(f"its footer has a field of the unknown kind {kind}")

    def _skip_all(self, count, kinds):
        for _ in range(count):
            for kind in kinds:
                self._skip(kind, in_list=True)
