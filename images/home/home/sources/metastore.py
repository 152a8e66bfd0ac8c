"""The Hive metastore, by Thrift."""

import asyncio

from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TApplicationException, TException, TMessageType, TType
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from home.reading import SECONDS, Down, Reading, ask
from home.thrift_reader import read_struct

SUCCESS = 0
# TableMeta in hive_metastore.thrift.
DATABASE, NAME, KIND = 1, 2, 3
CANARY = "lab_canary_"


class Metastore:
    def __init__(self, address):
        self.address = address

    async def look(self):
        await ask(self.address, b"", size=0)  # says better than the library why nobody is there
        return await asyncio.to_thread(self._look)

    def _look(self):
        socket = TSocket(self.address.host, self.address.port)
        socket.setTimeout(int(SECONDS * 1000))
        transport = TBufferedTransport(socket)
        protocol = TBinaryProtocol(transport)
        try:
            transport.open()
            since = _call(protocol, "aliveSince")
            metas = _call(protocol, "get_table_meta", "*", "*")
        except (TException, OSError, EOFError, ValueError, KeyError) as problem:
            raise Down(f"it does not answer: {problem}"[:200]) from None
        finally:
            transport.close()
        tables = [
            {"database": meta[DATABASE].decode(), "name": meta[NAME].decode(), "kind": meta.get(KIND, b"").decode()}
            for meta in metas
        ]
        tables = [table for table in tables if not table["name"].startswith(CANARY)]
        return Reading({"tables": sorted(tables, key=lambda table: (table["database"], table["name"]))}, up_since=since)


def _call(protocol, method, *texts):
    """Calls a method whose arguments are texts, in the order of their numbers."""
    protocol.writeMessageBegin(method, TMessageType.CALL, 0)
    protocol.writeStructBegin(method)
    for number, text in enumerate(texts, start=1):
        protocol.writeFieldBegin("", TType.STRING, number)
        protocol.writeString(text)
        protocol.writeFieldEnd()
    protocol.writeFieldStop()
    protocol.writeStructEnd()
    protocol.writeMessageEnd()
    protocol.trans.flush()
    _, kind, _ = protocol.readMessageBegin()
    if kind == TMessageType.EXCEPTION:
        problem = TApplicationException()
        problem.read(protocol)
        raise problem
    result = read_struct(protocol)
    protocol.readMessageEnd()
    return result[SUCCESS]
