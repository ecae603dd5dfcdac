"""What else an app offers for one todo, besides what the exercises name: it has to last as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.answers import Todo
from lab.model import CheckFailed, NoAnswer
from lab.verify.experiments.titles import in_letters
from lab.verify.todos import Todos

CREATED = 201
MOST = 8  # requests: an app may have any number


@dataclass(frozen=True)
class Done:
    """What a request has done with a todo, and where that is seen: in a todo, or at a path."""

    asked: str
    todo: Todo
    path: str | None
    before: Any
    after: Any

    def now(self, todos: Todos) -> Any:
        """Return what is there now; None where nothing is, and where no answer ends."""
        try:
            return todos.server.get(self.path).json if self.path else todos.find(self.todo)
        except NoAnswer:  # as of a stream of events
            todos.server.restart(kill=True)
            return None

    def undone(self, now: Any) -> str | None:
        """Return in words what is again as it was before the request; None where nothing is."""
        if all(isinstance(each, dict) for each in (now, self.before, self.after)):
            changed = [n for n, value in self.after.items() if self.before.get(n) != value]
            back = [n for n in changed if n in now and now[n] == self.before.get(n)]
            return f"{back[0]} = {now[back[0]]!r}" if back else None
        return str(now) if now == self.before != self.after else None


def do_the_rest(todos: Todos) -> list[Done]:
    """Send what else may be asked for about one todo, each about one of its own.

    What is refused, shows nothing, or is answered too late is nothing to look at. Raises
    CheckFailed where something was created, and GET has nothing at the same path; and where a todo
    was answered as changed, and GET has it as before.
    """
    done = []
    rest = todos.offered.further[:MOST]
    for number, ((method, path, body), listed) in enumerate(rest):
        new = todos.server.post("/todos", {"title": f"For another request {in_letters(number)}"})
        if not new.ok:  # an app may take only so many
            break
        made = todos.made(new)
        own, place = (each and each.replace("{id}", str(made["id"])) for each in (path, listed))
        seen_at = Done(f"{method} {own}", made, place, None, None)
        before = seen_at.now(todos)
        try:
            answer = todos.server.request(method, str(own), body)
        except NoAnswer:
            todos.server.restart(kill=True)
            break
        if not answer.ok:
            continue
        after = seen_at.now(todos)
        name = path.rpartition("/")[2]  # under which a todo may show what is made there
        lists = [each.get(name) if isinstance(each, dict) else each for each in (before, after)]
        if answer.status == CREATED and lists == [[], []]:
            shown_at = place or f"/todos/{made['id']}"
            raise CheckFailed(
                expected=f"GET {shown_at} has what {seen_at.asked} was answered 201 for",
                actual=str(todos.server.exchanges[-1]),
                help="It was answered 2xx. Was it made final in the database, before the answer?",
            )
        _must_show(seen_at.asked, _sent(path, body), todos.told(answer), before, after)
        done.append(replace(seen_at, before=before, after=after))
    return done


def _sent(path: str, body: Any) -> dict[str, Any]:
    """Return what a request has in its query and its body."""
    return {**dict(parse_qsl(urlsplit(path).query)), **(body if isinstance(body, dict) else {})}


def _must_show(
    asked: str, sent: dict[str, Any], told: Todo | None, before: Any, after: Any
) -> None:
    """Raise CheckFailed where a change is in the answer, and not in what GET shows after it."""
    if not told or not isinstance(before, dict) or not isinstance(after, dict):
        return
    if told.get("id") != after.get("id"):
        return  # another todo, such as a copy
    for name in sorted(told.keys() & before.keys() & after.keys()):
        # Other values may be written otherwise here and there, such as a moment.
        written_alike = name == "title" or isinstance(told[name], bool)
        written_alike |= name in sent and told[name] == sent[name]
        if written_alike and told[name] != before[name] == after[name]:
            raise CheckFailed(
                expected=f"{name} = {told[name]!r}, as {asked} has answered",
                actual=f"{name} = {after[name]!r} in what GET shows, as before that request",
                help="It was answered 2xx. Was it made final in the database, before the answer?",
            )


def still_done(todos: Todos, done: list[Done]) -> None:
    """Raise CheckFailed where a start has undone what a request did, and was seen to have done."""
    for each in done:
        if back := each.undone(each.now(todos)):
            raise CheckFailed(
                expected=f"after a stop and a start, what {each.asked} has done: {each.after}",
                actual=f"{back}, as before that request: {todos.server.exchanges[-1]}",
                help="It was answered 2xx, and GET has shown it. Where was it kept until the stop: "
                "in the database, or in the process alone? Or does a start change it?",
            )
