"""What must hold before an exercise is played, and what to do where it does not."""

from __future__ import annotations

from collections.abc import Callable

from lab import scenario as s
from lab.appserver.tables import drift
from lab.dbserver.provider import ServerDatabases
from lab.model import NoTodos, NotPossible, UsageError, Verdict
from lab.play.interpreter import Interpreter
from lab.scenario.events import NothingToDo
from lab.scenario.observations import said
from lab.workspace.journal import Journal, Kind

Confirm = Callable[[str], bool]


class NotAgreed(NotPossible):
    """The lab would do the learner's work, and nobody was there to agree."""


class AlreadyBroken(NotPossible):
    """The workspace does not show a healthy app, so a break would teach nothing."""


def chosen_variant(exercise: s.Exercise, name: str | None) -> s.Variant | None:
    """Return the variant of that name; None where the exercise changes nothing.

    Raises UsageError where it has none of that name.
    """
    variant = exercise.variant(name)
    if variant is None and (name or exercise.variants):
        names = [known.name for known in exercise.variants if known.name]
        raise UsageError(
            f"{exercise.id} has no variant {name!r}.",
            f"It has {', '.join(names)}." if names else f"Run it: `lab run {exercise.id}`.",
        )
    return variant


def must_have_its_database(exercise: s.Exercise, provider: ServerDatabases | None) -> None:
    """Raise UsageError where it is played on a file and a server was named, or the other way."""
    id, on_file = exercise.id, s.FILE[0] in exercise.databases
    if provider is None and not on_file:
        raise UsageError(
            f"{id} is played on a database server.",
            f"Name a database there: `lab run {id} --database-url URL`.",
        )
    if provider and on_file:
        judged = provider.url.dialect in exercise.databases
        raise UsageError(
            f"{id} is played on a file.",
            f"Leave the URL out: `lab run {id}`."
            + (f" `lab verify {id}` takes one, and judges on the server." if judged else ""),
        )


def agreed(exercise: s.Exercise, journal: Journal, confirm: Confirm | None) -> bool:
    """Whether the lab may do it for the learner. Raises NotAgreed where nobody can be asked."""
    id, tried = exercise.id, {Verdict.PASSED, Verdict.FAILED}
    if any(entry.data.get("verdict") in tried for entry in journal.entries(Kind.VERDICT, id)):
        return True
    if confirm is None:
        raise NotAgreed(
            f"You have not tried {id} yet, and this would do it for you.",
            f"Try it first: `lab show {id}`; or say so: `lab run {id} --yes`.",
        )
    return confirm(f"You have not tried {id} yet. Shall the lab do it for you?")


def rows_in_the_way(played: Interpreter) -> NothingToDo | None:
    """Return what to say where the database that the rows are to be moved to has some."""
    on_server = played.on_server
    if not on_server or not (rows := on_server.rows_there()):
        return None
    return NothingToDo(
        f"Nothing was moved: {on_server.place} has {rows} todo{'' if rows == 1 else 's'} already, "
        "and the lab mixes nothing with them. To see it, empty that database, or name an empty one."
    )


def must_have_todos(played: Interpreter) -> None:
    """Raise NoTodos where the app has just said that it has no list of them."""
    if played.seen.status("GET /todos") == 404:
        raise NoTodos


def must_be_healthy(played: Interpreter, journal: Journal) -> None:
    """Raise AlreadyBroken where a request has failed, or a connection stays checked out.

    Raises NotPossible where the app has no such request, so that nothing is broken.
    """
    failed = played.seen.failed()
    resource = played.server.resource
    for exchange in failed:
        if not resource.offers((exchange.method, exchange.path, exchange.sent)):
            one = resource.own_path("/todos/{id}")
            raise NotPossible(
                f"This exercise sends {exchange.method} {one}, and your API has no such request.",
                "Play it on the lab's own API: `lab init DIR` makes one beside yours.",
            )
    out = len(played.server.connections_out())
    if not failed and not out:
        return
    played_breaks = [e for e in journal.entries(Kind.SYMPTOM) if e.data.get("by") == "run"]
    last = played_breaks[-1].exercise if played_breaks else None
    undo = " Or take back the lab's last change: `lab undo`." if last else ""
    if old := old_table(played):
        message, remedy = old
        raise AlreadyBroken(message, remedy + undo)
    mend = (
        f"Mend it first (if it is {last} still, `lab run {last.replace('break', 'fix')}` does)"
        if last
        else "Mend it first"
    )
    raise AlreadyBroken(
        f"Your workspace is broken already: {said(failed[0])}."
        if failed
        else f"Your workspace is broken already: {out} connections stay checked out.",
        f"{mend}.{undo}",
    )


def old_table(played: Interpreter) -> tuple[str, str] | None:
    """Return what a table lacks, and the remedy; None where tables and models agree.

    Most often nobody broke it: a column was added to a model, and the file is from before.
    """
    lacks = drift(played.server) if played.server.running else []
    if not lacks:
        return None
    return (
        f"Your database is from before a change of your code: {lacks[0]}.",
        "Bring it up to date: `lab run fix-2 --migrate` keeps the todos, `lab run fix-2` makes a "
        "new file.",
    )


def nothing_to_mend(exercise: s.Exercise, played: Interpreter, journal: Journal) -> NothingToDo:
    """Say what there is to do where the symptom of a fix's break does not show."""
    fix, broken = exercise.id, f"break-{exercise.number}"
    crashes = [exchange for exchange in played.seen.failed() if exchange.status >= 500]
    if crashes:
        wrong = f"Something else is wrong: {broken} does not show here, but {said(crashes[0])}."
        return NothingToDo(" ".join((wrong, *(old_table(played) or ()))))
    on = " --database-url URL" if played.on_server else ""
    after = (
        f"`lab verify {fix}{on}` judges it."
        if journal.symptom_seen(broken)
        else f"`lab run {broken}{on}` breaks it."
    )
    return NothingToDo(f"There is nothing to mend: {broken} does not show here. {after}")
