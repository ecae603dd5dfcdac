"""What a todo of the running app shows of its names, where no document says what one looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lab.answers import AN_ID, Title, Todo, faults
from lab.appserver.discovery.offers import bare
from lab.appserver.discovery.todo_fields import DONE, MOMENTS, id_among, state_in
from lab.appserver.discovery.values import FORMATS
from lab.appserver.server import Server
from lab.workspace.resource import Resource

PROBE = Title("Which is the text")


def with_shown_names(server: Server, resource: Resource, ids: Sequence[str]) -> Resource:
    """Return the resource, with the names that a todo of the running app shows.

    `ids` are the names under which the app takes the id of one todo. Where nothing says how a
    todo looks that is completed, the one that was made for this is completed.
    """
    server.resource = replace(resource, id="id", completed=None)
    server.post("/todos", {"title": PROBE})
    shown = _shown(server)
    server.resource = Resource.at()
    if shown is None:
        return resource
    names = {resource.title if name == "title" else name: value for name, value in shown.items()}
    titles = [name for name, value in names.items() if value == PROBE]
    title = resource.title if resource.title in titles else next(iter(titles), resource.title)
    if resource.given_id and not resource.create.carries(title):
        return resource  # the text stands under the id that the client has given
    key = id_among(list(names), ids)
    found = replace(resource, id=key, title=title)
    others = {name: value for name, value in names.items() if name not in (title, key)}
    state = resource.completed if resource.completed in others else _state_among(others)
    if state is None:
        # Without a name for it, no answer tells what an action has done.
        return found if found.completed else replace(found, complete=None, reopen=None)
    return _with_values(server, replace(found, completed=state), state, names)


def with_word_for_done(server: Server, resource: Resource) -> Resource:
    """Return the resource with a value for completed that a todo of the running app takes.

    Without a state where it refuses what is known of it: which one it means, or what has to come
    before that one, no document says.
    """
    server.resource = replace(resource, completed=None)
    server.post("/todos", {"title": PROBE})
    todo = _shown(server)
    shown = todo.get(str(resource.completed)) if todo else None
    if type(shown) is type(resource.pending) and shown != resource.done:
        resource = replace(resource, pending=shown)
    known: Sequence[Any] = [resource.done]
    if resource.done == DONE[0]:
        pending = str(resource.pending)
        written = str.upper if pending.isupper() else str.title if pending.istitle() else str
        known = [written(word) for word in DONE]
    tries = (replace(resource, done=value) for value in known)
    if todo is not None:
        taken = (each for each in tries if _takes(server, each, todo))
        resource = next(taken, replace(resource, completed=None))
    server.resource = Resource.at()
    return resource


def _takes(server: Server, resource: Resource, todo: Todo) -> bool:
    """Whether a request that completes a todo is not refused for the value it has for that."""
    server.resource = resource
    path, stands = f"/todos/{todo.get('id')}", {**todo, resource.id: todo.get("id")}
    body = {"title": PROBE, "completed": True} if resource.by_change else {"completed": True}
    answer = server.put(path, body)
    lacks = [place[-1] for kind, place in faults(answer.json) if kind == "missing"]
    if lacks and stands.keys() >= {*lacks}:  # it wants the whole todo
        answer = server.put(path, {**{name: stands[name] for name in lacks}, **body})
    elif lacks:
        return True
    return answer.status not in (400, 409, 422)


def _state_among(fields: Todo) -> str | None:
    moments = (n for n, value in fields.items() if bare(n) in MOMENTS and value is None)
    return state_in({name: {} for name in fields}) or next(moments, None)


def _with_values(server: Server, found: Resource, state: str, todo: Todo) -> Resource:
    """Return the resource with what its state is for completed and for pending."""
    shown = todo[state]
    if shown is None and bare(state) in MOMENTS:
        return replace(found, pending=None, done=FORMATS["date-time"])
    if not isinstance(shown, str):
        return found
    found = replace(found, pending=shown)
    if isinstance(found.done, str):
        return found
    found = replace(found, done="completed")
    if found.by_change or found.complete is None:
        return found
    server.resource = found
    server.put(f"/todos/{todo.get(found.id)}", {"completed": True})
    server.resource = replace(found, completed=None)
    done = (_shown(server) or {}).get(state)
    server.resource = Resource.at()
    return replace(found, done=done) if isinstance(done, str) and done != shown else found


def _shown(server: Server) -> Todo | None:
    """Return the todo that was made for this, as the list has it."""
    return _holding(server.get("/todos").json)


def _holding(answer: Any) -> Todo | None:
    """Return the object in an answer, at whatever depth, that has the text of the probe."""
    inner = answer
    if isinstance(answer, dict):
        if PROBE in answer.values() and not any(map(AN_ID.match, answer)):  # else of texts by id
            return answer
        inner = list(answer.values())
    found = map(_holding, inner) if isinstance(inner, list) else iter(())
    return next((todo for todo in found if todo is not None), None)
