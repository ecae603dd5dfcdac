"""What GitHub Actions shows of the results: annotations, and a summary of the step."""

from __future__ import annotations

import html
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from lab.grade.gradebook import failed
from lab.grade.outcome import Status
from lab.grade.scores import Class, plain

MOST = 10  # annotations of one kind that GitHub shows for a step


@contextmanager
def unheard(say: Callable[[Iterable[str]], object]) -> Iterator[None]:
    """Have GitHub take no line for a command while the block runs: a submission's name may be one.

    `say` prints lines where GitHub reads them, at once.
    """
    token = secrets.token_hex(16)
    say([f"::stop-commands::{token}"])
    try:
        yield
    finally:
        sys.stdout.flush()
        say([f"::{token}::"])


def commands(found: Class) -> Iterator[str]:
    """Yield a line for each submission that is not all right, as GitHub reads it."""
    errors = warnings = 0
    for outcome in found.outcomes:
        title = _property(f"lab grade: {outcome.submission}")
        if not outcome.gradable:
            warnings += 1
            if warnings <= MOST:
                yield f"::warning title={title}::{_data(outcome.says or 'no score')}"
        elif wrong := failed(found, outcome) or outcome.status is not Status.JUDGED:
            errors += 1
            said = outcome.says or (", ".join(wrong) if isinstance(wrong, list) else "")
            if errors <= MOST:
                yield f"::error title={title}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(found: Class) -> str:
    """Return a table in Markdown, in which no text of a submission is markup."""
    head = ["student", "score", *found.exercises, "what happened"]
    lines = ["## lab grade", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for outcome in found.outcomes:
        total = found.total(outcome)
        score = f"{total} of {plain(total.most)}" if str(total) else "none"
        marks = [str(found.score(outcome, exercise)) or "-" for exercise in found.exercises]
        cells = [_cell(outcome.submission), score, *marks, _cell(outcome.says)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    escaped = html.escape(" ".join(text.split()), quote=False)
    return "".join(f"&#{ord(char)};" if char in r"|`*_[]()\!~#" else char for char in escaped)
