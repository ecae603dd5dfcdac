"""What is printed where a command cannot go on: one sentence, and what to do."""

from __future__ import annotations

import errno
import tempfile
import traceback
from pathlib import Path
from typing import Any

from lab.model import ByHand, LabError, UsageError
from lab.terminal.console import make_console, print_json
from lab.workspace.files import CAUSES, cannot_write

LIMITS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


def show(error: LabError, as_json: bool = False) -> int:
    """Print what stopped a command. Returns the exit code."""
    if as_json:
        print_json(as_document(error), in_one_line=True)
    else:
        console = make_console(stderr=True)
        console.print(error.message, style="bold red")
        console.print(error.remedy)
        if isinstance(error, ByHand):
            from lab.terminal.history import show_diff  # every command imports this module

            show_diff(console, error.answer)
    return error.exit_code


def as_document(error: LabError) -> dict[str, Any]:
    """Return what stopped a command, or one verdict of a watch, for --json."""
    answer = {"answer": error.answer} if isinstance(error, ByHand) else {}
    return {"error": error.message, "remedy": error.remedy, **answer}


def by_the_command_line(error: Any) -> UsageError:
    """Return the error for a command line that the parser does not understand."""
    command = error.ctx.command_path if getattr(error, "ctx", None) else "lab"
    said = error.format_message().strip().splitlines()[0].rstrip(".")
    end = "" if said.endswith("?") else "."
    return UsageError(f"{said}{end}", f"`{command} --help` shows what there is.")


def by_the_machine(error: OSError | MemoryError) -> LabError:
    """Return the error for what the system refuses; a full or read-only disk is no defect."""
    if isinstance(error, MemoryError) or error.errno in LIMITS:
        return by_a_limit(error)
    if error.errno in CAUSES or error.errno == errno.EIO:
        return cannot_write(error, Path(error.filename or "the output"))
    if isinstance(error, PermissionError) and error.filename is not None:
        return LabError(
            f"You have no right to {error.filename}, or to the folder that it is in.",
            "Choose another one, or ask for the right.",
        )
    if error.errno == errno.ENOENT and "temporary directory" in str(error):
        return LabError(
            "There is no folder for temporary files that can be written to.",
            "Free some space, or name one: TMPDIR=/some/folder lab ...",
        )
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(
            "A name on the command line is longer than this system allows.", "Choose a shorter one."
        )
    if error.errno == errno.ENOENT and error.filename is None:
        return UsageError("The folder that you are in is gone.", "Go to another one, with `cd`.")
    return by_a_defect(error)


def by_a_limit(error: Exception) -> LabError:
    """Return the error where the system gives no more of what each program needs."""
    said = str(error) or "out of memory"
    return LabError(
        f"This machine gives the lab no more memory, processes or open files: {said}.",
        "Close other programs, then try again. `ulimit -a` shows how many you may have.",
    )


def by_a_defect(error: Exception) -> LabError:
    """Return the error for a defect of the lab; its traceback is kept for the authors."""
    said = f"The lab has a defect: {type(error).__name__}: {error}"
    mercy = "It is not your code, and nothing of yours was changed by it."
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="lab-defect-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return LabError(said, mercy)
    return LabError(said, f"{mercy} For its authors, the details are in {file.name}.")
