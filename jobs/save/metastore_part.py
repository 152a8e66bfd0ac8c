"""The Hive metastore's databases, tables and partitions: saved, compared with an archive's, and put back."""

import json
import re

from metastore import PARAMETERS, Metastore, NoSuchObject, get

# The canary's own.
LEFT_OUT = re.compile(r"lab_canary_[a-z0-9]{6,32}")
# The hook `ddl` makes it in every lab: one that is as the hook made it is not the student's.
LABS_OWN = ("default", "purchases2")
LABS_COLUMNS = ["accept", "host", "user_agent", "event_type", "timestamp"]
LABS_PARAMETER = ["parquet.column.index.access", "true"]
LABS_LOCATION = re.compile(r"(hdfs://[^/]+)?/tmp/purchases/?")

# A table's, a storage descriptor's and a column's fields, by their numbers in Hive's IDL.
NAME, DATABASE, CREATED, USED, DESCRIPTOR = 1, 2, 4, 5, 7
COLUMNS, LOCATION = 1, 2
PARTITION_VALUES, PARTITION_CREATED, PARTITION_USED, PARTITION_PARAMETERS = 1, 4, 5, 7
DATABASE_NAME = 1
# Made anew with the thing: a time, and for a partition what the metastore counts where nobody has.
MADE_ANEW = ("transient_lastDdlTime",)
COUNTED = (*MADE_ANEW, "numFiles", "totalSize", "numFilesErasureCoded")


def save(writer):
    part = writer.part("metastore")
    with Metastore() as metastore:
        databases = sorted(metastore.databases(), key=lambda database: get(database, DATABASE_NAME))
        part.count(databases=len(databases), tables=0, partitions=0)
        writer.text("metastore/databases.json", to_json(databases))
        for database in databases:
            name = get(database, DATABASE_NAME)
            for table in sorted(metastore.tables(name)):
                if not LEFT_OUT.fullmatch(table):
                    partitions = metastore.partitions(name, table)
                    part.count(tables=1, partitions=len(partitions))
                    known = {"table": metastore.table(name, table), "partitions": partitions}
                    writer.text(f"metastore/{name}/{table}.json", to_json(known))


def to_json(value):
    return json.dumps(value, indent=1).encode()


class Restore:
    """Compares an archive's tables with the metastore's, and makes what is missing. What differs is a conflict."""

    def __init__(self, write):
        self.metastore = Metastore()
        self.write = write
        self.conflicts, self.missing, self.same = [], 0, 0
        self._databases = {get(database, DATABASE_NAME) for database in self.metastore.databases()}
        self._had = set(self._databases)
        self._tables = set()

    def member(self, member, content):
        known = json.load(content)
        if member.name == "metastore/databases.json":
            for database in known:
                self._database(database)
        else:
            self._table(known["table"], known["partitions"])

    def _database(self, database):
        name = get(database, DATABASE_NAME)
        self._had.discard(name)
        if name in self._databases:
            self.same += 1
            return
        self.missing += 1
        if self.write:
            self.metastore.create_database(database)

    def _table(self, table, partitions):
        place = get(table, DATABASE), get(table, NAME)
        self._tables.add(place)
        try:
            there = self.metastore.table(*place)
        except NoSuchObject:
            there = None
        if there and lasting(there) != lasting(table) and place == LABS_OWN and is_the_labs(there):
            if self.write:
                self.metastore.drop_table(*place)
            else:
                self.missing += 1
                return
            there = None
        if there is None:
            self.missing += 1
            if self.write:
                self.metastore.create_table(table)
        elif lasting(there) != lasting(table):
            self.conflicts.append(f"Hive: table {'.'.join(place)} is there, and not as in the archive")
            return
        else:
            self.same += 1
        if partitions:
            self._partitions(place, partitions, there is not None)

    def _partitions(self, place, partitions, there):
        found = self.metastore.partitions(*place) if there or self.write else []
        known = {key(partition): partition for partition in found}
        missing = [partition for partition in partitions if key(partition) not in known]
        self.missing += len(missing)
        if self.write and missing:
            self.metastore.add_partitions(missing)
        for partition in partitions:
            other = known.pop(key(partition), partition)
            if lasting_partition(other) != lasting_partition(partition):
                known[key(partition)] = partition
        if known:
            self.conflicts.append(f"Hive: table {'.'.join(place)} has partitions that are not as in the archive")

    def finish(self):
        for name in sorted(self._had):
            self.conflicts.append(f"Hive: database {name} is there, and not in the archive")
        for database in sorted(self._databases - self._had):
            for table in self.metastore.tables(database):
                place = database, table
                if place in self._tables or LEFT_OUT.fullmatch(table):
                    continue
                if place != LABS_OWN or not is_the_labs(self.metastore.table(*place)):
                    self.conflicts.append(f"Hive: table {'.'.join(place)} is there, and not in the archive")


def key(partition):
    return tuple(get(partition, PARTITION_VALUES)["items"])


def lasting(table):
    """What makes the table, without the times at which it was made and changed."""
    return _without(table, [CREATED, USED], PARAMETERS, MADE_ANEW)


def lasting_partition(partition):
    return _without(partition, [PARTITION_CREATED, PARTITION_USED], PARTITION_PARAMETERS, COUNTED)


def _without(thing, times, parameters, names):
    kept = {number: value for number, value in thing.items() if int(number) not in times}
    items = get(thing, parameters, {"items": []})["items"]
    kept[str(parameters)] = sorted(item for item in items if item[0] not in names)
    return kept


def is_the_labs(table):
    descriptor = get(table, DESCRIPTOR)
    columns = [get(column, 1) for column in get(descriptor, COLUMNS)["items"]]
    by_place = LABS_PARAMETER in get(table, PARAMETERS, {"items": []})["items"]
    return columns == LABS_COLUMNS and by_place and bool(LABS_LOCATION.fullmatch(get(descriptor, LOCATION)))


def clear():
    """Drops all tables but the lab's own, and databases but `default`. Files are HDFS's matter."""
    with Metastore() as metastore:
        for database in metastore.databases():
            name = get(database, DATABASE_NAME)
            for table in metastore.tables(name):
                if (name, table) != LABS_OWN or not is_the_labs(metastore.table(name, table)):
                    metastore.drop_table(name, table)
            if name != "default":
                metastore.drop_database(name)
