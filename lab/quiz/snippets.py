"""Runs the code of a question, beside a copy of the reference API: what it prints or answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import resources
from lab.appserver import environment
from lab.appserver.launchers import choose
from lab.appserver.server import Server
from lab.model import AppFailed, LabError
from lab.scenario.explanation import Question

SECONDS = 30.0  # it takes less than one; a machine with much else to do may need ten
REMEDY = "This is not your mistake. Run the command again, and `lab doctor` if it comes back."


def output(question: Question) -> str:
    """Run the question's code in a process of its own and return what came out.

    That is what the code printed; where the question has requests, the answer to the last one.
    Raises LabError where the code fails or takes too long: then the lab or the machine is at fault.
    """
    with TemporaryDirectory(prefix="lab-explain-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "code"
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(resources.folder("todos_app"), folder / "todos_app", ignore=ignore)
        return _answered(question, folder) if question.requests else _printed(question, folder)


def _printed(question: Question, folder: Path) -> str:
    (folder / "snippet.py").write_text(question.code, "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-X", "utf8", "snippet.py"],
            cwd=folder,
            env=environment.handed_over(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(
            f"The code of the question {question.id} did not end within {SECONDS:.0f} s.", REMEDY
        ) from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise LabError(
            f"The code of the question {question.id} ended with {done.returncode}: {said}", REMEDY
        )
    return done.stdout.rstrip("\n")


def _answered(question: Question, folder: Path) -> str:
    (folder / "app.py").write_text(question.code, "utf-8")
    answer = ""
    try:
        with (
            closing(choose()) as launcher,
            Server(folder, launcher, "app:app", seconds=SECONDS) as server,
        ):
            server.start()
            for request in question.requests:
                answer = str(server.request(request.method, request.path, request.body))
    except AppFailed as error:
        raise LabError(
            f"The app of the question {question.id} failed: {error.message}", REMEDY
        ) from error
    return answer
