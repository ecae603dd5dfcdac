"""The further breaks and their fixes: what they show, and what they leave in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.refused_writes import refusing
from lab.appserver.server import Server
from lab.course import catalogue
from lab.model import ByHand, DatabaseLocked, Verdict
from lab.play.preconditions import AlreadyBroken
from lab.scenario import FILE, Exercise
from lab.scenario import events as e
from lab.scenario.observations import Seen
from lab.verify.verdicts import verify
from lab.workspace import databases
from lab.workspace.creation import adopt
from lab.workspace.workspace import Workspace
from tests.support.play import STYLES, Player, of
from tests.support.workspaces import picture

pytestmark = pytest.mark.long

NUMBERS = [4, 5, 6, 7, 8]
OTHERS = {
    4: ("async_", "main:app"),
    5: ("sqlmodel", "main:app"),
    6: ("routers", "app.main:app"),
    7: ("flat", "app:app"),
    8: ("classic_query", "main:app"),
}
# What the reference is not free of itself is played: a path of the folder that it is started from,
# a database in the folder that a deployment replaces, a question before the first table is made.
INBORN = ("fix-10", "fix-28", "fix-30")
NOTHING_TO_MEND = [
    entry.id
    for entry in catalogue.exercises(everything=True).values()
    if isinstance(entry, Exercise)
    and entry.kind == "fix"
    and entry.id not in INBORN
    and FILE[0] in entry.databases
]


@pytest.mark.launchers
@pytest.mark.parametrize("number", NUMBERS)
def test_a_break_shows_its_symptom_and_its_fix_takes_it_away(
    made: Workspace, run: Player, number: int
) -> None:
    rows = databases.rows(made.folder / "todos.db").rows
    broken = run(f"break-{number}", made)
    assert made.journal.symptom_seen(f"break-{number}")
    assert not of(broken, e.Unexpected)
    with pytest.raises(AlreadyBroken):
        run(f"break-{number}", made)
    fixed = run(f"fix-{number}", made)
    assert of(fixed, e.Kept)
    assert not of(fixed, e.Unexpected)
    again = run(f"fix-{number}", made)
    assert "nothing to mend" in of(again, e.NothingToDo)[0].text
    kept = databases.rows(made.folder / "todos.db").rows
    assert {row[0] for row in rows} <= {row[0] for row in kept}


@pytest.mark.long
@pytest.mark.parametrize("number", NUMBERS)
def test_they_work_on_other_peoples_code(
    tmp_path: Path, launcher: Launcher, run: Player, number: int
) -> None:
    style, app = OTHERS[number]
    adopted = adopt(STYLES / style, tmp_path / "adopted", app)
    assert not of(run(f"break-{number}", adopted), e.Unexpected)
    assert not of(run(f"fix-{number}", adopted), e.Unexpected)


@pytest.mark.parametrize("id", NOTHING_TO_MEND)
def test_a_fix_of_what_nobody_broke_says_how_to_break_it_and_changes_nothing(
    made: Workspace, run: Player, id: str
) -> None:
    asked: list[str] = []
    before = {name: data for name, (_, data) in picture(made.folder).items() if ".lab" not in name}
    events = run(id, made, ask=lambda prediction: asked.append(prediction.question))
    said = events[-1]
    assert isinstance(said, e.NothingToDo)
    assert "There is nothing to mend" in said.text
    assert f"`lab run {id.replace('fix', 'break')}` breaks it" in said.text
    assert not asked
    after = {name: data for name, (_, data) in picture(made.folder).items() if ".lab" not in name}
    assert after == before


@pytest.mark.parametrize("id", INBORN)
def test_a_fix_of_what_is_wrong_with_every_new_api_is_played_and_judged_at_once(
    made: Workspace, run: Player, launcher: Launcher, id: str
) -> None:
    events = run(id, made)
    assert of(events, e.Kept)
    (result,) = verify(made, [id], [], launcher).exercises
    assert result.verdict is Verdict.PASSED


def test_a_fix_that_has_seen_what_was_broken_by_hand_may_be_judged(
    made: Workspace, run: Player, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    source = main.read_text("utf-8")
    main.write_text(source.replace("    db.commit()  # until", "    db.flush()  # until"), "utf-8")
    (waiting,) = verify(made, ["fix-4"], [], launcher).exercises
    assert waiting.verdict is Verdict.NOT_STARTED
    with pytest.raises(ByHand):  # the lab has not broken it, and does not know what it was
        run("fix-4", made)
    main.write_text(source, "utf-8")
    (result,) = verify(made, ["fix-4"], [], launcher).exercises
    assert result.verdict is Verdict.PASSED


def test_a_clone_has_no_database_and_the_workspace_keeps_its_own(
    made: Workspace, run: Player
) -> None:
    before = (made.folder / "todos.db").read_bytes()
    events = run("break-7", made)
    assert [event.anew for event in of(events, e.Started)] == [("todos.db",)] * 2
    assert of(events, e.RowsShown)[-1].rows is None
    assert (made.folder / "todos.db").read_bytes() == before


def test_a_deployment_throws_no_database_of_the_workspace_away(
    made: Workspace, run: Player
) -> None:
    before = (made.folder / "todos.db").read_bytes()
    assert [event.anew for event in of(run("break-28", made), e.Started)] == [("todos.db",)] * 2
    assert not of(run("fix-28", made), e.Unexpected)
    assert (made.folder / "todos.db").read_bytes() == before
    assert not (made.folder / "volume").exists()


def test_what_the_lab_makes_fail_is_no_failure_of_the_app(made: Workspace, run: Player) -> None:
    run("break-5", made)
    events = run("fix-5", made)
    provoked = [event.exchange for event in of(events, e.Requested) if event.provoked]
    assert [exchange.status for exchange in provoked] == [500, 500]
    seen = Seen(tuple(event for event in events if isinstance(event, e.Requested)))
    assert [exchange.status for exchange in seen.failed()] == [500]  # before the fix


def test_a_database_refuses_todos_only_while_it_is_told_to(
    reference: Path, launcher: Launcher
) -> None:
    with Server(reference, launcher) as server:
        server.start()
        assert server.post("/todos", {"title": "before"}).ok
        with refusing(server):
            refused = server.post("/todos", {"title": "refused"})
            assert server.get("/todos").ok
        assert refused.status == 500
        assert refused.crash
        assert "refuses this todo" in refused.crash.message
        assert server.post("/todos", {"title": "after"}).ok
        rows = databases.rows(reference / "todos.db")
        titles = [row[rows.columns.index("title")] for row in rows.rows]
        assert titles == ["before", "after"]


def test_a_database_that_the_app_keeps_locked_is_told(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    source = (STYLES / "single" / "main.py").read_text("utf-8")
    shared = source.replace(
        "def get_db():\n    db = SessionLocal()", "db = SessionLocal()\n\n\ndef get_db():"
    )
    shared = shared.replace("    finally:\n        db.close()\n", "    finally:\n        pass\n")
    folder = app(
        shared.replace("    db.add(todo)\n    db.commit()\n", "    db.add(todo)\n    db.flush()\n")
    )
    with Server(folder, launcher) as server:
        server.start()
        assert server.post("/todos", {"title": "never committed"}).ok
        with pytest.raises(DatabaseLocked, match="between two requests"), refusing(server):
            pass
