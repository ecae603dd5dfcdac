"""Results are on the disk as they come: none is lost, and none is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.grade.outcome import Outcome, Status
from lab.grade.results import Results, merged
from lab.grade.submissions import RESULTS, Submission
from lab.model import LabError, UsageError, WorkspaceBusy

IDS = ("persist",)


def outcome(name: str, digest: str = "d", status: Status = Status.JUDGED) -> Outcome:
    return Outcome(name, digest, status, 'says "it"\n')


def test_a_torn_last_line_is_dropped_and_what_came_before_it_stays(tmp_path: Path) -> None:
    with Results(tmp_path, IDS) as results:
        results.add(outcome("ada"))
        results.add(outcome("bob"))
    whole = (tmp_path / RESULTS).read_bytes()
    for cut in (*range(0, len(whole), 23), len(whole) - 1):
        (tmp_path / RESULTS).write_bytes(whole[:cut])
        with Results(tmp_path, IDS) as results:
            kept = [each.submission for each in results.outcomes]
            assert kept == ["ada", "bob"][: max(whole[:cut].count(b"\n") - 1, 0)]
            results.add(outcome("eve"))
        with Results(tmp_path, IDS) as results:
            assert [each.submission for each in results.outcomes] == [*kept, "eve"]


def test_a_damaged_line_in_the_middle_is_told_and_not_dropped(tmp_path: Path) -> None:
    with Results(tmp_path, IDS) as results:
        results.add(outcome("ada"))
    with (tmp_path / RESULTS).open("ab") as file:
        file.write(b'{"submission": \n{}\n')
    with pytest.raises(LabError, match="Line 3"):
        Results(tmp_path, IDS)


def test_one_command_at_a_time_writes_and_only_of_the_same_exercises(tmp_path: Path) -> None:
    with Results(tmp_path, IDS), pytest.raises(WorkspaceBusy):
        Results(tmp_path, IDS)
    with pytest.raises(UsageError, match="other exercises: persist"):
        Results(tmp_path, ("persist", "alter-1"))
    Results(tmp_path, IDS).close()


def test_what_was_judged_is_not_lacking_until_it_changes_or_was_an_error(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(b"1")
    ada = Submission("ada", tmp_path / "ada.zip")
    with Results(tmp_path / "out", IDS) as results:
        assert results.lacks(ada)
        results.add(outcome("ada", ada.digest(), Status.ERROR))
        assert results.lacks(ada)
        results.add(outcome("ada", ada.digest(), Status.EMPTY))
        assert not results.lacks(ada)
        (tmp_path / "ada.zip").write_bytes(b"2")
        assert results.lacks(ada)


def test_shards_are_merged_and_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    for name, kept in (("1", ["ada", "eve"]), ("2", ["bob"])):
        with Results(tmp_path / name, IDS) as results:
            for each in kept:
                results.add(outcome(each))
    head, outcomes = merged([tmp_path / "1", tmp_path / "2", tmp_path / "1"])
    assert head == IDS and [each.submission for each in outcomes] == ["ada", "bob", "eve"]
    with Results(tmp_path / "3", IDS) as results:
        results.add(outcome("ada", "another"))
    with pytest.raises(UsageError, match="ada was judged twice"):
        merged([tmp_path / "1", tmp_path / "3"])
    Results(tmp_path / "4", ("alter-1",)).close()
    with pytest.raises(UsageError, match="different exercises"):
        merged([tmp_path / "1", tmp_path / "4"])
    with pytest.raises(UsageError, match="cannot be read"):
        merged([tmp_path / "no"])
