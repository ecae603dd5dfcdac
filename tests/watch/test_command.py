"""`lab watch` on a terminal, keys and all, and without one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import termios
from collections.abc import Iterator

import pexpect
import psutil
import pytest

from lab.workspace.workspace import Workspace
from tests.support.terminal import LAB
from tests.support.watch import FILTERED, LIST


@pytest.fixture
def terminal(made: Workspace) -> Iterator[pexpect.spawn]:
    """The watch on a terminal of 80 columns."""
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "80"}
    child = pexpect.spawn(
        str(LAB),
        ["watch", "alter-2"],
        cwd=str(made.folder),
        env=environment,
        dimensions=(40, 80),
        encoding="utf-8",
        timeout=60,
    )
    yield child
    child.close(force=True)


def see(child: pexpect.spawn, text: str) -> None:
    """Wait until the words stand on the screen, whatever their style."""
    child.expect(r"(?:\x1b\[[\d;]*m|\s)+".join(map(re.escape, text.split())))


def modes(child: pexpect.spawn) -> int:
    """Whether the terminal echoes, and waits for whole lines."""
    return int(termios.tcgetattr(child.child_fd)[3]) & (termios.ECHO | termios.ICANON)


def family(child: pexpect.spawn) -> list[psutil.Process]:
    process = psutil.Process(child.pid)
    return [process, *process.children(recursive=True)]


def test_keys_act_in_place_and_q_leaves_the_terminal_as_it_was(
    terminal: pexpect.spawn, made: Workspace
) -> None:
    before = modes(terminal)
    see(terminal, "alter-2 failed")
    see(terminal, "Keys: h hint, n next, p back, l list, d diff, u undo, q quit")
    assert modes(terminal) == 0
    terminal.send("\x1b[A")  # an arrow is no key of ours
    terminal.send("h")
    see(terminal, "alter-2 hint 1 of 3")
    terminal.send("u")
    see(terminal, "There is nothing to undo: the lab has changed nothing here.")
    main = made.folder / "todos_app" / "main.py"
    text = main.read_text()
    main.write_text(text + "def half(:\n")
    see(terminal, "invalid syntax. Waiting until it is whole.")
    main.write_text(text.replace(LIST, FILTERED))
    see(terminal, "alter-2 passed")
    see(terminal, "Judged at ")
    terminal.send("n")
    see(terminal, "alter-3 failed")
    terminal.send("p")
    see(terminal, "alter-2 passed")
    processes = family(terminal)
    terminal.send("q")
    see(terminal, "The watch has ended")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0
    assert modes(terminal) == before
    assert psutil.wait_procs(processes, timeout=60)[1] == []


@pytest.mark.parametrize("how", ["Ctrl+C", "SIGTERM"])
@pytest.mark.parametrize("when", ["Judging", pytest.param("Judged at", marks=pytest.mark.long)])
def test_ctrl_c_and_sigterm_restore_the_terminal_and_leave_no_process(
    terminal: pexpect.spawn, how: str, when: str
) -> None:
    before = modes(terminal)
    see(terminal, when)
    see(terminal, "Keys: ")
    processes = family(terminal)
    if how == "Ctrl+C":
        terminal.sendintr()
    else:
        terminal.kill(signal.SIGTERM)
    see(terminal, "The watch has ended")
    terminal.expect(pexpect.EOF)
    rest = terminal.before
    terminal.wait()
    assert (terminal.exitstatus, terminal.signalstatus) == (0, None), rest
    assert modes(terminal) == before
    assert psutil.wait_procs(processes, timeout=60)[1] == []


def test_without_a_terminal_it_prints_plain_lines_and_ends_on_sigterm(made: Workspace) -> None:
    with subprocess.Popen(
        [LAB, "watch", "alter-2"],
        cwd=made.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Judged at" in line:
                break
        process.terminate()
        rest, errors = process.communicate(timeout=60)
    said = "".join(lines) + rest
    assert process.returncode == 0, errors
    assert errors == ""
    assert said.startswith("Judging ...\n")
    assert "Keys:" not in said
    assert "\x1b" not in said
    assert said.endswith("The watch has ended.\n")
