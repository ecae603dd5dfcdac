"""Gives FastAPI's own pages about an app their scripts and styles from here: /docs, /redoc."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.child.probe import Application, Receive, Send

PLACE = "/_docs_files"  # a path that no app of a learner's has


def serve_files(app: Application, folder: Path) -> Application:
    """Return the app with those files beside it, for the pages that it makes from here on.

    Only defaults change: a page for which an app names its own files keeps them.
    """
    from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
    from starlette.staticfiles import StaticFiles

    icon = f"{PLACE}/favicon.png"
    _set_defaults(
        get_swagger_ui_html,
        swagger_js_url=f"{PLACE}/swagger-ui-bundle.js",
        swagger_css_url=f"{PLACE}/swagger-ui.css",
        swagger_favicon_url=icon,
    )
    _set_defaults(
        get_redoc_html,
        redoc_js_url=f"{PLACE}/redoc.standalone.js",
        redoc_favicon_url=icon,
        with_google_fonts=False,
    )
    files = StaticFiles(directory=folder)

    async def beside(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(f"{PLACE}/"):
            await files({**scope, "path": path.removeprefix(PLACE)}, receive, send)
        else:
            await app(scope, receive, send)

    return beside


def _set_defaults(function: Any, **values: Any) -> None:
    function.__kwdefaults__ = {**function.__kwdefaults__, **values}
