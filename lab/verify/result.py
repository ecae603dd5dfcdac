"""The result of one check, with what its server has to show for it."""

from __future__ import annotations

import traceback
from pathlib import Path

from lab.appserver.server import Server
from lab.appserver.tables import rows_of, source_of
from lab.model import (
    AppFailed,
    CheckFailed,
    CheckResult,
    Evidence,
    Exchange,
    NotApplicable,
    Rows,
    TookTooLong,
    Verdict,
)
from lab.verify.checks import Check
from lab.verify.evidence import TRACEBACK, never_awaited, own_words, words

SHOWN_ROWS = 12


def result_of(
    check: Check, error: Exception | None, server: Server | None, beside: str | None = None
) -> CheckResult:
    """Return the result of a check that has raised `error`, if any, on that server, if on any.

    Where it has raised none, `beside` is what it has seen and does not ask for.

    Only CheckFailed and AppFailed are about the learner's app. Anything else is a defect of the
    lab and becomes an error.
    """
    say = server.resource.in_words if server else str
    match error:
        case None:
            seen = say(beside) if beside else None
            return CheckResult(check.name, check.says, Verdict.PASSED, actual=seen)
        case CheckFailed():
            return CheckResult(
                check.name,
                check.says,
                Verdict.FAILED,
                expected=say(error.expected),
                actual=say(error.actual),
                help=say(error.help),
                evidence=error.shown or (evidence_of(server) if server else None),
            )
        case NotApplicable():
            return CheckResult(
                check.name,
                check.says,
                Verdict.NOT_APPLICABLE,
                expected=say(error.looked_for),
                actual=error.found,
            )
        case AppFailed():
            return CheckResult(
                check.name,
                check.says,
                Verdict.FAILED,
                expected=error.expected,
                actual=error.message,
                help=error.remedy,
                # No curl: the last request that was answered is not the one that was not.
                evidence=Evidence(log=log_of_failure(error, server), crash=error.crash),
                late=isinstance(error, TookTooLong),
            )
    last_step = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last_step.filename).name}, line {last_step.lineno}"
    return CheckResult(
        check.name,
        check.says,
        Verdict.ERROR,
        actual=f"{type(error).__name__}: {error} ({where})",
        help="This is a defect of the lab or of this machine, not of your code.",
    )


def evidence_of(server: Server) -> Evidence:
    """Return what shows the last thing that happened on a server."""
    after = rows_of(server)
    before = server.rows_at_restart()
    last = server.exchanges[-1] if server.exchanges else None
    return Evidence(
        curl=last.curl if last else None,
        response=str(last) if last else None,
        log=log_of(last, server) if last else None,
        rows_before=table(before) if before else None,
        rows_after=table(after, source_of(server)) if after else None,
        crash=last.crash if last else None,
    )


def log_of(exchange: Exchange, server: Server) -> str | None:
    """Return the server's words on one request; of an error, the app's own lines and what it says.

    Above them a forgotten await, which may show its effect only many requests later.
    """
    said = words(exchange.log, server.folder) if exchange.crash else exchange.log.strip()
    forgotten = [line for line in never_awaited(server.log.text()) if line not in said]
    return "\n".join([*forgotten, said]).strip() or None


def log_of_failure(error: AppFailed, server: Server | None) -> str | None:
    """Return the server's words on a start that failed, or on an answer that did not come."""
    if not error.crash:
        return error.log or None
    # The log may be cut in the middle of its traceback.
    log = error.log if TRACEBACK in error.log else f"{TRACEBACK}\n{error.log}"
    return own_words(log, server.folder if server else None) or error.log or None


def table(rows: Rows, source: str | None = None) -> str:
    """Return rows as lines of text, the first and the last ones where there are many."""
    lines = [" | ".join(map(str, row)) for row in rows.rows]
    if (more := len(lines) - SHOWN_ROWS) > 0:
        lines[SHOWN_ROWS // 2 : -SHOWN_ROWS // 2] = [f"... and {more} more ..."]
    head = [*([source] if source else []), " | ".join(rows.columns)]
    return "\n".join([*head, *(lines or ["(no rows)"])])
