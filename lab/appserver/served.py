"""A learner's own folder, served on a port for as long as they like."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab.appserver import failures
from lab.appserver.bounds import LOG_BYTES
from lab.appserver.launchers import Launcher
from lab.appserver.probe_events import Event
from lab.appserver.process import ServerProcess, is_outside
from lab.appserver.spec import Spec
from lab.model import AppFailed

END_SECONDS = 0.4  # for open requests and the app's own end, when it is stopped


class Served(ServerProcess):
    """The app in a folder that is not a copy; what it prints goes into a file elsewhere."""

    def __init__(
        self, folder: Path, launcher: Launcher, app: str | None, *, port: int, log: Path
    ) -> None:
        super().__init__(folder, launcher, app)
        self.port = port
        self.log.path = log
        self.docs_files = docs_files()
        self.is_watched = False  # by somebody who wants to see more than requests and answers
        self._opened: dict[str, None] = {}  # databases, in that order
        self._read = 0  # bytes of the log
        self._line = b""

    def __exit__(self, *_: object) -> None:
        self.end()
        self.log.remove()

    def start(self) -> None:
        """Start a process and return when it serves, on the same port each time."""
        super().start()
        self.port = self._port

    def end(self) -> None:
        """Stop the process, where one runs; kill it where that takes long."""
        if self.running:
            self.stop(END_SECONDS)

    def spec(self, channel: tuple[str, int] = ("", 0), token: str = "") -> Spec:
        return replace(
            super().spec(channel, token),
            port=self.port,
            logs_itself=False,
            is_watched=self.is_watched,
            docs_files=str(self.docs_files or ""),
        )

    def take(self, seconds: float) -> list[Event]:
        """Give away what the probe has reported since the last time, waited for up to `seconds`."""
        taken = self.events.take(seconds)
        self._remember(taken)
        return taken

    def databases(self) -> list[str]:
        """Return the SQLite files that the app has opened so far, relative to its folder."""
        if self.running:
            self._remember(self.events.all("database"))
        return list(self._opened)

    def _remember(self, events: list[Event]) -> None:
        self._opened.update((event["path"], None) for event in events if _is_opened(event))

    @property
    def documents(self) -> Sequence[Sequence[str]]:
        """Where the app and those in it are mounted, and the path of each one's document."""
        return self._documents

    def printed(self) -> list[str]:
        """Return the lines that the app has printed since the last time."""
        if not self.log.path.exists():
            return []
        with self.log.path.open("r+b") as file:
            file.seek(self._read)
            data = file.read(LOG_BYTES)
            self._read += len(data)
            if not data and self._read > LOG_BYTES:
                file.truncate(0)  # the app appends to it, and so goes on at its start
                self._read = 0
        *lines, self._line = (self._line + data).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def ended(self, said: list[Event]) -> AppFailed:
        """Clean up after a process that ended by itself; say why. `said` it has last."""
        refused = failures.refused(self.events)
        code = self._process.wait(1.0) if self._process else None
        self.kill()
        if refused:
            return refused
        for event in said:
            if is_outside(event):
                return failures.outside(event)
        how = f" ({failures.exit_words(code)})" if code is not None else ""
        return AppFailed(
            f"The server has ended by itself{how}.",
            "Look for something in the last request that ends the process.",
        )


def _is_opened(event: Event) -> bool:
    return event["event"] == "database" and not is_outside(event)


def docs_files() -> Path | None:
    """Return the folder with the files of /docs; None where no package has brought them."""
    found = importlib.util.find_spec("fastapi_offline")
    places = found.submodule_search_locations if found else None
    folder = Path(places[0]) / "static" if places else None
    return folder if folder and (folder / "swagger-ui-bundle.js").is_file() else None
