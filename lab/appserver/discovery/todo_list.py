"""Finds the list of todos of an app, and the requests that go with it: documented, else tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.appserver.discovery.documented import Documented, described, first_text
from lab.appserver.discovery.learned import with_shown_names, with_word_for_done
from lab.appserver.discovery.login import is_password, login_in, wants_login
from lab.appserver.discovery.offers import Offer, offers_in
from lab.appserver.discovery.openapi import Document, inside
from lab.appserver.discovery.parents import parent_named, parents_above
from lab.appserver.discovery.todo_fields import state_in, text_in
from lab.appserver.server import Server
from lab.model import Exchange
from lab.workspace.operations import Operation, Parent
from lab.workspace.resource import TODOS, Resource

# Words in a path or an operation's name.
TODO = {"todo"}
LIKE_TODOS = {"todo", "task"}
ADMIN = {"admin", "administrator"}  # of what is for nobody else


@dataclass(frozen=True)
class Several:
    """More than one list could be meant: their paths."""

    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' and '.join(self.paths)} could both be meant"


def discover(server: Server, todos: str | None = None) -> Resource | Several | None:
    """Return what the running app offers, with its list at `todos` where somebody has said so.

    None where its documents name no list of todos; where it has none, and shows none at the path.
    A todo is made where that is the only way to learn its names.
    """
    server.resource = Resource.at()  # what is asked for here is the app's own
    documents = server.documents()
    parent = parent_in(documents, todos)
    if parent := parent and _made(server, parent):
        server.resource = replace(server.resource, parent=parent)
        documents, todos = server.documents(), todos and parent.filled(todos)
    found = read(documents, todos)
    if found is None and not offers_in(documents):
        return _shown_alone(server, todos or TODOS)
    if not isinstance(found, Documented):
        return found
    resource = replace(found.resource, login=server.resource.login)
    resource = resource.belonging_to(parent) if parent else resource
    resource = resource if found.documented else with_shown_names(server, resource, found.ids)
    if resource.can_change(completed=True) and not isinstance(resource.done, bool):
        resource = with_word_for_done(server, resource)
    if resource == Resource.at(f"{TODOS}/") and server.get(TODOS).ok:
        return Resource.at()  # a redirect leads from the one to the other
    return resource


def _shown_alone(server: Server, todos: str) -> Resource | None:
    """Return what is at this path of an app that documents nothing; None where nothing is."""
    usual = server.resource = Resource.at(todos)
    if server.get(TODOS).status in (404, 405):
        return None
    one = f"{TODOS}/0"
    methods = (m for m in ("PUT", "PATCH") if server.request(m, one, {}).status != 405)
    change = next((Operation(m, f"{todos.rstrip('/')}/{{id}}") for m in methods), None)
    return with_shown_names(server, replace(usual, change=change, completed=None), ())


def parent_in(documents: Sequence[Document], todos: str | None) -> Parent | None:
    """Return what todos belong to and is made first; None where they belong to nothing.

    A list of todos by themselves is looked at first, as it is what clients of an app use.
    """
    offers = offers_in(documents)
    if alone := _meant(offers, todos):
        listing, maker = max(alone, key=lambda pair: _rank(*pair))
        if _completes(offers, listing, maker) or set() < listing.words <= LIKE_TODOS:
            return parent_named(offers, maker)
    ranks = {}
    for parent in parents_above(offers):
        filled = [replace(d, resource=replace(d.resource, parent=parent)) for d in documents]
        inside = offers_in(filled)
        pairs = list(_pairs(inside, todos and parent.filled(todos)))
        likely = [p for p in pairs if todos or _like_todos(*p) or _completes(inside, *p)]
        if below := likely or ([] if alone else pairs):
            ranks[parent.one] = max(_rank(*pair) for pair in below), parent
    best = max((rank for rank, _ in ranks.values()), default=None)
    meant = [parent for rank, parent in ranks.values() if rank == best]
    return meant[0] if len(meant) == 1 else None


def _completes(offers: Sequence[Offer], listing: Offer, maker: Offer) -> bool:
    """Whether such a thing has a state, or a request that completes it."""
    found = described(offers, listing, maker).resource
    return found.completed is not None or found.complete is not None


def _made(server: Server, parent: Parent) -> Parent | None:
    """Make it on the running server, once, and return it; None where that is refused."""
    if server.parent is None or server.parent.create != parent.create:
        answer = server.make_parent(parent)
        if wants_login(answer) and take_login(server, answer) is None:
            server.make_parent(parent)
    made = server.parent
    return made if made and made.create == parent.create else None


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
    own, path, _ = server.resource.own_request((refused.method, refused.path, refused.sent))
    asked = f"{own} {path} answers {refused.status}"
    return f"The app wants a login first{named}: {asked}{tried}"


def read(documents: Iterable[Document], todos: str | None = None) -> Documented | Several | None:
    """Return what the documents say of the todos; None where they name no list of any."""
    offers = offers_in(documents)
    pairs = _meant(offers, todos)
    if not pairs:
        return None
    best = max(_rank(*pair) for pair in pairs)
    meant = {pair[0].path.rstrip("/"): pair for pair in pairs if _rank(*pair) == best}
    if len(meant) > 1:
        return Several(tuple(meant))
    return described(offers, *next(iter(meant.values())))


def pages_in(documents: Iterable[Document]) -> list[str]:
    """Return the requests that answer with a page for a browser, and no JSON."""
    gets = (o for o in offers_in(documents) if o.method == "GET" and not o.ids)
    return [f"GET {offer.path}" for offer in gets if offer.is_page]


def unasked(documents: Iterable[Document], path: str) -> list[str]:
    """Return what a GET of `path` must have in its query or its headers, and nobody can know."""
    gets = (o for o in offers_in(documents) if o.method == "GET" and o.query_values is None)
    return [
        name
        for o in gets
        if o.path.rstrip("/") == path.rstrip("/")
        for name in o.required_parameters
    ]


def closed(documents: Iterable[Document]) -> list[str]:
    """Return the lists that want a header or a cookie which nobody can know, each with what."""
    gets = (o for o in offers_in(documents) if o.method == "GET" and not o.ids and not o.is_open)
    return [
        f"GET {o.path}, which must have {' and '.join(o.required_parameters)}"
        for o in gets
        if o.required_parameters
    ]


def nested_bodies(documents: Iterable[Document], path: str) -> list[str]:
    """Return what of a POST to `path` holds fields of its own, where no text is beside it."""
    makers = [o for o in offers_in(documents) if (o.method, o.path) == ("POST", path)]
    without = [maker for maker in makers if not text_in(maker.flat_fields)]
    return [n for each in without for n in each.request_fields if n not in each.flat_fields]


def _meant(offers: Sequence[Offer], todos: str | None) -> list[tuple[Offer, Offer]]:
    """Return the pairs that are like todos, or at `todos`; else the only list of the app."""
    every = list(_pairs(offers, todos))
    likely = [pair for pair in every if todos or _like_todos(*pair)]
    named = [pair for pair in every if text_in(pair[1].flat_fields)]
    return likely or next((found for found in (named, every) if len(found) == 1), [])


def _pairs(offers: Sequence[Offer], todos: str | None) -> Iterator[tuple[Offer, Offer]]:
    """Each operation that makes something with a text, with the one that lists the same.

    Where todos are below something, what is not below it is left out.
    """
    gets = [o for o in offers if o.method == "GET" and "{" not in o.path and not o.is_page]
    found = [o for o in gets if o.query_values is not None and not o.required.intersection(o.ids)]
    lists = [o for o in found if not o.words & ADMIN] or found
    posts = {o.path.rstrip("/") for o in offers if o.method == "POST"}
    for maker in offers:
        if maker.method not in ("POST", "PUT") or maker.ids or not maker.is_below:
            continue
        if maker.method == "PUT" and maker.path.rstrip("/") in posts:
            continue
        if any(map(is_password, maker.required)):  # it makes a user, who has a name
            continue
        same = [o for o in lists if o.path.rstrip("/") == maker.path.rstrip("/")]
        if not text_in(maker.flat_fields) and not (
            same and (maker.takes_anything or first_text(maker))
        ):
            continue
        near = [o for o in lists if o.words & maker.words]
        # Its path may say no more than what it does: /add, or that it is the root.
        alone = [o for o in lists if o.path.rstrip("/") not in posts]
        far = [o for o in alone if not o.words or not maker.words]
        listings = same or sorted(near or far, key=_distance)
        for listing in listings[:1]:
            if todos is None or listing.path.rstrip("/") == todos.rstrip("/"):
                yield listing, maker


def _rank(listing: Offer, maker: Offer) -> tuple[bool, bool, bool, bool]:
    same = listing.path.rstrip("/") == maker.path.rstrip("/")
    # What asks for the id of one changes it, and does not make it.
    is_new = not maker.required & {"id", *(f"{word}_id" for word in listing.words)}
    return bool(maker.about & TODO), state_in(_stands(listing, maker)) is not None, same, is_new


def _stands(listing: Offer, maker: Offer) -> dict[str, Any]:
    """Return what a todo has, with the schemas."""
    return {**maker.request_fields, **maker.response_fields, **listing.response_fields}


def _distance(listing: Offer) -> tuple[bool, bool, bool, int]:
    return (
        bool(listing.required),
        not listing.words & LIKE_TODOS,
        not listing.words,
        len(listing.path),
    )


def _like_todos(listing: Offer, maker: Offer) -> bool:
    about = maker.about | listing.about
    return bool(about & LIKE_TODOS) or state_in(_stands(listing, maker)) is not None
