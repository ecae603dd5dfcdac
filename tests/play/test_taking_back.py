"""Fixes that the lab makes: they give back what its break changed, and keep what came since."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.model import AlreadyThere, ByHand
from lab.scenario import events as e
from lab.workspace.workspace import Workspace
from tests.support.play import Player, of, picture


def database(made: Workspace) -> Path:
    return made.folder / "todos_app" / "database.py"


def test_a_fix_gives_back_what_the_break_changed_and_keeps_what_came_since(
    made: Workspace, run: Player
) -> None:
    healthy = database(made).read_bytes()
    run("break-3", made)
    broken = database(made).read_bytes()
    assert broken != healthy
    database(made).write_bytes(broken.replace(b"import os\n", b"import os  # mine\n"))
    events = run("fix-3", made)
    assert of(events, e.Kept)
    assert database(made).read_bytes() == healthy.replace(b"import os\n", b"import os  # mine\n")


@pytest.mark.long
def test_where_the_learner_changed_the_same_lines_nothing_is_changed_and_the_fix_is_shown(
    made: Workspace, run: Player
) -> None:
    run("break-3", made)
    database(made).write_bytes(
        database(made).read_bytes().replace(b"return db", b"return db  # leaks?")
    )
    before = picture(made)
    with pytest.raises(ByHand) as caught:
        run("fix-3", made)
    assert "+        yield db\n" in caught.value.answer
    assert "by hand" in caught.value.remedy
    assert picture(made) == before


def test_what_was_broken_by_hand_is_mended_by_hand(made: Workspace, run: Player) -> None:
    lent = b"    try:\n        yield db\n    finally:\n        db.close()"
    healthy = database(made).read_bytes()
    assert lent in healthy
    database(made).write_bytes(healthy.replace(lent, b"    return db"))
    before = picture(made)
    with pytest.raises(ByHand, match="did not play break-3"):
        run("fix-3", made)
    assert picture(made) == before


@pytest.mark.long
def test_what_was_taken_back_and_broken_again_by_hand_is_told_apart(
    made: Workspace, run: Player
) -> None:
    run("break-3", made)
    run("fix-3", made)
    main = made.folder / "todos_app" / "main.py"
    main.write_bytes(
        main.read_bytes().replace(b"return db.scalars(", b"return SessionLocal().scalars(")
        + b"\n\nfrom .database import SessionLocal\n"
    )
    with pytest.raises(AlreadyThere, match="break-3 changed is taken back"):
        run("fix-3", made)
