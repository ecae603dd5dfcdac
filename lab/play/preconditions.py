"""What must hold in the workspace before an exercise is played on it, and what to do if not."""

from __future__ import annotations

from lab import scenario as s
from lab.appserver.tables import drift
from lab.model import NoTodos, NotPossible
from lab.play.interpreter import Runner
from lab.scenario.events import NothingToDo
from lab.scenario.observations import said
from lab.workspace.journal import Journal, Kind


class AlreadyBroken(NotPossible):
    """The workspace does not show a healthy app, so a break would teach nothing."""


def must_have_todos(runner: Runner) -> None:
    """Raise NoTodos where the app has just said that it has no list of them."""
    if runner.seen.status("GET /todos") == 404:
        raise NoTodos


def must_be_healthy(runner: Runner, journal: Journal) -> None:
    """Raise AlreadyBroken where a request has failed, or a connection stays checked out."""
    failed = runner.seen.failed()
    out = len(runner.server.connections_out())
    if not failed and not out:
        return
    symptoms = journal.entries(Kind.SYMPTOM)
    last = symptoms[-1].exercise if symptoms else None
    mend = (
        f"Mend it first (if it is {last} still, `lab run {last.replace('break', 'fix')}` does)"
        if last
        else "Mend it first"
    )
    if runner.server.running and drift(runner.server):
        # Most often nobody broke it: a column was added, and the file is from before.
        mend = "Mend it first (`lab run fix-2` does; with --migrate the todos stay)"
    raise AlreadyBroken(
        f"Your workspace is broken already: {said(failed[0])}."
        if failed
        else f"Your workspace is broken already: {out} connections stay checked out.",
        f"{mend}, or take back the lab's last change: `lab undo`.",
    )


def nothing_to_mend(exercise: s.Exercise, runner: Runner, journal: Journal) -> NothingToDo:
    """What there is to do where the symptom of a fix's break does not show."""
    fix, broken = exercise.id, f"break-{exercise.number}"
    crashes = [exchange for exchange in runner.seen.failed() if exchange.status >= 500]
    if crashes:
        return NothingToDo(
            f"Something else is wrong: {broken} does not show here, but {said(crashes[0])}."
        )
    on = " --database-url URL" if runner.on_server else ""
    after = (
        f"`lab verify {fix}{on}` judges it."
        if journal.symptom_seen(broken)
        else f"`lab run {broken}{on}` breaks it."
    )
    return NothingToDo(f"There is nothing to mend: {broken} does not show here. {after}")
