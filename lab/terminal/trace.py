"""What `lab trace` prints: the timeline of one request, what is missing, and what it means."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from lab.course.trace import Kind, Missing, Step, Trace
from lab.model import Frame
from lab.terminal.lines import hang, status_line

INDENT = 22  # where the words of a step begin
LONGEST = 300  # characters of a body; `--json` has it whole

# How a step is called, and its style.
NAMES = {
    Kind.REQUEST: ("request", ""),
    Kind.ENTERED: ("function", ""),
    Kind.SESSION_OPENED: ("session", "green"),
    Kind.CHECKOUT: ("connection", "green"),
    Kind.FLUSH: ("flush", ""),
    Kind.SQL: ("SQL", ""),
    Kind.COMMIT: ("commit", ""),
    Kind.ROLLBACK: ("rollback", ""),
    Kind.DATABASE_ERROR: ("error", "red"),
    Kind.RESPONSE: ("response", "bold"),
    Kind.CHECKIN: ("connection", "cyan"),
    Kind.SESSION_CLOSED: ("session", "cyan"),
    Kind.DONE: ("done", ""),
}


def show(console: Console, trace: Trace) -> None:
    """Print a trace. What the request wrote is in a copy; that is said, too."""
    for notice in trace.notices:
        console.print(notice, style="yellow")
    console.print(Text(" " * 6 + "ms", "dim"))
    wrote = False  # since the last commit or rollback
    for step in trace.steps:
        show_step(console, step, trace, wrote)
        if step.kind is Kind.SQL:
            wrote = wrote or not (step.text or "").lstrip().upper().startswith(("SELECT", "PRAGMA"))
        elif step.kind in (Kind.COMMIT, Kind.ROLLBACK):
            wrote = False
    for missing in trace.missing:
        show_missing(console, missing)
    console.print()
    for sentence in meaning(trace):
        console.print(Text(sentence))
    console.print(Text("All this was on a copy: your todos are as they were.", "dim"))


def show_step(console: Console, step: Step, trace: Trace, wrote: bool) -> None:
    """Print one step; `wrote` tells whether it stands in a transaction that has written."""
    says = {
        Kind.REQUEST: f"{step.text}{_sent(trace)}",
        Kind.ENTERED: f"{_name(step.frame)} starts",
        Kind.SESSION_OPENED: "opened",
        Kind.CHECKOUT: "taken from the pool",
        Kind.FLUSH: "the session writes what has changed",
        Kind.SQL: f"took {step.took or 0:.1f} ms",
        Kind.COMMIT: "from here on, it is kept",
        Kind.ROLLBACK: "what was written since the last commit is taken back"
        if wrote
        else "nothing was written to undo",
        Kind.DATABASE_ERROR: str(step.crash),
        Kind.RESPONSE: status_line(step.status),
        Kind.CHECKIN: "back in the pool",
        Kind.SESSION_CLOSED: f"closed by {_name(step.frame)}" if step.frame else "closed",
        Kind.DONE: f"with an error: {step.crash}" if step.crash else "nothing is left to run",
    }
    _line(console, f"{max(step.at, 0.0):8.1f}", step.kind, says[step.kind], step.frame)
    if step.kind is Kind.SQL:
        _more(console, " ".join((step.text or "").split()))
        if step.values not in (None, "()", "[]", "{}"):
            _more(console, f"with {step.values}")
    if step.kind is Kind.RESPONSE and step is trace.last(Kind.RESPONSE) and trace.exchange.text:
        _more(console, _short(trace.exchange.text))


def show_missing(console: Console, missing: Missing) -> None:
    """Print what never came back, with the line that opened it."""
    is_session = missing.what == "session"
    says = "closed; opened by this line:" if is_session else "back; taken by this line:"
    step = missing.opened
    _line(console, "   never", step.kind, says, step.frame, style="bold red")
    if step.frame:
        _more(console, step.frame.text)


def meaning(trace: Trace) -> list[str]:
    """Return what the timeline shows, in sentences that follow from it."""
    response, closed = trace.last(Kind.RESPONSE), trace.last(Kind.SESSION_CLOSED)
    if trace.missing:
        return _what_missing_means(trace)
    if trace.first(Kind.SESSION_OPENED) is None:
        if trace.first(Kind.SQL):
            return ["This request opened no session of its own: it used one that was there before."]
        if trace.refused_by_schema:
            return ["The endpoint did not run: FastAPI refused the request. No session was opened."]
        return ["This request opened no session: no line that needs one was reached."]
    if not response or not closed or trace.closed_after is None:
        return []
    opener = trace.last(Kind.ENTERED)
    name = _name(opener.frame) if opener else "The function"
    apart = f"{abs(trace.closed_after):.1f} ms"
    if trace.closed_after < 0:
        said = f"The session was closed {apart} before the response went out."
        if trace.refused_by_schema:
            said += " The endpoint did not run: FastAPI refused the request."
        elif opener and opener.yields and trace.exchange.status >= 400:
            said += f" An error in an endpoint comes to the `yield` of {name} first."
        return [said]
    if opener and opener.yields:
        return [
            f"The response went out at {response.at:.1f} ms. {apart} after it the session was "
            f"closed: that is what stands behind the `yield` in {name}."
        ]
    return [f"The session was closed {apart} after the response went out."]


def _what_missing_means(trace: Trace) -> list[str]:
    sentences = []
    whats = {missing.what for missing in trace.missing}
    if "connection" in whats:
        sentences.append("A connection that is not given back is lost to all other requests.")
    opener = next((missing.entered for missing in trace.missing if missing.entered), None)
    if opener and not opener.yields:
        sentences.append(
            f"{_name(opener.frame)} has no `yield`: none of its lines was left to run after the "
            "response, so nothing could close the session."
        )
    elif opener:
        sentences.append(
            f"{_name(opener.frame)} has a `yield`, but no line behind it closed the session."
        )
    elif trace.first(Kind.SESSION_CLOSED):
        sentences.append(
            "The session was closed, then used again: it took a connection anew, and kept it."
        )
    sentences.append(
        "Python's garbage collector was off here. With it, this comes back some time: "
        "perhaps too late."
    )
    return sentences


def _line(
    console: Console, when: str, kind: Kind, says: str, frame: Frame | None, style: str = ""
) -> None:
    name, usual = NAMES[kind]
    mark = Text.assemble(f"{when}  ", (f"{name:<12}", style or usual))
    body = Text(says, style)
    if frame:
        where = f"{frame.file}:{frame.line}"
        gap = console.width - INDENT - len(says) - len(where)
        body.append(" " * gap if gap >= 2 else "\n").append(where, "dim")
    hang(console, mark, body)


def _more(console: Console, text: str) -> None:
    hang(console, " " * INDENT, Text(text, "dim"))


def _name(frame: Frame | None) -> str:
    return f"{frame.function}()" if frame else "the app"


def _sent(trace: Trace) -> str:
    sent = trace.exchange.sent
    return "" if sent is None else " " + _short(json.dumps(sent, ensure_ascii=False))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def as_json(trace: Trace) -> dict[str, Any]:
    """Return the trace as the document of `lab trace --json`."""
    exchange = trace.exchange
    after = trace.closed_after
    return {
        "app": trace.app,
        "request": {"method": exchange.method, "path": exchange.path, "body": exchange.sent},
        "response": {"status": exchange.status, "text": exchange.text},
        "closed_after_response_ms": None if after is None else round(after, 3),
        "steps": [_step_json(step) for step in trace.steps],
        "missing": [
            {
                "what": missing.what,
                "opened_ms": round(missing.opened.at, 3),
                "where": missing.opened.frame and asdict(missing.opened.frame),
                "by": missing.entered and _step_json(missing.entered),
            }
            for missing in trace.missing
        ],
    }


def _step_json(step: Step) -> dict[str, Any]:
    values = {
        "kind": step.kind,
        "ms": round(step.at, 3),
        "where": step.frame and asdict(step.frame),
        "number": step.number,
        "request" if step.kind is Kind.REQUEST else "sql": step.text,
        "values": step.values,
        "took_ms": None if step.took is None else round(step.took, 3),
        "status": step.status,
        "error": str(step.crash) if step.crash else None,
        "yields": step.yields,
    }
    return {name: value for name, value in values.items() if value is not None}
