"""A login that can be learned from an app's OpenAPI document: its token is sent from then on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab.answers import faults
from lab.appserver.discovery.offers import Offer, bare, is_login, offers_in, words
from lab.appserver.discovery.openapi import Document, inside
from lab.appserver.discovery.values import value_for
from lab.model import Exchange
from lab.workspace.operations import Form, Login

NAME, EMAIL, PASSWORD = "lablearner", "lab.learner@example.org", "Lab-2031-pass!"
LOGIN = {"login", "signin", "token", "auth", "authenticate", "session", "jwt"}
TOKENS = words("token access jwt bearer")  # in the name of what holds one
OTHERS = {"reset", "change", "forgot", "verify", "refresh", "logout", "update", "admin"}
REGISTER = {"register", "registration", "signup", "up", "create", "new"}
PASSWORDS = {"pwd", "pass", "passwd", "passphrase", "passcode", "secret"}  # of its field
NAMES = ("username", "email", "login", "name")  # of a field that says who logs in
ACTIVE = {"active", "isactive"}  # of one that says whether a user may log in


def login_in(documents: Sequence[Document]) -> Login | None:
    """Return how to log in, as far as the documents tell; None where they do not."""
    offers = [o for o in offers_in(documents) if o.method == "POST" and not o.ids]
    taking = [o for o in offers if any(map(is_password, o.request_fields))]
    token_url = next(filter(None, map(_token_url, documents)), None)
    by_url = [offer for offer in taking if token_url and offer.path.strip("/") == token_url]
    entering = by_url or [o for o in taking if _logs_in(o)]
    rest = [o for o in taking if o not in entering and not words(o.path) & OTHERS]
    rest.sort(key=lambda o: (not words(o.path) & REGISTER, len(o.path)))
    register = rest[0].as_operation().request(_filled(rest[0])) if rest else None
    if entering:
        offer = entering[0]
        own = [name for name in offer.request_fields if bare(name) in NAMES]
        user = own[0] if own else "username"
        body = _filled(offer)
        request = offer.as_operation().request
        ways = tuple(request({**body, user: who}) for who in _called(user, offer))
        return Login(ways, register)
    if token_url is None:
        return None
    form = {"grant_type": "password", "password": PASSWORD}
    forms = [Form({**form, "username": who}) for who in (NAME, EMAIL)]
    return Login(tuple(("POST", f"/{token_url}", sent) for sent in forms), register)


def token_in(answer: Any) -> str | None:
    """Return the token in a login's JSON answer; None where there is none that a header holds."""
    if not isinstance(answer, dict):
        return None
    texts = [name for name, v in answer.items() if isinstance(v, str) and v.isascii()]
    named = [name for name in texts if words(name) & TOKENS]
    named.sort(key=lambda name: bool(words(name) & {"type", "refresh"}))
    if named and not words(named[0]) & {"type", "refresh"}:
        return str(answer[named[0]])
    return next(filter(None, map(token_in, answer.values())), None)


def wants_login(answer: Exchange) -> bool:
    """Whether a request was refused for want of a login."""
    if answer.status in (401, 403):
        return True
    headers = (place[1:] for _, place in faults(answer.json) if place[:1] == ["header"])
    return answer.status == 422 and any(is_login(name) for names in headers for name in names)


def _token_url(document: Document) -> str | None:
    """Return where the document's password flow gets its token, without slashes around it."""
    for scheme in inside(document.content, "components", "securitySchemes").values():
        url = inside(scheme, "flows", "password").get("tokenUrl")
        if isinstance(url, str):
            return url.removeprefix("./").strip("/")
    return None


def _logs_in(offer: Offer) -> bool:
    said = words(offer.path)
    return bool(said & LOGIN or {"sign", "in"} <= said) and not said & (REGISTER | OTHERS)


def _filled(offer: Offer) -> dict[str, Any]:
    """Return the fields that the request must have, as our user would fill them in."""
    fields = offer.request_fields
    wanted = {n: s for n, s in fields.items() if n in offer.required or bare(n) in NAMES}
    wanted |= {name: schema for name, schema in fields.items() if is_password(name)}
    active = {name: True for name in fields if bare(name) in ACTIVE}
    return {n: _value(offer, n, schema) for n, schema in wanted.items()} | active


def _value(offer: Offer, name: str, schema: Any) -> Any:
    if is_password(name):
        return PASSWORD
    if _is_email(offer, name, schema):
        return EMAIL
    if bare(name) in NAMES:
        return NAME
    if offer.document.resolved(schema).get("pattern") == "password" or name == "grant_type":
        return "password"
    return value_for(offer.document, schema, name)


def _called(field: str, offer: Offer) -> tuple[str, ...]:
    """Return the names under which our user may log in with this field, the likeliest first."""
    schema = offer.request_fields.get(field, {})
    return (EMAIL,) if _is_email(offer, field, schema) else (NAME, EMAIL)


def _is_email(offer: Offer, name: str, schema: Any) -> bool:
    return "email" in bare(name) or offer.document.resolved(schema).get("format") == "email"


def is_password(name: str) -> bool:
    """Whether a field of that name holds a password."""
    return "password" in bare(name) or bare(name) in PASSWORDS
