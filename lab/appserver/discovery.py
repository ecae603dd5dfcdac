"""What an app offers for its todos: read from its OpenAPI document, else tried out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.appserver.learned import id_among, learned
from lab.appserver.login import login_in
from lab.appserver.offers import PARAMETER, Offer, offers_in, words
from lab.appserver.openapi import Document, inside
from lab.appserver.server import Server
from lab.appserver.todo_fields import state_in, text_in, values_of
from lab.appserver.values import value_for
from lab.model import Exchange
from lab.workspace.resource import TODOS, Operation, Resource

# Words in a path or an operation's name.
TODO = {"todo"}
LIKE_TODOS = {"todo", "task"}
COMPLETE = {"complete", "done", "finish", "check", "tick", "close", "mark"}
REOPEN = {"incomplete", "uncomplete", "undone", "reopen", "pending", "uncheck", "undo"}
TOGGLE = {"toggle", "switch", "flip"}
STATE = {"state", "status"}
DELETE = {"delete", "remove"}
CHANGE = {"update", "edit", "change", "modify"}


@dataclass(frozen=True)
class Documented:
    """What an app's documents say of its todos."""

    resource: Resource
    ids: tuple[str, ...]  # what requests call the id of one
    documented: bool  # it is said what a todo looks like in the list


@dataclass(frozen=True)
class Several:
    """More than one list could be meant: their paths."""

    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' and '.join(self.paths)} could both be meant"


def discover(server: Server, todos: str | None = None) -> Resource | Several | None:
    """Return what the running app offers, with its list at `todos` where somebody has said so.

    None where its documents name no list of todos. A todo is made where that is the only way to
    learn its names.
    """
    server.resource = Resource.at()  # what is asked for here is the app's own
    found = read(server.documents(), todos)
    if not isinstance(found, Documented):
        return found
    resource = found.resource
    resource = resource if found.documented else learned(server, resource, found.ids)
    if resource == Resource.at(f"{TODOS}/") and server.get(TODOS).ok:
        return Resource.at()  # a redirect leads from the one to the other
    return resource


def take_login(server: Server, refused: Exchange) -> str | None:
    """Log in to the running app, whose documents tell how, since it has `refused` a request.

    None where that was done; else, in words, what the app wants.
    """
    documents = server.documents()
    login, tried = login_in(documents), ""
    if login:
        without = server.resource
        server.resource = replace(without, login=login)
        refusal = server.log_in()
        if refusal is None:
            return None
        server.resource = without
        tried = f". There is {login}, and no token came of it: {refusal}"
    schemes = [
        name
        for document in documents
        for name in inside(document.content, "components", "securitySchemes")
    ]
    named = f" ({', '.join(schemes)})" if schemes else ""
    own, path, _ = server.resource.own((refused.method, refused.path, refused.sent))
    asked = f"{own} {path} answers {refused.status}"
    return f"The app wants a login first{named}: {asked}{tried}"


def read(documents: Iterable[Document], todos: str | None = None) -> Documented | Several | None:
    """Return what the documents say of the todos; None where they name no list of any."""
    offers = offers_in(documents)
    every = list(_pairs(offers, todos))
    likely = [pair for pair in every if todos or _like_todos(*pair)]
    pairs = likely or (every if len(every) == 1 else [])  # what an app has alone is meant
    if not pairs:
        return None
    best = max(_rank(*pair) for pair in pairs)
    meant = {pair[0].path.rstrip("/"): pair for pair in pairs if _rank(*pair) == best}
    if len(meant) > 1:
        return Several(tuple(meant))
    return _resource(offers, *next(iter(meant.values())))


def pages_in(documents: Iterable[Document]) -> list[str]:
    """Return the requests that answer with a page for a browser, and no JSON."""
    gets = (o for o in offers_in(documents) if o.method == "GET" and not o.ids)
    return [f"GET {offer.path}" for offer in gets if offer.is_page]


def unasked(documents: Iterable[Document], path: str) -> list[str]:
    """Return what a GET of `path` must have in its query or its headers, and nobody can know."""
    gets = (o for o in offers_in(documents) if o.method == "GET" and o.asked is None)
    return [name for o in gets if o.path.rstrip("/") == path.rstrip("/") for name in o.demanded]


