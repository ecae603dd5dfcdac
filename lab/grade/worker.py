"""Has one submission judged, by a process of its own behind the wall, within its time.

A worker runs nothing of the submission, and reads nothing of it but what the judge says.
"""

from __future__ import annotations

import time
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from lab.grade.archives import BadArchive
from lab.grade.judge import Job
from lab.grade.judges import Ended, Judges, JudgeTimeout
from lab.grade.outcome import Outcome, Status, from_line
from lab.grade.walls import Wall
from lab.model import LinkRefused, Unreadable

TRIES = 3  # a judge that dies is asked again, twice


@dataclass(frozen=True)
class Order:
    """One submission to be judged. It travels to another process or machine."""

    job: Job
    source: str  # where it lies on this machine; "" for the lab's own solutions
    wall: Wall
    seconds: float  # that it may take


def judged(order: Order, judges: Judges | None = None) -> Outcome:
    """Have a submission judged and return what came of it, whatever that is."""
    began = time.monotonic()
    with nullcontext(judges) if judges else closing(Judges()) as lending:
        outcome = _judged(order, lending)
    return replace(outcome, wall=order.wall.name, seconds=round(time.monotonic() - began, 3))


def _judged(order: Order, judges: Judges) -> Outcome:
    source = Path(order.source) if order.source else None
    if source and not source.exists():  # the roster names it
        return _plain(order, Status.EMPTY, f"Nothing was handed in: there is no {source.name}.")
    said = ""
    for _ in range(TRIES):
        try:
            with judges.lent(order.wall, own=source is None) as judge, suppress(ValueError):
                return from_line(judge.ask(order.job, source, order.seconds))
        except (BadArchive, Unreadable, LinkRefused) as error:
            return _plain(order, Status.UNREADABLE, error.message)
        except JudgeTimeout:
            return _plain(order, Status.STOPPED, f"It was not done within {order.seconds:.0f} s.")
        except Ended as ended:
            said = str(ended)
        except OSError as error:
            return _plain(order, Status.ERROR, f"It could not be judged: {error}.")
    if order.wall.landlock or source is None:  # no submission can have done it
        return _plain(order, Status.ERROR, f"What judges has ended {TRIES} times ({said}).")
    return _plain(order, Status.STOPPED, f"It has ended the process that judges it ({said}).")


def _plain(order: Order, status: Status, says: str) -> Outcome:
    job = order.job
    return Outcome(job.submission, job.digest, status, says, job.app)
