"""What an app's documents say of the todos in one of its lists: names, values and requests."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.appserver.discovery.offers import DONE, Offer, words
from lab.appserver.discovery.todo_fields import id_among, state_in, text_in, values_of
from lab.appserver.discovery.values import value_for
from lab.workspace.operations import PARAMETER, Operation, Request
from lab.workspace.resource import Resource

# Words in a path or an operation's name.
COMPLETE = {"complete", "done", "finish", "check", "tick", "close", "mark"}
REOPEN = {"incomplete", "uncomplete", "undone", "reopen", "pending", "uncheck", "undo"}
TOGGLE = {"toggle", "switch", "flip"}
STATE = words("state status")
DELETE = {"delete", "remove"}
CHANGE = {"update", "edit", "change", "modify"}
BY = ("POST", "PATCH", "PUT")  # what a change is asked by, the best last
FREE = ("string", "integer", "number", "array", "object")  # types that say nothing of a state


@dataclass(frozen=True)
class Documented:
    """What an app's documents say of its todos."""

    resource: Resource
    ids: tuple[str, ...]  # what requests call the id of one, first those that change it
    documented: bool  # it is said what a todo looks like in the list


def described(offers: Sequence[Offer], listing: Offer, maker: Offer) -> Documented:
    """Return what the offers have for the todos that `listing` lists and `maker` makes."""
    about = listing.words | maker.words
    ones = _of_one_todo([o for o in offers if o != maker], listing, about)
    of_one = sorted(ones, key=lambda o: (bool(o.words - about), o.method == "GET"))
    ids = tuple(name for o in of_one for name in (*o.ids, o.id_in_body) if name)
    changing = [offer for offer in ones if _changes(offer)]
    given = {**maker.response_fields, **listing.response_fields}
    title = _title(maker, given)
    fields = _others(maker, given, changing, {title, "id", *ids})
    state = state_in(fields, maker.document)
    change, complete, reopen = _changes_by(changing, title, state, about)
    done, pending = _values_of(state, fields, (change, complete), maker) if state else (True, False)
    if state is None and given:
        complete = reopen = None  # no answer tells whether they have done it
    required = _required(maker, title, state, pending)
    shown = list(given) or [name for name in ids if name in required]
    key = id_among(shown, ids)
    given_id = required.pop(key, None)
    # A todo is listed where it has what the list asks for.
    asked, whole = listing.query_values or {}, listing.wholes
    required |= {name: value for name, value in asked.items() if name in maker.request_fields}
    resource = Resource(
        listing.path,
        maker.as_operation(),
        _operation(o for o in ones if o.method == "GET" and not o.words - about),
        _operation([change]),
        _operation(o for o in ones if _deletes(o, asked)),
        _operation([complete]),
        _operation([reopen]),
        key,
        title,
        state,
        done,
        pending,
        required,
        _optional(maker, {key, title, state}),
        tuple(_further(ones, (change, complete, reopen))),
        asked,
        given_id,
        whole=whole,
        rest=_rest(listing, whole, state),
        elsewhere=tuple(_other_lists(offers, listing, about)),
        pages=listing.pages,
    )
    return Documented(_as_usual(resource), ids, bool(listing.response_fields))


def _of_one_todo(offers: Sequence[Offer], listing: Offer, about: set[str]) -> list[Offer]:
    """Return the operations on one todo: first those below its list, then by length, PUT first."""
    below = listing.path.rstrip("/") + "/"
    ones = [
        o
        for o in offers
        if o.is_open
        and (len(o.ids) == 1 or o.id_in_body)
        and (
            o.words & about
            or (not o.words and not about)
            or (not listing.words and o.path.startswith(listing.path))
        )
    ]
    return sorted(
        ones,
        key=lambda o: (
            not o.path.startswith(below),
            len(PARAMETER.sub("", o.path)),
            o.method != "PUT",
        ),
    )


def _title(maker: Offer, given: Container[str]) -> str:
    """Return the name of a todo's text: one that is also `given` back, where any is."""
    kept = {name: schema for name, schema in maker.request_fields.items() if name in given}
    return text_in(kept) or text_in(maker.request_fields) or first_text(maker) or "title"


def first_text(maker: Offer) -> str | None:
    """Return the first text that a todo must have, whatever its name; None where there is none.

    Beside what has fields of its own the text may well be one of those.
    """
    if maker.flat_fields.keys() != maker.request_fields.keys():
        return None
    resolved = maker.document.resolved
    texts = (
        name
        for name, schema in maker.flat_fields.items()
        if name in maker.required
        and resolved(schema).get("type") == "string"
        and not resolved(schema).keys() & {"enum", "format"}
    )
    return next(texts, None)


def _others(
    maker: Offer, given: Mapping[str, Any], changing: Sequence[Offer], known: Container[str]
) -> dict[str, Any]:
    """Return the fields of a todo but those that are `known`, with their schemas."""
    fields = {**maker.request_fields, **given}
    for offer in changing:
        fields = {**offer.body, **offer.query, **fields}
    return {name: schema for name, schema in fields.items() if name not in known}


