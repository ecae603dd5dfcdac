"""What `lab watch` shows: the last verdict, in place, and one line on what happens now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.model import LabError, NotPossible
from lab.terminal import keys
from lab.terminal.verdict import show_report
from lab.verify.verdicts import Report
from lab.verify.watch import Event, HalfWritten, Judged, Judging, Key, Progress, Trouble, Watch

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
    """Watch the folder and show each verdict, until `q`, Ctrl+C or SIGTERM.

    `title` names what is judged at that moment, `after` prints below a verdict. Raises what
    Watch.events() does, but for KeyboardInterrupt: that is how a watch ends.
    """
    try:
        with (
            keys.ended_by_signals(),
            Watch(folder, judge) as watch,
            keys.pressed(watch.press),
        ):
            help = _keys_line(actions) if keys.there() else None
            screen = Screen(console, title, help, after)
            for event in watch.events():
                screen.show(event)
                action = actions.get(event.name) if isinstance(event, Key) else None
                if action and screen.act(action):
                    watch.again()
    except KeyboardInterrupt:
        # Said while it is handled: until then, a Ctrl+C that seems lost comes once more.
        console.print(ENDED, style="dim")
    else:
        console.print(ENDED, style="dim")


def follow(
    folder: Path,
    judge: Callable[[Progress], Report],
    tell: Callable[[Report | LabError], object],
) -> None:
    """Watch the folder and tell each verdict, or what is in its way, until Ctrl+C or SIGTERM.

    No key is read. Raises as run() does.
    """
    with suppress(KeyboardInterrupt), keys.ended_by_signals(), Watch(folder, judge) as watch:
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
        self._notice = Text()  # what a key has printed that asked for a new verdict
        self._in_place = console.is_terminal and not console.is_dumb_terminal
        self._body: Callable[[Console], object] = lambda console: None

    def show(self, event: Event) -> None:
        """Show what has happened."""
        match event:
            case Judging(changed):
                if changed:
                    self._notice = Text()
                because = f" {', '.join(changed)}" if changed else ""
                self._draw(Text(f"Judging{because} ...", "dim"))
            case Judged(report):
                self._put(lambda console: self._verdict(console, report))
                self._draw(Text(f"Judged at {datetime.now():%H:%M:%S}. Waiting for a save.", "dim"))
            case HalfWritten(file, line, message):
                self._draw(Text(f"{file}, line {line}: {message}. {WAITING}"))
            case Trouble(error):
                self._draw(_error(error))
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
        self._notice = Text.assemble(printed, "\n") if again else Text()
        self._body = lambda console: None
        if self._in_place:
            self._console.clear()
            self._head()
        if not (again and self._in_place):
            self._console.print(printed)
        self._foot(Text())
        return again

    def _verdict(self, console: Console, report: Report) -> None:
        show_report(console, report, first_only=self._in_place)
        self._after(console, report)

    def _put(self, body: Callable[[Console], object]) -> None:
        self._body = body
        if not self._in_place:
            body(self._console)

    def _draw(self, status: Text) -> None:
        if not self._in_place:
            self._console.print(status)
            return
        self._console.clear()
        self._head()
        self._body(self._console)
        self._foot(status)

    def _head(self) -> None:
        self._console.print(Text(self._title(), "bold"))
        self._console.print()
        if self._notice:
            self._console.print(self._notice)

    def _foot(self, status: Text) -> None:
        if self._in_place:
            self._console.print()
        if status:
            self._console.print(status)
        if self._in_place and self._help:
            self._console.print(Text(self._help, "dim"))


def _keys_line(actions: Mapping[str, Action]) -> str:
    said = [f"{key} {action.says}" for key, action in actions.items()]
    return "Keys: " + ", ".join([*said, f"{QUIT} quit"])


def _error(error: LabError) -> Text:
    return Text.assemble((error.message, "bold red"), " ", error.remedy)
