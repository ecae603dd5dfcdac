"""A backup that the learner's script makes while their API runs, and the API on that backup."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event

from lab.answers import Todo
from lab.appserver.at_once import threads
from lab.appserver.commands import Ran, run_script
from lab.appserver.locked import opened
from lab.appserver.tables import table_of
from lab.model import CheckFailed, Evidence, NotApplicable
from lab.verify.evidence import words
from lab.verify.todos import Todos, kept, seen
from lab.workspace import databases, files

SCRIPT = "backup.py"
READ_SECONDS = 8.0  # more than the 5 s that SQLite waits for a lock, and then goes on without it
WRITE_SECONDS = 3.0  # less than those: who waits gets through
PAGES = 64  # of a transaction, far more than a cache of one page holds back from the file


class Backups:
    """Backups of the database that a running API keeps its todos in.

    Raises NotApplicable where that is no file.
    """

    def __init__(self, todos: Todos) -> None:
        found = table_of(todos.server)
        if not found:
            raise NotApplicable("a database file to back up", f"{todos.server.resource}")
        self._todos = todos
        self._database, self._table = found

    def run(self, file: str, begun: Callable[[], object] = lambda: None) -> Ran:
        """Run the script. Raises CheckFailed where there is none, or where it does not end."""
        server = self._todos.server
        began = time.monotonic()
        ran = run_script(server.launcher, server.folder, SCRIPT, file, begun=begun)
        server.give(time.monotonic() - began)
        if not (server.folder / SCRIPT).is_file():
            raise self._failed(ran, ran.output, "Write it, in the folder that has your app in it.")
        if ran.code is None:
            raise self._failed(ran, "it does not end", "Which call waits, and for whom?")
        return ran

    def make(self, file: str) -> None:
        """Have a backup made. Raises CheckFailed where the script says otherwise, or makes none."""
        self._must_be_made(self.run(file), file)

    def make_beside(self, held: ExitStack, seconds: float, file: str) -> None:
        """Have a backup made beside what holds the database, for so long from its beginning."""
        begun = Event()
        with threads(1) as pool:
            running = pool.submit(self.run, file, begun.set)
            running.add_done_callback(lambda _: begun.set())  # where it could not begin
            begun.wait()
            wait([running], seconds)
            held.close()
            self._must_be_made(running.result(), file)

    def restore(self, file: str) -> None:
        """Kill the API, put a backup in the place of its database, and start the API again.

        Raises CheckFailed where SQLite finds the backup damaged.
        """
        server = self._todos.server
        server.kill()
        content = files.read(server.folder / file, server.folder, databases.LARGEST)
        databases.replace(self._database, content, root=server.folder)
        if damage := _damage(self._database):
            raise CheckFailed(
                expected=f"{file} is a database that SQLite finds whole",
                actual=damage,
                help="Parts of it are from different moments, or missing. Who has written while "
                "the script read?",
            )
        server.start()

    def must_have(self, listed: list[Todo], file: str) -> None:
        """Restore a backup, and raise CheckFailed where the API lists other todos than these.

        So it does where the API on the backup makes no new todo.
        """
        self.restore(file)
        found = {todo["id"]: todo for todo in self._todos.all()}
        for todo in listed:
            now = found.pop(todo["id"], None)
            if now is None or kept(now) != kept(todo):
                raise CheckFailed(
                    expected=f"with {file} in the place of the database, {kept(todo)} is listed",
                    actual=f"it is {kept(now)}" if now else "there is no such todo",
                    help="It was answered before the script was run. In which file was it then, "
                    "and what did the script read?",
                )
        for todo in found.values():
            raise CheckFailed(
                expected=f"with {file} in the place of the database, the todos of one moment alone",
                actual=f"{kept(todo)} is listed",
                help="It was deleted before, or made later. From when is this backup, and is all "
                "of it from then?",
            )
        answer = self._todos.server.post("/todos", {"title": "made on the backup"})
        if not answer.ok:
            raise CheckFailed(
                expected=f"with {file} in the place of the database, a todo is made",
                actual=seen(answer),
                help="Its rows are there. What else does a table have that new rows need? "
                "`.schema` of both files tells.",
            )

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Read the database as it is now, until the end of the block, while others write to it.

        Without a write-ahead log nobody could write meanwhile, so nobody reads.
        """
        with opened(self._database) as database:
            if databases.has_log(self._database.read_bytes()):
                database.execute("BEGIN")
                database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Delete every todo in a transaction that is taken back at the end of the block.

        It is larger than its cache, so that a part of it is in the files already.
        """
        with opened(self._database) as database:
            database.execute("PRAGMA cache_size = 1")
            database.execute("BEGIN IMMEDIATE")
            database.execute(f"DELETE FROM {databases.quoted(self._table)}")
            database.execute("CREATE TABLE lab_filler (page BLOB)")
            database.executemany("INSERT INTO lab_filler VALUES (zeroblob(?))", [(4000,)] * PAGES)
            yield

    def _must_be_made(self, ran: Ran, file: str) -> None:
        if ran.code != 0:
            raise self._failed(
                ran,
                f"it ends with exit code {ran.code}",
                "Run it by hand, in your folder, while `lab serve` runs: what does it say?",
            )
        backup = self._todos.server.folder / file
        if backup.is_symlink() or not backup.is_file():
            raise self._failed(
                ran, f"there is no file {file}", "Which name does the script give to the backup?"
            )

    def _failed(self, ran: Ran, actual: str, help: str) -> CheckFailed:
        shown = Evidence(curl=ran.command, log=words(ran.output, self._todos.server.folder) or None)
        return CheckFailed(
            f"`{ran.command}` makes a backup, and ends with exit code 0", actual, help, shown
        )


def _damage(database: Path) -> str:
    """Return what SQLite finds wrong with a database; "" where it is whole."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == "ok" else str(said)
