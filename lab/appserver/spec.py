"""What a server process is started with. `lab/child/start.py` reads it there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from lab.appserver import environment


@dataclass(frozen=True)
class Spec:
    """What a server process is started with."""

    folder: str
    app: str | None  # "module:attribute"; None: found as FastAPI's own command does
    channel: tuple[str, int]
    token: str
    log: str
    collect: bool = True  # False: the cyclic garbage collector is off, so that leaks stay
    pool_timeout: float | None = None  # seconds; None: SQLAlchemy's default of 30
    # Handed to the app as DATABASE_URL, and nowhere else: it may hold a password.
    database_url: str | None = field(default=None, repr=False)
    preload: tuple[str, ...] = ()  # modules that this process and the next ones will import
    cwd: str = ""  # where it is started, below the folder; "": in the folder itself
    record_disk: str = ""  # a file for what SQLite asks of the disk; "": not recorded
    volume: str = ""  # the folder that the app is told to keep its data in; "": it is told none
    time_zone: str = ""  # as TZ names one; "": that of the machine
    is_fork: bool = True  # False: of no process, with whose hashes and addresses it would begin
    port: int = 0  # 0: any that is free
    logs_itself: bool = True  # False: the log has what the app prints, and nothing of uvicorn's
    confined: bool = False  # nothing but its own folder to write in; see lab/child/confine.py
    holds_start: bool = False  # it waits before it makes its first table; see lab/child/hold.py
    is_watched: bool = False  # the probe also reports answers, pools, and requests that wait
    command: tuple[str, ...] = ()  # run in place of a server: of Alembic, of pytest, or a script
    docs_files: str = ""  # a folder with the scripts and styles of /docs; "": from their own host

    def shown(self) -> dict[str, Any]:
        """Return the values that a process list may show."""
        return {name: value for name, value in asdict(self).items() if name != "database_url"}

    def environment(self) -> dict[str, str]:
        """Return the environment of the server process."""
        given = {
            environment.DATABASE_URL: self.database_url,
            environment.TODOS_DATA: self.volume,
            environment.TZ: self.time_zone,
        }
        return environment.for_python() | {name: value for name, value in given.items() if value}
