"""Shows what a play yields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.model import Rows
from lab.scenario import events as p
from lab.terminal.exchanges import (
    backup_tried,
    counted,
    crowded,
    interleaved,
    measured,
    sent,
    with_statements,
)
from lab.terminal.lines import BAD, GOOD, NOTE, QUIET, Hung, Line, diff_style, put

INDENT = 2
SHOWN_ROWS = 8
BESIDE = p.Predicted | p.FilesWritten | p.Kept | p.Next  # what has a place of its own in a document


def as_json(events: Sequence[p.Event]) -> dict[str, Any]:
    """Return the events of a play as `lab run --json` and `lab demo --json` print them.

    `observations` has what was said, done and measured, in order. `kept` is null where the
    workspace stayed as it was.
    """
    compared = (_prediction_json(event) for event in events if isinstance(event, p.Predicted))
    kept = (asdict(event) for event in events if isinstance(event, p.Kept))
    then = (_next_json(event) for event in events if isinstance(event, p.Next))
    return {
        "prediction": next(compared, None),
        "diff": "".join(event.diff for event in events if isinstance(event, p.FilesWritten)),
        "observations": [p.as_json(event) for event in events if not isinstance(event, BESIDE)],
        "kept": next(kept, None),
        "next": next(then, None),
    }


def show(event: p.Event, console: Console, *, verbose: bool = False) -> None:
    """Show one event; with `verbose`, the server's whole log, every row and every todo."""
    indent = 0 if isinstance(event, p.Chapter) else INDENT
    console.print()
    for line in _lines(event, verbose, "#" if console.options.ascii_only else "\u2588"):
        put(console, line, indent)


def _lines(event: p.Event, verbose: bool, block: str) -> Iterator[Line]:
    match event:
        case p.Chapter(title):
            yield Text(title, "bold underline")
        case p.Said(text):
            yield Text(text)
        case p.Started():
            yield from _started(event)
        case p.StartedAtOnce():
            yield from _started_at_once(event)
        case p.Stopped(killed):
            yield Text("The server is killed: SIGKILL." if killed else "The server stops: SIGTERM.")
        case p.Requested(exchange):
            yield from sent(exchange, verbose)
        case p.ConnectionsCounted():
            yield from measured(event, block)
        case p.StatementsCounted():
            yield from with_statements(event, verbose)
        case p.RequestedAtOnce():
            yield from crowded(event)
        case p.RequestedBetween():
            yield from interleaved(event, verbose)
        case p.KilledInBurst(exchanges):
            yield Text(f"SIGKILL in the middle. Answered until then: {counted(exchanges)}.")
        case p.PowerCut():
            yield from _power_cut(event)
        case p.TestRan(file, says, passed):
            yield Text(f"{says}:")
            yield Text(f"  {file} passes." if passed else f"  {file} fails.", NOTE)
        case p.RowsShown(files, rows):
            yield from _rows(files, rows, verbose)
        case p.DriftShown(lacks):
            if not lacks:
                yield Text("Every column of every model is in its table.", GOOD)
            yield from (Text(f"{text[:1].upper()}{text[1:]}.", BAD) for text in lacks)
        case p.FilesShown(files):
            yield from _files(files)
        case p.FolderChanged(folder, removed):
            yield Text(f"$ cd {folder or '..'}", "bold")
            yield from (Text(f"$ rm -r {name}", "bold") for name in removed)
        case p.SourceShown(file, source):
            yield Text(f"{file}:", QUIET)
            yield from (Hung("  ", line) for line in source.splitlines())
        case _:
            yield from _turns(event, verbose)


def _turns(event: p.Event, verbose: bool) -> Iterator[Line]:
    """Yield what the play came to, and what it changed."""
    match event:
        case p.FilesWritten(diff):
            yield from (_diff_line(line) for line in diff.splitlines())
        case p.DatabaseDeleted(files, running):
            yield Text(f"$ rm {' '.join(files)}", "bold")
            if running:
                yield Text("The server still runs.", QUIET)
        case p.DatabaseMoved(place, tables, rehearsed):
            counted = ", ".join(f"{rows} of {table}" for table, rows in tables) or "none"
            yield Text(f"Rows moved to {place}: {counted}.", "bold")
            if rehearsed:
                yield Text("This database is for the show: the lab drops it afterwards.", QUIET)
        case p.ConnectionsDropped(count):
            ended = "1 connection ends" if count == 1 else f"{count} connections end"
            yield Text(f"The database server restarts: {ended}.", "bold")
            yield Text("The app has not noticed yet.", QUIET)
        case p.DatabaseMigrated(file, sql):
            yield Text(f"{file}:", QUIET)
            yield from (Text(f"SQL | {line}", "bold") for line in sql)
        case p.AlembicRan(command, output):
            yield Text(f"$ {command}", "bold")
            yield from (Hung("  ", line) for line in output.splitlines())
        case p.BackupTried():
            yield from backup_tried(event, verbose)
        case p.Predicted():
            yield from _compared(event)
        case p.Unexpected(text) | p.NothingToDo(text):
            yield Text(text, NOTE)
        case p.Kept(changed, snapshot):
            if not changed:
                yield Text("Your workspace is in this state; no file had to change.", QUIET)
                return
            yield Text(f"Changed in your workspace: {', '.join(changed)}.")
            yield Text(f"Snapshot {snapshot} has it as it was: `lab undo`.", QUIET)
        case p.Next(text, commands):
            yield Text(text, "bold")
            table = Table.grid(padding=(0, 2))
            for command, does in commands:
                table.add_row(Text(command, "bold cyan"), Text(does))
            yield table


