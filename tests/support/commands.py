"""What the tests of the command line share: `lab` as a process, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

# What the installed script does; it need not be on the PATH of who runs the tests.
LAB = [sys.executable, "-c", "import sys; sys.argv[0] = 'lab'; from lab.cli import main; main()"]


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def said(self, *words: str) -> None:
        """Assert that it ended in words, all of these among them, and in no traceback."""
        everything = " ".join((self.out + self.err).split())  # as if nothing were wrapped
        assert "Traceback" not in everything and "defect" not in everything, everything
        for word in words:
            assert word in everything, everything


@dataclass(frozen=True)
class Shell:
    """A folder in which commands are typed, with temporary files of its own."""

    folder: Path

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary files"

    def environment(self, **more: str) -> dict[str, str]:
        self.temporary.mkdir(exist_ok=True)
        return os.environ | {"TMPDIR": str(self.temporary), "COLUMNS": "80"} | more

    def lab(self, *words: str | Path, **more: str) -> Ended:
        """Run `lab`. What it writes that no person would see is compared with what it says."""
        done = subprocess.run(
            [*LAB, *map(str, words)],
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def left(self) -> list[str]:
        """What commands have left among the temporary files."""
        # Python tries a folder out with a file of another name, and may be killed at that.
        return sorted(path.name for path in self.temporary.glob("*lab-*"))

    def processes(self) -> list[psutil.Process]:
        """The processes that have to do with this folder: by command line, folder or open file."""
        found = []
        for process in psutil.process_iter():
            try:
                about = [*process.cmdline(), process.cwd()]
                about += [file.path for file in process.open_files()]
            except psutil.Error:
                continue
            if process.pid != os.getpid() and any(str(self.folder) in text for text in about):
                found.append(process)
        return found


def contents(folder: Path) -> dict[str, str]:
    """The files of a folder with their digests, without the lab's journal and locks."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"journal.jsonl", "lock", "served"}
    }
