"""HTTP to the learner's server, one connection a request, each echoed as the curl for it."""

from __future__ import annotations

import errno
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.cookiejar import Cookie
from typing import Any

import httpx

from lab.answers import parsed
from lab.appserver.answer_body import LOOK_AT_ENCODING, Late, Unanswered, read_whole
from lab.appserver.at_once import threads
from lab.appserver.bounds import REDIRECTS
from lab.appserver.connection import connected
from lab.appserver.curl import NAME, NUMBER, SHOWN, curl
from lab.model import Frame, LabError
from lab.workspace.operations import Form, Request

IF_MATCH = '"If-Match: $ETAG"'
PRECONDITION_REQUIRED = 428  # refused for want of an If-Match, which no request has at first
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
UNKNOWN_HOST = b"Invalid host header"  # what Starlette's TrustedHostMiddleware answers, with 400
OVER_HTTPS = "X-Forwarded-Proto"  # by which a proxy says how it was asked itself; uvicorn reads it
CLOSED = re.compile("disconnected|closed")  # in the words of who reads HTTP for the lab
LOOK_AT_REDIRECT = "Look at where that endpoint sends its clients."


@dataclass
class Kept:
    """What a client of an app keeps when the app is started again."""

    host: str = NUMBER  # which name of this machine the app answers to
    https: bool = False  # whether it answers to a proxy alone that was asked over https
    # As each was given at first, by its name: a client is known by it, and keeps no todos in it.
    cookies: dict[str, Cookie] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    text: str
    seconds: float
    curl: str
    port: int  # the lab's own end of the connection, by which the server knows the request
    requests: int  # how many there were, redirects counted
    etag: str | None = None  # the state of what was read, where the app names it

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        return parsed(self.text)