def nested_bodies(documents: Iterable[Document], path: str) -> list[str]:
    """Return what a POST to `path` takes, where each field of it holds fields of its own."""
    makers = [o for o in offers_in(documents) if (o.method, o.path) == ("POST", path)]
    return [name for maker in makers if not maker.plain for name in maker.taken]


def _pairs(offers: Sequence[Offer], todos: str | None) -> Iterator[tuple[Offer, Offer]]:
    """Each operation that makes something with a text, with the one that lists the same."""
    gets = [o for o in offers if o.method == "GET" and "{" not in o.path and not o.is_page]
    lists = [o for o in gets if o.asked is not None and not o.required.intersection(o.ids)]
    posts = {o.path.rstrip("/") for o in offers if o.method == "POST"}
    for maker in offers:
        if maker.method not in ("POST", "PUT") or maker.ids:
            continue
        if maker.method == "PUT" and maker.path.rstrip("/") in posts:
            continue
        same = [o for o in lists if o.path.rstrip("/") == maker.path.rstrip("/")]
        if not text_in(maker.plain) and not (same and (maker.takes_anything or _only_text(maker))):
            continue
        near = [o for o in lists if o.words & maker.words]
        # Its path may say no more than what it does: /add, or that it is the root.
        far = [o for o in lists if not o.words or not maker.words]
        listings = same or sorted(near or far, key=_distance)
        for listing in listings[:1]:
            if todos is None or listing.path.rstrip("/") == todos.rstrip("/"):
                yield listing, maker


def _rank(listing: Offer, maker: Offer) -> tuple[bool, bool, bool]:
    stands = {**maker.taken, **maker.given, **listing.given}
    same = listing.path.rstrip("/") == maker.path.rstrip("/")
    return bool(maker.about & TODO), state_in(stands) is not None, same


def _distance(listing: Offer) -> tuple[bool, bool, bool, int]:
    return (
        bool(listing.required),
        not listing.words & LIKE_TODOS,
        not listing.words,
        len(listing.path),
    )


def _like_todos(listing: Offer, maker: Offer) -> bool:
    stands = {*maker.taken, *listing.given, *maker.given}
    about = maker.about | listing.about
    return bool(about & LIKE_TODOS) or state_in({name: {} for name in stands}) is not None


def _resource(offers: Sequence[Offer], listing: Offer, maker: Offer) -> Documented:
    about = listing.words | maker.words
    ones = _of_one_todo(offers, listing, about)
    ids = tuple(name for offer in ones for name in offer.ids)
    changing = [offer for offer in ones if _changes(offer)]
    given = {**maker.given, **listing.given}
    title = _title(maker, given)
    fields = _others(maker, given, changing, {title, "id", *ids})
    state = state_in(fields, maker.document)
    done, pending = values_of(fields.get(state), maker.document) if state else (True, False)
    change, complete, reopen = _changes_by(changing, title, state, about)
    if state is None and given:
        complete = reopen = None  # no answer tells whether they have done it
    required = _required(maker, title, state, pending)
    shown = list(given) or [name for name in ids if name in required]
    key = id_among(shown, ids)
    given_id = required.pop(key, None)
    # A todo is listed where it has what the list asks for.
    asked = listing.asked or {}
    required |= {name: value for name, value in asked.items() if name in maker.taken}
    resource = Resource(
        listing.path,
        maker.as_operation(),
        _operation(o for o in ones if o.method == "GET" and not o.words - about),
        _operation([change]),
        _operation(o for o in ones if o.method == "DELETE" or _said(o) & DELETE),
        _operation([complete]),
        _operation([reopen]),
        key,
        title,
        state,
        done,
        pending,
        required,
        asked,
        given_id,
    )
    return Documented(_as_usual(resource), ids, bool(listing.given))


