"""What runs inside the learner's server process and reports what happens there.

It watches requests, sessions, connections and SQL through SQLAlchemy's class-level events, so it
works on any app that uses SQLAlchemy, sync or async, and it changes no answer: no route, no header.
Everything goes to the lab as one JSON object a line over a socket of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextvars import ContextVar
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from pathlib import Path
from types import FrameType
from typing import Any

from lab.child.channel import Channel
from lab.child.frames import Frames
from lab.child.gate import Gate
from lab.child.hold import Hold
from lab.child.models import model

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows, os.kill() ends it with either
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


SQL, VALUES = 10_000, 500  # characters of a statement and of its values that are reported
ANSWER_BYTES = 16_000  # of an answer that is reported
FLUSH_SECONDS = 0.03  # to what is known of a request that waits
# Seconds after which an answer is reported where its request goes on. Most are done long before:
# then one report has all that the request did.
GOES_ON = 0.02


class Probe:
    """The hooks of one server process."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self.channel = channel
        self.frames = Frames(folder)
        self._request: ContextVar[int | None] = ContextVar("lab_request", default=None)
        self.hold = Hold(channel.send, self._request.get)
        self.gate = Gate()
        self._requests = 0
        self._open: set[int | None] = set()  # requests that are not done yet
        self._ends_with_success = False
        self._mappers: list[Any] = []
        self._models_sent = 0
        self._is_watched = False
        self._pools: set[int] = set()

    def be_watched(self) -> None:
        """Report more, and sooner, for who looks on: answers, pools, and requests that wait."""
        self._is_watched = True
        self.channel.flush_within(FLUSH_SECONDS)

    # -- requests ----------------------------------------------------------------------------

    def wrap(self, app: Application) -> Application:
        """Return the learner's app, watched from outside: the request, its answer, its end."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                with self._reported("lifespan"):
                    await app(scope, receive, send)
                return
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            self._requests += 1
            number = self._requests
            self._request.set(number)
            self._open.add(number)
            client = scope.get("client") or ("", 0)
            self.channel.keep(
                "request",
                request=number,
                port=client[1],
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
            )

            succeeds = False
            body = _Body() if self._is_watched else None
            flushing: asyncio.TimerHandle | None = None

            async def answer(message: MutableMapping[str, Any]) -> None:
                nonlocal succeeds, flushing
                if message["type"] == "http.response.start":
                    self.channel.keep("response", request=number, status=message["status"])
                    loop = asyncio.get_running_loop()
                    flushing = loop.call_later(GOES_ON, self.channel.flush)
                    succeeds = 200 <= message["status"] < 300
                await send(message)
                if body and body.is_whole(message):
                    endpoint = getattr(scope.get("endpoint"), "__name__", None)
                    self.channel.keep("answer", request=number, endpoint=endpoint, **body.told())
                whole = message["type"] == "http.response.body" and not message.get("more_body")
                writes = scope["method"] != "GET"  # it may have to be read first, for its ETag
                if self._ends_with_success and succeeds and whole and writes:
                    self.channel.flush()
                    os.kill(os.getpid(), KILL)  # what was sent, the system delivers all the same

            crash = None
            try:
                await self.gate.enter()
                await app(scope, receive, answer)
            except BaseException as error:
                crash = self.frames.crash(error)
                raise
            finally:
                self.send_models()
                self._open.discard(number)
                if flushing:
                    flushing.cancel()
                self.channel.send_soon("done", request=number, port=client[1], crash=crash)

        return watched

    def end_with_success(self) -> None:
        """End this process, as a kill would, with the next answer to a write that is a 2xx."""
        self._ends_with_success = True
        self.channel.send("ending")

    @contextlib.contextmanager
    def _reported(self, during: str) -> Iterator[None]:
        # Not BaseException: the loop cancels a lifespan that waits when the server ends.
        try:
            yield
        except (Exception, SystemExit) as error:
            self.channel.send("crash", during=during, crash=self.frames.crash(error))
            raise

    def watch_log(self, logger: logging.Logger) -> None:
        """Report each error that `logger` wrote, after its own handlers have written it."""
        probe = self

        class Logged(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                probe.channel.send("logged")

        logger.addHandler(Logged(level=logging.ERROR))

    # -- databases ---------------------------------------------------------------------------

    def watch_sqlalchemy(self) -> None:
        """Install class-level listeners: every engine, pool and session, whenever it is made."""
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from sqlalchemy.orm import Mapper, Session
        from sqlalchemy.pool import Pool

        event.listen(Pool, "checkout", self._checkout)
        event.listen(Pool, "checkin", self._checkin)
        event.listen(Engine, "before_cursor_execute", self._before_sql)
        event.listen(Engine, "after_cursor_execute", self._after_sql)
        event.listen(Session, "after_begin", self._session_begins)
        event.listen(Session, "before_flush", lambda *_: self._simple("flush"))
        event.listen(Engine, "commit", self._commit)
        event.listen(Engine, "rollback", lambda connection: self._simple("rollback"))
        event.listen(Engine, "handle_error", self._database_error)
        event.listen(Mapper, "instrument_class", lambda mapper, cls: self._mappers.append(mapper))
        self._watch_sessions(Session)

    def _watch_sessions(self, session: Any) -> None:
        # SQLAlchemy has no event for the opening and the closing of a session.
        opened, closed = session.__init__, session.close
        probe = self

        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            probe._entered(sys._getframe(1))
            opened(self, *args, **kwargs)
            probe._simple("session_opened", session=id(self))

        def close(self: Any) -> None:
            closed(self)
            probe._simple("session_closed", session=id(self))

        session.__init__, session.close = init, close

    def _entered(self, frame: FrameType | None) -> None:
        """Report the learner's function that is about to open a session, and its first line."""
        frame = self.frames.innermost(frame)
        if frame:
            code = frame.f_code
            where = self.frames.at(code, code.co_firstlineno)
            yields = bool(code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))
            self._report("entered", frame=where, yields=yields)

    def _simple(self, event: str, **data: Any) -> None:
        self._report(event, frame=self.frames.line(sys._getframe(1)), **data)

    def _report(self, event: str, **data: Any) -> None:
        request = self._request.get()
        self.channel.keep(event, request=request, **data)
        # Asked after: what happens in a request that is done would else be kept for ever.
        if request not in self._open:
            self.channel.flush()

    def _commit(self, connection: Any) -> None:
        self.hold.before_commit()
        self._simple("commit")

    def _checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        if self._is_watched:
            self._report_pool(getattr(proxy, "_pool", None))
        self._simple("checkout", connection=id(record))

    def _report_pool(self, pool: Any) -> None:
        """Report how many connections a pool has, once; None where it does not say."""
        if pool is None or id(pool) in self._pools:
            return
        self._pools.add(id(pool))
        size = pool.size() if callable(getattr(pool, "size", None)) else None
        overflow = getattr(pool, "_max_overflow", None)  # SQLAlchemy has no public name for it
        self._report("pool", pool=type(pool).__name__, size=size, overflow=overflow)

    def _session_begins(self, session: Any, transaction: Any, connection: Any) -> None:
        connection.info["lab_session"] = id(session)  # whose SQL it is, until it is given back

    def _checkin(self, connection: Any, record: Any) -> None:
        record.info.pop("lab_session", None)
        self._simple("checkin", connection=id(record))

    def _before_sql(
        self, connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool
    ) -> None:
        self.hold.before_sql(sql)
        connection.info.setdefault("lab_sql", []).append(time.perf_counter())

    def _after_sql(
        self, connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool
    ) -> None:
        since = connection.info.get("lab_sql")
        took = time.perf_counter() - since.pop() if since else 0.0
        session = connection.info.get("lab_session")
        values = repr(values)[:VALUES]
        self._simple("sql", sql=sql[:SQL], values=values, seconds=took, session=session)

    def _database_error(self, context: Any) -> None:
        self._simple("database_error", crash=self.frames.crash(context.original_exception))

    def send_models(self) -> None:
        """Report the mapped classes and their columns, where new ones have come."""
        if len(self._mappers) == self._models_sent:
            return
        self._models_sent = len(self._mappers)
        models = [model(mapper) for mapper in self._mappers if mapper.local_table is not None]
        self.channel.send("models", models=models)


class _Body:
    """The JSON of one answer, as far as it is short enough to be reported."""

    def __init__(self) -> None:
        self._is_json = False
        self._bytes = 0
        self._parts: list[bytes] = []

    def is_whole(self, message: MutableMapping[str, Any]) -> bool:
        """Take one message of an answer, and return whether it was the last."""
        if message["type"] == "http.response.start":
            named = dict(message.get("headers", ()))
            self._is_json = b"json" in named.get(b"content-type", b"")
            return False
        if message["type"] != "http.response.body":
            return False
        part = message.get("body", b"")
        self._bytes += len(part)
        if self._is_json and self._bytes <= ANSWER_BYTES:
            self._parts.append(bytes(part))
        return not message.get("more_body")

    def told(self) -> dict[str, Any]:
        """Return its length in bytes, and its text; None where it is no JSON, or too long."""
        told = self._is_json and self._bytes <= ANSWER_BYTES
        text = b"".join(self._parts).decode(errors="replace") if told else None
        return {"bytes": self._bytes, "text": text}
