"""The SQL statements of one request, counted as its number of round trips to the database."""

from __future__ import annotations

from lab.appserver.server import Server
from lab.model import Exchange
from lab.workspace.operations import Request


def request_and_statements(server: Server, request: Request) -> tuple[Exchange, tuple[str, ...]]:
    """Send one request. The answer, and what SQLAlchemy has sent to the database until it was done.

    What a thread of the app's own has sent counts as well: it need not know for which request.
    """
    server.settle()
    since = len(server.events)
    exchange = server.request(*request)
    server.settle()
    ran = (event for event in server.events.all()[since:] if event["event"] == "sql")
    return exchange, tuple(event["sql"] for event in ran)
