"""A request as the command that a person can paste."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.parse import parse_qsl

import httpx

from lab.workspace.operations import Form

NUMBER, NAME = "127.0.0.1", "localhost"  # of this machine
SHOWN = f"http://{NUMBER}:8000"  # where the learner's own `uvicorn` or `fastapi dev` listens


def curl(
    method: str,
    path: str,
    body: Any = None,
    at: str = SHOWN,
    *,
    authorized: bool = False,
    with_cookie: bool = False,
) -> str:
    """Return the command that a person can paste to send the same request to the server there.

    What is `authorized` takes a token of theirs, in $TOKEN; what goes `with_cookie`, theirs.
    """
    parts = ["curl", "-i"]
    if method != "GET":
        parts += ["-X", method]
    parts.append(shlex.quote(at + path.replace(" ", "%20")))
    if isinstance(body, Form):
        for field in parse_qsl(str(httpx.QueryParams(body)), keep_blank_values=True):
            parts += ["--data-urlencode", shlex.quote("=".join(field))]
    elif body is not None:
        parts += ["-H", shlex.quote("Content-Type: application/json")]
        parts += ["-d", shlex.quote(json.dumps(body))]
    if authorized:
        parts += ["-H", '"Authorization: Bearer $TOKEN"']
    if with_cookie:
        parts += ["-b", '"$COOKIE"']
    return " ".join(parts)
