"""Nothing of a student's is ever lost, whatever state the folder is in."""

import json
import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import install_jobs

API = "full-stack/game_api.py"
JOB = "full-stack2/events.py"
V1 = {API: b"api 1\n", JOB: b"events 1\n"}
V2 = {API: b"api 2\n", JOB: b"events 1\n"}
V3 = {API: b"api 3\n", JOB: b"events 1\n"}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "w205"
    folder.mkdir()
    return folder


def install(originals, root):
    said, problems = install_jobs.install(originals, str(root))
    return "\n".join(said), problems


def files(root):
    """All of the student's folder but the lab's own notes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".lab" not in path.parts
    }


def test_missing_files_are_written(root):
    said, problems = install(V1, root)
    assert (files(root), problems) == (V1, [])
    assert said == f"jobs in {root}: 2 files, 2 written, 0 edited by you and kept"
    assert stat.S_IMODE((root / API).stat().st_mode) == 0o644


def test_a_second_run_writes_nothing(root):
    install(V1, root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    said, _ = install(V1, root)
    assert "0 written" in said
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_an_unedited_file_is_updated_and_keeps_its_mode(root):
    install(V1, root)
    (root / API).chmod(0o755)
    install(V2, root)
    assert files(root) == V2
    assert stat.S_IMODE((root / API).stat().st_mode) == 0o755


def test_a_deleted_file_comes_back(root):
    install(V1, root)
    (root / API).unlink()
    install(V1, root)
    assert files(root) == V1


def test_an_edited_file_is_kept_and_the_new_original_put_beside(root):
    install(V1, root)
    (root / API).write_bytes(b"mine\n")
    assert "beside" not in install(V1, root)[0]
    assert files(root) == {**V1, API: b"mine\n"}
    said, problems = install(V2, root)
    assert (
        f"you have edited {root}/{API}; the lab's new version is beside it: {root}/full-stack/game_api.new.py" in said
    )
    assert problems == []
    assert files(root) == {**V2, API: b"mine\n", "full-stack/game_api.new.py": b"api 2\n"}


def test_it_is_said_once_and_a_deleted_offer_stays_away(root):
    install(V1, root)
    (root / API).write_bytes(b"mine\n")
    install(V2, root)
    (root / "full-stack/game_api.new.py").unlink()
    assert "beside" not in install(V2, root)[0]
    assert files(root) == {**V2, API: b"mine\n"}


def test_an_offer_is_updated_unless_the_student_has_edited_it(root):
    install(V1, root)
    (root / API).write_bytes(b"mine\n")
    install(V2, root)
    install(V3, root)
    assert files(root)["full-stack/game_api.new.py"] == b"api 3\n"
    (root / "full-stack/game_api.new.py").write_bytes(b"merging\n")
    said, _ = install(V2 | {API: b"api 4\n"}, root)
    assert "game_api.new2.py" in said
    kept = files(root)
    assert kept["full-stack/game_api.new.py"] == b"merging\n"
    assert kept["full-stack/game_api.new2.py"] == b"api 4\n"


def test_a_student_who_took_the_new_version_gets_updates_again(root):
    install(V1, root)
    (root / API).write_bytes(b"mine\n")
    install(V2, root)
    (root / API).write_bytes(b"api 2\n")
    install(V2, root)
    install(V3, root)
    assert files(root)[API] == b"api 3\n"


@pytest.mark.parametrize("manifest", [None, b"", b"{", b"[]", b'{"originals": 5}', b'{"originals": {"a": 1}}', b"\xff"])
def test_without_a_good_manifest_each_file_that_differs_is_the_students(root, manifest):
    install(V1, root)
    if manifest is None:
        (root / ".lab/installed.json").unlink()
    else:
        (root / ".lab/installed.json").write_bytes(manifest)
    said, problems = install(V2, root)
    assert ("can't be read" in said) == (manifest is not None)
    assert problems == []
    assert files(root) == {**V1, "full-stack/game_api.new.py": b"api 2\n"}
    assert set(json.loads((root / ".lab/installed.json").read_text())["originals"]) >= set(V1)


def test_a_linked_file_is_the_students_and_not_followed(root, tmp_path):
    (tmp_path / "elsewhere.py").write_bytes(b"elsewhere\n")
    (root / "full-stack").mkdir()
    (root / API).symlink_to(tmp_path / "elsewhere.py")
    said, problems = install(V1, root)
    assert (tmp_path / "elsewhere.py").read_bytes() == b"elsewhere\n"
    assert (root / API).is_symlink()
    assert "game_api.new.py" in said
    assert problems == []


@pytest.mark.parametrize("target", ["dangling", "/etc/passwd", "."])
def test_links_to_anywhere(root, target):
    (root / "full-stack").mkdir()
    (root / API).symlink_to(target)
    install(V1, root)
    assert os.readlink(root / API) == target
    assert (root / "full-stack/game_api.new.py").read_bytes() == V1[API]


def test_a_linked_folder_is_not_entered(root, tmp_path):
    (tmp_path / "outside").mkdir()
    (root / "full-stack").symlink_to(tmp_path / "outside")
    _, problems = install(V1, root)
    assert problems == [f"{root}/full-stack has to be a folder, and is a file or a link"]
    assert list((tmp_path / "outside").iterdir()) == []
    assert (root / JOB).read_bytes() == V1[JOB], "the other files are installed all the same"


def test_a_file_where_a_folder_has_to_be(root):
    (root / "full-stack").write_bytes(b"mine\n")
    _, problems = install(V1, root)
    assert len(problems) == 1
    assert (root / "full-stack").read_bytes() == b"mine\n"


def test_a_folder_or_a_pipe_where_a_file_has_to_be(root):
    (root / API).mkdir(parents=True)
    (root / "full-stack2").mkdir()
    os.mkfifo(root / JOB)
    _, problems = install(V1, root)
    assert problems == []
    assert files(root) == {"full-stack/game_api.new.py": V1[API], "full-stack2/events.new.py": V1[JOB]}


@pytest.mark.parametrize("place", [".lab", ".lab/installed.json"])
def test_something_in_the_manifests_way_stops_before_any_change(root, place, tmp_path):
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).symlink_to(tmp_path)
    with pytest.raises(install_jobs.InTheWay, match="has to be a f"):
        install(V1, root)
    assert files(root) == {}


def test_a_crash_between_the_files_does_not_make_them_the_students(root, monkeypatch):
    install(V1, root)
    write = install_jobs.StudentFolder.write

    def crash_after_the_first(folder, path, content):
        write(folder, path, content)
        if path == API:
            raise KeyboardInterrupt

    monkeypatch.setattr(install_jobs.StudentFolder, "write", crash_after_the_first)
    with pytest.raises(KeyboardInterrupt):
        install(V2, root)
    monkeypatch.undo()
    install(V3, root)
    assert files(root) == V3


def test_a_failed_write_leaves_the_old_file_and_no_draft(root, monkeypatch):
    install(V1, root)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        install(V2, root)
    assert files(root) == V1


CONTENT = st.sampled_from([b"api 1\n", b"api 2\n", b"api 3\n", b"mine\n", b"mine too\n"])
STEP = (
    st.tuples(st.just("install"), st.sampled_from([V1, V2, V3]))
    | st.tuples(st.just("edit"), CONTENT)
    | st.tuples(st.sampled_from(["delete", "forget"]), st.none())
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, max_size=12))
def test_no_history_loses_what_a_student_wrote(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("w205")
    originals = {content for version in (V1, V2, V3) for content in version.values()}
    for action, what in steps:
        if action == "install":
            before = {content for content in files(root).values() if content not in originals}
            install(what, root)
            assert before <= set(files(root).values())
            assert (root / API).exists()
        elif action == "edit":
            (root / API).parent.mkdir(exist_ok=True)
            (root / API).write_bytes(what)
        elif action == "delete":
            (root / API).unlink(missing_ok=True)
        else:
            (root / ".lab/installed.json").unlink(missing_ok=True)


def run(monkeypatch, capsys, *args):
    monkeypatch.setattr("sys.argv", ["install_jobs.py", *map(str, args)])
    try:
        install_jobs.main()
    except SystemExit as end:
        return end.code
    return capsys.readouterr().out.strip()


@pytest.fixture
def source(tmp_path):
    for path, content in V1.items():
        (tmp_path / "source" / path).parent.mkdir(parents=True)
        (tmp_path / "source" / path).write_bytes(content)
    return tmp_path / "source"


def test_the_command_installs_and_checks(monkeypatch, capsys, source, root):
    gone = run(monkeypatch, capsys, "--check", "alice", source, root)
    assert gone == f"{root}: {API}, {JOB} missing. `npm run hook -- alice jobs` mends it"
    assert "2 written" in run(monkeypatch, capsys, source, root)
    assert run(monkeypatch, capsys, "--check", "alice", source, root) == f"job files are there: 2 in {root}"


def test_a_folder_that_cannot_be_used_is_said_with_the_user(monkeypatch, capsys, source, tmp_path):
    said = run(monkeypatch, capsys, source, tmp_path / "missing")
    assert f"can't be used by uid {os.getuid()}" in said
    (tmp_path / "file").write_text("")
    assert "can't be used by uid" in run(monkeypatch, capsys, source, tmp_path / "file")


def test_an_empty_source_is_refused(monkeypatch, capsys, tmp_path, root):
    assert "has no job files" in run(monkeypatch, capsys, tmp_path / "nothing", root)


def test_a_source_can_go_into_a_folder(monkeypatch, capsys, source, tmp_path, root):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "1.ipynb").write_bytes(b"{}")
    assert "3 written" in run(monkeypatch, capsys, source, f"{tmp_path}/more=notebooks", root)
    assert files(root) == {**V1, "notebooks/1.ipynb": b"{}"}
    assert "has no job files" in run(monkeypatch, capsys, source, f"{tmp_path}/nothing=notebooks", root)
