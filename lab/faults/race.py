"""`lab race`: two requests in every order that matters, on the learner's own API.

One request waits at a moment of its own, before its first write or before its COMMIT, while the
other one goes through. What comes of it is compared with what comes of the two one after the
other: where both were answered 2xx, and the todo is as neither order would leave it, a write is
lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab.answers import Title, many_in, one_in
from lab.appserver.discovery.adopted import resource_of
from lab.appserver.launchers import Launcher
from lab.appserver.server import Interleaved, Server
from lab.course.trace import Step, steps_of
from lab.faults.errors import MakesNoTodos
from lab.model import Exchange
from lab.workspace.operations import Request
from lab.workspace.resource import Resource
from lab.workspace.workspace import Workspace

A, B = "A", "B"
WRITE, COMMIT = "write", "commit"  # where a request can be held: before its first of these
RACED = "raced"  # the title of the todo that was made for it
ID = "{id}"  # in a path: the todo that was made for the race
DEFAULT: tuple[Request, Request] = (
    ("PUT", "/todos/{id}", {"completed": True}),
    ("PUT", "/todos/{id}", {"title": "renamed by B"}),
)
State = Mapping[str, Any]  # of the todo: each field that a request has sent; empty: it is gone


@dataclass(frozen=True)
class Moment:
    """One thing that happened in one of the two requests, in milliseconds since the first."""

    who: str
    step: Step


@dataclass(frozen=True)
class Order:
    """The two requests in one order, and what came of them."""

    first: str  # A or B
    held_at: str | None  # the moment at which it waited; None: one after the other
    answers: Mapping[str, Exchange]  # by A and B
    state: State
    waited: bool = False  # the other one had to wait for the held one
    moments: tuple[Moment, ...] = ()
    lost: tuple[str, ...] = ()  # fields that an acknowledged request has sent, and nobody keeps

    @property
    def second(self) -> str:
        """The one that goes through while the first is held."""
        return _other(self.first)


@dataclass(frozen=True)
class Race:
    """All orders of two requests."""

    requests: Mapping[str, Request]  # in the app's own words
    orders: tuple[Order, ...]
    unheld: str = ""  # why no request could be held; empty where they could

    @property
    def holds(self) -> bool:
        """Whether no order loses an acknowledged write."""
        return not any(order.lost for order in self.orders)


def race(
    workspace: Workspace,
    launcher: Launcher,
    requests: tuple[Request, Request] = DEFAULT,
    moments: Sequence[str] = (WRITE, COMMIT),
) -> Race:
    """Play both requests one after the other, and then each held at each moment.

    Each order has a copy of the workspace of its own. Raises AppFailed, and NotPossible where the
    API makes no todo.
    """
    named = dict(zip((A, B), requests, strict=True))
    resource = resource_of(workspace, launcher)
    orders, unheld = [], ""
    for first in (A, B):
        with _raced(workspace, launcher, resource, named) as (server, id, own):
            answers = {who: server.request(*own[who]) for who in (first, _other(first))}
            orders.append(Order(first, None, answers, _state(server, id, named)))
    alone = [order.state for order in orders]
    for moment in moments:
        for first in (A, B):
            with _raced(workspace, launcher, resource, named) as (server, id, own):
                found = server.interleave(own[first], moment, own[_other(first)])
                if problem := _unheld(found, first, moment):
                    unheld = problem
                    continue
                answers = {first: found.held, _other(first): found.other}
                state = _state(server, id, named)
            order = Order(first, moment, answers, state, found.waited, _moments(found, first))
            orders.append(_judged(order, alone))
    own_words = {who: resource.own_request(request) for who, request in named.items()}
    return Race(own_words, tuple(orders), unheld)


@contextmanager
def _raced(
    workspace: Workspace, launcher: Launcher, resource: Resource, named: Mapping[str, Request]
) -> Iterator[tuple[Server, str, Mapping[str, Request]]]:
    """Give a server of its own, the id of a new todo there, and both requests on that todo."""
    with TemporaryDirectory(prefix="lab-race-") as temporary:
        stage = Path(temporary) / "app"
        workspace.stage(stage)
        with Server(stage, launcher, workspace.app) as server:
            server.resource = resource
            server.start()
            id = _made(server)
            yield server, id, {who: _with_id(request, id) for who, request in named.items()}


def _made(server: Server) -> str:
    """Make a todo and return its id. Raises MakesNoTodos."""
    answer = server.post("/todos", {"title": RACED})
    listed = many_in(server.get("/todos").json) or []
    titles = (todo for todo in listed if Title(todo.get("title")) == RACED)
    todo = one_in(answer.json) or next(titles, None)
    if not answer.ok or not todo:
        raise MakesNoTodos(answer)
    return str(todo["id"])


def _other(who: str) -> str:
    return B if who == A else A


def _unheld(found: Interleaved, first: str, moment: str) -> str:
    """Return why the first request was not held; empty where it was."""
    if not found.stood:
        return f"{first} was over before its {moment}: SQLAlchemy never told of one."
    if not found.can_wait:
        return (
            f"{first} cannot be held: a sync session in an `async def` endpoint keeps the "
            "event loop, so no other request comes in between."
        )
    return ""


def _with_id(request: Request, id: str) -> Request:
    method, path, body = request
    return method, path.replace(ID, id), body


def _state(server: Server, id: str, named: Mapping[str, Request]) -> State:
    """Return what the list says of the todo now: the fields that the requests have sent."""
    listed = many_in(server.get("/todos").json) or []
    todo = next((each for each in listed if str(each.get("id")) == id), None)
    if todo is None:
        return {}
    sent = {name for _, _, body in named.values() if isinstance(body, dict) for name in body}
    return {"id": id, **{name: todo.get(name) for name in sorted(sent)}}


def _judged(order: Order, serial: Sequence[State]) -> Order:
    """Return the order with what it has lost."""
    if order.state in serial or not all(answer.ok for answer in order.answers.values()):
        return order
    fields = {
        name
        for state in serial
        for name, value in state.items()
        if name != "id" and order.state.get(name) != value
    }
    return replace(order, lost=tuple(sorted(fields)) or ("the todo",))


def _moments(found: Interleaved, first: str) -> tuple[Moment, ...]:
    """Return what happened in both, in its order; times are those since the first request."""
    moments: list[Moment] = []
    came: float | None = None
    for who, is_held in ((first, True), (_other(first), False)):
        own = [
            event
            for event in found.events
            if event.get("request") is not None and (event["request"] == found.request) == is_held
        ]
        begins = next((event["at"] for event in own if event["event"] == "request"), None)
        if begins is None:
            continue
        came = begins if came is None else came
        later = (begins - came) * 1000
        moments += [Moment(who, replace(step, at=step.at + later)) for step in steps_of(own)]
    return tuple(sorted(moments, key=lambda moment: moment.step.at))
