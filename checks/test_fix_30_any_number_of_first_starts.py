"""fix-30: any number of processes may be the first to start in a folder without a database."""

from contextlib import suppress

from lab.model import AppFailed, CheckFailed
from lab.verify.experiments.two_starts import begun_at_once, must_serve, must_share
from lab.verify.todos import Todos, seen
from lab.workspace import databases

TRIES_SECONDS = 5.0  # of a start that cannot succeed: it may try again, and again


def test_both_serve(fresh: Todos) -> None:
    """Two processes that start at once both serve, where the second is the quicker one."""
    with begun_at_once(fresh) as starts:
        must_serve(starts)
        must_share(starts)


def test_both_serve_in_the_other_order(fresh: Todos) -> None:
    """Two processes that start at once both serve, where the first is the quicker one."""
    with begun_at_once(fresh, holds_both=True) as starts:
        must_serve(starts)
        must_share(starts)


def test_who_serves_has_its_tables(fresh: Todos) -> None:
    """A process that serves while another one starts makes todos, and they stay."""
    with begun_at_once(fresh) as starts:
        if starts.came != "serving":
            must_serve(starts)
        else:
            starts.second.start()
            made = Todos(starts.second).create("made while another one starts")
            with suppress(AppFailed):  # whether it starts is for the others to say
                starts.first.start()
            help = "What does a start do to a table that it has not made itself?"
            Todos(starts.second).must_have(made, "once the other process has started", help)


def test_both_keep_what_is_there(fresh: Todos) -> None:
    """Two processes that start at once on a database keep what is in it."""
    fresh.server.start()
    made = fresh.create("made before two start at once")
    fresh.server.stop()
    with begun_at_once(fresh) as starts:
        must_serve(starts)
        for server in (starts.first, starts.second):
            help = "What does a start do where the tables are there already?"
            Todos(server).must_have(made, "after two starts at once, in both processes", help)


def test_a_killed_start_keeps_nobody(fresh: Todos) -> None:
    """After a process was killed while it made its tables, the next one starts, and serves."""
    fresh.server.begin(holds=True)
    fresh.server.comes_to(TRIES_SECONDS)
    fresh.server.kill()
    fresh.server.start()
    fresh.create("made after another process was killed in its start")


def test_no_service_without_tables(fresh: Todos) -> None:
    """Where a start could not open the database, nobody serves without its tables afterwards."""
    fresh.server.start()
    fresh.create("made before the file was deleted")
    files = [path for path in fresh.server.databases() if path.exists()]
    if not files:
        raise CheckFailed(
            expected="todos in a database file, such as todos.db",
            actual="the app has opened no database file",
            help="Two processes share a file, and not what one of them has in memory.",
        )
    fresh.server.kill()
    # A file is there, and what SQLite needs beside it is none: nobody can write to it.
    journals = [path.with_name(f"{path.name}-journal") for path in files]
    for path, journal in zip(files, journals, strict=True):
        databases.remove(path, fresh.server.folder)
        path.touch()
        journal.mkdir()
    fresh.server.begin()
    if fresh.server.comes_to(TRIES_SECONDS) != "serving":
        fresh.server.kill()
    for path, journal in zip(files, journals, strict=True):
        journal.rmdir()
        if path.is_file() and not path.stat().st_size:
            path.unlink()
    fresh.server.start()
    answer = fresh.server.post("/todos", {"title": "made once the database can be opened"})
    if not answer.ok:
        raise CheckFailed(
            expected="a process that serves makes todos once its database can be opened again",
            actual=seen(answer),
            help="The start has met an error, and the process serves all the same. Which error did "
            "it take for the one that does no harm?",
        )
