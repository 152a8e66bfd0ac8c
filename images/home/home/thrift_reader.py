"""Reads Thrift structures by their fields' numbers, so that no generated classes are needed."""

from thrift.Thrift import TType

SIMPLE = {
    TType.BOOL: "readBool",
    TType.BYTE: "readByte",
    TType.I16: "readI16",
    TType.I32: "readI32",
    TType.I64: "readI64",
    TType.DOUBLE: "readDouble",
    TType.STRING: "readBinary",
}
MOST_ELEMENTS = 1_000_000


def read_struct(protocol):
    """A structure as a map of field numbers to values; texts as bytes."""
    fields = {}
    protocol.readStructBegin()
    while True:
        _, kind, number = protocol.readFieldBegin()
        if kind == TType.STOP:
            break
        fields[number] = _read(protocol, kind)
        protocol.readFieldEnd()
    protocol.readStructEnd()
    return fields


def _read(protocol, kind):
    if kind == TType.STRUCT:
        return read_struct(protocol)
    if kind in (TType.LIST, TType.SET):
        return _read_list(protocol, kind)
    if kind == TType.MAP:
        return _read_map(protocol)
    if kind not in SIMPLE:
        raise ValueError(f"Thrift has no type {kind}")
    return getattr(protocol, SIMPLE[kind])()


def _read_list(protocol, kind):
    begin, end = (
        (protocol.readListBegin, protocol.readListEnd)
        if kind == TType.LIST
        else (protocol.readSetBegin, protocol.readSetEnd)
    )
    element, size = begin()
    if size > MOST_ELEMENTS:
        raise ValueError(f"a list of {size} elements")
    values = [_read(protocol, element) for _ in range(size)]
    end()
    return values


def _read_map(protocol):
    key, value, size = protocol.readMapBegin()
    if size > MOST_ELEMENTS:
        raise ValueError(f"a map of {size} entries")
    pairs = {_read(protocol, key): _read(protocol, value) for _ in range(size)}
    protocol.readMapEnd()
    return pairs
