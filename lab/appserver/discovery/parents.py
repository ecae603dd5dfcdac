"""What todos belong to in an app, such as a list or a project, and how one is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lab.appserver.discovery.documented import first_text
from lab.appserver.discovery.offers import Offer, words
from lab.appserver.discovery.todo_fields import text_in
from lab.appserver.discovery.values import value_for
from lab.workspace.operations import Parent

# /lists/{list_id}/items: what it is below, and the name of that one's id.
BELOW = re.compile(r"(?P<parents>[^{}]*)/{(?P<id>[^{}]*)}/[^{}]+")


def parents_above(offers: Sequence[Offer]) -> Iterator[Parent]:
    """Yield what can be made and has something with a text below it, each once."""
    seen = set()
    for offer in offers:
        found = BELOW.fullmatch(offer.path)
        has_text = text_in(offer.flat_fields) or first_text(offer)
        if found is None or offer.method != "POST" or not has_text:
            continue
        parents, name = found["parents"], found["id"].partition(":")[0]
        maker = _maker(o for o in offers if o.path.rstrip("/") == parents)
        if maker and parents not in seen:
            seen.add(parents)
            yield _parent(maker, f"{parents}/{{{name}}}", name)


def parent_named(offers: Sequence[Offer], maker: Offer) -> Parent | None:
    """Return what a new todo must have the id of; None where it needs none, or several."""
    wanted = [name for name in maker.required if name != "id" and "id" in words(name)]
    if len(wanted) != 1:
        return None
    kind = words(wanted[0]) - {"id"}
    making = _maker(o for o in offers if kind <= words(o.path) and not o.words - kind)
    if making is None:
        return None
    return _parent(making, f"{making.path.rstrip('/')}/{{id}}", wanted[0], field=wanted[0])


def _maker(offers: Iterator[Offer]) -> Offer | None:
    return next((o for o in offers if o.method == "POST" and not o.ids and o.is_open), None)


def _parent(maker: Offer, one: str, name: str, field: str | None = None) -> Parent:
    fields = maker.request_fields
    wanted = maker.required | {text for text in [text_in(fields)] if text}
    values = {n: value_for(maker.document, fields.get(n, {}), n) for n in sorted(wanted)}
    return Parent(maker.as_operation().request(values), one, (name,), field)
