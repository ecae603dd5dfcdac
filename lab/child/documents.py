"""Where an app has its OpenAPI documents."""

from __future__ import annotations

from typing import Any

LAYERS = 20  # of middleware around an app, or of apps in it: an app may hold itself


def documents(app: Any, mount: str = "", layers: int = LAYERS) -> list[tuple[str, str]]:
    """Return for the app and those mounted in it: where each is, and its document's path.

    FastAPI lets an app choose the path, or have none.
    """
    from starlette.applications import Starlette
    from starlette.routing import Mount

    if layers == 0:
        return []
    if not isinstance(app, Starlette):
        inner = getattr(app, "__dict__", {}).get("app")  # what a middleware is around
        return documents(inner, mount, layers - 1) if inner is not None else []
    url = getattr(app, "openapi_url", None)
    # What is no path, an app has set afterwards, and serves nowhere.
    found = [(mount, mount + url)] if isinstance(url, str) and url.startswith("/") else []
    # With a root path, an app finds what is mounted in it below that path alone.
    root = getattr(app, "root_path", "").rstrip("/")
    for route in app.routes:
        if isinstance(route, Mount) and route.app is not app:
            found += documents(route.app, mount + root + route.path, layers - 1)
    return found