class Client:
    """Sends requests to one server process, each as `own` says it in the app's words.

    The curl of each is shown as for a server at `shown`.
    """

    def __init__(
        self,
        port: int,
        own: Callable[[Request], Request] = lambda said: said,
        shown: str = SHOWN,
        kept: Kept | None = None,
    ) -> None:
        self._own = own
        self._has_entered = False  # a login has given something to send
        self._shown = shown
        self._kept = kept or Kept()
        self._client = httpx.Client(
            base_url=f"http://{self._kept.host}:{port}",
            # uvicorn closes the connection after an unhandled error: never reuse one.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,  # no proxy between the lab and this machine
            verify=False,  # plain HTTP: loading certificates would take 20 ms
        )
        # As the curl that is shown: an answer that is packed all the same is unpacked in bounds.
        del self._client.headers["Accept-Encoding"]
        if self._kept.https:
            self._client.headers[OVER_HTTPS] = "https"
        for cookie in self._kept.cookies.values():
            self._client.cookies.jar.set_cookie(cookie)

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        seconds: float,
        where: Callable[[], Frame | None] = lambda: None,
        barrier: threading.Barrier | None = None,
    ) -> Answer:
        """One request and its answer. Raises Unanswered where none came within `seconds`.

        `where` is asked for the line that writes an answer which does not end. With a `barrier`, it
        is connected first, and sent when all that wait there are.
        """
        method, path, body = self._own((method, path, body))
        headers = {"Accept": "application/json"}
        asked = self._built(method, path, body, seconds, barrier, headers=headers)
        by_token = "Authorization" in self._client.headers
        by_cookie = self._has_entered and not by_token
        shown = curl(method, path, body, self._shown, authorized=by_token, with_cookie=by_cookie)
        answer = self._answer(asked, shown, seconds, where)
        if answer.status != PRECONDITION_REQUIRED or method == "GET":
            return answer
        # As a client does who has read the todo: the app wants to know in which state of it.
        read = self._answer(self._built("GET", path, None, seconds), shown, seconds, where)
        requests = answer.requests + read.requests
        if read.etag is None:
            return replace(answer, requests=requests)
        asked = self._built(method, path, body, seconds, headers={**headers, "If-Match": read.etag})
        again = self._answer(asked, f"{shown} -H {IF_MATCH}", seconds, where)
        return replace(again, requests=requests + again.requests)

    def _built(
        self,
        method: str,
        path: str,
        body: Any,
        seconds: float,
        barrier: threading.Barrier | None = None,
        **more: Any,
    ) -> httpx.Request:
        """Return the request. Raises Unanswered for a path or a value that is none."""
        more |= {"timeout": seconds, "extensions": {"trace": connected(seconds, barrier)}}
        try:
            return self._client.build_request(method, path, **more, **_content(body))
        except (httpx.InvalidURL, ValueError) as error:  # an id or a value that the API gave out
            raise Unanswered(
                f"what no request can hold: {error}",
                "Look at the ids and values that are answered.",
            ) from error

    def send_own(self, request: Request, seconds: float) -> Answer:
        """Send a request that is the app's own, such as one for a token. Raises Unanswered."""
        method, path, body = request
        asked = self._built(method, path, body, seconds)
        return self._answer(asked, curl(method, path, at=self._shown), seconds, lambda: None)

    def enter(self, token: str | None) -> bool:
        """Send with each request from now on what a login has given; whether it has given any.

        That is this token, or a cookie, which is sent in any case.
        """
        if token:
            self._client.headers["Authorization"] = f"Bearer {token}"
        self._has_entered = bool(token or self._client.cookies)
        return self._has_entered

    def _answer(
        self, asked: httpx.Request, shown: str, seconds: float, where: Callable[[], Frame | None]
    ) -> Answer:
        began = time.monotonic()
        if not _is_same_server(asked.url, self._client.base_url):  # a path that the API gave out
            raise Unanswered(
                f"another server to ask, {asked.url}", "Look at the paths in its documents."
            )
        try:
            requests = 0
            for response in self._followed(asked):
                requests += 1
                with closing(response):
                    port = response.extensions["network_stream"].get_extra_info("client_addr")[1]
                    received = read_whole(response, began + seconds, seconds, where)
                for cookie in response.cookies.jar:
                    self._kept.cookies.setdefault(cookie.name, cookie)
        except httpx.InvalidURL as error:
            raise Unanswered("a redirect that leads nowhere", LOOK_AT_REDIRECT) from error
        except httpx.TimeoutException as error:
            raise Late(f"no answer within {seconds:.0f} s") from error
        except httpx.TransportError as error:
            if _is_refused_here(error):
                raise LabError(
                    "This machine lets the lab open no more connections at one instant.",
                    "Allow more open files, and try again: `ulimit -n 1024`.",
                ) from error
            if isinstance(error, httpx.RemoteProtocolError) and not CLOSED.search(str(error)):
                raise Unanswered(
                    f"an answer that is no HTTP: {error}", "Look at the headers of that answer."
                ) from error
            raise Unanswered(
                "a closed connection in place of an answer",
                "The server's log may tell what happened to it.",
            ) from error
        except zlib.error as error:
            raise Unanswered("an answer that cannot be decoded", LOOK_AT_ENCODING) from error
        if received == UNKNOWN_HOST and asked.url.host == NUMBER:
            self._kept.host = NAME
            asked.url = asked.url.copy_with(host=NAME)
            asked.headers["Host"] = asked.url.netloc.decode()
            self._client.base_url = asked.url.join("/")
            again = self._answer(asked, shown, seconds, where)
            return replace(again, requests=again.requests + requests)
        return Answer(
            status=response.status_code,
            text=received.decode(errors="replace"),
            seconds=time.monotonic() - began,
            curl=self._as_kept(shown),
            port=port,
            requests=requests,
            etag=response.headers.get("ETag"),
        )

    def _as_kept(self, shown: str) -> str:
        """Return a curl as it has to be for an app that answers under some conditions alone."""
        shown = shown.replace(NUMBER, self._kept.host, 1)
        return f"{shown} -H '{OVER_HTTPS}: https'" if self._kept.https else shown

    def _followed(self, asked: httpx.Request) -> Iterator[httpx.Response]:
        """Yield the response, and those that it redirects to. Each is to be closed."""
        request = asked
        for _ in range(REDIRECTS + 1):
            response = self._client.send(request, stream=True)
            yield response
            if response.next_request is None:
                return
            request = response.next_request
            plain = request.url.copy_with(scheme="http")
            if request.url != plain and _is_same_server(plain, asked.url):
                self._kept.https, request.url = True, plain
                self._client.headers[OVER_HTTPS] = request.headers[OVER_HTTPS] = "https"
            if not _is_same_server(request.url, asked.url):
                raise Unanswered(f"a redirect to another server, {request.url}", LOOK_AT_REDIRECT)
        raise Unanswered("redirects without an end", LOOK_AT_REDIRECT)

    def at_once(
        self, requests: list[Request], seconds: float
    ) -> list[tuple[Request, Answer | Unanswered]]:
        """All requests at one instant, at which all are connected; for each its answer, or why not.

        Requests that connect one after the other come one after the other, and many are done
        before the last has come.
        """
        barrier = threading.Barrier(len(requests))

        def one(request: Request) -> tuple[Request, Answer | Unanswered]:
            try:
                return request, self.send(*request, seconds, barrier=barrier)
            except Unanswered as problem:
                return request, problem
            finally:
                barrier.abort()  # where this one could not connect, the others need not wait for it

        with threads(len(requests)) as pool:
            try:
                return list(pool.map(one, requests))
            finally:
                barrier.abort()  # an interrupt may come before all are connected


def _content(body: Any) -> dict[str, Any]:
    """Return a body as httpx takes it."""
    if isinstance(body, Form):
        return {"data": {name: value for name, value in body.items() if value is not None}}
    return {"json": body}


def _is_refused_here(error: BaseException | None) -> bool:
    """Whether the lab's own side could open no connection: that says nothing about the server."""
    while error and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__  # httpcore raises `from None`
    return isinstance(error, OSError) and error.errno in SHORTAGES


def _is_same_server(url: httpx.URL, own: httpx.URL) -> bool:
    return (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)
