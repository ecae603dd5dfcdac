"""A login is learned from the OpenAPI document, and its token found in the answer."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from lab.appserver.discovery.login import EMAIL, NAME, PASSWORD, login_in, token_in
from lab.appserver.discovery.openapi import FORM, Document
from lab.workspace.operations import Form

FIELDS = {"username": {"type": "string"}, "password": {"type": "string"}}
FORM_LOGIN = {
    "post": {
        "requestBody": {
            "content": {FORM: {"schema": {"properties": FIELDS, "required": [*FIELDS]}}},
        }
    }
}
PASSWORD_FLOW = {"OAuth2": {"type": "oauth2", "flows": {"password": {"tokenUrl": "auth/token"}}}}


class NewUser(BaseModel):
    email: str
    password: str
    password_confirm: str
    age: int


class Credentials(BaseModel):
    email: str
    password: str


class NameAndSecret(BaseModel):
    login: str
    secret: str


class Wrapped(BaseModel):
    user: Credentials


class Reset(BaseModel):
    new_password: str


def document(*paths: tuple[str, type[BaseModel]], **added: Any) -> Document:
    app = FastAPI()
    for path, body in paths:

        def endpoint(body: Any) -> None: ...

        endpoint.__annotations__["body"] = body
        app.post(path)(endpoint)
    found = app.openapi()
    return Document({**found, **added, "paths": {**found["paths"], **added.get("paths", {})}})


@pytest.mark.parametrize(
    ("register", "enter"),
    [
        ("/auth/register", "/auth/login"),
        ("/users", "/users/login"),
        ("/api/v1/users/sign-up", "/api/v1/users/sign-in"),
        ("/user/create", "/token"),
    ],
)
def test_a_login_with_json_is_told_from_what_registers(register: str, enter: str) -> None:
    login = login_in([document(("/reset", Reset), (register, NewUser), (enter, Credentials))])
    assert login and login.register and not isinstance(login.ways[0][2], Form)
    assert login.ways == (("POST", enter, {"email": EMAIL, "password": PASSWORD}),)
    method, path, body = login.register
    assert (method, path, body["password_confirm"]) == ("POST", register, PASSWORD)
    assert isinstance(body["age"], int)


def test_a_login_may_have_all_under_one_name() -> None:
    login = login_in([document(("/users", Wrapped), ("/users/login", Wrapped))])
    who = {"user": {"email": EMAIL, "password": PASSWORD}}
    assert login and login.ways == (("POST", "/users/login", who),)
    assert login.register == ("POST", "/users", who)


def test_a_password_may_be_called_a_secret() -> None:
    login = login_in([document(("/register", NameAndSecret), ("/login", NameAndSecret))])
    who = {"login": NAME, "secret": PASSWORD}
    assert login and login.ways[0] == ("POST", "/login", who)
    assert login.register == ("POST", "/register", who)


def test_a_password_flow_is_logged_in_to_with_a_form() -> None:
    schemes = {"securitySchemes": PASSWORD_FLOW}
    documented = document(("/auth/", NewUser), paths={"/auth/token": FORM_LOGIN}, **schemes)
    content = {**documented.content, "components": {**documented.content["components"], **schemes}}
    login = login_in([Document(content)])
    assert login and login.register
    assert all(isinstance(way[2], Form) for way in login.ways)
    assert login.register[1] == "/auth/"
    assert [way[2]["username"] for way in login.ways] == [NAME, EMAIL]
    assert {way[1] for way in login.ways} == {"/auth/token"}


def test_where_nothing_takes_a_password_there_is_no_login() -> None:
    assert login_in([document(("/todos", Reset.__base__ or BaseModel))]) is None


@pytest.mark.parametrize(
    ("answer", "token"),
    [
        ({"access_token": "a", "token_type": "bearer"}, "a"),
        ({"refresh_token": "r", "accessToken": "a"}, "a"),
        ({"data": {"token": "a"}}, "a"),
        ({"token_type": "bearer"}, None),
        ({"token": "\ud800"}, None),
        (["a"], None),
    ],
)
def test_the_token_is_found_in_the_answer(answer: Any, token: str | None) -> None:
    assert token_in(answer) == token
