"""`lab watch`: real files, saved as editors save them, and real servers that judge them."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from lab.appserver.launchers import Launcher
from lab.model import CheckResult, NotPossible, Progress, Verdict
from lab.verify.verdicts import Report, verify
from lab.watch.judging import (
    Event,
    Judged,
    Judging,
    Key,
    Trouble,
    Unchanged,
    Watch,
)
from lab.watch.saves import HalfWritten
from lab.workspace.workspace import Workspace
from tests.support.watch import (  # noqa: F401 - fixtures
    FILTERED,
    LIST,
    Reader,
    a_folder,
    a_reader,
    a_watch,
    ends_in_time,
    judged,
    wait_for,
)

# -- what is judged ---------------------------------------------------------------------------


def test_of_fifty_saves_in_bursts_the_last_one_is_judged(
    folder: Path, watch: Watch, reader: Reader
) -> None:
    def save() -> None:
        for number in range(50):
            (folder / "main.py").write_text(f"number = {number}\n")
            time.sleep(0.15 if number % 10 == 9 else 0.003)

    saving = threading.Thread(target=save)
    saving.start()
    events = wait_for(watch, judged("number = 49\n"))
    saving.join()
    assert not [event for event in events if isinstance(event, HalfWritten | Trouble)]
    assert reader.runs < 50
    # Nothing was saved since: no further run, and no other verdict.
    runs = reader.runs
    with ends_in_time(watch, 1.5):
        assert list(watch.events()) == [Key("q")]
    assert reader.runs == runs


def test_a_save_during_a_run_cuts_it_short_and_leads_to_one_more(folder: Path) -> None:
    reader = Reader(folder, checks=50, seconds=0.05)
    main = folder / "main.py"
    with Watch(folder, reader) as watch:
        timer = threading.Timer(0.2, main.write_text, ["second = 1\n"])
        timer.start()
        events = wait_for(watch, judged("second = 1\n"))
    assert [type(event) for event in events] == [Judging, Judging, Judged]
    assert events[1] == Judging(("main.py",))
    assert (reader.runs, reader.whole) == (2, 1)


def test_a_save_after_the_last_check_of_a_run_is_not_lost(folder: Path) -> None:
    reader = Reader(folder)
    main = folder / "main.py"

    def judge(progress: Progress) -> Report:
        report = reader(progress)
        if reader.runs == 1:
            main.write_text("late = 1\n")
        return report

    with Watch(folder, judge) as watch:
        wait_for(watch, judged("late = 1\n"))


def test_real_servers_judge_each_save_until_it_is_right(
    reference: Path, launcher: Launcher
) -> None:
    workspace = Workspace.read_only(reference, "todos_app.main:app")
    main = reference / "todos_app" / "main.py"
    text = main.read_text()

    def judge(progress: Progress) -> Report:
        return verify(workspace, ["alter-2"], ["alter-2"], launcher, progress)

    def verdict(event: Event) -> Verdict | None:
        return event.report.exercises[0].verdict if isinstance(event, Judged) else None

    with Watch(reference, judge) as watch:
        wait_for(watch, lambda event: verdict(event) is Verdict.FAILED)
        for number in range(10):  # the first nine lack the filter
            main.write_text(text + f"\nn = {number}\n")
            time.sleep(0.02)
        main.write_text(text.replace(LIST, FILTERED))
        events = wait_for(watch, lambda event: verdict(event) is Verdict.PASSED)
        assert not [event for event in events if isinstance(event, HalfWritten | Trouble)]


@pytest.mark.long
def test_runs_in_one_process_leave_nothing_behind(reference: Path, launcher: Launcher) -> None:
    workspace = Workspace.read_only(reference, "todos_app.main:app")

    def judge(progress: Progress) -> Report:
        return verify(workspace, ["alter-3"], ["alter-3"], launcher, progress)

    def held() -> tuple[int, int, int, int]:
        process = psutil.Process()
        return process.num_fds(), threading.active_count(), len(sys.modules), len(sys.meta_path)

    with Watch(reference, judge) as watch:
        after_each = []
        for _ in range(4):
            wait_for(watch, lambda event: isinstance(event, Judged))
            after_each.append(held())
            watch.again()
    assert after_each[1:] == after_each[1:2] * 3


# -- what cannot be judged --------------------------------------------------------------------


def test_a_half_written_file_is_one_calm_event_and_no_run(
    folder: Path, watch: Watch, reader: Reader
) -> None:
    (folder / "main.py").write_text("first = 0\ndef get_db(:\n")
    events = wait_for(watch, lambda event: isinstance(event, HalfWritten))
    assert events == [HalfWritten("main.py", 2, "invalid syntax")]
    assert reader.runs == 1
    (folder / "main.py").write_text("whole = 1\n")
    wait_for(watch, judged("whole = 1\n"))


def test_a_file_that_stays_half_written_is_what_the_next_save_reports(
    reference: Path, launcher: Launcher
) -> None:
    workspace = Workspace.read_only(reference, "todos_app.main:app")
    broken = reference / "todos_app" / "models.py"
    broken.write_text(broken.read_text() + "\nclass Half(\n")
    line = len(broken.read_text().splitlines())

    def judge(progress: Progress) -> Report:
        return verify(workspace, ["alter-2"], ["alter-2"], launcher, progress)

    with Watch(reference, judge) as watch:
        events = wait_for(watch, lambda event: isinstance(event, HalfWritten | Judged))
        assert events[-1] == HalfWritten("todos_app/models.py", line, "'(' was never closed")


def test_a_stray_file_with_an_error_is_in_nobodys_way(folder: Path, watch: Watch) -> None:
    (folder / "scratch.py").write_text("def (\n")
    wait_for(watch, lambda event: isinstance(event, HalfWritten))
    (folder / "main.py").write_text("good = 1\n")
    wait_for(watch, judged("good = 1\n"))


def test_what_the_lab_cannot_do_does_not_end_the_watch(folder: Path, reader: Reader) -> None:
    error = NotPossible("todos.db is locked.", "Stop the server that has it open.")

    def judge(progress: Progress) -> Report:
        if reader.main.read_text() == "first = 0\n":
            raise error
        return reader(progress)

    with Watch(folder, judge) as watch:
        events = wait_for(watch, lambda event: isinstance(event, Trouble))
        assert events == [Judging(), Trouble(error)]
        (folder / "main.py").write_text("then = 1\n")
        wait_for(watch, judged("then = 1\n"))


# -- keys -------------------------------------------------------------------------------------


def test_keys_come_in_their_order_and_q_ends_the_watch(watch: Watch) -> None:
    for name in "hldq":
        watch.press(name)
    assert list(watch.events()) == [Key("h"), Key("l"), Key("d"), Key("q")]


def test_again_judges_what_was_judged_before(watch: Watch, reader: Reader) -> None:
    watch.again()
    events = wait_for(watch, lambda event: isinstance(event, Judged))
    assert events[0] == Judging()
    assert reader.runs == 2


def test_a_save_that_changes_nothing_says_so_and_judges_nothing(
    folder: Path, watch: Watch, reader: Reader
) -> None:
    main, text = folder / "main.py", (folder / "main.py").read_text()
    main.write_text(text)
    events = wait_for(watch, lambda event: isinstance(event, Unchanged))
    assert events == [Unchanged(("main.py",))]
    assert reader.runs == 1
    main.write_text("second = 1\n")
    wait_for(watch, judged("second = 1\n"))
    main.write_text(text)
    wait_for(watch, judged(text))


def test_the_same_save_on_another_database_is_judged(
    folder: Path, watch: Watch, reader: Reader
) -> None:
    (folder / "todos.db").touch()
    (folder / "main.py").touch()
    wait_for(watch, lambda event: isinstance(event, Judged))
    assert reader.runs == 2


def test_each_result_is_told_as_it_falls(folder: Path) -> None:
    fell: list[CheckResult] = []
    with Watch(folder, Reader(folder, checks=3), fell.append) as watch:
        for event in watch.events():
            if isinstance(event, Judging):
                assert fell == []
            if isinstance(event, Judged):
                break
    assert len(fell) == 3


def test_a_key_that_makes_a_run_pointless_cuts_it_short(folder: Path) -> None:
    reader = Reader(folder, checks=100, seconds=0.05)
    with Watch(folder, reader) as watch:
        timer = threading.Timer(0.3, watch.press, "q")
        timer.start()
        began = time.monotonic()
        assert list(watch.events()) == [Judging(), Key("q")]
    assert time.monotonic() - began < 2
    assert reader.whole == 0
