"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from lab.cli.app import cli
from lab.dev.readme import with_tables

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_generated_tables_are_up_to_date() -> None:
    assert with_tables(README) == README, "run `lab dev readme`"


def test_the_picture_is_of_a_run_that_ends_in_the_true_error() -> None:
    picture = (ROOT / ".ci" / "break-2.svg").read_text("utf-8")
    words = re.sub(r"<[^>]+>", " ", picture).replace("&#160;", " ")
    assert "no such column" in re.sub(r"\s+", " ", words)


def test_every_command_that_it_names_exists() -> None:
    known = set(get_command(cli).commands) | {"dev"}  # type: ignore[attr-defined]
    named = set(re.findall(r"`lab ([a-z]+)", README)) | set(re.findall(r"\$ lab ([a-z]+)", README))
    assert named <= known


def test_it_stands_on_its_first_command_and_on_the_test_command() -> None:
    commands = re.findall(r"^```sh\n(.+?)\n```", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    assert commands[0].endswith("lab run break-2")
    assert "pytest" in commands[1]


def test_its_figures_of_speed_say_what_they_were_measured_on() -> None:
    table = README.partition("<!-- speed: measured -->")[2].partition("<!-- end of speed -->")[0]
    assert "times faster" in table
    assert re.search(r"Medians of .+ on .+ with \d+ cores, .+ \d{4}-\d\d-\d\d\.", table)