def _changes_by(
    changing: Sequence[Offer], title: str, state: str | None, about: set[str]
) -> tuple[Offer | None, Offer | None, Offer | None]:
    """Return what changes a todo, and what completes and reopens it where that does not."""
    change = max(
        (o for o in changing if {title, state} & o.request_fields.keys() or o.takes_anything),
        key=lambda o: (title in o.request_fields, state in o.request_fields, BY.index(o.method)),
        default=None,
    )
    if change and (state in change.request_fields or not change.request_fields):
        return change, None, None
    if setting := next((o for o in changing if state and state in o.request_fields), None):
        return change, setting, setting
    actions = [o for o in changing if o is not change and not o.takes_more]
    complete = _action(actions, COMPLETE | TOGGLE) or _plain_put(actions, about)
    return change, complete, _action(actions, REOPEN | TOGGLE)


def _values_of(
    state: str, fields: Mapping[str, Any], setting: Iterable[Offer | None], maker: Offer
) -> tuple[Any, Any]:
    """Return the values of a state for completed and for pending.

    What sets a state may name its values where what shows it has a plain text.
    """
    taken = [
        offer.request_fields[state] for offer in setting if offer and state in offer.request_fields
    ]
    named = (schema for schema in taken if maker.document.resolved(schema).get("enum"))
    return values_of(next(named, fields.get(state)), maker.document)


def _required(maker: Offer, title: str, state: str | None, pending: Any) -> dict[str, Any]:
    """Return what else a new todo must have, with a value for each."""
    required = {
        name: value_for(maker.document, maker.request_fields.get(name, {}), name)
        for name in sorted(maker.required - {title, state})
    }
    return required | ({state: pending} if state and state in maker.required else {})


def _rest(listing: Offer, known: Container[str], state: str | None) -> dict[str, Any]:
    """Return the query for what is completed, where a list has what is pending by default."""
    for name, schema in listing.query.items():
        if name in known or not (name == state or words(name) & (DONE | STATE)):
            continue
        done, pending = values_of(schema, listing.document)
        if repr(listing.document.default_of(schema)) == repr(pending):  # 0 is not False
            return {name: done}
    return {}


def _other_lists(offers: Iterable[Offer], listing: Offer, about: set[str]) -> Iterator[str]:
    """Yield the paths of what else lists todos, such as those that are completed."""
    for offer in offers:
        is_list = offer.method == "GET" and "{" not in offer.path and not offer.is_page
        is_other = is_list and offer.path != listing.path and bool(offer.words & about)
        alike = offer.response_fields == listing.response_fields
        if is_other and alike and offer.query_values == {}:
            yield offer.path


def _optional(maker: Offer, known: Container[str | None]) -> dict[str, Any]:
    """Return what a new todo may have besides, with a value for each: texts, numbers, lists.

    Nothing that may be a state, or the id of something that has to be there, and no object that
    has fields of its own.
    """
    return {
        name: value
        for name, schema in maker.body.items()
        if name not in known
        and name not in maker.required
        and "id" not in words(name)
        and (found := maker.document.resolved(schema)).get("type") in FREE
        and not found.keys() & {"enum", "properties"}
        and (value := value_for(maker.document, schema, name)) is not None
    }


def _further(
    ones: Sequence[Offer], known: Container[Offer | None]
) -> Iterator[tuple[Request, str | None]]:
    """Yield the other requests about one todo, each with the path of a GET for the same, if any."""
    shown = {offer.path for offer in ones if offer.method == "GET"}
    does = [o for o in ones if o.method in ("POST", "PUT", "PATCH") and not _said(o) & DELETE]
    for offer in does:
        if offer in known or offer.id_in_body:
            continue
        fields = offer.request_fields
        values = {n: _another_value(offer, n, schema) for n, schema in fields.items()}
        if all(values[name] is not None for name in offer.required & fields.keys()):
            given = {name: value for name, value in values.items() if value is not None}
            request = offer.as_operation(of_one=True).request(given, "{id}")
            yield request, PARAMETER.sub("{id}", offer.path) if offer.path in shown else None


def _another_value(offer: Offer, name: str, schema: Any) -> Any:
    """Return a value that a todo will not have by itself: of several the last one."""
    several = offer.document.resolved(schema).get("enum")
    return several[-1] if several else value_for(offer.document, schema, name)


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
    if plain != usual or resource.create.query:
        return resource
    return replace(
        usual,
        optional=resource.optional,
        further=resource.further,
        pages=resource.pages,
        elsewhere=resource.elsewhere,
    )


def _changes(offer: Offer) -> bool:
    if offer.method in ("PUT", "PATCH"):
        return True
    does = CHANGE | COMPLETE | REOPEN | TOGGLE | STATE
    is_at_todo = offer.path.rstrip("/").endswith("}")  # as of those that know no PUT
    return offer.method == "POST" and (is_at_todo or bool(_said(offer) & does))


def _deletes(offer: Offer, asked: Mapping[str, Any]) -> bool:
    """Whether it deletes a todo, and asks for nothing that is not known, such as its version."""
    known = {*offer.ids, *asked, *offer.confirms, offer.id_in_body}
    does = offer.method == "DELETE" or bool(_said(offer) & DELETE)
    fields = offer.request_fields if offer.id_in_body else offer.query
    return does and not (offer.required & fields.keys()) - known


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
