"""Saving and restoring, part by part: the metastore's protocol, /w205 as it is on a disk, Kafka and HDFS stand-ins."""

import io
import json
import os
import stat
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archive
import hdfs_part
import kafka_part
import metastore
import metastore_part
import w205_part

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = {
    "bool": st.booleans(),
    "byte": st.integers(-128, 127),
    "i16": st.integers(-(2**15), 2**15 - 1),
    "i32": st.integers(-(2**31), 2**31 - 1),
    "i64": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "string": TEXT,
}


VALUES = st.sampled_from(sorted(PLAIN)).flatmap(lambda kind: st.tuples(st.just(kind), PLAIN[kind]))


def structs(depth):
    """Structs of any fields: plain values, lists and maps of them, and structs so many deep."""
    plain = VALUES.map(lambda typed: {typed[0]: typed[1]})
    lists = VALUES.map(lambda typed: {"list": {"of": typed[0], "items": [typed[1], typed[1]]}})
    maps = VALUES.map(lambda typed: {"map": {"of": ["string", typed[0]], "items": [["a", typed[1]], ["ü", typed[1]]]}})
    values = plain | lists | maps
    if depth:
        inner = structs(depth - 1)
        values |= inner.map(lambda one: {"struct": one}) | inner.map(
            lambda one: {"list": {"of": "struct", "items": [one]}}
        )
    return st.dictionaries(st.integers(1, 30).map(str), values, max_size=3)


@settings(deadline=None)
@given(structs(2))
def test_a_struct_comes_back_from_its_bytes_and_from_json(struct):
    data = io.BytesIO(metastore.encode_struct(json.loads(json.dumps(struct))))
    assert metastore.Reader(data.read).struct() == struct
    assert data.read() == b""


@given(st.binary() | TEXT)
def test_names_are_ascii_in_an_archive_and_come_back(name):
    quoted = archive.quote(name)
    assert quoted.isascii()
    assert quoted.isprintable()
    assert archive.unquote(quoted) == (name.encode() if isinstance(name, str) else name)


@pytest.mark.parametrize(
    "name", ["w205", "w205/", "w205/../x", "w205/a/../../x", "w205/%2e%2e/x", "w205/a//b", "hdfs/x"]
)
def test_names_that_lead_out_of_their_part_are_refused(name):
    with pytest.raises(archive.BadArchive):
        archive.below(name, "w205")


@pytest.fixture
def w205(tmp_path, monkeypatch):
    """Saves one folder, and restores it into another."""

    def at(name):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(w205_part, "ROOT", str(folder))
        return folder

    def save(name):
        at(name)
        output, left_out = io.BytesIO(), []
        writer = archive.Writer(output)
        w205_part.save(writer, left_out)
        writer.finish({"leftOut": left_out})
        return output.getvalue()

    def restore(name, saved, write=True):
        at(name)
        part = w205_part.Restore(write)
        for member, content in archive.members(io.BytesIO(saved)):
            part.member(member, content)
        part.finish()
        return part

    return SimpleNamespace(at=at, save=save, restore=restore)


