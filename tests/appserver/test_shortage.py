"""A machine that allows few open files: what it refuses to the lab is no failure of an app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import LAB

resource = pytest.importorskip("resource")
AT_ONCE = """
import resource, socket
from lab.appserver.client import Client
from lab.model import LabError
listening = socket.create_server(("127.0.0.1", 0))
client = Client(listening.getsockname()[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
try:
    client.at_once([("GET", "/todos", None)] * 60, 5.0)
except LabError as error:
    print(error.message)
"""
LIMIT = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.execv(sys.executable, sys.argv[1:])
"""


def test_where_the_lab_can_open_no_more_connections_it_says_so_of_this_machine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "This machine lets the lab open no more connections at one instant.\n"


@pytest.mark.long
def test_a_crowd_is_judged_right_where_a_shell_allows_few_open_files(tmp_path: Path) -> None:
    folder = str(tmp_path / "todos")
    subprocess.run([*LAB, "init", folder], capture_output=True, timeout=60, check=True)
    judged = [*LAB, "verify", "fix-32", "-w", folder, "--app", "todos_app.main:app"]
    done = subprocess.run(
        [sys.executable, "-c", LIMIT, *judged],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
