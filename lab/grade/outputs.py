"""Writes what a teacher, a spreadsheet and other systems read of the results."""

from __future__ import annotations

import zlib
from pathlib import Path
from urllib.parse import quote

from lab.grade import gradebook, gradescope, junit, report
from lab.grade.scores import Class
from lab.workspace import files

GRADESCOPE = "gradescope"
NAME_BYTES = 200  # of a file, without its ending


def write(found: Class, folder: Path) -> list[Path]:
    """Write all files into the folder, each whole or not at all, and return them.

    Raises CannotWrite.
    """
    written = {
        "gradebook.csv": gradebook.csv_of(found),
        "report.html": report.html_of(found),
        "junit.xml": junit.xml_of(found),
    }
    for outcome in found.outcomes:
        name = f"{GRADESCOPE}/{file_name(outcome.submission)}.json"
        written[name] = gradescope.json_of(found, outcome)
    for name, content in written.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, content)
        except OSError as error:
            raise files.cannot_write(error, path) from error
    return [folder / name for name in written]


def file_name(submission: str) -> str:
    """Return a name for a submission's file that leads nowhere else; each has its own."""
    name = quote(submission, safe=" @+,()=", errors="replace")
    if len(name) > NAME_BYTES:
        name = f"{name[: NAME_BYTES - 9]}-{zlib.crc32(submission.encode()):08x}"
    return "%2E" + name[1:] if name.startswith(".") else name
