"""Databases that the lab makes on a server: its own alone, and none is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from lab.dbserver.provider import NAME, ServerDatabases
from lab.dbserver.url import DatabaseURL
from lab.model import LabError
from lab.workspace.workspace import Workspace
from tests.support.dbservers import (
    PASSWORD,
    SQL,
    connected_users,
    drop_user,
    made_by_the_lab,
    with_user,
)


def start_providing(url: DatabaseURL) -> subprocess.Popen[str]:
    program = (
        "import os, sys; from lab.dbserver.provider import ServerDatabases\n"
        "from lab.dbserver.url import parse\n"
        "with ServerDatabases(parse(os.environ['URL'])) as provider:\n"
        "    print(provider.create().url.name, flush=True); sys.stdin.read()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "URL": url.secret},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_next_run_drops_what_a_killed_one_left(server: DatabaseURL) -> None:
    process = start_providing(server)
    assert process.stdout
    name = process.stdout.readline().strip()
    with ServerDatabases(server):
        assert name in made_by_the_lab(server), "its owner lives"
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while name in made_by_the_lab(server) and time.monotonic() < deadline:
        with ServerDatabases(server):  # the database server needs a moment to notice
            pass
    assert name not in made_by_the_lab(server)


def test_ctrl_c_leaves_no_database_behind(made: Workspace, server: DatabaseURL) -> None:
    # The lab, saying on stderr what it makes: the server has the databases of other runs too.
    program = (
        "import signal, sys; from lab.cli import main\n"
        "from lab.dbserver.provider import TemporaryDatabase\n"
        # A shell's background jobs, and so these tests in one, are started without Ctrl+C.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "make = TemporaryDatabase.make\n"
        "def told(database):\n"
        "    make(database); print(database.url.name, file=sys.stderr, flush=True)\n"
        "TemporaryDatabase.make = told; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "verify", "persist", "--database-url", server.secret],
        cwd=made.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    first = process.stderr.readline().strip()
    assert first in made_by_the_lab(server)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert not made_by_the_lab(server) & set(NAME.findall(first + rest))
    assert process.returncode == 130, first + rest


def test_no_other_database_is_touched(server: DatabaseURL, sql: SQL) -> None:
    run = f"{os.getpid():06d}"[-6:]  # for runs beside this one
    near = (f"lab_results_{run}", f"lab_20261120_{run}", f"lab_20261120_{run}_1a2b3c4d5e6fx")
    try:
        for name in near:
            sql(server, f"CREATE DATABASE {name}")
        with ServerDatabases(server) as provider:
            provider.create()
        for name in near:
            sql(server.to(name), "SELECT 1")
    finally:
        for name in near:
            sql(server, f"DROP DATABASE IF EXISTS {name}")


def test_a_user_who_may_not_create_databases_is_told(server: DatabaseURL, sql: SQL) -> None:
    limited = with_user(server, sql)
    try:
        with pytest.raises(LabError) as caught, ServerDatabases(limited):
            pass
        assert caught.value.exit_code == 3
        assert "may not" in caught.value.message
        assert PASSWORD not in caught.value.message + caught.value.remedy
        deadline = time.monotonic() + 5
        while connected_users(server, sql) and time.monotonic() < deadline:
            time.sleep(0.05)  # the database server needs a moment to notice
        assert not connected_users(server, sql), "what was opened for nothing is closed"
    finally:
        drop_user(server, sql)