def _started(event: p.Started) -> Iterator[Line]:
    words = "The server starts again." if event.again else "The server starts."
    if event.anew:
        words += f" It makes {', '.join(event.anew)}."
    yield Text(words)
    if event.again:
        return
    if not event.collect:
        yield Text(
            "Python's cyclic garbage collector is off in it, so that the counts are exact.", QUIET
        )
    if event.pool_timeout:
        yield Text(
            f"The lab lets a request wait {event.pool_timeout:g} s for a free connection, "
            "where SQLAlchemy's default is 30 s.",
            QUIET,
        )


def _started_at_once(event: p.StartedAtOnce) -> Iterator[Line]:
    if not event.was_held:
        yield Text("One process starts. It makes no table, so the lab cannot hold it before that.")
        yield from (*_came("It", event.failures[0]), *_came("A second one", event.failures[1]))
        return
    yield Text("One process starts, and the lab holds it before it makes its first table.")
    if event.waited:
        yield Text("A second one starts, and waits for it.")
        yield from _came("The first one goes on. It", event.failures[0])
        yield from _came("The second one", event.failures[1])
    else:
        yield from _came("A second one starts meanwhile. It", event.failures[1])
        yield from _came("The first one goes on. It", event.failures[0])


def _came(who: str, failure: str) -> Iterator[Line]:
    """Yield what a start has come to."""
    yield Text(f"{who} {'does not come up' if failure else 'serves'}.", BAD if failure else GOOD)
    if failure:
        yield Hung("log | ", failure)


def _power_cut(event: p.PowerCut) -> Iterator[Line]:
    yield Text(f"{event.acknowledged} more todos are made, each answered 2xx. Then the power goes.")
    yield Text(
        "The lab has recorded what SQLite wrote and synced meanwhile, and builds every disk that "
        f"a cut could leave at each moment: {event.disks}.",
        QUIET,
    )
    if not event.lacking and not event.damaged:
        yield Text("Every acknowledged todo is on every one of them.", GOOD)
        return
    yield Text(f"Disks that lack an acknowledged todo: {event.lacking} of {event.disks}.", BAD)
    if event.damaged:
        yield Text(f"Disks whose database is damaged: {event.damaged} of {event.disks}.", BAD)
    yield Text(
        f"On the worst one {len(event.lost)} of {event.acknowledged} are gone. "
        "The play goes on with that one."
    )


def _files(files: Sequence[tuple[str, int, int | None]]) -> Iterator[Line]:
    """Yield the database files as `ls` would list them, with what the lab has counted in them."""
    if not files:
        yield Text("There is no database file.", NOTE)
        return
    table = Table.grid(padding=(0, 2))
    for name, size, todos in files:
        counted = "" if todos is None else f"{todos} todo{'' if todos == 1 else 's'}"
        table.add_row(Text(name, "bold"), Text(f"{size:,} bytes", QUIET), Text(counted))
    yield table


def _rows(files: Sequence[str], rows: Rows | None, verbose: bool) -> Iterator[Line]:
    if rows is None:
        where = (
            f"No table of todos in {', '.join(files)}." if files else "There is no database file."
        )
        yield Text(where, NOTE)
        return
    count = len(rows.rows)
    yield Text(f"In {', '.join(files)}: {count} row{'' if count == 1 else 's'}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in rows.columns:
        table.add_column(column, overflow="ellipsis", no_wrap=column != "title")
    for row in rows.rows if verbose else rows.rows[-SHOWN_ROWS:]:
        table.add_row(*(Text("NULL" if value is None else str(value)) for value in row))
    yield table
    if not verbose and count > SHOWN_ROWS:
        yield Text(f"  earlier rows, not shown: {count - SHOWN_ROWS}", QUIET)


def _diff_line(line: str) -> Hung:
    text = line[1:].lstrip(" ")
    begins = len(line) - len(text)
    return Hung(line[:begins], text, diff_style(line))


def _compared(event: p.Predicted) -> Iterator[Line]:
    happened = "none of these" if event.happened is None else event.choices[event.happened]
    yield Text(event.question, "bold")
    if event.predicted is not None:
        yield Text(f"You said:       {event.choices[event.predicted]}")
    yield Text(f"What happened:  {happened}")
    if event.predicted is not None:
        verdict = ("As you said.", GOOD) if event.right else ("Not as you said.", NOTE)
        yield Text.assemble(verdict, f" {event.why}")
    else:
        yield Text(event.why)


def _prediction_json(event: p.Predicted) -> dict[str, Any]:
    predicted = None if event.predicted is None else event.choices[event.predicted]
    return {
        "question": event.question,
        "choices": list(event.choices),
        "predicted": predicted,
        "happened": None if event.happened is None else event.choices[event.happened],
        "right": None if predicted is None else event.right,
        "why": event.why,
    }


def _next_json(event: p.Next) -> dict[str, Any]:
    commands = [{"command": command, "does": does} for command, does in event.commands]
    return {"says": event.text, "commands": commands}
