"""The player: persist, the alterations, and what was predicted of each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.model import NotPossible
from lab.play.preconditions import NotAgreed
from lab.scenario import events as e
from lab.workspace import databases
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace
from tests.support.play import FIRST, STYLES, Player, of, picture, statuses, titles


def test_persist_only_reads_the_workspace(made: Workspace, run: Player) -> None:
    before = picture(made)
    events = run("persist", made)
    assert any("2 of 2 new todos" in event.text for event in of(events, e.Said))
    assert picture(made) == before


def test_persist_can_be_shown_on_a_folder_that_is_no_workspace(
    made: Workspace, tmp_path: Path, run: Player
) -> None:
    bare = Workspace.read_only(STYLES / "flat", "app:app")
    assert statuses(run("persist", bare)) == [201, 200, 201, 200]
    with pytest.raises(NotPossible, match="only looked at"):
        run("break-1", bare)


def test_alter_1_keeps_the_rows_and_leaves_none_of_its_own(made: Workspace, run: Player) -> None:
    before = titles(made)
    events = run("alter-1", made)
    assert titles(made) == before
    rows = databases.rows(made.folder / "todos.db")
    assert {row[rows.columns.index("priority")] for row in rows.rows} == {0}
    assert [event.exchange.json.get("priority") for event in of(events, e.Requested)[3:4]] == [5]


def test_sources_that_are_only_to_be_read_are_changed_and_stay_so(
    made: Workspace, run: Player
) -> None:
    models = made.folder / "todos_app" / "models.py"
    models.chmod(0o444)
    if os.access(models, os.W_OK):
        pytest.skip("who has all rights may write there")
    run("alter-1", made)
    assert "priority" in models.read_text("utf-8")
    assert models.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("id", ["alter-1", "alter-2", "alter-3"])
def test_an_alteration_is_made_once_and_marked_as_assisted(
    made: Workspace, run: Player, id: str
) -> None:
    events = run(id, made)
    assert not of(events, e.Unexpected)
    assert of(events, e.FilesWritten)[0].diff
    assert made.journal.assisted(id)
    assert len(titles(made)) == FIRST
    before = picture(made)
    again = run(id, made)
    assert of(again, e.NothingToDo)
    assert of(again, e.Requested)
    assert not of(again, e.Kept)
    assert picture(made) == before


def test_the_lab_does_not_do_untried_work_without_agreement(made: Workspace, run: Player) -> None:
    before = picture(made)
    with pytest.raises(NotAgreed) as caught:
        run("alter-2", made, confirm=None)
    assert caught.value.exit_code == 1
    assert "--yes" in caught.value.remedy
    events = run("alter-2", made, confirm=lambda question: False)
    assert of(events, e.NothingToDo)
    assert picture(made) == before
    assert not made.journal.assisted("alter-2")


def test_who_has_tried_is_not_asked(made: Workspace, run: Player) -> None:
    made.journal.append(Kind.VERDICT, "alter-2", verdict="failed")
    assert of(run("alter-2", made, confirm=None), e.Kept)


@pytest.mark.parametrize("id", ["persist", "alter-1", "alter-2", "alter-3", "break-1", "break-2"])
def test_exactly_what_happened_is_compared_with_the_prediction(
    made: Workspace, run: Player, id: str
) -> None:
    events = run(id, made, ask=lambda prediction: 0)
    (compared,) = of(events, e.Predicted)
    assert compared.happened is not None
    (entry,) = made.journal.entries(Kind.PREDICTION, id)
    assert entry.data["predicted"] == compared.choices[0]
    assert entry.data["happened"] == compared.choices[compared.happened]
    assert entry.data["right"] is compared.right


def test_who_does_not_predict_still_hears_what_came_true(made: Workspace, run: Player) -> None:
    (compared,) = of(run("alter-3", made, ask=lambda prediction: None), e.Predicted)
    assert not compared.right
    assert made.journal.entries(Kind.PREDICTION) == ()


def test_without_anybody_to_ask_nothing_is_compared(made: Workspace, run: Player) -> None:
    assert not of(run("alter-3", made), e.Predicted)
