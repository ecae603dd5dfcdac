"""What is printed of two requests in all their orders."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.course.trace import Kind, Step
from lab.faults.race import COMMIT, WRITE, A, B, Order, Race
from lab.terminal.lines import BAD, GOOD, NOTE, QUIET, columns, status_line
from lab.workspace.operations import Request

BEFORE = {WRITE: "its first write", COMMIT: "its COMMIT"}
SHOWN = (
    Kind.REQUEST,
    Kind.SQL,
    Kind.DATABASE_ERROR,
    Kind.COMMIT,
    Kind.ROLLBACK,
    Kind.RESPONSE,
)


def show(console: Console, found: Race) -> None:
    """Print what each order came to, and the two timelines of the one that shows most."""
    for who, request in found.requests.items():
        console.print(Text.assemble((who, "bold"), "  ", _said(request)))
    console.print()
    table = columns("order", "A", "B", "the todo then")
    for order in found.orders:
        answers = [str(order.answers[who].status) for who in (A, B)]
        fields = {name: value for name, value in order.state.items() if name != "id"}
        state = json.dumps(fields, ensure_ascii=False) if order.state else "gone"
        table.add_row(_order(order), *answers, Text(state, BAD if order.lost else ""))
    console.print(table)
    if found.unheld:
        console.print(Text(found.unheld, NOTE))
    if shown := _telling(found):
        console.print()
        console.print(Text(f"{_order(shown)}:", "bold"))
        console.print(_timelines(shown))
    console.print()
    for sentence, style in _sentences(found):
        console.print(Text(sentence, style))


def _telling(found: Race) -> Order | None:
    """Return the order whose timelines are worth a look."""
    held = [order for order in found.orders if order.held_at]
    by_worth = sorted(held, key=lambda order: (not order.lost, not order.waited))
    return next(iter(by_worth), None)


def _sentences(found: Race) -> list[tuple[str, str]]:
    said = []
    for order in found.orders:
        if order.lost:
            what = " and ".join(order.lost)
            said.append(
                (
                    f"{_order(order)}: both were answered 2xx, and {what} is as neither order "
                    "of the two, one after the other, leaves it. A write is lost.",
                    BAD,
                )
            )
        elif order.waited:
            said.append((f"{_order(order)}: {order.second} had to wait for {order.first}.", QUIET))
    if found.holds and len(found.orders) > 2:
        said.append(("Nothing is lost in any of these orders.", GOOD))
    said.append(("All this was on copies: your todos are as they were.", QUIET))
    return said


def _order(order: Order) -> str:
    if order.held_at is None:
        return f"{order.first}, then {order.second}"
    return f"{order.second} while {order.first} waits before {BEFORE[order.held_at]}"


def _timelines(order: Order) -> Table:
    table = columns("ms", A, B)
    for moment in order.moments:
        if moment.step.kind in SHOWN:
            cells = {moment.who: _step(moment.step)}
            table.add_row(f"{moment.step.at:.1f}", cells.get(A, ""), cells.get(B, ""))
    return table


def _step(step: Step) -> str:
    match step.kind:
        case Kind.SQL:
            words = " ".join((step.text or "").split())
            return words if len(words) <= 30 else words[:29] + "\u2026"
        case Kind.RESPONSE:
            return status_line(step.status)
        case Kind.DATABASE_ERROR:
            return str(step.crash)
        case Kind.REQUEST:
            return step.text or ""
    return step.kind.upper()


def _said(request: Request) -> str:
    method, path, body = request
    return f"{method} {path}" + ("" if body is None else f" {json.dumps(body, ensure_ascii=False)}")


def as_json(found: Race) -> dict[str, Any]:
    """Return the document of `lab race --json`."""
    return {
        "requests": {who: _said(request) for who, request in found.requests.items()},
        "holds": found.holds,
        "unheld": found.unheld,
        "orders": [
            {
                "first": order.first,
                "held_before": order.held_at,
                "answers": {who: answer.status for who, answer in order.answers.items()},
                "todo": dict(order.state) or None,
                "waited": order.waited,
                "lost": list(order.lost),
                "moments": [
                    {"request": m.who, "kind": m.step.kind, "ms": round(m.step.at, 3)}
                    for m in order.moments
                ],
            }
            for order in found.orders
        ],
    }
