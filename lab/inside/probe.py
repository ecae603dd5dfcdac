"""What runs inside the learner's server process and reports what happens there.

It watches requests, sessions, connections and SQL through SQLAlchemy's class-level events, so it
works on any app that uses SQLAlchemy, sync or async, and it changes no answer: no route, no header.
Everything goes to the lab as one JSON object a line over a socket of its own.
"""

from __future__ import annotations

import contextlib
import functools
import json
import linecache
import logging
import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextvars import ContextVar
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

LONGEST = 2000  # characters of an error's message

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Channel:
    """One line of JSON for each thing that happened, to the lab that started this server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def send(self, event: str, **data: Any) -> None:
        """Report one event. A process that the learner's code forked stays silent."""
        if os.getpid() != self._owner:
            return
        line = json.dumps({"event": event, "at": time.perf_counter(), **data}, default=str) + "\n"
        # The lab may be gone already; the watch on the socket then ends this process.
        with self._lock, contextlib.suppress(OSError):
            self._connection.sendall(line.encode())


class Probe:
    """The hooks of one server process."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self.channel = channel
        self._folder = os.path.realpath(folder) + os.sep
        self._own: dict[str, str | None] = {}  # by file name
        self._request: ContextVar[int | None] = ContextVar("lab_request", default=None)
        self._requests = 0
        self._mappers: list[Any] = []
        self._models_sent = 0

    # -- the learner's own lines -------------------------------------------------------------

    def own(self, file: str) -> str | None:
        """`file` relative to the learner's folder; None where it is not theirs."""
        # Asked for every frame of every stack: to find it out each time takes milliseconds.
        if file not in self._own:
            self._own[file] = self._relative(file)
        return self._own[file]

    def _relative(self, file: str) -> str | None:
        path = os.path.realpath(file)
        # Code that is generated at run time has a made-up name such as "<string>".
        if file.startswith("<") or not path.startswith(self._folder) or not Path(path).exists():
            return None  # compiled libraries name their sources relative to where they were built
        inside = path[len(self._folder) :]
        # A virtual environment in the folder is not the learner's writing.
        return None if "site-packages" in inside else Path(inside).as_posix()

    def frame(self, frame: FrameType | None) -> dict[str, Any] | None:
        """The innermost line of the learner's own code on the stack that ends in `frame`."""
        frame = self._innermost(frame)
        return self._at(frame.f_code, frame.f_lineno) if frame else None

    def _innermost(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and not self.own(frame.f_code.co_filename):
            frame = frame.f_back or _awaiting(frame)
        return frame

    def _at(self, code: CodeType, line: int) -> dict[str, Any]:
        return _line(self.own(code.co_filename) or "", code.co_filename, line, code.co_name)

    def send_where(self) -> None:
        """Report the line of the learner's code that a thread is at, the main thread first."""
        me, main = threading.get_ident(), threading.main_thread().ident
        stacks = sys._current_frames()
        threads = sorted((i for i in stacks if i != me), key=lambda i: i != main)
        found = (self.frame(stacks[thread]) for thread in threads)
        self.channel.send("where", frame=next(filter(None, found), None))

    def crash(self, error: BaseException) -> dict[str, Any]:
        """What an exception says, and the innermost line of the learner's code that it passed."""
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        found = None
        if isinstance(error, SyntaxError) and error.filename and self.own(error.filename):
            found = _line(
                self.own(error.filename) or "", error.filename, error.lineno or 0, "<module>"
            )
        for step in _steps(error.__traceback__):
            file = self.own(step.tb_frame.f_code.co_filename)
            if file and not isinstance(error, SyntaxError):
                code = step.tb_frame.f_code
                found = _line(file, code.co_filename, step.tb_lineno, code.co_name)
        said = str(error).strip().splitlines()
        if isinstance(error, SyntaxError):
            said = [error.msg or "invalid syntax"]
        if len(said) > 1 and said[0].endswith(":"):
            said = [f"{said[0]} {said[1].strip()}"]  # such as the first of 3 validation errors
        return {
            "kind": type(error).__name__,
            # The stage that the lab runs is not a place that the learner knows.
            "message": said[0][:LONGEST].replace(self._folder, "") if said else "",
            "frame": found,
        }

    # -- requests ----------------------------------------------------------------------------

    def wrap(self, app: Application) -> Application:
        """The learner's app, watched from outside: the request, its answer, its end."""

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
            client = scope.get("client") or ("", 0)
            self.channel.send(
                "request",
                request=number,
                port=client[1],
                method=scope["method"],
                path=scope["path"],
            )

            async def answer(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    self.channel.send("response", request=number, status=message["status"])
                await send(message)

            crash = None
            try:
                await app(scope, receive, answer)
            except BaseException as error:
                crash = self.crash(error)
                raise
            finally:
                self.send_models()
                self.channel.send("done", request=number, port=client[1], crash=crash)

        return watched

    @contextlib.contextmanager
    def _reported(self, during: str) -> Iterator[None]:
        # Not BaseException: the loop cancels a lifespan that waits when the server ends.
        try:
            yield
        except Exception as error:
            self.channel.send("crash", during=during, crash=self.crash(error))
            raise

    def watch_log(self, logger: logging.Logger) -> None:
        """Report each error that `logger` wrote, after its own handlers have written it."""
        probe = self

        class Logged(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                probe.channel.send("logged")

        logger.addHandler(Logged(level=logging.ERROR))

    # -- databases ---------------------------------------------------------------------------

    def watch_databases(self) -> None:
        """Report each SQLite file that is opened; one outside the folder ends the process."""

        def authorize(action: int, file: str | None, *_: Any) -> int:
            if action == sqlite3.SQLITE_ATTACH and file:  # VACUUM INTO is one, too
                self._opened(file)
            return sqlite3.SQLITE_OK

        def heard(name: str, arguments: tuple[Any, ...]) -> None:
            if name == "sqlite3.connect":
                self._opened(arguments[0])

        connect = sqlite3.connect

        @functools.wraps(connect)
        def connected(*args: Any, **kwargs: Any) -> Any:
            connection = connect(*args, **kwargs)
            connection.set_authorizer(authorize)
            return connection

        sys.addaudithook(heard)
        # No audit event tells of ATTACH, and that of a new connection comes before it is one.
        sqlite3.connect = sqlite3.dbapi2.connect = connected

    def _opened(self, database: Any) -> None:
        path = _database_path(database)
        if path is None:
            return
        inside = path.startswith(self._folder)
        self.channel.send(
            "database",
            path=path[len(self._folder) :] if inside else path,
            inside=inside,
            frame=self.frame(sys._getframe()),
        )
        if not inside:
            # An exception could be swallowed by the app, and the write would go through.
            os._exit(70)

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
        event.listen(Session, "before_flush", lambda *_: self._simple("flush"))
        event.listen(Engine, "commit", lambda connection: self._simple("commit"))
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
        frame = self._innermost(frame)
        if frame:
            code = frame.f_code
            where = self._at(code, code.co_firstlineno)
            yields = bool(code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))
            self.channel.send("entered", request=self._request.get(), frame=where, yields=yields)

    def _simple(self, event: str, **data: Any) -> None:
        where = self.frame(sys._getframe(1))
        self.channel.send(event, request=self._request.get(), frame=where, **data)

    def _checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        self._simple("checkout", connection=id(record))

    def _checkin(self, connection: Any, record: Any) -> None:
        self._simple("checkin", connection=id(record))

    def _before_sql(
        self, connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool
    ) -> None:
        connection.info.setdefault("lab_sql", []).append(time.perf_counter())

    def _after_sql(
        self, connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool
    ) -> None:
        since = connection.info.get("lab_sql")
        took = time.perf_counter() - since.pop() if since else 0.0
        self._simple("sql", sql=sql, values=repr(values)[:500], seconds=took)

    def _database_error(self, context: Any) -> None:
        self._simple("database_error", crash=self.crash(context.original_exception))

    def send_models(self) -> None:
        """Report the mapped classes and their columns, where new ones have come."""
        if len(self._mappers) == self._models_sent:
            return
        self._models_sent = len(self._mappers)
        models = [_model(mapper) for mapper in self._mappers if mapper.local_table is not None]
        self.channel.send("models", models=models)


def _model(mapper: Any) -> dict[str, Any]:
    return {
        "name": mapper.class_.__name__,
        "table": mapper.local_table.name,
        "pydantic": hasattr(mapper.class_, "model_fields"),
        "columns": [_column(column) for column in mapper.local_table.columns],
    }


def _column(column: Any) -> dict[str, Any]:
    default = column.default
    scalar = default.arg if default is not None and default.is_scalar else None
    return {
        "name": column.name,
        "type": _generic(column.type),
        "length": getattr(column.type, "length", None),
        "nullable": bool(column.nullable),
        "primary_key": bool(column.primary_key),
        "default": scalar if isinstance(scalar, (str, int, float, bool)) else None,
        "server_default": column.server_default is not None,
        "references": next((key.target_fullname for key in column.foreign_keys), None),
    }


def _generic(kind: Any) -> str:
    """The name of SQLAlchemy's own type that is behind this one, such as SQLModel's AutoString."""
    from sqlalchemy.types import TypeDecorator

    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    try:
        return type(kind.as_generic()).__name__
    except NotImplementedError:  # a type of the learner's own
        return type(kind).__name__


def _line(file: str, path: str, number: int, function: str) -> dict[str, Any]:
    text = linecache.getline(path, number).strip()
    return {"file": file, "line": number, "function": function, "text": text}


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _awaiting(frame: FrameType) -> FrameType | None:
    """The frame that awaits `frame` where SQLAlchemy's asyncio bridge runs it in a greenlet."""
    greenlet = sys.modules.get("greenlet")
    if greenlet is None:
        return None
    current = greenlet.getcurrent()
    if current.parent is None or getattr(current.parent, "gr_frame", None) is None:
        return None
    parent: FrameType = current.parent.gr_frame
    # The walk has left the greenlet already when it meets the parent's own frames.
    return None if _reaches(parent, frame) else parent


def _reaches(frame: FrameType | None, target: FrameType) -> bool:
    while frame is not None:
        if frame is target:
            return True
        frame = frame.f_back
    return False


def _database_path(database: Any) -> str | None:
    """The file behind what sqlite3.connect was given; None for a database in memory."""
    name = os.fsdecode(database) if not isinstance(database, str) else database
    if name.startswith("file:"):
        from urllib.parse import parse_qs, unquote, urlsplit

        parts = urlsplit(name)
        if parse_qs(parts.query).get("mode") == ["memory"]:
            return None
        name = unquote(parts.path)
    if name in {"", ":memory:"}:
        return None
    return os.path.realpath(name)
