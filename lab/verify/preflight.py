"""How a workspace's app boots, found out once for all checks of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lab.answers import AN_ID, Title, faults, many_in
from lab.appserver.client import UNKNOWN_HOST
from lab.appserver.curl import NAME, NUMBER
from lab.appserver.discovery.login import wants_login
from lab.appserver.discovery.offers import offers_in, words
from lab.appserver.discovery.openapi import Document
from lab.appserver.discovery.todo_list import (
    Several,
    closed,
    discover,
    nested_bodies,
    pages_in,
    take_login,
    unasked,
)
from lab.appserver.server import Server
from lab.known_errors import lacks_table
from lab.model import AppFailed, Exchange, NoAnswer, NotApplicable, NotLent
from lab.verify.staged_server import StagedServers
from lab.workspace import databases
from lab.workspace.operations import PARAMETER, Operation
from lab.workspace.resource import TODOS, Resource
from lab.workspace.workspace import Workspace

PLACES = {"index", "idx", "position"}  # in the name of what says which todo of a list is meant
SHOWN = 20  # of the paths that an app offers
PROBE = Title("Does it answer what is asked")  # as long as the titles of `persist` are


@dataclass(frozen=True)
class Boot:
    """What the first start of an app has shown."""

    app: str | None  # its name, found where nobody gave it
    failure: AppFailed | NotApplicable | None = None  # why nothing of it can be judged
    needs_own: bool = False  # it works on the workspace's own database only
    resource: Resource = field(default_factory=Resource.at)  # what it offers
    # What it offers, once that is known, to a check that has begun before: None where it is.
    learned: Callable[[], Resource] | None = field(default=None, compare=False)


def boot(servers: StagedServers) -> Boot:
    """Start the app once and say how it boots. Raises LabError where nothing can be started.

    Checks run on an empty database, where a table that is out of date cannot spoil the verdict on
    the code. An app whose tables are made by hand works on its own database only.
    """
    # Its server is the first that checks may share.
    try:
        with servers.running() as shared:
            empty = _tried(shared.server, servers.workspace)
    except AppFailed as failure:
        empty = _Try(servers.workspace.resource, failure=failure)
    # Where there is no answer, every check would wait for the same, as long as it may.
    told = isinstance(empty.failure, NoAnswer | NotApplicable | NotLent)
    if empty.lists or (told and not empty.lacks_table):
        return empty.booted(servers.workspace)
    with servers.server(own=True) as server:
        if not server.database_url and not databases.find(server.folder):
            return empty.booted(servers.workspace)
        own = _tried(server, servers.workspace)
    has_table = empty.lacks_table and not own.lacks_table
    if own.lists or (has_table and isinstance(own.failure, NotApplicable | None)):
        return replace(own.booted(servers.workspace), needs_own=True)
    # Where it starts, and answers with an error, that is for the checks to say.
    return (own if empty.failure and not own.failure else empty).booted(servers.workspace)


@dataclass(frozen=True)
class _Try:
    """What one start has shown."""

    resource: Resource
    app: str | None = None
    failure: AppFailed | NotApplicable | None = None
    lists: bool = False
    lacks_table: bool = False  # the database has refused a request for want of a table

    def booted(self, workspace: Workspace) -> Boot:
        app = self.app if self.lists else workspace.app
        failure = self.failure
        if isinstance(failure, NotLent) and not _is_ours(workspace):
            found = f"{failure} {failure.remedy}"
            failure = NotApplicable("a database that the lab may write into", found)
        return Boot(app, failure, resource=self.resource)


def _tried(server: Server, workspace: Workspace) -> _Try:
    """Ask a server for its todos and for one more; start it where it does not run."""
    tried = _Try(server.resource)
    try:
        if not server.running:
            server.start()
        tried = replace(tried, app=server.app)
        server.resource = _judged_resource(server, workspace)
        tried = replace(tried, resource=server.resource)
        lists = _as_user(server, lambda: server.get("/todos"))
        if login := server.resource.login:  # what a todo shows may be for users only
            server.resource = replace(_judged_resource(server, workspace), login=login)
        _must_be_askable(server, lists)
        if lists.ok:
            tried = replace(tried, lists=True)
            made = _as_user(server, lambda: server.post("/todos", {"title": PROBE}))
            if not _is_ours(workspace):
                _must_stand_alone(server, made)
                _must_have_names(server)
        tried = replace(tried, resource=server.resource)
        if lists.ok:
            return tried
        if lists.status >= 500:
            tried = replace(tried, lacks_table=_lacks_table(server))
    except NotApplicable as failure:  # a login may need a table as well
        return replace(tried, failure=failure, lacks_table=_lacks_table(server))
    except (NoAnswer, NotLent) as failure:
        return replace(tried, failure=failure)
    except AppFailed as failure:
        # What ends the process after its start is for the checks to say.
        return tried if tried.app else replace(tried, failure=failure)
    return tried


def _lacks_table(server: Server) -> bool:
    """Whether the database has refused a request for want of a table."""
    return any(map(lacks_table, server.database_errors()))


def _as_user(server: Server, ask: Callable[[], Exchange]) -> Exchange:
    """Return the answer; where the app wants a login, that to a user of the lab's own.

    Raises NotApplicable where the login cannot be learned from the app's documents.
    """
    answer = ask()
    if not wants_login(answer):
        return answer
    if wanted := take_login(server, answer):
        raise NotApplicable("todos that a client may list and make", wanted)
    answer = ask()
    if wants_login(answer):
        own, path, _ = server.resource.own_request((answer.method, answer.path, answer.sent))
        raise NotApplicable(
            "todos that a new user may list and make",
            f"{server.resource.login} gives a token, and {own} {path} answers {answer.status} all "
            "the same",
        )
    return answer


def _must_be_askable(server: Server, answer: Exchange) -> None:
    """Raise NotApplicable where the list wants what nobody can know, or is a page.

    So it is where the app answers to other names than those that this machine has for itself.
    """
    if answer.text.encode() == UNKNOWN_HOST:
        raise NotApplicable(
            f"an app that answers to {NUMBER} or to {NAME}",
            f"{answer}, for each of them. What allows hosts has to allow one of these as well, as "
            "it has to for whoever starts it by hand",
        )
    asked = server.resource.list_query
    if asked and 400 <= answer.status < 500:
        own, path, _ = server.resource.own_request((answer.method, answer.path, None))
        raise NotApplicable(
            "a list of todos that any client may ask for", f"{own} {path}, which answered {answer}"
        )
    if answer.ok and answer.json is None and answer.text.lstrip().startswith("<"):
        raise NotApplicable(
            "a list of todos in JSON", f"GET {server.resource.todos} answers with a page"
        )


def _must_stand_alone(server: Server, answer: Exchange) -> None:
    """Raise NotApplicable where a todo is refused for what the lab cannot know or make first."""
    resource = server.resource
    if not 400 <= answer.status < 500:
        return
    # Users are the course's own: whether a todo may do without one, alter-6 says.
    others = [
        name for name in resource.required if name != "user_id" or name in resource.list_query
    ]
    if belongs := [name for name in others if name.endswith("_id")]:
        raise NotApplicable(
            "a request that makes a todo where nothing else has been made",
            f"{resource.create} asks for {' and '.join(belongs)}, and answered {answer}",
        )
    found = faults(answer.json)
    by_rule = answer.status == 422 and not any(_is_mistake(resource, *f) for f in found)
    # What else a todo must have, the lab has made up: a rule that is told nowhere may forbid it,
    # as may what a text has to be the name of.
    if by_rule or answer.status == 404 or (answer.status in (400, 409) and resource.required):
        raise NotApplicable(
            "a request that makes a todo of a short text",
            f"{resource.create}, which has rules of its own for it, and answered {answer}",
        )


def _is_mistake(resource: Resource, kind: str, place: list[str]) -> bool:
    """Whether a request is refused for a field that it lacks, or a text that no text can be."""
    if kind == "missing":
        return place[:1] != ["header"]
    return place == ["body", resource.title] and kind.endswith(("_parsing", "_type"))


def _must_have_names(server: Server) -> None:
    """Raise NotApplicable where the list has each todo as a text, or as values without names.

    So it is where a todo has no id, and is asked for by its place in the list.
    """
    listed = server.get("/todos")
    if (todos := many_in(listed.json)) is not None:
        if todos and not any("title" in todo for todo in todos):
            raise NotApplicable(
                f"a list that shows the text of a todo, {server.resource.title!r}",
                f"GET {server.resource.todos}, which answered {listed}",
            )
        by_place = {n for o in offers_in(server.documents()) for n in o.ids if words(n) & PLACES}
        if by_place and todos and not any("id" in todo for todo in todos):
            raise NotApplicable(
                "a list that shows the id of each todo",
                f"none, and {' and '.join(sorted(by_place))} in the paths: a todo is asked for by "
                "its place in the list, where another one is as soon as one before it is deleted",
            )
        return
    lists = listed.json.values() if isinstance(listed.json, dict) else [listed.json]
    rows = (row for each in lists for row in (each if isinstance(each, list) else ()))
    by_id = isinstance(listed.json, dict) and _is_text_by_id(listed.json)
    if any(isinstance(row, list | str) for row in (*rows, *(lists if by_id else ()))):
        raise NotApplicable(
            "a list of todos that says which value is which",
            f"GET {server.resource.todos}, which answered {listed}",
        )


def _is_text_by_id(listed: dict[str, Any]) -> bool:
    """Whether an answer has texts under what look like ids, or that of the new todo under any."""
    texts = "id" not in listed and all(isinstance(value, str) for value in listed.values())
    return bool(listed) and (all(map(AN_ID.match, listed)) or (texts and PROBE in listed.values()))


def _is_ours(workspace: Workspace) -> bool:
    """Whether the lab has made the workspace: its app offers what the exercises say."""
    return workspace.app is None and not workspace.is_read_only


def _judged_resource(server: Server, workspace: Workspace) -> Resource:
    """Return what the running app offers, in its own words.

    A workspace that the lab has made is asked for what the exercises say. Raises NotApplicable
    where there is no list of todos, or more than one could be meant.
    """
    usual = Resource.at(workspace.todos)
    if _is_ours(workspace):
        return _with_patch(usual, server.documents())
    named = workspace.todos if workspace.todos != TODOS else None
    match discover(server, named):
        case Resource() as found:
            return found
        case Several() as several:
            raise NotApplicable("the one list of todos", f"{several}. Name it: --todos PATH")
    server.resource = usual
    documents, document = server.documents(), server.document()
    offered = [path for each in documents for path, _ in each.own_paths()]
    nested = nested_bodies(documents, usual.todos)
    # Whether a list may do without `completed` is for the exercise to say that asks for it.
    wanted = [n for n in unasked(documents, usual.todos) if n != usual.completed]
    is_there = document.post(TODOS) and not nested and not wanted
    has_nothing = documents and not offered  # it says so itself, where others say nothing
    if has_nothing or (is_there and server.get(TODOS).status not in (404, 405)):
        return usual
    at = f" at {named}" if named else ""
    if len(offered) > SHOWN:
        offered[SHOWN:] = [f"{len(offered) - SHOWN} more"]
    paths = f"the paths {', '.join(offered)}" if offered else "no OpenAPI document that names one"
    there = f"{paths}. Where one of them is meant: --todos PATH"
    if nested:
        there = f"POST {usual.todos}, which takes {' and '.join(nested)} with fields of its own"
    if lists := closed(documents):
        there = f"{' and '.join(lists)} with every request"
    if wanted:
        there = f"GET {usual.todos}, which must have {' and '.join(wanted)} with every request"
    if pages := pages_in(documents):
        there = f"{' and '.join(pages)}, with pages for a browser. The lab reads JSON alone"
    raise NotApplicable(
        f"a list of todos{at}: a GET that lists them, and a POST that makes one of a text", there
    )


def _with_patch(usual: Resource, documents: Iterable[Document]) -> Resource:
    """Return what the exercises say, with PATCH where the app has that in the place of PUT."""
    assert usual.change
    one = usual.change.path
    methods = {o.method for o in offers_in(documents) if PARAMETER.sub("{id}", o.path) == one}
    if methods & {"PUT", "PATCH"} != {"PATCH"}:
        return usual
    return replace(usual, change=Operation("PATCH", one))
