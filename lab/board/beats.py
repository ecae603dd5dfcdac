"""A play as a page tells it: one beat for each event, with what is shown of it and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lab.answers import todos_in
from lab.board.ring import PageEvent, now
from lab.board.tables import table_of, table_of_todos
from lab.model import Exchange
from lab.scenario import Demo, Exercise, Prediction
from lab.scenario import events as e

LONGEST = 400  # characters of an answer that is no table
Story = Demo | tuple[Exercise, ...]


def beat(event: e.Event, story: Story) -> PageEvent:
    """Return an event of a play as a page shows it, its name in JSON under "event"."""
    told = {"kind": "beat", "event": event.json_name, **_shown(event), "at": now()}
    if isinstance(event, e.Chapter):
        told["begins"] = event.title in _titles(story)
    return told


def _titles(story: Story) -> list[str]:
    """Return the titles under which the parts of a story are played, each on its own server."""
    parts = (story,) if isinstance(story, Demo) else story
    return [p.title if isinstance(p, Demo) else f"{p.id}: {p.title}" for p in parts]


def question(prediction: Prediction) -> PageEvent:
    """Return what is asked before something happens."""
    asked = {"question": prediction.question, "choices": list(prediction.texts)}
    return {"kind": "beat", "event": "question", **asked, "at": now()}


def title_of(story: Story) -> str:
    """Return the title of a story."""
    return story.title if isinstance(story, Demo) else story[0].title


def _shown(event: e.Event) -> PageEvent:
    match event:
        case e.Requested(exchange):
            return _exchange(exchange)
        case e.ConnectionsCounted(request, exchanges, out, frame):
            where = str(frame) if frame else None
            return {"request": request, "out": out, "where": where, **_counted(exchanges)}
        case e.StatementsCounted(exchange, statements):
            return {**_exchange(exchange), "statements": statements, "count": event.count}
        case e.RequestedAtOnce(request, exchanges, seconds, crash):
            crashed = str(crash) if crash else None
            counted = _counted(exchanges)
            return {"request": request, "seconds": seconds, "crash": crashed, **counted}
        case e.RequestedBetween(held, other, was_held, waited, locked, moment):
            both = {"held": _exchange(held), "other": _exchange(other), "moment": moment}
            return {**both, "was_held": was_held, "waited": waited, "locked": locked}
        case e.KilledInBurst(exchanges):
            return _counted(exchanges)
        case e.BackupTried(command, _, _, backup, database, exchanges):
            listed = [_exchange(exchange) for exchange in exchanges]
            return {"command": command, "backup": backup, "database": database, "listed": listed}
        case e.RowsShown(files, rows):
            table = table_of(rows.columns, rows.rows) if rows else None
            return {"files": files, "table": table}
        case _:
            plain = e.as_json(event)
            return {name: value for name, value in plain.items() if name != "event"}


def _exchange(exchange: Exchange) -> PageEvent:
    todos = todos_in(exchange.body)
    return {
        "method": exchange.method,
        "path": exchange.path,
        "curl": exchange.curl,
        "status": exchange.status,
        "seconds": exchange.seconds,
        "crash": str(exchange.crash) if exchange.crash else None,
        "text": exchange.text[:LONGEST],
        "table": None if todos is None else table_of_todos(todos),
    }


def _counted(exchanges: Iterable[Exchange]) -> PageEvent:
    statuses = Counter(str(exchange.status) for exchange in exchanges)
    return {"statuses": dict(statuses)}
