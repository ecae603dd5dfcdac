"""`lab watch`: the last verdict, in place, one line on what happens now, and what the keys do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from math import ceil
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.appserver.launchers import Launcher
from lab.course import catalogue, progress
from lab.model import CheckResult, LabError, NotPossible, Progress, Verdict
from lab.scenario.explanation import Explanation
from lab.terminal import course, errors, history, keys, verdict
from lab.terminal.console import print_json
from lab.terminal.lines import whole
from lab.verify.control import CachedControl
from lab.verify.verdicts import Report, verify
from lab.watch.judging import (
    Event,
    Judged,
    Judging,
    Key,
    Trouble,
    Unchanged,
    Watch,
)
from lab.watch.saves import HalfWritten
from lab.workspace.workspace import Workspace

WAITING = "Waiting until it is whole."
HOLDS = "The last verdict holds."
ENDED = "The watch has ended."
AROUND = 8  # rows of a screen that are not the verdict's: the exercise, the time, the keys


def run(console: Console, workspace: Workspace, launcher: Launcher, asked: str | None) -> None:
    """Watch the workspace and show each verdict, from the asked exercise on, until the key `q`.

    Raises NotPossible for an exercise that is about words, and what Watch.events() does.
    """
    current = Current(workspace, launcher, asked)
    screen = Screen(console, current)
    watching = Watch(workspace.folder, current.judge, screen.fell)
    with watching as watch, keys.pressed(watch.press):
        for event in watch.events():
            screen.show(event)
            if isinstance(event, Key) and event.name in KEYS and screen.act(event.name):
                watch.again()


def follow(workspace: Workspace, launcher: Launcher, asked: str | None, named: Path) -> None:
    """Watch the workspace and print a document of --json a line. No key is read.

    `named` is the workspace in the documents. Raises as run() does.
    """
    with Watch(workspace.folder, Current(workspace, launcher, asked).judge) as watch:
        for event in watch.events():
            match event:
                case Judged(report):
                    document = verdict.as_json(report, named)
                case Trouble(error):
                    document = errors.as_document(error)
                case HalfWritten(file, line, message):
                    half = NotPossible(f"{file}, line {line}: {message}.", WAITING)
                    document = errors.as_document(half)
                case _:
                    continue
            print_json(document, in_one_line=True)


def show_end(console: Console) -> None:
    """Say that the watch is over, unless its terminal is gone."""
    with suppress(OSError):
        console.print(ENDED, style="dim")


class Current:
    """The exercise that is judged now. Each key does one thing; True asks for a new verdict."""

    def __init__(self, workspace: Workspace, launcher: Launcher, asked: str | None) -> None:
        self._workspace = workspace
        self._launcher = launcher
        # What passes on the lab's own solution once does so at the next save.
        self._control = CachedControl(launcher)
        standing = progress.standing(workspace, everything=True)
        # The course first, then what lies beyond it. Words and database servers are for others.
        self._all = [
            place.id
            for place in sorted(standing.places, key=lambda place: place.topic is not None)
            if not place.servers and not isinstance(catalogue.exercise(place.id), Explanation)
        ]
        if asked and asked not in self._all:
            raise NotPossible(
                f"{asked} is about words: there is nothing to watch.", f"`lab explain {asked}`."
            )
        self.id = asked or self._next_open()

    def _next_open(self) -> str:
        open = (
            place.id
            for place in progress.standing(self._workspace).places
            if place.id in self._all and place.state not in progress.DONE
        )
        return next(open, self._all[0])

    def judge(self, progress: Progress) -> Report:
        """Judge it as it is now, under the workspace's lock."""
        with self._workspace.locked("lab watch") as held:
            ids = [self.id]
            return verify(held, ids, ids, self._launcher, progress, control=self._control)

    def show(self, console: Console, report: Report) -> None:
        """Show a verdict, and what helps on after it."""
        verdict.show_report(console, report)
        result = report.exercises[0]
        if verdict.offers_hint(self._workspace, self.id, result.verdict):
            console.print("It has failed a few times in a row. Press `h` for a hint.")
        elif result.verdict is Verdict.PASSED:
            console.print("Press `n` for the next exercise.")

    def hint(self, console: Console) -> bool:
        with self._workspace.locked("lab watch") as held:
            course.show_hint(console, progress.next_hint(held, self.id), again="`h`")
        return False

    def next(self, console: Console, steps: int = 1) -> bool:
        self.id = self._all[(self._all.index(self.id) + steps) % len(self._all)]
        course.show_task(console, progress.exercise(self._workspace, self.id))
        return True

    def back(self, console: Console) -> bool:
        return self.next(console, -1)

    def list(self, console: Console) -> bool:
        course.show_list(console, progress.standing(self._workspace))
        return False

    def diff(self, console: Console) -> bool:
        history.show_diff(console, self._workspace.diff())
        return False

    def undo(self, console: Console) -> bool:
        with self._workspace.locked("lab watch", changes=True) as held:
            history.show_change(console, held.undo(), "Undone")
        return True


