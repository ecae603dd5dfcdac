"""What an answer that is no 2xx means, and where to look."""

from __future__ import annotations

from lab.known_errors import meaning
from lab.model import Crash, Exchange

BY_STATUS = {
    404: "There is no such route, or what its path names was not found. Are both spelled right?",
    405: "The path exists, but not for this method.",
}
PLACES = {"query": "in the query", "body": "in the body", "path": "in the path"}


def explain(answer: Exchange, refused: Crash | None = None, *, in_memory: bool = False) -> str:
    """Return what an answer that is no 2xx means and where to look, from the error that was seen.

    `refused` is what the database refused meanwhile, also where the app has caught it;
    `in_memory` whether it is in no file.
    """
    crash = answer.crash or (refused if answer.status >= 400 else None)
    if crash:
        return meaning(crash, in_memory=in_memory) or raised(
            crash, "endpoint" if answer.crash else "database"
        )
    if answer.status == 422:
        return unfit(answer)
    if answer.status in BY_STATUS:
        return BY_STATUS[answer.status]
    return f"The app itself answers {answer.status}, and a 2xx was to come. Which line does so?"


def raised(crash: Crash, by: str) -> str:
    """Where an error came from, for one that has no explanation."""
    line = f" at {crash.frame.file}, line {crash.frame.line}" if crash.frame else ""
    return f"The {by} raised {crash.kind}{line}. The server's log has it whole."


def unfit(answer: Exchange) -> str:
    """Return what FastAPI found wrong with a request, from its own answer."""
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    first = detail[0] if isinstance(detail, list) and detail else None
    if not isinstance(first, dict) or not isinstance(first.get("loc"), list) or not first["loc"]:
        return "The request was refused with 422: its answer says why."
    place, *names = map(str, first["loc"])
    name = ".".join(names) or "the whole"
    return (
        f"FastAPI refused the request: {name} {PLACES.get(place, place)}: {first.get('msg')}. "
        "What does the code ask for there, and what does the task?"
    )
