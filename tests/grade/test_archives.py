"""An archive is unpacked where it does no harm, and refused in words where it would."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from lab.grade import archives
from lab.grade.archives import BadArchive, hand_over, project_in, project_of, unpack
from lab.model import CannotWrite


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def info(name: str, kind: bytes = tarfile.REGTYPE, leads: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, leads
    return found


def made(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "inside"
    folder.mkdir(parents=True)
    return folder


def test_zip_and_tar_give_their_files_without_what_tools_made(tmp_path: Path, into: Path) -> None:
    files = {"ada/main.py": b"app", "ada/.venv/x.py": b"", "ada/.lab/journal.jsonl": b"{}"}
    unpack(zipped(tmp_path / "a.zip", **files), into)
    assert made(into) == ["ada/.lab/journal.jsonl", "ada/main.py"]
    other = tmp_path / "other"
    other.mkdir()
    unpack(tarred(tmp_path / "b.tgz", (info("b/main.py"), b"app")), other)
    assert (other / "b" / "main.py").read_bytes() == b"app"


@pytest.mark.parametrize(
    "name", ["../out.py", "/tmp/out.py", "a/../../out.py", "C:/out.py", "..\\o"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, into: Path, name: str) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(BadArchive, match="leads out of it"):
        unpack(archive, into)
    with pytest.raises(BadArchive, match="leads out of it"):
        unpack(tarred(tmp_path / "a.tar", (info(name), b"x")), into)
    assert made(tmp_path) == ["a.tar", "a.zip"]


def test_a_name_that_nobody_could_type_is_refused_before_it_is_taken_apart(
    tmp_path: Path, into: Path
) -> None:
    with pytest.raises(BadArchive, match="a name in it is too long"):
        unpack(tarred(tmp_path / "a.tar", (info("a/" * 100_000 + "main.py"), b"x")), into)
    assert made(into) == []


def test_links_and_devices_are_not_made(tmp_path: Path, into: Path) -> None:
    members = [
        (info("passwd", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (info("hard", tarfile.LNKTYPE, "../../../etc/passwd"), b""),
        (info("pipe", tarfile.FIFOTYPE), b""),
        (info("folder", tarfile.SYMTYPE, ".."), b""),
        (info("folder/out.py"), b"x"),
    ]
    unpack(tarred(tmp_path / "a.tar", *members), into)
    assert made(into) == ["folder/out.py"] and not (into / "folder").is_symlink()
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    unpack(tmp_path / "a.zip", into)
    assert not (into / "link").exists()


def test_bombs_are_refused_before_they_are_written(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadArchive, match="times its size"):
        unpack(zipped(tmp_path / "ratio.zip", zeros=bytes(60_000_000)), into)
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000)
    with pytest.raises(BadArchive, match="more than 0 MB"):
        unpack(zipped(tmp_path / "size.zip", a=bytes(600), b=bytes(600)), into)
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    with pytest.raises(BadArchive, match="more than 2 files"):
        unpack(zipped(tmp_path / "many.zip", d=b"", e=b"", f=b""), into)
    assert sum(path.stat().st_size for path in into.rglob("*")) < 1_300


def test_a_disk_that_fills_up_is_no_fault_of_the_archive(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "a.zip", **{"main.py": b"app"})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_copy", full)
    with pytest.raises(CannotWrite, match="the disk is full"):
        unpack(archive, into)


def test_what_is_no_file_and_has_no_end_is_refused_as_well(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 2)
    for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE):
        with pytest.raises(BadArchive, match="more than 20,000 files"):
            unpack(tarred(tmp_path / "a.tgz", *[(info("d", kind), b"")] * 3), into)
    header = bytearray(info("m.py", b"Z").tobuf())
    header[124:136] = b"\xff" * 10 + b"\xfc\x00"  # leads back to itself
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(10_240))
    with pytest.raises(BadArchive, match="below 0"):
        unpack(tmp_path / "a.tar", into)


def test_a_name_may_have_a_colon_where_that_is_no_drive(tmp_path: Path, into: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as written:
        for name in ("main.py", "10:30.txt", "Notes: the plan.md", "a/b:c.py"):
            written.writestr(zipfile.ZipInfo(name), b"x")
    unpack(tmp_path / "a.zip", into)
    assert made(into) == ["10:30.txt", "Notes: the plan.md", "a/b:c.py", "main.py"]


def test_a_file_that_is_larger_than_it_says_is_refused(tmp_path: Path, into: Path) -> None:
    archive = zipped(tmp_path / "a.zip", big=b"0123456789" * 100)
    data = bytearray(archive.read_bytes())
    size = (1000).to_bytes(4, "little")
    for place in (data.find(size), data.rfind(size)):  # of the file, and of the directory
        data[place : place + 4] = (10).to_bytes(4, "little")
    archive.write_bytes(data)
    with pytest.raises(BadArchive):
        unpack(archive, into)


def test_of_a_file_that_is_in_it_twice_the_last_one_counts(tmp_path: Path, into: Path) -> None:
    unpack(tarred(tmp_path / "a.tgz", (info("m.py"), b"first"), (info("m.py"), b"last")), into)
    assert (into / "m.py").read_bytes() == b"last"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("d/" * 1500 + "m.py", "more than 100 folders"),
        ("x" * 300, "name too long"),
        ("a/m.py/b", ""),
    ],
)
def test_a_place_that_cannot_be_is_told_the_same_way_each_time(
    tmp_path: Path, into: Path, name: str, says: str
) -> None:
    archive = tarred(tmp_path / "a.tgz", (info("a/m.py"), b""), (info(name), b""))
    with pytest.raises(BadArchive) as raised:
        unpack(archive, into)
    assert says in raised.value.message and str(into) not in raised.value.message


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 torn", b"\x1f\x8b\x08 torn"])
def test_what_is_no_archive_is_told(tmp_path: Path, into: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(BadArchive, match=r"a\.zip cannot be unpacked"):
        unpack(tmp_path / "a.zip", into)


def test_a_project_is_found_below_folders_that_hold_nothing_else(
    tmp_path: Path, into: Path
) -> None:
    archive = zipped(tmp_path / "a.zip", **{"hw1/ada/todos_app/main.py": b"", "__MACOSX/x": b""})
    unpack(archive, into)
    assert project_in(into) == into / "hw1" / "ada"


def test_a_folder_and_one_file_of_python_are_handed_over_as_archives(
    tmp_path: Path, into: Path
) -> None:
    (tmp_path / "ada-final.py").write_text("app = 1")
    archive = hand_over(tmp_path / "ada-final.py", tmp_path)
    unpack(archive, into, "ada-final.py")
    assert made(project_in(into)) == ["main.py"]
    project = tmp_path / "project"
    for name in ("app/main.py", ".venv/bin/python", ".lab/journal.jsonl", ".lab/redo.json"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x")
    (project / "link.py").symlink_to(tmp_path / "ada-final.py")
    os.mkfifo(project / "pipe.py")
    other = tmp_path / "other"
    other.mkdir()
    unpack(hand_over(project, tmp_path), other)
    assert made(other) == [".lab/journal.jsonl", "app/main.py"]


def test_an_archive_in_what_was_handed_in_is_the_project_where_nothing_else_is(
    tmp_path: Path, into: Path
) -> None:
    inner = zipped(tmp_path / "todos.zip", **{"todos/main.py": b"app"})
    upload = tmp_path / "Ada_12345_assignsubmission_file"
    upload.mkdir()
    shutil.copy(inner, upload)
    (upload / "report.pdf").write_bytes(b"%PDF")
    assert made(project_of(hand_over(upload, tmp_path), into)) == ["todos/main.py"]
    again = tmp_path / "again"
    again.mkdir()
    twice = zipped(tmp_path / "twice.zip", **{"todos.zip": inner.read_bytes()})
    assert made(project_of(twice, again)) == ["todos/main.py"]


def test_a_project_with_an_archive_beside_it_is_judged_and_not_the_archive(
    tmp_path: Path, into: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text("app = 'new'")
    zipped(project / "old.zip", **{"main.py": b"app = 'old'"})  # the last file of what is packed
    folder = project_of(hand_over(project, tmp_path), into)
    assert (folder / "main.py").read_text() == "app = 'new'"