KEYS: dict[str, Callable[[Current, Console], bool]] = {
    "h": Current.hint,
    "n": Current.next,
    "p": Current.back,
    "l": Current.list,
    "d": Current.diff,
    "u": Current.undo,
}


class Screen:
    """Redraws a terminal at each event; elsewhere, prints one thing after the other."""

    def __init__(self, console: Console, current: Current) -> None:
        self._console = console
        self._current = current
        named = [f"{key} {do.__name__}" for key, do in KEYS.items()]
        self._help = f"Keys: {', '.join(named)}, q quit" if keys.there() else ""
        self._in_place = console.is_terminal and not console.is_dumb_terminal
        self._notice = Text()  # what a key has printed that asked for a new verdict
        self._body: Callable[[Console], object] = lambda console: None
        self._status = Text()
        self._fallen: list[Text] = []  # the results of the run under way

    def show(self, event: Event) -> None:
        """Show what has happened."""
        match event:
            case Judging(changed):
                self._fallen = []
                if changed:
                    self._notice = Text()
                because = f" {', '.join(changed)}" if changed else ""
                self._put(Text(f"Judging{because} ...", "dim"))
            case Unchanged(saved):
                self._put(Text(f"{', '.join(saved)}: nothing in it has changed. {HOLDS}", "dim"))
            case Judged(report):
                status = Text(f"Judged at {datetime.now():%H:%M:%S}. Waiting for a save.", "dim")
                self._put(status, lambda console: self._show_top(console, report))
            case HalfWritten(file, line, message):
                self._put(Text(f"{file}, line {line}: {message}. {WAITING}"))
            case Trouble(error):
                self._put(_error(error))
            case Key(keys.RESIZED) if self._in_place:
                self._draw()
            case Key():
                pass

    def fell(self, result: CheckResult) -> None:
        """Show the result of a check with those before it, in the place of the last verdict."""
        if self._in_place:
            word = (f"{result.verdict.words:8}", verdict.STYLES[result.verdict])
            self._fallen.append(Text.assemble(word, f"{result.says}."))
            self._body = lambda console: console.print(*self._fallen, sep="\n")
            self._draw()

    def act(self, key: str) -> bool:
        """Show what a key prints, in the place of the verdict; whether to judge anew."""
        again = False
        with self._console.capture() as captured:
            try:
                again = KEYS[key](self._current, self._console)
            except LabError as error:
                self._console.print(_error(error))
        printed = Text.from_ansi(captured.get())
        # What asks for a new verdict stays above it: the verdict comes within a moment.
        if again and self._in_place:
            self._notice = Text.assemble(printed, "\n")
            self._put(Text(), lambda console: None)
        else:
            self._notice = Text()
            self._put(Text(), lambda console: console.print(printed))
        return again

    def _show_top(self, console: Console, report: Report) -> None:
        """Show a verdict; on a screen, as much of it as fits: it begins with what helps most."""
        with console.capture() as captured:
            self._current.show(console, report)
        lines = [Text.from_ansi(line) for line in captured.get().splitlines()]
        rows = [max(1, ceil(line.cell_len / console.width)) for line in lines]
        room = console.height - AROUND if self._in_place else sum(rows)
        if sum(rows) > room:
            fits = sum(taken < room for taken in accumulate(rows))
            lines = [*lines[:fits], Text(f"... all of it: `lab verify {self._current.id}`", "dim")]
        for line in lines:
            whole(console, line)  # what may be wrapped is so by now; the rest is to be copied

    def _put(self, status: Text, body: Callable[[Console], object] | None = None) -> None:
        """Show what happens now and, in the place of the last one, a new body."""
        self._status = status
        self._body = body or self._body
        if self._in_place:
            self._draw()
            return
        if body:
            body(self._console)
        if status:
            self._console.print(status)

    def _draw(self) -> None:
        """Draw the whole screen anew, as wide as it is by now."""
        console = self._console
        console.clear()
        console.print(Text(self._current.id, "bold"))
        console.print()
        if self._notice:
            console.print(self._notice)
        self._body(console)
        console.print()
        if self._status:
            console.print(self._status)
        if self._help:
            console.print(Text(self._help, "dim"))


def _error(error: LabError) -> Text:
    return Text.assemble((error.message, "bold red"), " ", error.remedy)
