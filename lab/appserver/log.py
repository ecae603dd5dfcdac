"""What a server printed."""

from __future__ import annotations

import os
from pathlib import Path

from lab.appserver.bounds import LOG_BYTES
from lab.dbserver.url import DatabaseURL


class Log:
    """The file that processes in a folder print into: beside it, where no other is named."""

    def __init__(
        self, folder: Path, database_url: DatabaseURL | None = None, path: Path | None = None
    ) -> None:
        self.path = path or folder.with_name(folder.name + ".log")
        self._prefixes = {f"{folder}/", f"{folder.resolve()}/"}
        self._database_url = database_url

    def size(self) -> int:
        """How many bytes there are by now."""
        return self.path.stat().st_size if self.path.exists() else 0

    def text(self, since: int = 0) -> str:
        """Return what was printed from byte `since` on, paths relative to the learner's folder."""
        try:
            with self.path.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(since, end - LOG_BYTES))
                text = file.read(LOG_BYTES).decode(errors="replace")
        except FileNotFoundError:
            return ""
        for prefix in self._prefixes:
            text = text.replace(prefix, "")
        return self._database_url.hide(text) if self._database_url else text

    def remove(self) -> None:
        """Delete the file, which may be as large as the app could make it."""
        self.path.unlink(missing_ok=True)
