"""Names in an archive, /w205 as it is on a disk, and HDFS as a dict: what comes back, and what is a conflict."""

import hashlib
import io
import json
import os
import stat
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archive
import hdfs_part
import w205_part


@given(st.binary() | st.text(st.characters(codec="utf-8")))
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
        sums = {path: [hashlib.sha256(text.encode()).hexdigest() for text in versions] for path in files}
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


def test_a_file_that_its_writer_left_open_is_what_hdfs_has_settled_of_it(monkeypatch):
    fake = FakeHdfs({"/tmp/empty": b""})
    fake.files["/tmp/empty"]["content"] = b"written, and not yet counted"
    assert restore_hdfs(monkeypatch, fake, write=False).conflicts == []


@pytest.mark.parametrize("path", ["/tmp/hive", "/tmp/hive/x/y", "/tmp/lab-canary-abcdef", "/tmp/lab-canary-abcdef/p"])
def test_hives_scratch_and_the_canarys_folder_are_left_out(path):
    assert hdfs_part.LEFT_OUT.fullmatch(path)
    assert not hdfs_part.LEFT_OUT.fullmatch(path.replace("/tmp/", "/tmp/my-"))
