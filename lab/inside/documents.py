"""Where an app has its OpenAPI documents."""

from __future__ import annotations

from typing import Any


def documents(app: Any, mount: str = "") -> list[tuple[str, str]]:
    """The app's own document and those of apps mounted in it: where each app is, and its path.

    FastAPI lets an app choose the path, or have none.
    """
    while not hasattr(app, "routes") and hasattr(app, "app"):
        app = app.app  # a middleware around it
    url = getattr(app, "openapi_url", None)
    found = [(mount, mount + url)] if isinstance(url, str) else []
    for route in getattr(app, "routes", None) or ():
        if hasattr(route, "app") and not hasattr(route, "methods"):  # a Mount of Starlette
            found += documents(route.app, mount + route.path)
    return found
