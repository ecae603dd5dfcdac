"""The journal keeps what was seen, whatever happens to the command that writes it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.model import CannotWrite, Verdict
from lab.workspace.journal import Entry, Journal, Kind


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def path_of(journal: Journal) -> Path:
    assert journal.path is not None
    return journal.path


def test_entries_come_back_as_they_were_written_and_in_order(journal: Journal) -> None:
    first = journal.append(Kind.PREDICTION, "break-2", text="a 500, I guess\nor \u2028 none")
    second = journal.append(Kind.SYMPTOM, "break-2", says="no such column", rows=[1, None])
    assert journal.entries() == (first, second)
    assert isinstance(first, Entry)
    assert first.at.endswith("+00:00")
    assert journal.notices() == ()


def test_entries_are_one_json_object_a_line(journal: Journal) -> None:
    journal.append(Kind.HINT, "fix-3", number=1)
    journal.append(Kind.ANSWER, None, text="ü")
    lines = path_of(journal).read_text("utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["hint", "answer"]


def test_a_line_that_a_kill_has_torn_is_skipped_with_a_notice_and_kept(journal: Journal) -> None:
    kept = journal.append(Kind.HINT, "fix-1")
    with path_of(journal).open("ab") as stream:
        stream.write(b'{"at": "2026-01-0')
    later = journal.append(Kind.HINT, "fix-1")
    assert journal.entries() == (kept, later)
    assert journal.notices() == (
        "The journal is damaged in line 2: skipped, and kept in the file.",
    )
    assert b'{"at": "2026-01-0\n' in path_of(journal).read_bytes()


@pytest.mark.parametrize(
    "rubbish",
    [
        *(b"\xff\xfe\x00", b"[]", b'{"at": 1}', b"[" * 100_000, b'{"kind": "hint"}'),
        b'{"at": "", "kind": "verdict", "exercise": "fix-1", "data": {"verdict": {}}}',
        b'{"at": "", "kind": "symptom", "exercise": "fix-1", "data": {"ids": 5}}',
        b'{"at": "", "kind": "symptom", "exercise": "fix-1", "data": {"ids": [[1]]}}',
    ],
)
def test_a_damaged_line_does_not_hide_the_others(journal: Journal, rubbish: bytes) -> None:
    path_of(journal).write_bytes(rubbish + b"\n")
    journal.append(Kind.HINT, "fix-1")
    assert journal.hints_given("fix-1") == 1
    assert len(journal.notices()) == 1


def test_of_a_file_that_is_no_journal_at_all_a_few_lines_are_named(journal: Journal) -> None:
    path_of(journal).write_bytes(b"x\n" * 1012)
    assert journal.notices() == (
        "The journal is damaged in lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1002 more: skipped, and "
        "kept in the file.",
    )


def test_an_entry_of_a_newer_lab_is_kept(journal: Journal) -> None:
    path_of(journal).write_text(
        '{"at": "t", "kind": "badge", "exercise": null, "data": {}, "mood": "fine"}\n'
    )
    assert journal.entries() == (Entry("t", "badge", None, {}),)


def test_the_queries_tell_one_exercise_from_another(journal: Journal) -> None:
    seen = journal.append(Kind.SYMPTOM, "break-2")
    journal.append(Kind.SYMPTOM, "break-3")
    journal.append(Kind.ASSISTED, "alter-1")
    journal.append(Kind.HINT, "alter-1")
    journal.append(Kind.HINT, "alter-1")
    assert journal.symptom_seen("break-2") == seen
    assert journal.symptom_seen("break-1") is None
    assert journal.assisted("alter-1")
    assert not journal.assisted("alter-2")
    assert journal.hints_given("alter-1") == 2
    assert journal.hints_given("alter-2") == 0


def test_failures_are_counted_since_the_last_pass(journal: Journal) -> None:
    for verdict in (Verdict.FAILED, Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.FAILED):
        journal.append(Kind.VERDICT, "fix-3", verdict=verdict)
    journal.append(Kind.VERDICT, "fix-2", verdict=Verdict.FAILED)
    assert journal.failures_in_a_row("fix-3") == 2
    assert journal.failures_in_a_row("alter-1") == 0
    last = journal.last_verdict("fix-3")
    assert last is not None
    assert last.data == {"verdict": "failed"}


def test_without_a_path_nothing_is_kept(tmp_path: Path) -> None:
    journal = Journal(None)
    assert journal.append(Kind.HINT, "fix-1").kind == "hint"
    assert journal.entries() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite) as caught:
        Journal(tmp_path / "file" / "journal.jsonl").append(Kind.HINT, "fix-1")
    assert caught.value.remedy


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_several_writers_at_once_lose_no_entry(journal: Journal) -> None:
    children = []
    for writer in range(4):
        child = os.fork()
        if child == 0:
            for number in range(25):
                journal.append(Kind.OBSERVATION, "persist", writer=writer, number=number)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    found = {(e.data["writer"], e.data["number"]) for e in journal.entries()}
    assert len(found) == 100
    assert journal.notices() == ()
