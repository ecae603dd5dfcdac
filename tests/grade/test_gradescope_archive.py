"""The autograder for Gradescope, and what comes of it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab.grade.gradescope_archive import archive_of
from tests.grade.test_walls import handed_in
from tests.support.commands import Shell

# Each field that https://gradescope-autograders.readthedocs.io/en/latest/specs/ knows.
FIELDS = {
    "score", "execution_time", "output", "output_format", "test_output_format",
    "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
TEST_FIELDS = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip


def test_the_same_words_give_the_same_archive_and_none_of_them_is_a_command() -> None:
    options = {"--app": "a; reboot", "--trust": None}
    content = archive_of("1.2", options, None)
    assert content == archive_of("1.2", options, None)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        run, setup = archive.read("run_autograder"), archive.read("setup.sh")
    assert b"--app 'a; reboot' --trust\n" in run and b"persistence-lab==1.2\n" in setup


@pytest.mark.long
def test_its_autograder_run_where_gradescope_runs_it_gives_results_that_gradescope_knows(
    tmp_path: Path,
) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "points.toml").write_text("persist = 3\n")
    words = ["grade", "--gradescope-archive", "autograder.zip", "--exercises", "persist"]
    assert shell.lab(*words, "--points", "points.toml", "--app", "main:app").code == 0
    place = tmp_path / "autograder"
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(place / "source")
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes == {"setup.sh": 0o755, "run_autograder": 0o755, "points.toml": 0o644}
    (place / "run_autograder").write_bytes((place / "source/run_autograder").read_bytes())
    (place / "results").mkdir()
    handed_in(place / "submission")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "lab").write_text(
        f"#!{sys.executable}\nimport sys\nfrom lab.cli import main\nmain()\n"
    )
    (tools / "lab").chmod(0o755)
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", place / "source" / script], check=True)
    subprocess.run(
        ["bash", place / "run_autograder"],
        env=shell.environment(PATH=f"{tools}:{os.environ['PATH']}"),
        check=True,
        timeout=120,
    )
    found = json.loads((place / "results" / "results.json").read_bytes())
    assert found["score"] == 3
    assert found.keys() <= FIELDS and found["tests"]
    for test in found["tests"]:
        assert test.keys() <= TEST_FIELDS
        assert test["status"] in ("passed", "failed") and test["visibility"] == "visible"
        assert isinstance(test["number"], str) and isinstance(test["score"], float)
