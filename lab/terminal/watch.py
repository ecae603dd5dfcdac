"""What `lab watch` shows: the last verdict, in place, and one line on what happens now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.model import LabError, NotPossible, Progress
from lab.terminal import keys
from lab.terminal.verdict import show_report
from lab.verify.verdicts import Report
from lab.verify.watch import Event, HalfWritten, Judged, Judging, Key, Trouble, Watch

QUIT = "q"
WAITING = "Waiting until it is whole."
ENDED = "The watch has ended."


@dataclass(frozen=True)
class Action:
    """What a key does. `do` prints to the console; True where the judge should look again."""

    says: str
    do: Callable[[Console], bool]


def run(
    console: Console,
    folder: Path,
    judge: Callable[[Progress], Report],
    title: Callable[[], str],
    actions: Mapping[str, Action],
    after: Callable[[Console, Report], object] = lambda console, report: None,
) -> None:
    """Watch the folder and show each verdict, until `q`.

    `title` names what is judged at that moment, `after` prints below a verdict. Raises what
    Watch.events() does.
    """
    with Watch(folder, judge) as watch, keys.pressed(watch.press):
        help = _keys_line(actions) if keys.there() else None
        screen = Screen(console, title, help, after)
        for event in watch.events():
            screen.show(event)
            action = actions.get(event.name) if isinstance(event, Key) else None
            if action and screen.act(action):
                watch.again()


def show_end(console: Console) -> None:
    """Say that the watch is over, unless its terminal is gone."""
    with suppress(OSError):
        console.print(ENDED, style="dim")


def follow(
    folder: Path,
    judge: Callable[[Progress], Report],
    tell: Callable[[Report | LabError], object],
) -> None:
    """Watch the folder and tell each verdict, or what is in its way. No key is read.

    Raises as run() does.
    """
    with Watch(folder, judge) as watch:
        for event in watch.events():
            match event:
                case Judged(report):
                    tell(report)
                case Trouble(error):
                    tell(error)
                case HalfWritten(file, line, message):
                    tell(NotPossible(f"{file}, line {line}: {message}.", WAITING))


class Screen:
    """Redraws a terminal at each event; elsewhere, prints one thing after the other."""

    def __init__(
        self,
        console: Console,
        title: Callable[[], str],
        help: str | None,
        after: Callable[[Console, Report], object],
    ) -> None:
        self._console = console
        self._title = title
        self._help = help
        self._after = after
        self._in_place = console.is_terminal and not console.is_dumb_terminal
        self._notice = Text()  # what a key has printed that asked for a new verdict
        self._body: Callable[[Console], object] = lambda console: None
        self._status = Text()

    def show(self, event: Event) -> None:
        """Show what has happened."""
        match event:
            case Judging(changed):
                if changed:
                    self._notice = Text()
                because = f" {', '.join(changed)}" if changed else ""
                self._put(Text(f"Judging{because} ...", "dim"))
            case Judged(report):
                status = Text(f"Judged at {datetime.now():%H:%M:%S}. Waiting for a save.", "dim")
                self._put(status, lambda console: self._verdict(console, report))
            case HalfWritten(file, line, message):
                self._put(Text(f"{file}, line {line}: {message}. {WAITING}"))
            case Trouble(error):
                self._put(_error(error))
            case Key(keys.RESIZED) if self._in_place:
                self._draw()
            case Key():
                pass

    def act(self, action: Action) -> bool:
        """Show what an action prints, in the place of the verdict; what it returns."""
        again = False
        with self._console.capture() as captured:
            try:
                again = action.do(self._console)
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

    def _verdict(self, console: Console, report: Report) -> None:
        show_report(console, report)
        self._after(console, report)

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
        console.print(Text(self._title(), "bold"))
        console.print()
        if self._notice:
            console.print(self._notice)
        self._body(console)
        console.print()
        if self._status:
            console.print(self._status)
        if self._help:
            console.print(Text(self._help, "dim"))


def _keys_line(actions: Mapping[str, Action]) -> str:
    said = [f"{key} {action.says}" for key, action in actions.items()]
    return "Keys: " + ", ".join([*said, f"{QUIT} quit"])


def _error(error: LabError) -> Text:
    return Text.assemble((error.message, "bold red"), " ", error.remedy)
