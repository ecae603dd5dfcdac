"""The autograder that a teacher uploads to Gradescope: a zip of two scripts."""

from __future__ import annotations

import io
import shlex
import stat
import zipfile
from collections.abc import Mapping, Sequence

LAB = "/opt/lab"  # where setup.sh installs it, in Gradescope's container
POINTS = "points.toml"
PYTHON = "3.12"

# uv brings a Python that is new enough, whatever Ubuntu the container has.
SETUP = """#!/usr/bin/env bash
set -euo pipefail
apt-get update
apt-get install -y bubblewrap python3-venv
python3 -m venv {lab}/uv
{lab}/uv/bin/pip install uv
{lab}/uv/bin/uv venv --python {python} {lab}/venv
{lab}/uv/bin/uv pip install --python {lab}/venv persistence-lab=={version}
"""
# A roster: what was handed in is one submission, whatever lies in its folder.
RUN = """#!/usr/bin/env bash
set -uo pipefail
cd "$(dirname "$0")"
export PATH={lab}/venv/bin:$PATH
work=$(mktemp -d)
printf 'student,path\\nsubmission,%s/submission\\n' "$PWD" > "$work/class.csv"
lab grade "$work/class.csv" -o "$work/grades" {words}
cp "$work/grades/gradescope/submission.json" results/results.json
"""


def archive_of(version: str, options: Mapping[str, str | None], points: bytes | None) -> bytes:
    """Return the archive, whose autograder calls `lab grade` of this version with these options.

    An option without a value is given by itself. `points` is the content of a file of points.
    """
    words: list[str] = []
    for option, value in options.items():
        words += [option] if value is None else [option, value]
    if points is not None:
        words += ["--points", f"source/{POINTS}"]
    files = {
        "setup.sh": SETUP.format(lab=LAB, python=PYTHON, version=version).encode(),
        "run_autograder": RUN.format(lab=LAB, words=shlex.join(words)).encode(),
        **({POINTS: points} if points is not None else {}),
    }
    return _zipped(files, executable=("setup.sh", "run_autograder"))


def _zipped(files: Mapping[str, bytes], executable: Sequence[str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # of the same date always: the same words, the same file
            info.external_attr = (stat.S_IFREG | (0o755 if name in executable else 0o644)) << 16
            written.writestr(info, content)
    return archive.getvalue()