def _of_one_todo(offers: Sequence[Offer], listing: Offer, about: set[str]) -> list[Offer]:
    """Return the operations on one todo, the shortest path first, and PUT before the others."""
    ones = [
        o
        for o in offers
        if o.is_open
        and len(o.ids) == 1
        and (
            o.words & about
            or (not o.words and not about)
            or (not listing.words and o.path.startswith(listing.path))
        )
    ]
    return sorted(ones, key=lambda o: (len(PARAMETER.sub("", o.path)), o.method != "PUT"))


def _title(maker: Offer, given: Container[str]) -> str:
    """Return the name of a todo's text: one that is also `given` back, where any is."""
    kept = {name: schema for name, schema in maker.taken.items() if name in given}
    return text_in(kept) or text_in(maker.taken) or _only_text(maker) or "title"


def _only_text(maker: Offer) -> str | None:
    """Return the one text that a todo must have, whatever its name; None where it is not one."""
    resolved = maker.document.resolved
    texts = [
        name
        for name, schema in maker.plain.items()
        if name in maker.required
        and resolved(schema).get("type") == "string"
        and not resolved(schema).keys() & {"enum", "format"}
    ]
    return texts[0] if len(texts) == 1 else None


def _others(
    maker: Offer, given: Mapping[str, Any], changing: Sequence[Offer], known: Container[str]
) -> dict[str, Any]:
    """Return the fields of a todo but those that are `known`, with their schemas."""
    fields = {**maker.taken, **given}
    for offer in changing:
        fields = {**offer.body, **offer.query, **fields}
    return {name: schema for name, schema in fields.items() if name not in known}


def _changes_by(
    changing: Sequence[Offer], title: str, state: str | None, about: set[str]
) -> tuple[Offer | None, Offer | None, Offer | None]:
    """Return what changes a todo, and what completes and reopens it where that does not."""
    change = max(
        (o for o in changing if {title, state} & o.taken.keys() or o.takes_anything),
        key=lambda o: (title in o.taken, state in o.taken, o.method == "PUT"),
        default=None,
    )
    if change and (state in change.taken or not change.taken):
        return change, None, None
    if setting := next((o for o in changing if state and state in o.taken), None):
        return change, setting, setting
    actions = [o for o in changing if o is not change and not o.body]
    complete = _action(actions, COMPLETE | TOGGLE) or _plain_put(actions, about)
    return change, complete, _action(actions, REOPEN | TOGGLE)


def _required(maker: Offer, title: str, state: str | None, pending: Any) -> dict[str, Any]:
    """Return what else a new todo must have, with a value for each."""
    required = {
        name: value_for(maker.document, maker.taken.get(name, {}), name)
        for name in sorted(maker.required - {title, state})
    }
    return required | ({state: pending} if state and state in maker.required else {})


def _as_usual(resource: Resource) -> Resource:
    """Return the resource; the plain one at its path where it differs in nothing that matters."""
    usual = Resource.at(resource.todos)
    change = resource.change
    full = change is not None and change.carries("title") and change.carries("completed")
    plain = replace(
        resource,
        create=replace(resource.create, query=(), takes=()),
        change=replace(change, takes=()) if change and full else change,
        read=resource.read and replace(resource.read, takes=()),
        delete=resource.delete and replace(resource.delete, takes=()),
    )
    return usual if plain == usual and not resource.create.query else resource


def _changes(offer: Offer) -> bool:
    if offer.method in ("PUT", "PATCH"):
        return True
    does = CHANGE | COMPLETE | REOPEN | TOGGLE | STATE
    return offer.method == "POST" and bool(_said(offer) & does)


def _action(offers: Sequence[Offer], words: set[str]) -> Offer | None:
    return next((offer for offer in offers if _said(offer) & words), None)


def _plain_put(offers: Sequence[Offer], about: set[str]) -> Offer | None:
    """Return a PUT or PATCH of one todo that takes nothing: it can only be to complete it."""
    return next((o for o in offers if o.method != "POST" and not o.words - about), None)


def _operation(offers: Iterable[Offer | None]) -> Operation | None:
    """Return the request on one todo for the first of these; None where there is none."""
    return next((offer.as_operation(of_one=True) for offer in offers if offer), None)


def _said(offer: Offer) -> set[str]:
    return words(PARAMETER.sub("", offer.path))
