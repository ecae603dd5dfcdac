"""Plays an exercise on a copy of the workspace, and yields what happens, step by step.

Until the play is over the workspace is only read. What is kept is then brought back at once,
after a snapshot, so that a play that is interrupted anywhere has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.dbserver.lending import Lender
from lab.model import NotPossible, UsageError
from lab.optional_dependencies import missing
from lab.play.claims import settle
from lab.play.on_dbserver import OnServer
from lab.play.playing import CLEAN, Ask, Play
from lab.play.preconditions import AlreadyBroken
from lab.scenario import events as p
from lab.workspace.journal import Kind
from lab.workspace.store import copy_tree
from lab.workspace.workspace import Workspace

__all__ = ["AlreadyBroken", "Ask", "Confirm", "NotAgreed", "play"]

Confirm = Callable[[str], bool]


class NotAgreed(NotPossible):
    """The lab would do the learner's work, and nobody was there to agree."""


def play(
    exercise: s.Exercise,
    workspace: Workspace,
    launcher: Launcher,
    *,
    variant: str | None = None,
    ask: Ask | None = None,
    confirm: Confirm | None = None,
    lender: Lender | None = None,
) -> Generator[p.Event]:
    """Play an exercise and bring its result into the workspace.

    `ask` returns the learner's choice, or None where they have none; without it nothing is asked.
    `confirm` is asked before the lab does an alteration that the learner has not tried.
    A `lender` has the server for an exercise that is about one.
    Raises UsageError for an unknown variant or a missing server, AlreadyBroken, NotAgreed,
    EditNotApplicable, AppFailed and what a Workspace raises; the workspace is then as it was.
    """
    chosen = _chosen(exercise, variant)
    if (lender is None) != (s.FILE[0] in exercise.databases):
        raise _misplaced(exercise, lender)
    if lacks := missing(exercise.needs):
        raise lacks
    if exercise.kind == "claim":
        yield from settle(exercise, workspace, launcher, ask)
        return
    if exercise.kind != "persist":
        _ = workspace.snapshots  # raises where nothing may be changed, before anything is shown
    begins = chosen is not None and chosen is exercise.start
    if exercise.kind == "alter" and not begins and not _agreed(exercise, workspace, confirm):
        yield p.NothingToDo("Nothing was changed. It is yours to do.")
        return
    with TemporaryDirectory(prefix="lab-") as temporary:
        stage = Path(temporary) / "stage"
        with workspace.locked(f"lab run {exercise.id}") as held:
            notices = held.notices
            copied = workspace.stage(stage)
        copy_tree(stage, stage.with_name(CLEAN))
        for notice in (*notices, *copied.notices):
            yield p.Said(notice)
        with Server(stage, launcher, workspace.app, todos=workspace.todos) as server:
            playing = Play(exercise, workspace, chosen, ask, server, copied.manifest)
            if lender:
                playing.runner.on_server = OnServer(lender, launcher)
                if chosen and s.MoveDatabase() not in chosen.steps:
                    playing.runner.on_server.lend(server)
            yield from playing.run()


def _misplaced(exercise: s.Exercise, lender: Lender | None) -> UsageError:
    id = exercise.id
    if lender is None:
        return UsageError(
            f"{id} is played on a database server.",
            f"Name a database there: `lab run {id} --database-url URL`.",
        )
    judged = lender.url.dialect in exercise.databases
    return UsageError(
        f"{id} is played on a file.",
        f"Leave the URL out: `lab run {id}`."
        + (f" `lab verify {id}` takes one, and judges on the server." if judged else ""),
    )


def _chosen(exercise: s.Exercise, name: str | None) -> s.Variant | None:
    variant = exercise.variant(name)
    if variant is None and (name or exercise.variants):
        names = [known.name for known in exercise.variants if known.name]
        raise UsageError(
            f"{exercise.id} cannot be done by way of {name!r}.",
            f"It knows {', '.join(names)}." if names else f"Run it: `lab run {exercise.id}`.",
        )
    return variant


def _agreed(exercise: s.Exercise, workspace: Workspace, confirm: Confirm | None) -> bool:
    tried = {"passed", "failed"}
    verdicts = workspace.journal.entries(Kind.VERDICT, exercise.id)
    if any(entry.data.get("verdict") in tried for entry in verdicts):
        return True
    if confirm is None:
        raise NotAgreed(
            f"You have not tried {exercise.id} yet, and this would do it for you.",
            f"Try it first: `lab show {exercise.id}`; or say so: `lab run {exercise.id} --yes`.",
        )
    return confirm(f"You have not tried {exercise.id} yet. Shall the lab do it for you?")
