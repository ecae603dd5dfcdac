"""The disks that a power cut could leave, made from what SQLite asked of one disk.

The model. A disk keeps what was synced before the cut. Of what was written since, it may keep all,
nothing, or any part, whatever the order was; a page of 4 KiB that was being written may be torn
where two sectors of 512 bytes meet. What is assumed: a sync that has returned is true, a file's
creation and deletion last at once, and no sector that was at rest changes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.child.disk_recorder import DELETE, HEADER, SYNC, TRUNCATE, WRITE

SECTOR = 512  # bytes, at whose borders a write may be torn
PARTS = 2  # how many parts of what was not synced are tried for each cut

Files = dict[str, bytes]  # by name


@dataclass(frozen=True)
class Operation:
    """One thing that SQLite asked of the disk. `end` is where the record of it ends in the log."""

    kind: bytes
    file: str  # its path in the folder
    number: int  # the offset of a write, the size after a truncation
    data: bytes
    end: int


@dataclass(frozen=True)
class Disk:
    """What is on the disk after a cut behind so many operations."""

    operations: int
    files: Mapping[str, bytes]
    left: str  # which of what was not synced is there, in words


def operations(log: bytes, folder: Path) -> list[Operation]:
    """Return what was recorded of files in `folder`, in order, each by its name there.

    A record that was cut short in the end is left out.
    """
    inside = f"{folder.resolve()}/"
    found: list[Operation] = []
    at = 0
    while at + HEADER.size <= len(log):
        kind, length, number, size = HEADER.unpack_from(log, at)
        name = at + HEADER.size
        end = name + length + size
        if end > len(log):
            break
        path = log[name : name + length].decode()
        if path.startswith(inside):
            file = path.removeprefix(inside)
            found.append(Operation(kind, file, number, log[name + length : end], end))
        at = end
    return found


def disks(there: Mapping[str, bytes], done: Sequence[Operation], first: int) -> Iterator[Disk]:
    """Yield every disk of the model for a cut after each operation from `first` on.

    `there` are the files before the first operation. What came before `first` counts as synced.
    The parts are chosen by chance, the same in every run. Equal disks are yielded once.
    """
    chance = random.Random(1)
    kept: Files = dict(there)
    waiting: list[Operation] = []  # not synced
    seen: set[int] = set()
    for number, operation in enumerate(done, 1):
        if operation.kind == DELETE:
            waiting = [o for o in waiting if o.file != operation.file]
            kept.pop(operation.file, None)
        elif operation.kind == SYNC:
            for o in waiting:
                if o.file == operation.file:
                    _apply(kept, o)
            waiting = [o for o in waiting if o.file != operation.file]
        else:
            waiting.append(operation)
        if number < first:
            continue
        if number == first:
            for o in waiting:
                _apply(kept, o)
            waiting = []
        for left, chosen in _choices(waiting, chance):
            files = dict(kept)
            for o in chosen:
                _apply(files, o)
            same = hash((number, frozenset(files.items())))
            if same not in seen:
                seen.add(same)
                yield Disk(number, files, left)


def _choices(
    waiting: list[Operation], chance: random.Random
) -> Iterator[tuple[str, list[Operation]]]:
    yield "nothing of what was not synced", []
    if not waiting:
        return
    yield "all that was written", waiting
    for _ in range(PARTS):
        yield "a part of what was not synced", [o for o in waiting if chance.random() < 0.5]
    last = waiting[-1]
    if last.kind == WRITE and len(last.data) > SECTOR:
        torn = chance.randrange(SECTOR, len(last.data), SECTOR)
        half = Operation(WRITE, last.file, last.number, last.data[:torn], last.end)
        yield "all that was written, its last page torn", [*waiting[:-1], half]


def _apply(files: Files, operation: Operation) -> None:
    content = files.get(operation.file, b"")
    if operation.kind == TRUNCATE:
        files[operation.file] = content[: operation.number]
        return
    start, end = operation.number, operation.number + len(operation.data)
    padded = content.ljust(start, b"\0")
    files[operation.file] = padded[:start] + operation.data + padded[end:]
