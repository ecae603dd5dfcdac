"""A confined process reaches nothing of its user's by what Landlock does not hold."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from lab.child import seccomp
from lab.child.confine import landlock_version

# Landlock as it is today, and as older systems have it: files alone, and TCP without signals.
VERSIONS = [1, 2, 4, 7]
TRIES = """
import fcntl, json, os, resource, shutil, signal, socket, struct, sys
from pathlib import Path
from lab.child import confine
given = json.loads(sys.argv[1])
confine.landlock_version = lambda: given["version"]
confine.confine(Path(given["own"]))
MPTCP, FAST_OPEN = 262, 0x20000000
address, file, pid = ("127.0.0.1", given["port"]), given["file"], given["pid"]
datagram = ("127.0.0.1", given["datagram"])
ways = {
    "TCP": lambda: socket.create_connection(address),
    "MPTCP": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP).connect(address),
    "fast open": lambda: socket.socket().sendto(b"x", FAST_OPEN, address),
    "fast open by a message": lambda: socket.socket().sendmsg([b"x"], [], FAST_OPEN, address),
    "UDP": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", datagram),
    "a socket in a folder": lambda: socket.socket(socket.AF_UNIX).connect(given["unix"]),
    "one of a pair": lambda: socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(
        b"x", given["unix datagram"]
    ),
    "kill": lambda: os.kill(pid, 0),
    "kill by a handle": lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0),
    "limits": lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
    "priority of a group": lambda: os.setpriority(os.PRIO_PGRP, given["group"], 19),
    "processors": lambda: os.sched_setaffinity(pid, {0}),
    "scheduler": lambda: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)),
    "truncate": lambda: os.truncate(file, 0),
}
F_SETSIG, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP = 10, 15, 0x8901, 0x8902
signals_of = {
    "F_SETOWN": lambda end: fcntl.fcntl(end, fcntl.F_SETOWN, pid),
    "F_SETOWN_EX": lambda end: fcntl.fcntl(end, F_SETOWN_EX, struct.pack("ii", 1, pid)),
    "FIOSETOWN": lambda end: fcntl.ioctl(end, FIOSETOWN, struct.pack("i", pid)),
    "SIOCSPGRP": lambda end: fcntl.ioctl(end, SIOCSPGRP, struct.pack("i", pid)),
}
for own in signals_of.values():
    # The one that is told when something can be read: newer systems take it, and tell nobody.
    end, other = socket.socketpair()
    try:
        own(end)
        fcntl.fcntl(end, F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(end, fcntl.F_SETFL, os.O_ASYNC)
        other.send(b"x")
    except OSError:
        pass
done = []
for name, way in ways.items():
    try:
        way()
    except OSError:
        continue
    done.append(name)
# These do nothing, and say that all is well.
os.chmod(file, 0)
os.utime(file, (0, 0))
os.setxattr(file, "user.lab", b"x")
# What an app does goes on.
Path("own.txt").write_text("x")
shutil.copy2("own.txt", "copy.txt")
os.kill(os.getpid(), 0)
os.nice(1)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
socket.create_server(("127.0.0.1", 0)).close()
one, other = socket.socketpair()
one.sendall(b"x")
print(json.dumps(done))
"""


@pytest.fixture
def others(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What belongs to the same user: servers, a process, a file."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        datagram = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        datagram.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(tmp_path / "bus"))
        unix.listen()
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(str(tmp_path / "log"))
        command = [sys.executable, "-c", "input()"]
        process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE))
        file, own = tmp_path / "mine.txt", tmp_path / "own"
        file.write_text("mine")
        file.chmod(0o600)
        own.mkdir()
        yield {
            "port": server.getsockname()[1],
            "datagram": datagram.getsockname()[1],
            "unix": str(tmp_path / "bus"),
            "unix datagram": str(tmp_path / "log"),
            "pid": process.pid,
            "group": os.getpgrp(),
            "file": str(file),
            "own": str(own),
        }
        process.kill()


def state(others: dict[str, object]) -> tuple[object, ...]:
    """What may not change: the file, and how the process runs."""
    file, pid = Path(str(others["file"])), int(str(others["pid"]))
    found, process = file.stat(), psutil.Process(pid)
    about_file = (found.st_mode, found.st_mtime_ns, os.listxattr(file), file.read_text())
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    runs = process.status() != psutil.STATUS_ZOMBIE
    return (*about_file, limits, process.nice(), process.cpu_affinity(), runs)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_of_the_same_user_is_reached(others: dict[str, object], version: int) -> None:
    if landlock_version() < version or not seccomp.is_known():
        pytest.skip("this system cannot confine so")
    before = state(others)
    done = subprocess.run(
        [sys.executable, "-c", TRIES, json.dumps({**others, "version": version})],
        cwd=str(others["own"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout and json.loads(done.stdout) == [], done.stdout + done.stderr
    assert state(others) == before