def fill(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_students_folder_comes_back_as_it_was(w205):
    one = w205.at("one")
    fill(one, {"a.py": "a", "deep/er/b.txt": "b", ".hidden": "h", "empty": ""})
    (one / "a.py").chmod(0o755)
    os.symlink("../nowhere", one / "link")
    (one / "no files").mkdir()
    with open(os.fsencode(one) + b"/caf\xe9%\n", "wb") as file:
        file.write(b"latin-1 in its name")
    (one / "deep").chmod(0o555)
    saved = w205.save("one")
    assert w205.restore("two", saved, write=False).missing == 9
    w205.restore("two", saved)
    two = w205.at("two")
    names = sorted(os.walk(os.fsencode(two)))
    assert [(folders, files) for _, folders, files in names] == [
        (folders, files) for _, folders, files in sorted(os.walk(os.fsencode(one)))
    ]
    assert stat.S_IMODE((two / "a.py").stat().st_mode) == 0o755
    assert stat.S_IMODE((two / "deep").stat().st_mode) == 0o555
    assert os.readlink(two / "link") == "../nowhere"
    for again in (w205.restore("two", saved, write=False), w205.restore("two", saved)):
        assert (again.missing, again.said) == (0, [])
    (one / "deep").chmod(0o755)
    (two / "deep").chmod(0o755)


def test_what_a_student_made_since_is_kept_beside(w205):
    fill(w205.at("one"), {"job.py": "saved", "notes": "saved", "a/b": "saved", "link": "saved"})
    saved = w205.save("one")
    two = w205.at("two")
    fill(two, {"job.py": "newer", "job.kept.py": "taken", "notes/x": "newer", "a": "newer", "own": "newer"})
    fill(two.parent, {"outside": "untouched"})
    os.symlink(two.parent / "outside", two / "link")
    part = w205.restore("two", saved)
    found = {
        str(path.relative_to(two)): path.read_text()
        for path in two.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert found == {
        "job.py": "saved",
        "job.kept.py": "taken",
        "job.kept2.py": "newer",
        "notes": "saved",
        "notes.kept/x": "newer",
        "a/b": "saved",
        "a.kept": "newer",
        "link": "saved",
        "own": "newer",
    }
    assert (two / "link.kept").is_symlink()
    assert (two.parent / "outside").read_text() == "untouched"
    assert len(part.said) == 4
    assert w205.restore("two", saved, write=False).missing == 0


def test_the_labs_own_jobs_stay_those_of_the_later_lab_unless_the_student_edited_them(w205):
    def lab(name, files, versions):
        folder = w205.at(name)
        fill(folder, files)
        sums = {path: [w205_part.hashlib.sha256(text.encode()).hexdigest() for text in versions] for path in files}
        fill(folder, {".lab/installed.json": json.dumps({"originals": sums})})
        return folder

    lab("one", {"same.py": "v1", "edited.py": "v1"}, ["v1"])
    fill(w205.at("one"), {"edited.py": "mine"})
    saved = w205.save("one")
    later = lab("later", {"same.py": "v2", "edited.py": "v2"}, ["v2"])
    part = w205.restore("later", saved)
    assert (later / "same.py").read_text() == "v2"
    assert (later / "edited.py").read_text() == "mine"
    assert part.said == []
    assert w205.restore("later", saved, write=False).missing == 0


class FakeBroker:
    """Topics in memory: one partition each, a list of events with their offsets, the first offset and the next."""

    def __init__(self, events=(), first=0, end=0):
        self.log, self.first, self.end = list(events), first, end
        self.changed = []

    def topics(self):
        return {"events": [0]}

    def limits(self, topic, partition):
        return self.first, self.end

    def events(self, topic, partition, first, end):
        yield from [event for event in self.log if first <= event["offset"] < end]

    def settings(self, topics):
        return {topic: {} for topic in topics}

    def change_settings(self, topic, settings, without=()):
        self.changed.append((dict(settings), set(without)))

    def retention_ms(self):
        return 30 * kafka_part.DAY_MS

    def delete_before(self, topic, partition, offset):
        self.first = offset
        self.log = [event for event in self.log if event["offset"] >= offset]


@pytest.fixture
def kafka(monkeypatch):
    """Restores events into a broker, whose topic is `broker.log`."""
    now = int(kafka_part.time.time() * 1000)

    def event(offset, value="x", **more):
        return {"offset": offset, "timestamp": now, "value": value, **more}

    def restore(broker, events, first, end, *, write=True, stop_after=None, settings=None):
        monkeypatch.setattr(kafka_part, "Broker", lambda: broker)

        def produce(partition, key, value, timestamp, headers):
            if stop_after is not None and broker.end >= stop_after:
                raise KeyboardInterrupt
            made = {"offset": broker.end, "timestamp": timestamp or now}
            made |= {
                name: kafka_part.as_text(data) for name, data in (("key", key), ("value", value)) if data is not None
            }
            broker.log.append(made)
            broker.end += 1
            partition._at += 1

        monkeypatch.setattr(kafka_part.Partition, "_produce", produce)
        part = kafka_part.Restore(write)
        known = {"events": {"partitions": {"0": [first, end]}, "settings": settings or {}}}
        part.member(SimpleNamespace(name="kafka/topics.json"), io.BytesIO(json.dumps(known).encode()))
        for one in events:
            chunk = SimpleNamespace(name=f"kafka/events/0/{one['offset']:020}.jsonl")
            part.member(chunk, [json.dumps(one).encode()])
        part.finish()
        return part

    return SimpleNamespace(event=event, restore=restore)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # it keeps nothing from one to the next
@given(st.sets(st.integers(0, 30)), st.integers(0, 5), st.integers(0, 40))
def test_events_come_back_at_their_offsets_also_after_a_restore_that_was_cut_off(kafka, offsets, after, stop):
    events = [kafka.event(offset, f"v{offset}") for offset in sorted(offsets)]
    first = min(offsets, default=after)
    end = max(offsets, default=after - 1) + 1 + after
    broker = FakeBroker()
    try:
        kafka.restore(broker, events, first, end, stop_after=stop)
    except KeyboardInterrupt:
        assert kafka.restore(broker, events, first, end, write=False).conflicts == []
    part = kafka.restore(broker, events, first, end)
    assert part.conflicts == []
    assert (broker.first, broker.end) == (first, end)
    assert [event for event in broker.log if not kafka_part.is_filler(event)] == events
    assert all(first <= event["offset"] < end for event in broker.log)
    again = kafka.restore(broker, events, first, end, write=False)
    assert (again.conflicts, again.missing) == ([], 0)


def test_a_topic_with_other_or_more_events_is_a_conflict_and_is_not_touched(kafka):
    events = [kafka.event(0), kafka.event(1)]
    other = FakeBroker([kafka.event(0, "other")], 0, 1)
    assert "event at offset 0 is not the archive's" in kafka.restore(other, events, 0, 2, write=False).conflicts[0]
    more = FakeBroker([*events, kafka.event(2)], 0, 3)
    assert kafka.restore(more, events, 0, 2, write=False).conflicts == [
        "Kafka: topic events has 1 events after the archive's last"
    ]


def test_events_older_than_their_topic_keeps_them_are_not_deleted_at_once(kafka):
    broker = FakeBroker()
    old = kafka.event(0) | {"timestamp": 1_000_000_000_000}
    part = kafka.restore(broker, [old], 0, 1)
    assert "older than it keeps any (30 days)" in part.said[0]
    assert broker.changed[-1][0] == {"retention.ms": "-1"}
    fresh = FakeBroker()
    assert kafka.restore(fresh, [kafka.event(0)], 0, 1, settings={"max.message.bytes": "9"}).said == []
    assert fresh.changed[-1] == ({"max.message.bytes": "9"}, set(kafka_part.LAST_SETTINGS))


@given(st.none() | st.binary())
def test_keys_and_values_of_any_bytes_come_back(data):
    assert kafka_part.as_bytes(json.loads(json.dumps(None if data is None else kafka_part.as_text(data)))) == data


def table(name="t", location="/tmp/t", parameters=(), created=1):
    columns = [{"1": {"string": column}} for column in metastore_part.LABS_COLUMNS]
    return {
        "1": {"string": name},
        "2": {"string": "default"},
        "4": {"i32": created},
        "7": {"struct": {"1": {"list": {"of": "struct", "items": columns}}, "2": {"string": location}}},
        "9": {"map": {"of": ["string", "string"], "items": [list(item) for item in parameters]}},
    }


class FakeMetastore:
    def __init__(self, *tables):
        self.known = {metastore.get(one, 1): one for one in tables}

    def databases(self):
        return [{"1": {"string": "default"}}]

    def tables(self, database):
        return list(self.known)

    def table(self, database, name):
        if name not in self.known:
            raise metastore.NoSuchObject(name)
        return self.known[name]

    def create_table(self, made):
        self.known[metastore.get(made, 1)] = made

    def drop_table(self, database, name):
        del self.known[name]


@pytest.mark.parametrize(
    ("there", "saved", "conflicts"),
    [
        ([], [table()], 0),
        ([table(created=9, parameters=[("transient_lastDdlTime", "9")])], [table()], 0),
        ([table(location="/tmp/other")], [table()], 1),
        ([table("other")], [table()], 1),
        ([table("purchases2", "/tmp/purchases", [metastore_part.LABS_PARAMETER])], [table("purchases2", "/x")], 0),
        ([table("purchases2", "/tmp/purchases", [metastore_part.LABS_PARAMETER])], [], 0),
        ([table("purchases2", "/tmp/mine")], [table("purchases2", "/x")], 1),
        ([table("lab_canary_abcdef")], [], 0),
    ],
)
def test_tables_are_made_unless_a_student_has_another(monkeypatch, there, saved, conflicts):
    fake = FakeMetastore(*there)
    monkeypatch.setattr(metastore_part, "Metastore", lambda: fake)
    members = [("metastore/databases.json", [{"1": {"string": "default"}}])]
    members += [("metastore/default/x.json", {"table": one, "partitions": []}) for one in saved]
    results = []
    for write in (False, True, False):
        part = metastore_part.Restore(write)
        for name, value in members:
            part.member(SimpleNamespace(name=name), io.BytesIO(json.dumps(value).encode()))
        part.finish()
        results.append(part)
        assert len(part.conflicts) == conflicts
        if conflicts:
            return
    assert results[-1].missing == 0


class FakeHdfs:
    """HDFS in a dict: path to status and content."""

    def __init__(self, files=()):
        self.files = {"/user": self._status("DIRECTORY"), "/tmp": self._status("DIRECTORY")}
        for path, content in dict(files).items():
            self.files[path] = self._status("FILE", content)

    @staticmethod
    def _status(kind, content=b""):
        names = {"owner": "science", "group": "supergroup", "permission": "644" if kind == "FILE" else "755"}
        return {"type": kind, "length": len(content), "content": content, **names}

    def status(self, path):
        return self.files.get(path)

    def walk(self, top):
        return [(path, status) for path, status in sorted(self.files.items()) if path.startswith(f"{top}/")]

    def open(self, path):
        return io.BytesIO(self.files[path]["content"]), 0

    def delete(self, path):
        pass

    def make_folder(self, path):
        self.files[path] = self._status("DIRECTORY")

    def create(self, path, content, mode):
        self.files[path] = self._status("FILE", content.read()) | {"permission": f"{mode:o}"}

    def rename(self, old, new):
        self.files[new] = self.files.pop(old)

    def set_owner(self, path, owner, group):
        self.files[path] |= {"owner": owner, "group": group}

    def set_attributes(self, path, member):
        self.files[path] |= {"owner": member.uname, "group": member.gname, "permission": f"{member.mode:o}"}

    def set_time(self, path, seconds):
        pass


def hdfs_archive():
    output = io.BytesIO()
    writer = archive.Writer(output)
    writer.part("hdfs")
    names = ("science", "supergroup")
    writer.folder("hdfs/tmp", 0o1777, 1, names)
    writer.folder("hdfs/tmp/a", 0o700, 1, ("ann", "staff"))
    writer.file("hdfs/tmp/a/f", io.BytesIO(b"data"), 4, mode=0o600, mtime=1, names=("ann", "staff"))
    writer.file("hdfs/tmp/empty", io.BytesIO(b""), 0, names=names)
    writer.finish({})
    return output.getvalue()


def restore_hdfs(monkeypatch, fake, write):
    monkeypatch.setattr(hdfs_part, "HdfsFiles", lambda: fake)
    part = hdfs_part.Restore(write)
    for member, content in archive.members(io.BytesIO(hdfs_archive())):
        part.member(member, content)
    part.finish()
    return part


def test_files_come_back_to_hdfs_with_owner_and_mode(monkeypatch):
    fake = FakeHdfs({"/tmp/empty": b""})
    assert restore_hdfs(monkeypatch, fake, write=False).missing == 3
    restore_hdfs(monkeypatch, fake, write=True)
    assert fake.files["/tmp/a/f"] == {
        **FakeHdfs._status("FILE", b"data"),
        "owner": "ann",
        "group": "staff",
        "permission": "600",
    }
    assert fake.files["/tmp"]["permission"] == "1777"
    after = restore_hdfs(monkeypatch, fake, write=False)
    assert (after.missing, after.same, after.conflicts) == (0, 4, [])


@pytest.mark.parametrize(
    ("there", "conflict"),
    [
        ({"/tmp/a/f": b"DATA"}, "/tmp/a/f is there, and not as in the archive"),
        ({"/tmp/a/f": b"longer"}, "/tmp/a/f is there, and not as in the archive"),
        ({"/tmp/a": b""}, "/tmp/a is a file, and a folder in the archive"),
        ({"/user/science/own": b""}, "/user/science/own is there, and not in the archive"),
    ],
)
def test_other_files_in_hdfs_are_conflicts(monkeypatch, there, conflict):
    assert restore_hdfs(monkeypatch, FakeHdfs(there), write=False).conflicts == [f"HDFS: {conflict}"]


@pytest.mark.parametrize("path", ["/tmp/hive", "/tmp/hive/x/y", "/tmp/lab-canary-abcdef", "/tmp/lab-canary-abcdef/p"])
def test_hives_scratch_and_the_canarys_folder_are_left_out(path):
    assert hdfs_part.LEFT_OUT.fullmatch(path)
    assert not hdfs_part.LEFT_OUT.fullmatch(path.replace("/tmp/", "/tmp/my-"))
