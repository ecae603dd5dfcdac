"""Submissions that are made to end what judges them, or to take the whole class with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.grade.outcome import Status
from lab.grade.results import read
from lab.grade.submissions import RESULTS
from lab.model import Verdict
from tests.grade.test_walls import handed_in
from tests.support.commands import Shell

pytestmark = pytest.mark.long

CHANNEL = """
import os, socket
for handle in range(3, 100):
    try:
        line = socket.socket(fileno=os.dup(handle))
        line.getpeername()
        break
    except OSError:
        continue
line.sendall(EVENTS.encode() + b"\\n")
"""
ANSWERS = """
from fastapi import FastAPI, Response
app = FastAPI()
@app.get("/todos")
def listed():
    return []
@app.post("/todos")
def make():
    return Response(ANSWER, media_type="application/json")
"""
DEEP = """
import os, tempfile
home = os.getcwd()
for place in (home, tempfile.gettempdir()):
    os.chdir(place)
    try:
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
    except OSError:
        pass
os.chdir(home)
"""
PIPES = """
import os, sqlite3
sqlite3.connect("other.db").close()
for name in ("other.db-journal", "todos.db-old"):
    if not os.path.exists(name):
        os.mkfifo(name)
"""
RAISES = "def halves():\n    raise RuntimeError('\\ud800 \\x00')\nhalves()\n"
FORGED = {
    "deep": "[" * 100_000,
    "bare": '[{"event": "checkout", "at": 1}]',
    "other app": '[{"event": "serving", "at": 1, "app": {"a": 1}, "documents": 7, "docs": 7}]',
    "other place": '[{"event": "database", "at": 1, "inside": true, "path": "/etc/passwd"}]',
}
ANSWERED = {
    "half a character": '{"id": "\\ud800", "title": "\\udfff"}',
    "no address": '{"id": "\\r\\nHost: elsewhere"}',
    "deep answer": '{"id": 1, "title": ' + "[" * 200_000,
}


def test_none_of_them_is_an_error_and_each_other_one_is_judged_as_it_is(tmp_path: Path) -> None:
    shell, folder = Shell(tmp_path), tmp_path / "class"
    folder.mkdir()
    for name, events in FORGED.items():
        handed_in(folder / name, CHANNEL, EVENTS=events)
    for name, answer in ANSWERED.items():
        (folder / name).mkdir()
        (folder / name / "main.py").write_text(f"ANSWER = {answer!r}\n{ANSWERS}", "utf-8")
    for name, code in (("dug", DEEP), ("pipes", PIPES), ("raises", RAISES), ("right", "")):
        handed_in(folder / name, code)
    handed_in(folder / os.fsdecode(b"no text \xff"))
    (folder / "right" / os.fsdecode(b"no text \xff.py")).write_text("")
    os.mkfifo(folder / "pipe.zip")
    ended = shell.lab("grade", folder, "--exercises", "persist", "-o", "out", "-j", "2")
    ended.said("13 submissions")
    assert ended.code == 0
    _, outcomes = read(tmp_path / "out" / RESULTS)
    found = {outcome.submission: outcome for outcome in outcomes}
    passed = {
        name
        for name, outcome in found.items()
        if outcome.exercises and outcome.exercises[0].verdict is Verdict.PASSED
    }
    # SQLite itself may wait for a pipe: "pipes" passes or not, but it ends.
    assert passed - {"pipes"} == {"dug", "right", "no text \\xff"}
    assert {found[name].status for name in FORGED} == {Status.DOES_NOT_START}
    assert "never sends" in found["bare"].says
    assert found["raises"].status is Status.DOES_NOT_START
    assert found["pipe"].status is Status.UNREADABLE
    assert all(outcome.gradable for outcome in outcomes)
    assert shell.left() == [] and shell.processes() == []
