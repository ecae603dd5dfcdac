"""A password is never shown and never stored."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil

from lab.dbserver.url import DatabaseURL
from lab.workspace.workspace import Workspace
from tests.support.dbservers import COMMAND, PASSWORD, SQL, drop_user, edit, lab, with_user


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_password_is_never_shown_and_never_stored(
    made: Workspace, server: DatabaseURL, sql: SQL
) -> None:
    url = with_user(server, sql, may_create=True)
    edit(made, "engine = ", 'print(os.environ.get("DATABASE_URL"))\nengine = ')
    main = made.folder / "todos_app" / "main.py"
    raising = '    raise RuntimeError(str(__import__("os").environ["DATABASE_URL"]))\n'
    old = "def list_todos(db: SessionDep) -> Sequence[Todo]:\n"
    main.write_text(main.read_text("utf-8").replace(old, old + raising), "utf-8")
    try:
        for more in ((), ("--json",), ("-v",)):
            arguments = ("verify", "persist", "--database-url", "-", *more)
            seen: list[str] = []
            process = subprocess.Popen(
                [COMMAND, *arguments],
                cwd=made.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert process.stdin and process.stdout
            process.stdin.write(url.secret + "\n")
            process.stdin.close()
            mine = psutil.Process(process.pid)
            while process.poll() is None:
                for each in (*children(mine), mine):
                    seen += command_line(each)
                time.sleep(0.02)
            said = process.stdout.read()
            assert process.returncode == 1, said
            assert "***" in said
            assert PASSWORD not in said
            assert PASSWORD not in " ".join(seen)
        assert PASSWORD.encode() not in everything_in(made.folder)
    finally:
        drop_user(server, sql)


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def test_a_wrong_password_is_told_and_not_repeated(made: Workspace, server: DatabaseURL) -> None:
    scheme, _, rest = server.secret.partition("://")
    url = f"{scheme}://lab_stranger:{PASSWORD}@{rest.rpartition('@')[2]}"
    done = lab("verify", "persist", "--database-url", url, folder=made.folder)
    assert done.returncode == 2, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "user" in done.stderr and "Traceback" not in done.stderr
