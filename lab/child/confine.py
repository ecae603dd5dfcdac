"""Takes rights away from a server process: files elsewhere, the network, other processes.

No app of todos needs them. How much memory it may have is in limits.py.

By Landlock and seccomp, which any process of Linux may set on itself. From then on it writes
nowhere but in its own folder, reads nothing but Python, its packages and the system's libraries,
connects to nobody, signals nobody outside, and looks into no other process. Both hold for the
calling thread and what it starts: to be called before there are threads.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from lab.child import seccomp

# Rights to files, by <linux/landlock.h>.
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13))  # remove and make, of every kind
REFER, TRUNCATE = 1 << 13, 1 << 14
READ = EXECUTE | READ_FILE | READ_FOLDER
EVERYTHING = READ | WRITE_FILE | CHANGE_FOLDER | REFER | TRUNCATE
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
CONNECT_TCP = 1 << 1
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1
SCOPES_SINCE, TCP_SINCE, TRUNCATE_SINCE, REFER_SINCE = 6, 4, 3, 2  # versions of Landlock
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every processor
ASK_VERSION, BENEATH = 1, 1

NO_NEW_PRIVILEGES, DROP_CAPABILITY = 38, 24
CAPABILITIES_V3 = 0x20080522

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random", "/dev/tty")
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/proc", "/sys/devices/system/cpu")
OF_ETC = (
    "localtime", "timezone", "mime.types", "ssl", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "passwd", "group", "nsswitch.conf", "hosts", "host.conf", "resolv.conf", "services",
    "protocols",
)  # fmt: skip
OURS = ("lab", "persistence_lab")  # what a wheel of the lab installs


def landlock_version() -> int:
    """Return the version of Landlock that this system offers; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found = ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)
    return max(int(found), 0)


def temporary_of(folder: Path) -> Path:
    """Return the folder for temporary files of the server in a folder: to be emptied before it."""
    return folder.with_name(folder.name + ".tmp")


def have_temporary(folder: Path) -> Path:
    """Let this process make its temporary files beside a folder; return where."""
    temporary = temporary_of(folder)
    temporary.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)
    return temporary


def confine(folder: Path) -> None:
    """Confine this process to a folder, and to one for temporary files.

    Raises OSError where the system does not let it be done: nothing may then run unconfined.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    temporary = have_temporary(folder)
    _done(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _drop_capabilities(libc)
    version = landlock_version()
    _landlock(libc, version, (folder, temporary))
    if seccomp.is_known():
        _done(
            seccomp.refuse(
                libc,
                signals=version < SCOPES_SINCE,
                connects=version < TCP_SINCE,
                truncates=version < TRUNCATE_SINCE,
            )
        )


def _done(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"The process cannot be confined: {os.strerror(number)}")
    return result


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    for capability in range(64):
        libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
    _done(libc.capset(struct.pack("Ii", CAPABILITIES_V3, 0), bytes(24)))


def _landlock(libc: ctypes.CDLL, version: int, own: tuple[Path, ...]) -> None:
    if version < 1:
        raise OSError("The process cannot be confined: this system has no Landlock")
    known = (
        EVERYTHING
        & ~(0 if version >= TRUNCATE_SINCE else TRUNCATE)
        & ~(0 if version >= REFER_SINCE else REFER)
    )
    network = CONNECT_TCP if version >= TCP_SINCE else 0
    scopes = ABSTRACT_SOCKETS | SIGNALS if version >= SCOPES_SINCE else 0
    size = 24 if version >= SCOPES_SINCE else 16 if version >= TCP_SINCE else 8
    rules = struct.pack("QQQ", known, network, scopes)
    ruleset = _done(libc.syscall(CREATE_RULESET, rules, ctypes.c_size_t(size), 0))
    allowed = {str(path): EVERYTHING for path in own}
    allowed |= dict.fromkeys(DEVICES, READ_FILE | WRITE_FILE)
    allowed |= dict.fromkeys((*SYSTEM, *(f"/etc/{name}" for name in OF_ETC)), READ)
    allowed |= dict.fromkeys(_python(), READ)
    allowed |= dict.fromkeys(_packages(), READ_FOLDER)  # Python looks there for names
    for path, rights in allowed.items():
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights &= known if os.path.isdir(path) else known & OF_A_FILE  # noqa: PTH112
        rule = struct.pack("=Qi", rights, handle)
        result = libc.syscall(ADD_RULE, ruleset, BENEATH, rule, 0)
        os.close(handle)
        _done(result)
    _done(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _python() -> Iterator[str]:
    """Yield where Python and its packages are, without the lab's own."""
    yield os.path.join(sys.base_prefix, "lib")  # noqa: PTH118
    yield os.path.dirname(os.__file__)  # noqa: PTH120
    yield sys.executable
    yield os.path.join(sys.prefix, "pyvenv.cfg")  # noqa: PTH118
    for place in _packages():
        for name in os.listdir(place):  # noqa: PTH208
            first = name.partition("-")[0].partition(".")[0]
            if first not in OURS and not name.endswith(".pth"):
                yield os.path.join(place, name)  # noqa: PTH118


def _packages() -> list[str]:
    places = map(os.path.realpath, sys.path)
    return [place for place in places if place.endswith(("site-packages", "dist-packages"))]
