"""What an edit does not mean to change stays as it is, byte for byte; and the files around it."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.codemods import (
    AddColumn,
    AddNewColumn,
    DriftApart,
    Edit,
    EditNotApplicable,
    Project,
    ReturnSession,
    diff,
    read_sources,
)
from tests.support.codemods import REFERENCE, STYLES, as_sources, sample, style

EDITS: tuple[Edit, ...] = (
    AddColumn("priority", "int", default=0),
    AddNewColumn(),
    DriftApart(),
    ReturnSession(),
)
QUICK = ("messages", "reference", "sqlmodel", "async_")
LONG = sorted({folder.name for folder in STYLES.glob("[!.]*")} - {*QUICK})
NAMES = (*QUICK, *(pytest.param(name, marks=pytest.mark.long) for name in LONG))


def crlf(code: bytes) -> bytes:
    return code.replace(b"\n", b"\r\n")


def bom(code: bytes) -> bytes:
    return b"\xef\xbb\xbf" + code


def latin_1(code: bytes) -> bytes:
    return b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + code.decode().encode("latin-1", "replace")


def tabs(code: bytes) -> bytes:
    return b"".join(_tabbed(line) for line in code.splitlines(keepends=True))


def _tabbed(line: bytes) -> bytes:
    text = line.lstrip(b" ")
    return b"\t" * ((len(line) - len(text)) // 4) + text


def comments(code: bytes) -> bytes:
    """Return the code with a comment at the end of each line that ends a statement."""
    return code.replace(b"()\n", b"()  # one\n").replace(b":\n", b":   # two\n") + b"\n\n# end"


def plain(code: bytes) -> bytes:
    return code


FORMS = (plain, crlf, bom, latin_1, tabs, comments)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_edited_stays_byte_for_byte(name: str, form: object) -> None:
    assert callable(form)
    before = {path: form(code) for path, code in style(name).items()}
    for edit in EDITS:
        try:
            after = edit.apply(Project(before))
        except EditNotApplicable:
            continue
        for path, code in after.items():
            compile(code, path, "exec")
            check_same_outside_of_the_change(before[path], code, edit)


def check_same_outside_of_the_change(before: bytes, after: bytes, edit: Edit) -> None:
    """Check that the lines that differ are few and new ones, in the form of their file."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone: list[bytes] = []
    come: list[bytes] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            gone += old[a:b]
            come += new[c:d]
    allowed = {ReturnSession: 11, DriftApart: 5}.get(type(edit), 2)
    assert len(gone) <= allowed, gone
    assert 0 < len(come) <= 20, come
    if b"\r\n" in before:
        assert all(line.endswith(b"\r\n") or line == new[-1] for line in come), come
    indented = [line for line in come if line[:1] in b" \t" and line.strip()]
    if b"\n\t" in before:
        assert not any(line.startswith(b"    ") for line in indented), indented
    assert before[:3] == after[:3] or not before.startswith(b"\xef\xbb\xbf")


def test_an_edit_leaves_the_sources_that_it_is_given_alone() -> None:
    sources = as_sources(sample())
    ReturnSession().apply(Project(sources))
    assert sources == as_sources(sample())


def test_declarations_do_not_load_the_parser() -> None:
    code = "import sys, lab.codemods; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_diff_names_the_files_and_shows_what_changed() -> None:
    before = {"a.py": b"x = 1\r\ny = 2\r\n", "b.py": b"z = 3"}
    assert diff(before, {"b.py": b"z = 4", "a.py": b"x = 1\r\ny = 3\r\n"}) == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n"
        "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n"
        "-z = 3\n\\ No newline at end of file\n+z = 4\n\\ No newline at end of file\n"
    )
    assert diff(before, {"a.py": before["a.py"]}) == ""


def test_a_diff_reads_a_file_in_its_own_encoding() -> None:
    cookie = b"# coding: latin-1\n"
    assert "+\xe9\n" in diff({"a.py": cookie}, {"a.py": cookie + b"\xe9\n"})
    assert "+\xe9\n" in diff({"a.py": b""}, {"a.py": b"\xe9\n"})
    for odd in (b"# coding: rot13\n", b"# coding: idna\n", b"# coding: undefined\n"):
        assert "+x = 1\n" in diff({"a.py": odd}, {"a.py": odd + b"x = 1\n"})


def test_a_diff_takes_for_a_line_what_python_does() -> None:
    after = {"a.py": b"x = 1\n\x0c\ny = '\x1c'\n"}
    assert "No newline" not in diff({"a.py": b"x = 1\n"}, after)
    assert diff({"a.py": b"x\ny\n"}, {"a.py": b"x\ry\r"}) == ""


def test_only_the_files_of_the_app_are_read(tmp_path: Path) -> None:
    own = {"main.py", "app/models.py", "versions/api.py"}
    others = {
        ".lab/main.py",
        ".git/hook.py",
        "venv/lib/site-packages/fastapi/app.py",
        "my-env/lib/x.py",
        "app/__pycache__/main.py",
        "node_modules/x.py",
        "migrations/env.py",
        "migrations/versions/0001_start.py",
        "tests/main.py",
        "test_main.py",
        "conftest.py",
        "notes.txt",
    }
    for name in own | others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "my-env" / "pyvenv.cfg").touch()
    (tmp_path / "migrations" / "script.py.mako").touch()
    assert read_sources(tmp_path) == {name: name.encode() for name in own}


def test_of_copies_of_the_app_none_is_read(tmp_path: Path) -> None:
    for folder in ("todos_app", "backup", "old/todos_app"):
        shutil.copytree(REFERENCE, tmp_path / folder)
    (tmp_path / "old" / "notes.py").touch()
    read = {Path(name).parent.as_posix() for name in read_sources(tmp_path)}
    assert read == {"todos_app", "old"}


def test_the_reference_is_read_whole() -> None:
    assert set(read_sources(REFERENCE)) == {path.name for path in REFERENCE.glob("*.py")}
