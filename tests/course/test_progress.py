"""Where a learner stands, the hints, the lab's own way beside theirs, and the mastery check."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue, progress
from lab.course.comparison import compare, keep_passed
from lab.course.mastery import sentences
from lab.course.progress import State, hint_offered, next_hint, standing
from lab.model import ExerciseResult, NotPossible, UsageError, Verdict
from lab.terminal.console import make_console
from lab.terminal.course import show_list, show_task
from lab.verify.verdicts import verify
from lab.workspace import creation
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace
from tests.support.terminal import add_priority, write

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


def judged(made: Workspace, id: str, verdict: Verdict, **data: object) -> None:
    """Write a verdict into the journal as `lab verify` does."""
    if verdict is PASSED:
        keep_passed(made, [id])
    made.journal.append(Kind.VERDICT, id, verdict=verdict, **data)


def state(made: Workspace, id: str) -> State:
    return progress.place(made, id).state


# States


def test_an_exercise_is_not_started_then_tried_then_passed_then_passed_with_help(
    made: Workspace,
) -> None:
    assert state(made, "alter-1") is State.NOT_STARTED
    judged(made, "alter-1", FAILED)
    assert state(made, "alter-1") is State.TRIED
    judged(made, "alter-1", PASSED)
    assert state(made, "alter-1") is State.PASSED
    judged(made, "alter-1", FAILED, overview=True)
    assert state(made, "alter-1") is State.TRIED
    made.journal.append(Kind.ASSISTED, "alter-1", variant="")
    judged(made, "alter-1", PASSED)
    assert state(made, "alter-1") is State.HELPED


def test_who_asks_how_the_whole_course_stands_has_not_tried_it(made: Workspace) -> None:
    for _ in range(4):
        judged(made, "alter-2", FAILED, overview=True)
    assert state(made, "alter-2") is State.NOT_STARTED
    assert not hint_offered(made.journal, "alter-2")


def test_a_break_starts_its_fix_and_what_is_broken_comes_first(made: Workspace) -> None:
    made.journal.append(Kind.SYMPTOM, "break-2", by="run")
    now = standing(made)
    assert (state(made, "break-2"), state(made, "fix-2")) == (State.SEEN, State.BROKEN)
    assert now.next and now.next.id == "fix-2"
    assert now.at == "fix-2"


def test_a_further_exercise_that_was_begun_is_there_and_broken_it_comes_first(
    made: Workspace,
) -> None:
    judged(made, "test-1", FAILED)
    assert standing(made).at == "test-1"
    made.journal.append(Kind.SYMPTOM, "break-17", by="run")
    now = standing(made)
    assert now.next and now.next.id == now.at == "fix-17"
    assert [p.id for p in now.places if p.topic] == ["fix-17", "test-1"]
    judged(made, "fix-17", PASSED)
    assert next_hint(made, None).exercise == "test-1"


def test_the_list_says_how_many_there_are_beyond_the_course(made: Workspace) -> None:
    def listed(everything: bool) -> str:
        out = StringIO()
        show_list(make_console(file=out), standing(made, everything))
        return out.getvalue()

    beyond = len(catalogue.exercises(everything=True)) - len(catalogue.exercises(everything=False))
    assert f"{beyond} more beyond the course: `lab list --all`" in listed(everything=False)
    assert "beyond the course" not in listed(everything=True)


def test_a_break_that_was_played_is_seen_and_one_that_is_verified_passed(made: Workspace) -> None:
    made.journal.append(Kind.SYMPTOM, "break-3", by="run")
    assert state(made, "break-3") is State.SEEN
    judged(made, "break-3", FAILED)  # by now it is mended
    assert state(made, "break-3") is State.SEEN
    judged(made, "break-3", PASSED)
    made.journal.append(Kind.SYMPTOM, "break-3", by="run")
    assert state(made, "break-3") is State.PASSED


def test_a_break_that_was_taken_back_is_not_what_is_next_and_taken_forward_it_is(
    made: Workspace, tmp_path: Path
) -> None:
    def next_id() -> str | None:
        now = standing(made).next
        return now.id if now else None

    judged(made, "persist", PASSED)
    main = made.folder / "todos_app" / "main.py"
    whole = main.read_text()
    stage = tmp_path / "stage"
    base = made.stage(stage).manifest
    (stage / "todos_app" / "main.py").write_text(whole + "broken = True\n")
    made.apply(stage, base, "before break-1", "break-1")
    made.journal.append(Kind.SYMPTOM, "break-1", by="run")
    assert next_id() == "fix-1"
    made.undo()
    assert main.read_text() == whole
    assert next_id() == "alter-1"
    made.undo()
    assert next_id() == "fix-1"
    judged(made, "fix-1", PASSED)
    made.reset()
    assert state(made, "fix-1") is State.PASSED


def test_the_further_track_is_told_apart(made: Workspace) -> None:
    assert {place.topic for place in standing(made).places} == {None}
    for place in standing(made).places:
        judged(made, place.id, PASSED)
    everything = standing(made, everything=True)
    assert standing(made).next is None
    assert everything.next and everything.next.topic
    judged(made, "explain-4", FAILED)
    beyond = standing(made, everything=True).next
    assert beyond and beyond.id == "explain-4"  # the course comes first


@pytest.mark.parametrize(
    ("id", "schemes"),
    [("alter-8", ["postgresql"]), ("fix-14", ["postgresql", "mysql"]), ("alter-7", [])],
)
def test_an_exercise_on_a_server_says_how_its_url_is_written(
    made: Workspace, id: str, schemes: list[str]
) -> None:
    screen = StringIO()
    show_task(make_console(file=screen), catalogue.exercise(id), progress.place(made, id))
    printed = screen.getvalue()
    assert ("--database-url URL" in printed) == bool(schemes)
    urls = [line.split()[-1] for line in printed.splitlines() if ":PASSWORD@HOST:" in line]
    assert [url.partition("+")[0] for url in urls] == schemes


def test_predictions_are_counted(made: Workspace) -> None:
    for right in (True, False, True):
        made.journal.append(Kind.PREDICTION, "break-1", right=right)
    now = standing(made)
    assert (now.predicted, now.predicted_right) == (3, 2)


# Hints


def test_each_call_gives_one_hint_more_and_the_last_again(made: Workspace) -> None:
    hints = [next_hint(made, "ALTER-1") for _ in range(4)]
    assert [hint.number for hint in hints] == [1, 2, 3, 3]
    assert len({hint.text for hint in hints}) == 3
    assert {hint.of for hint in hints} == {3}


def test_without_an_id_the_hint_is_for_what_the_learner_is_at(made: Workspace) -> None:
    assert next_hint(made, None).exercise == "persist"
    judged(made, "alter-3", FAILED)
    judged(made, "alter-2", FAILED)
    judged(made, "alter-3", FAILED, overview=True)
    assert next_hint(made, None).exercise == "alter-2"
    for id in ("alter-2", "alter-3"):
        judged(made, id, PASSED)
    assert next_hint(made, None).exercise == "persist"


def test_where_everything_has_passed_a_hint_needs_an_id(made: Workspace) -> None:
    for place in standing(made).places:
        judged(made, place.id, PASSED)
    with pytest.raises(NotPossible):
        next_hint(made, None)


def test_a_hint_speaks_to_what_the_latest_verdict_saw(made: Workspace) -> None:
    judged(made, "alter-2", FAILED, help="`if completed:` is also false for False.")
    assert next_hint(made, "alter-2").seen == "`if completed:` is also false for False."
    judged(made, "alter-2", PASSED)
    assert next_hint(made, "alter-2").seen is None


def test_a_hint_is_offered_after_three_failures_in_a_row_while_there_is_one_left(
    made: Workspace,
) -> None:
    offered = []
    for verdict in (FAILED, FAILED, PASSED, FAILED, FAILED, FAILED):
        judged(made, "alter-1", verdict)
        offered.append(hint_offered(made.journal, "alter-1"))
    assert offered == [False] * 5 + [True]
    for _ in range(3):
        next_hint(made, "alter-1")
    assert not hint_offered(made.journal, "alter-1")


# The lab's own way beside the learner's


def test_what_passes_is_compared_with_what_the_lab_would_have_written(made: Workspace) -> None:
    judged(made, "alter-1", FAILED)
    assert compare(made, "alter-1") is None
    add_priority(made)
    write(made, "schemas.py", "    priority: int\n", "    # Mine.\n")
    judged(made, "alter-1", PASSED)
    compared = compare(made, "alter-1")
    assert compared
    assert "+    # Mine." in compared.diff
    # Later work does not blur it.
    write(made, "main.py", "app = FastAPI", "# Something else.\n")
    later = compare(made, "alter-1")
    assert later == compared


def test_what_every_new_api_lacks_is_compared_though_no_break_has_changed_it(
    made: Workspace,
) -> None:
    database = made.folder / "todos_app/database.py"
    source = database.read_text("utf-8")
    database.write_text(source.replace("./todos.db", "{os.environ.get('TODOS_DATA', '.')}/t.db"))
    judged(made, "fix-28", PASSED)
    compared = compare(made, "fix-28")
    assert compared
    assert "TODOS_DATA" in compared.diff


def test_a_pass_takes_no_second_snapshot_until_it_has_failed_again(made: Workspace) -> None:
    add_priority(made)
    for verdict, many in ((PASSED, 2), (PASSED, 2), (FAILED, 2), (PASSED, 3)):
        judged(made, "alter-1", verdict)
        assert len(made.snapshots.list()) == many
    with pytest.raises(UsageError, match="nothing to undo"):
        made.undo()  # such a snapshot is no change of the lab's


def test_the_next_exercise_is_compared_from_where_the_last_one_passed(made: Workspace) -> None:
    add_priority(made)
    judged(made, "alter-1", PASSED)
    write(
        made,
        "main.py",
        '@app.get("/todos/{todo_id}"',
        "@app.get('/todos/count')\n"
        "def mine(db: SessionDep) -> dict[str, int]:\n    return {}\n\n\n",
    )
    judged(made, "alter-3", PASSED)
    compared = compare(made, "alter-3")
    assert compared
    changed = [line for line in compared.diff.splitlines() if line[:1] in "+-"]
    assert any("def mine" in line for line in changed)
    assert not any("priority" in line for line in changed)


def test_what_is_not_about_code_or_has_not_passed_is_not_compared(made: Workspace) -> None:
    for id in ("persist", "fix-2", "explain-1", "break-2"):
        judged(made, id, PASSED)
        assert compare(made, id) is None
    assert len(made.snapshots.list()) == 1
    keep_passed(Workspace.read_only(made.folder), ["alter-1"])  # writes nothing, raises nothing
    assert len(made.snapshots.list()) == 1


# The mastery check


def test_a_sentence_comes_with_its_exercise_its_verdict_and_since_when(made: Workspace) -> None:
    judged(made, "alter-1", PASSED)
    judged(made, "alter-1", FAILED)
    made.journal.append(Kind.ASSISTED, "alter-1", variant="")
    judged(made, "alter-1", PASSED)
    judged(made, "alter-1", PASSED)
    results = [ExerciseResult("alter-1", PASSED), ExerciseResult("fix-1", FAILED)]
    found = {sentence.exercise: sentence for sentence in sentences(made.journal, results)}
    assert [*found] == ["explain-3", "explain-2", "alter-1", "fix-1"]
    verdict = made.journal.entries(Kind.VERDICT, "alter-1")
    assert (found["alter-1"].holds, found["alter-1"].helped) == (True, True)
    assert found["alter-1"].since == verdict[2]
    assert (found["fix-1"].holds, found["fix-1"].since) == (False, None)
    assert found["explain-2"].verdict is Verdict.NOT_STARTED


# The whole course looked at


def test_in_an_overview_a_break_that_nobody_made_is_not_started_and_nothing_counts_as_tried(
    made: Workspace, launcher: Launcher
) -> None:
    report = verify(made, [], ["alter-3", "break-3", "fix-3"], launcher)
    found = {result.id: result.verdict for result in report.exercises}
    assert found == {
        "alter-3": FAILED,
        "break-3": Verdict.NOT_STARTED,
        "fix-3": Verdict.NOT_STARTED,
    }
    assert {state(made, id) for id in found} == {State.NOT_STARTED}
    assert [result.verdict for result in verify(made, ["break-3"], [], launcher).exercises] == [
        FAILED
    ]
    assert state(made, "break-3") is State.TRIED
