"""break-26 and fix-26: a revision of Alembic is tried in a copy, and env.py alone is changed."""

from __future__ import annotations

import pytest

from lab.model import EditNotApplicable
from lab.play.preconditions import AlreadyBroken
from lab.scenario import events as e
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.play import FIRST, Player, of, picture

pytestmark = pytest.mark.long

ENV = "migrations/env.py"


def test_a_revision_that_drops_the_todos_is_run_in_a_copy_alone(
    made: Workspace, run: Player
) -> None:
    events = run("break-26", made)
    (source,) = of(events, e.SourceShown)
    assert "op.drop_table('todos')" in source.source
    assert [shown.rows for shown in of(events, e.RowsShown)] == [None]
    assert not (made.folder / source.file).exists()
    assert len(databases.rows(made.folder / "todos.db").rows) == FIRST + 1  # the play's own


def test_where_alembic_is_already_env_py_alone_is_changed_and_mended(
    made: Workspace, run: Player
) -> None:
    run("alter-7", made)
    whole = picture(made)
    run("break-26", made)
    broken = picture(made)
    assert {path for path in broken if broken[path] != whole.get(path)} == {ENV, "todos.db"}
    with pytest.raises(AlreadyBroken):
        run("break-26", made)
    assert of(run("fix-26", made), e.Kept)
    assert b"from todos_app import models" in picture(made)[ENV]


def test_an_env_py_of_the_learners_own_is_left_as_it_is(made: Workspace, run: Player) -> None:
    run("alter-7", made)
    own = made.folder / ENV
    text = own.read_text("utf-8")
    own.write_text(text.replace("from todos_app import models", "import todos_app.models"), "utf-8")
    before = picture(made)
    with pytest.raises(EditNotApplicable, match=r"migrations/env\.py"):
        run("break-26", made)
    assert picture(made) == before
