"""Refuses system calls by seccomp: those by which an app gets past what Landlock holds.

Landlock knows files that are opened, TCP and signals. Through other calls, a process can reach what
belongs to the same user: it changes the mode of any file, the limits of any process, or connects
to a socket in a folder, as that of a session bus, which runs programs for it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SET_SECCOMP, FILTER = 22, 2
X32 = 0x40000000  # from here on: the same calls under other numbers
LOAD, AND, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM
PRETEND = 0x00050000  # nothing is done, and the caller is told that all is well
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where they are in what a filter is given
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # of <linux/audit.h>

Numbers = tuple[int, int | None]  # of a call, on x86_64 and on aarch64; None: there is none

OUTLIVES_OR_LOOKS_INTO = {
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280),
    "io_uring_setup": (425, 425),
}  # fmt: skip
# No app of todos needs them, but copying a file ends with some, and must go on.
CHANGES_WHAT_IS_SAID_OF_A_FILE = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
# Whose first argument is the process that is changed: 0 is the one that calls.
CHANGES_A_PROCESS = {
    "prlimit64": (302, 261), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
}  # fmt: skip
# The same with two: what kind of thing the second one is, a process, and 0.
BY_KIND = {"setpriority": ((141, 140), 0), "ioprio_set": ((251, 30), 1)}
SOCKET, PAIR_OF_SOCKETS = (41, 198), (53, 199)
TCP, OVER_IP, STREAM = (0, 6), (2, 10), 1  # by <sys/socket.h>; the next is below the flags
KIND_OF_SOCKET = 0xF
# Of each, the argument that holds the flags: with this one, it connects.
SENDS: dict[str, tuple[Numbers, int]] = {
    "sendto": ((44, 206), 3), "sendmsg": ((46, 211), 2), "sendmmsg": ((307, 269), 3),
}  # fmt: skip
FAST_OPEN = 0x20000000
# What older versions of Landlock leave open.
SIGNALS_ONE = {"kill": (62, 129), "tgkill": (234, 131)}
SIGNALS_OTHERWISE = {
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
}  # fmt: skip
# Who is sent a signal as soon as a file is ready is set by these, with these as their second one.
OWNS_A_FILE: list[tuple[Numbers, tuple[int, ...]]] = [
    ((72, 25), (8, 15)),  # fcntl: F_SETOWN and F_SETOWN_EX
    ((16, 29), (0x8901, 0x8902)),  # ioctl: FIOSETOWN and SIOCSPGRP
]
CONNECT, TRUNCATE = (42, 203), (76, 45)

Step = tuple[int, int, int, int]  # of a filter: what, where to go then or else, and with what


@dataclass(frozen=True)
class Only:
    """An argument that may have these values alone, as far as the mask goes."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF

    def steps(self) -> Iterator[Step]:
        """Yield what returns where the argument has another value, and else goes on."""
        yield LOAD, 0, 0, ARGUMENTS + 8 * self.argument  # its lower half, where both have it
        yield AND, 0, 0, self.mask
        for left, value in zip(reversed(range(len(self.values))), self.values, strict=True):
            yield JUMP_EQUAL, left + 1, 0, value
        yield RETURN, 0, 0, REFUSE


@dataclass(frozen=True)
class Never:
    """An argument that may have any values but these."""

    argument: int
    values: tuple[int, ...]

    def steps(self) -> Iterator[Step]:
        """Yield what returns where the argument has one of the values, and else goes on."""
        yield LOAD, 0, 0, ARGUMENTS + 8 * self.argument
        for left, value in zip(reversed(range(len(self.values))), self.values, strict=True):
            yield JUMP_EQUAL, left, int(left == 0), value
        yield RETURN, 0, 0, REFUSE


# A call, and what is returned, or what it may be with.
Rule = tuple[Numbers, int | Sequence[Only | Never]]


def is_known() -> bool:
    """Whether the calls that are refused have known numbers on this processor."""
    return sys.platform == "linux" and platform.machine() in ARCHITECTURES


def refuse(libc: ctypes.CDLL, *, signals: bool, connects: bool, truncates: bool) -> int:
    """Refuse them to this thread, and to what it starts; negative where that cannot be done.

    Landlock holds the others where it is new enough; else they are refused here: `signals` to any
    process but this one, any socket that `connects`, and what `truncates` a file by its path.
    """
    rules: list[Rule] = [*_always()]
    if signals:
        own = (0, os.getpid(), -os.getpid() & 0xFFFFFFFF)  # and its group
        rules += ((numbers, [Only(0, own)]) for numbers in SIGNALS_ONE.values())
        rules += ((numbers, REFUSE) for numbers in SIGNALS_OTHERWISE.values())
        rules += ((numbers, [Never(1, values)]) for numbers, values in OWNS_A_FILE)
    if connects:
        rules.append((CONNECT, REFUSE))
    if truncates:
        rules.append((TRUNCATE, REFUSE))
    program = _program(rules)
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(steps))
    given = ctypes.create_string_buffer(head, len(head))
    return int(libc.prctl(SET_SECCOMP, FILTER, given, 0, 0))


def _always() -> Iterator[Rule]:
    yield from ((call, REFUSE) for call in OUTLIVES_OR_LOOKS_INTO.values())
    yield from ((call, PRETEND) for call in CHANGES_WHAT_IS_SAID_OF_A_FILE.values())
    yield from ((call, [Only(0, (0,))]) for call in CHANGES_A_PROCESS.values())
    yield from ((call, [Only(0, (kind,)), Only(1, (0,))]) for call, kind in BY_KIND.values())
    yield SOCKET, [Only(0, OVER_IP), Only(1, (STREAM,), KIND_OF_SOCKET), Only(2, TCP)]
    # One for datagrams can send to others than its pair: to any that is bound in a folder.
    yield PAIR_OF_SOCKETS, [Only(1, (STREAM,), KIND_OF_SOCKET)]
    yield from ((call, [Only(flags, (0,), FAST_OPEN)]) for call, flags in SENDS.values())


def _program(rules: list[Rule]) -> list[Step]:
    program: list[Step] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[platform.machine()]),
        (RETURN, 0, 0, REFUSE),
        (LOAD, 0, 0, NUMBER),
        (JUMP_FROM, 0, 1, X32),
        (RETURN, 0, 0, REFUSE),
    ]
    place = [*ARCHITECTURES].index(platform.machine())
    for numbers, rule in rules:
        number = numbers[place]
        if number is None:
            continue
        if isinstance(rule, int):
            block: list[Step] = [(RETURN, 0, 0, rule)]
        else:
            block = [step for only in rule for step in only.steps()] + [(RETURN, 0, 0, ALLOW)]
        program += [(JUMP_EQUAL, 0, len(block), number), *block]
    return [*program, (RETURN, 0, 0, ALLOW)]
