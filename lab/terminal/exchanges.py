"""Requests and their answers, as a play shows them: one, many in a row, many at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.text import Text

from lab.model import Crash, Exchange, Frame
from lab.scenario import events as p
from lab.terminal.lines import BAD, GOOD, NOTE, QUIET, Command, Hung, Line, status_line

SHOWN_TODOS = 4
CURL_WIDTH = 76  # with the indent, 80 columns hold it


def sent(exchange: Exchange, verbose: bool) -> Iterator[Line]:
    """One request and its answer, with the end of the log where the app crashed."""
    yield Command(_folded(exchange.curl))
    yield from _answer(exchange, verbose)
    if verbose:
        yield from _logged(exchange.log.rstrip().splitlines())
    elif exchange.crash:
        yield from _logged(_end_of(exchange.log) or [_words(exchange.crash)])
        yield from _own_line(exchange.crash.frame)


def _answer(exchange: Exchange, verbose: bool) -> Iterator[Line]:
    status = status_line(exchange.status)
    style = GOOD if exchange.ok else BAD
    found = exchange.body
    if isinstance(found, list) and found:
        yield Text(f"{status}, a list of {len(found)}", style)
        for item in found if verbose else found[-SHOWN_TODOS:]:
            yield Hung("  ", json.dumps(item, ensure_ascii=False))
        if len(found) > SHOWN_TODOS and not verbose:
            yield Text(f"  earlier todos, not shown: {len(found) - SHOWN_TODOS}", QUIET)
        return
    # With spaces, it can be wrapped between two values.
    text = exchange.text if found is None else json.dumps(found, ensure_ascii=False)
    body = "" if text == status.partition(" ")[2] else text
    yield Text.assemble((status, style), "  " if body else "", body)


def _folded(curl: str) -> str:
    """Return the command on lines of 80 columns where that can be; it can be pasted."""
    lines = [f"$ {curl}"]
    for option in (" -H ", " -d "):
        if len(lines[-1]) > CURL_WIDTH and option in lines[-1]:
            before, _, after = lines.pop().partition(option)
            lines += [f"{before} \\", f"    {option.strip()} {after}"]
    return "\n".join(lines)


def _logged(lines: Sequence[str]) -> Iterator[Line]:
    yield from (Hung("log | ", line) for line in lines)


def _end_of(log: str) -> list[str]:
    """Return the error at the end of a traceback, with the SQL that it names."""
    lines = log.rstrip().splitlines()
    start = max((n for n, line in enumerate(lines) if line.startswith("  File ")), default=None)
    if start is None:
        return []
    end = [line for line in lines[start + 1 :] if line and not line.startswith(" ")]
    # What was wrong begins a line, so that it is never cut in the middle.
    return [
        line.replace("Error: (", "Error:\n(", 1)
        for line in end
        if not line.startswith("(Background on")
    ]


def _own_line(frame: Frame | None) -> Iterator[Line]:
    if frame:
        yield from _logged([f"your line: {frame.file}:{frame.line}, {frame.text}"])


def measured(event: p.ConnectionsCounted, block: str) -> Iterator[Line]:
    """Yield a bar of blocks for the connections that were out after each request."""
    times = len(event.out)
    yield Text(f"{times} times {event.request}, one after the other: {counted(event.exchanges)}.")
    if not any(event.out):
        yield Text(f"Connections that are out after each of the {times}: 0.", GOOD)
        return
    yield Text("Connections that are out after each:")
    for number, out in enumerate(event.out, start=1):
        yield Text.assemble(f"{number:>4}  ", (block * min(out, 60), BAD), f" {out}")
    if event.frame:
        yield Text(f"Taken by {event.frame.file}:{event.frame.line}, {event.frame.text}", QUIET)


def with_statements(event: p.StatementsCounted, verbose: bool) -> Iterator[Line]:
    """Yield a request, its answer, and each statement that it ran, with how often."""
    yield from sent(event.exchange, verbose)
    yield Text(f"It needed {event.count} statement{'' if event.count == 1 else 's'}:", NOTE)
    for sql, times in event.statements:
        words = " ".join(sql.split())
        often = f"{times} times" if times > 1 else "once"
        yield Hung("  ", f"{often}: {words if verbose else shortened(words)}")


def shortened(sql: str) -> str:
    """Return a statement, of a SELECT no more of its columns than the first."""
    head, comma, rest = sql.partition(", ")
    _, found, tail = rest.partition(" FROM ")
    return f"{head}, ... FROM {tail}" if comma and found and head.startswith("SELECT") else sql


def crowded(event: p.RequestedAtOnce) -> Iterator[Line]:
    """Yield what requests at the same moment came to, and how the first one crashed."""
    yield Text(
        f"{len(event.exchanges)} times {event.request} at once, "
        f"{event.seconds:.1f} s: {counted(event.exchanges)}.",
        GOOD if all(exchange.ok for exchange in event.exchanges) else BAD,
    )
    if event.crash:
        yield from _logged([_words(event.crash)])
        yield from _own_line(event.crash.frame)


def interleaved(event: p.RequestedBetween, verbose: bool) -> Iterator[Line]:
    """Yield two requests in the order in which they came to their ends."""
    if not event.was_held:
        yield Text(
            f"The first request cannot be held before {event.moment}, so it is over at once:", QUIET
        )
        yield from (*sent(event.held, verbose), *sent(event.other, verbose))
        return
    first = f"{event.held.method} {event.held.path} {json.dumps(event.held.sent)}"
    yield Text(
        f"The lab locks the database for a moment. {first} is sent, and waits for it."
        if event.locked
        else f"{first} is sent, and the lab holds it before {event.moment}."
    )
    if event.waited:
        yield Text("Another request comes, and waits for it. It goes on:")
        yield from (*sent(event.held, verbose), *sent(event.other, verbose))
        return
    yield Text("Another request goes through meanwhile:")
    yield from sent(event.other, verbose)
    yield Text("The first one goes on:")
    yield from sent(event.held, verbose)


def backup_tried(event: p.BackupTried, verbose: bool) -> Iterator[Line]:
    """Yield the run of a script, and what the app answers on the backup that it made."""
    yield Text(f"$ {event.command}", "bold")
    yield from (Hung("  ", line) for line in event.output.splitlines())
    if event.code != 0:
        ends = "does not end" if event.code is None else f"ends with exit code {event.code}"
        yield Text(f"It {ends}.", BAD)
    if not event.exchanges:
        yield Text(f"There is no {event.backup} to try.", BAD)
        return
    yield Text(
        f"In a copy of the folder {event.backup} has the place of {event.database}. "
        "The API starts there:"
    )
    for exchange in event.exchanges:
        yield from sent(exchange, verbose)


def _words(crash: Crash) -> str:
    return f"{crash.kind}: {crash.message.partition(' (Background on')[0]}"


def counted(exchanges: Sequence[Exchange]) -> str:
    """How often each status came, in words."""
    counts = Counter(exchange.status for exchange in exchanges)
    if len(counts) == 1 and len(exchanges) > 1:
        return f"all {len(exchanges)} got {status_line(exchanges[0].status)}"
    return ", ".join(
        f"{count} got {status_line(status)}" for status, count in sorted(counts.items())
    )
