"""Verdicts on a database server: what has a meaning there, and what the journal keeps of it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.url import NAMES, VARIABLES, DatabaseURL, Dialect, from_environment
from lab.model import ExerciseResult, Progress, UsageError, Verdict
from lab.scenario import FILE, Exercise
from lab.verify.runner import judge
from lab.verify.verdicts import Report, not_started, record_verdict
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

JUDGED = ("persist", "alter", "fix")  # of these kinds, where no exercise is named


def verify(
    workspace: Workspace,
    asked: Sequence[str],
    launcher: Launcher,
    url: DatabaseURL,
    progress: Progress = lambda result: None,
) -> Report:
    """Judge the asked exercises on a server, or whatever a file and a server have in common.

    Each check has a database of its own there. Raises UsageError for an exercise that has no
    meaning on such a server, LabError where the server cannot be used.
    """
    began = time.monotonic()
    wanted = [_fitting(id, url) for id in asked] or _common(url)
    waiting = {
        entry.id: waits
        for entry in wanted
        if FILE[0] not in entry.databases and (waits := not_started(workspace, entry.id))
    }
    run = [entry.id for entry in wanted if entry.id not in waiting]
    app = workspace.app
    judged: list[ExerciseResult] = []
    if run:
        with ServerDatabases(url) as provider:
            booted, judged = judge(workspace, run, launcher, progress, databases=provider)
        app = booted.app or app
    results = waiting | {result.id: url.hidden(result) for result in judged}
    ordered = tuple(results[entry.id] for entry in wanted)
    for entry in wanted:
        if entry.id in run:
            _write_down(workspace, entry, results[entry.id], url)
    return Report(app, ordered, time.monotonic() - began)


def database_for(asked: Sequence[str]) -> DatabaseURL | None:
    """Return the database that the environment names for exercises that are about a server.

    None where one of them is not. Raises UsageError where the environment names none, BadURL,
    and LabError where its driver is missing.
    """
    entries = [catalogue.exercise(id) for id in asked]
    about = [e for e in entries if isinstance(e, Exercise) and FILE[0] not in e.databases]
    if not entries or len(about) < len(entries):
        return None
    wanted: list[Dialect] = [
        dialect for dialect in VARIABLES if all(dialect in entry.databases for entry in about)
    ]
    for dialect in wanted:
        if url := from_environment(VARIABLES[dialect]):
            return url
    kinds = " or ".join(NAMES[dialect] for dialect in wanted) or "one server"
    variables = " or ".join(VARIABLES[dialect] for dialect in wanted)
    raise UsageError(
        f"{about[0].id} needs a database server: {kinds}.",
        f"Name a database there: --database-url URL, or set {variables}. `lab show {about[0].id}` "
        "tells how a URL is written.",
    )


def _fitting(id: str, url: DatabaseURL) -> Exercise:
    entry = catalogue.load().playable(id)
    if url.dialect in entry.databases:
        if entry.moves and not url.name:
            raise UsageError(
                f"{id} is about your todos in a database, and the URL names no database.",
                "Name it behind the server: .../todos.",
            )
        return entry
    if FILE[0] in entry.databases:
        raise UsageError(
            f"{id} is about a database file, so it has no meaning on {url.kind}.",
            f"Leave the URL out: `lab verify {id}`.",
        )
    about = " or ".join(NAMES[dialect] for dialect in VARIABLES if dialect in entry.databases)
    raise UsageError(
        f"{id} is about {about}, and the URL names a database on {url.kind}.",
        f"Name a database on {about}.",
    )


def _common(url: DatabaseURL) -> list[Exercise]:
    """Return the exercises that a file and this server have in common."""
    return [
        entry
        for entry in catalogue.exercises().values()
        if isinstance(entry, Exercise)
        and entry.kind in JUDGED
        and {FILE[0], url.dialect} <= set(entry.databases)
    ]


def _write_down(
    workspace: Workspace, entry: Exercise, result: ExerciseResult, url: DatabaseURL
) -> None:
    """Write into the journal. A verdict on a server says nothing about the file of the track."""
    about_servers = FILE[0] not in entry.databases
    id = entry.id if about_servers else f"{entry.id}@{url.dialect}"
    if about_servers and entry.kind == "break" and result.verdict is Verdict.PASSED:
        workspace.journal.append(Kind.SYMPTOM, id, by="verify")
    record_verdict(workspace, id, result, on=url.dialect)
