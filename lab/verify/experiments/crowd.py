"""Many clients who come at one instant, to an app that may come to a standstill over them."""

from __future__ import annotations

import time
from concurrent.futures import Future, wait
from dataclasses import dataclass

from lab.appserver.at_once import threads
from lab.appserver.probe_events import checked_out
from lab.known_errors import is_locked, lacks_connection
from lab.model import CheckFailed, Exchange, Frame
from lab.verify.todos import Todos, seen
from lab.workspace.operations import Request

CROWD = 80  # more than the 40 threads that FastAPI has and the 15 connections of a pool
STILL_SECONDS = 3.0  # in which nothing happens in the app, and its process says so
LOOK_SECONDS = 0.5  # between two looks
ANSWER_SECONDS = 1.0  # in which its process says where it is


@dataclass(frozen=True)
class Standstill:
    """What an app looked like in which nothing happened any more."""

    out: int  # connections that were checked out
    waiting: int  # requests that were not done
    frame: Frame | None  # a line that one of its threads waited at

    def __str__(self) -> str:
        at = f", at {self.frame}" if self.frame else ""
        return (
            f"for {STILL_SECONDS:g} s nothing happened any more: {self.waiting} requests wait{at}, "
            f"and {self.out} connections are out"
        )


def crowd(todos: Todos, requests: list[Request]) -> list[Exchange] | Standstill:
    """Send all requests at one instant: their answers, or the standstill that the app came to.

    A standstill ends the app. A machine that is slow is none: its app has something to tell all
    the time, and where it has not, its process does not even answer that. Of an app without
    SQLAlchemy nobody can say so much. Raises AppFailed.
    """
    server = todos.server
    server.settle()  # what came before is told of
    with threads(1) as pool:
        sent = pool.submit(server.at_once, requests)
        found = _standstill(todos, sent, len(requests))
        if found:
            server.kill()  # which ends the requests, that are nobody's fault then
            if sent.exception():
                return found
        return sent.result()


def must_answer(todos: Todos, requests: list[Request]) -> list[Exchange]:
    """Send all requests at one instant, and return their answers, each of them a 2xx.

    Left out is who waited for SQLite's lock as long as its driver does: of many connections that
    write on a busy machine some do, and that is fix-17's matter. Raises AppFailed, CheckFailed.
    """
    found = crowd(todos, requests)
    if isinstance(found, Standstill):
        raise standing(found, f"{len(requests)} clients at one instant, each of them answered 2xx")
    done = [answer for answer in found if answer.ok]
    left_out = [each for each in found if done and each.crash and is_locked(each.crash)]
    if failed := [each for each in found if not each.ok and each not in left_out]:
        raise CheckFailed(
            expected=f"{len(requests)} clients at one instant, each of them answered 2xx",
            actual=f"{len(failed)} of them are not, the first with {seen(failed[0])}",
            help="Each of them would have been answered, had it come later. Who could wait here, "
            "for how long, and where?",
        )
    return done


def standing(found: Standstill, expected: str) -> CheckFailed:
    """Return the failure of an app that came to a standstill."""
    return CheckFailed(
        expected=expected,
        actual=str(found),
        help="Who waits for a connection in a thread keeps that thread. What does a request that "
        "has a connection need, before it can give it back?"
        if found.out
        else "No connection is out, so it is for something else that they wait. Who has it, and "
        "did the request that took it give it back, however it ended?",
    )


def gave_up(answer: Exchange) -> bool:
    """Whether a request has failed since the pool had no connection for it in time."""
    return answer.crash is not None and lacks_connection(answer.crash)


def _standstill(todos: Todos, sent: Future[list[Exchange]], requests: int) -> Standstill | None:
    """Wait until all is answered, or nothing happens any more; return what is to be seen then."""
    events = todos.server.events
    earlier, seen, since = len(events.all("request")), 0, 0.0
    while not wait([sent], LOOK_SECONDS).done:
        asked = len(events.all("where"))
        # Before it answers this, it tells what it has kept. A process that is slow is not still.
        frame = events.ask_where(ANSWER_SECONDS)
        told = [event for event in events.all() if event["event"] != "where"]
        names = [event["event"] for event in told]
        came, done = names.count("request"), names.count("done")
        is_silent = len(told) == seen and len(events.all("where")) > asked
        # Without SQLAlchemy an app tells of nothing but the ends of its requests.
        is_told = "checkout" in names and earlier + requests <= came != done
        if not is_silent or not is_told:
            seen, since = len(told), time.monotonic()
        elif time.monotonic() - since > STILL_SECONDS:
            return Standstill(len(checked_out(told)), came - done, frame)
    return None
