"""Small mistakes in the lab's own solution are noticed, or there is a reason why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from tests.support.mutants import hunt, mutants, original_of, spared, unexplained
from tests.support.mutators import mutants_of

REASONS = Path(__file__).with_name("mutants.toml")
SOURCE = '''\
"""A docstring stays."""

import os
from pathlib import Path

def get_db(size=5):
    """This one too."""
    if size is None or size == 1:
        raise ValueError("none")
    try:
        yield SessionLocal(bind=engine)
    finally:
        db.commit()
'''


def test_mistakes_are_made_one_at_a_time_and_nowhere_twice() -> None:
    found = {str(mutant): mutant.source for mutant in mutants_of("main.py", SOURCE)}
    assert "main.py, get_db: drop `db.commit()`" in found
    assert "main.py, get_db: negate `size is None or size == 1`" in found
    assert "main.py, get_db: turn round `size == 1`" in found
    assert "main.py, get_db: finally becomes what just follows" in found
    assert "main.py, get_db: drop `bind=engine`" in found
    assert "main.py, get_db: 5 becomes 6" in found
    assert "db.flush()" in found["main.py, get_db: `db.commit` becomes `db.flush`"]
    assert not any("docstring" in name or "import" in name for name in found)
    assert len(set(found.values())) == len(found)
    for name, source in found.items():
        compile(source, name, "exec")


def test_every_reason_is_about_a_mutant_that_there_is(launcher: Launcher) -> None:
    names = {str(mutant) for mutant in mutants(original_of(launcher))}
    assert set(spared(REASONS)) <= names


@pytest.mark.long
def test_every_mutant_is_noticed_or_has_a_reason_to_survive() -> None:
    fates = hunt(os.cpu_count() or 1)
    reasons = spared(REASONS)
    assert not unexplained(fates, reasons)
    killed = {fate.mutant: f"{fate.exercise}, {fate.check}" for fate in fates if not fate.survived}
    assert not [(name, killed[name]) for name in reasons if name in killed]
