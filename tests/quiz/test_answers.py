"""The learner's own words: found however the file was edited, never lost, and looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.quiz import answers
from lab.workspace.creation import ANSWERS_TEXT
from tests.support.quiz import (
    EXPLANATIONS,
    FIRST,
    WORDS,
)

# The learner's own words


@pytest.mark.parametrize(
    ("answer", "actual"),
    [
        ("", "no answer yet"),
        ("  \n\n <!-- write here --> ", "no answer yet"),
        ("A class is a table.", "5 words"),
        ("table " * 40, "1 different words"),
        (FIRST.asks * 3, "the question's words and few others"),
        (f"{FIRST.asks} Well, it is so.", "the question's words and few others"),
        (ANSWERS_TEXT, "the question's words and few others"),
        (FIRST.model_answer, "the lab's model answer, word for word"),
    ],
)
def test_an_answer_that_says_nothing_is_told_what_lacks(answer: str, actual: str) -> None:
    lack = answers.lack(FIRST, answer)
    assert lack is not None
    assert lack.actual == actual
    assert lack.help


@pytest.mark.parametrize(
    "answer",
    [
        WORDS,
        f"> {FIRST.asks}\n\n{WORDS}",
        "Ein Übersetzer zwischen Objekten und Zeilen: Die Klasse beschreibt Spalten, jedes Objekt "
        "wird beim Speichern eine Zeile darin.",
        "对象关系映射把数据库的表变成类。每一行变成一个实例。每一列变成属性。",
    ],
)
def test_an_answer_that_says_something_passes_whatever_its_style(answer: str) -> None:
    assert answers.lack(FIRST, answer) is None


THIRD = EXPLANATIONS["explain-3"]
HEAD = f"## explain-3: {THIRD.asks}"


@pytest.mark.parametrize(
    "text",
    [
        f"# My answers\n\n{HEAD}\n\nmine\n\n## explain-4: x\nother\n",
        f"\ufeff# My answers\r\n\r\n{HEAD}\r\n\r\nmine\r\n\r\n## explain-4: x\r\nother\r\n",
        "## explain-4\nother\n\n### Explain 3 - my way\nmine",
        "##explain_3\nmine\n# Notes\nother\n",
        "## **explain-3**\nmine\n",
        f"## {THIRD.asks}\nmine\n## What does `Depends` do?\nother\n",
        "## Model vs. schema\n\nmine\n\n## 4\n\nother\n",
        "# My answer for explain-3\nmine\n",
    ],
)
def test_an_answer_is_found_although_the_file_was_edited(text: str, tmp_path: Path) -> None:
    (tmp_path / "answers.md").write_bytes(text.encode())
    assert answers.read(tmp_path, THIRD) == "mine"


def test_smaller_headings_code_and_hashtags_belong_to_the_answer(tmp_path: Path) -> None:
    mine = (
        "One.\n\n### As in explain-4\n\n#yes\n\n```python\n# explain-4: a comment\n## explain-4\n"
        "```\nTwo."
    )
    (tmp_path / "answers.md").write_text(f"{HEAD}\n\n{mine}\n\n## explain-4\n\nother\n")
    assert answers.read(tmp_path, THIRD) == mine
    assert answers.read(tmp_path, EXPLANATIONS["explain-4"]) == "other"


@pytest.mark.parametrize("content", [None, b"", b"Only my own notes", b"\xff\x00", b"## x\n"])
def test_no_answer_is_no_error(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "answers.md").write_bytes(content)
    assert answers.read(tmp_path, THIRD) == ""
    answers.add(tmp_path, THIRD, "mine at last")
    assert answers.read(tmp_path, THIRD) == "mine at last"
    if content:
        assert (tmp_path / "answers.md").read_bytes().startswith(content)


@pytest.mark.parametrize(
    "content",
    [
        ANSWERS_TEXT.encode(),
        ANSWERS_TEXT.replace("\n", "\r\n").encode(),
        f"{HEAD}\nearlier words".encode(),
        f"{HEAD}\n## explain-4\nother\n".encode(),
        f"\ufeffcaf\u00e9\n\n{HEAD}\n\nearlier\n\n\n# End".encode(),
        b"latin-1: caf\xe9\n" + HEAD.encode() + b"\n\nearlier \xe9\n\n# End\n",
        b"\xff\xfe" + f"{HEAD}\r\n\r\nearlier\r\n".encode("utf-16-le"),
    ],
)
def test_adding_words_keeps_every_other_byte(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "answers.md"
    path.write_bytes(content)
    path.chmod(0o640)
    before = answers.read(tmp_path, THIRD)
    answers.add(tmp_path, THIRD, "First line.\nSecond \u00fc.\n")
    assert answers.read(tmp_path, THIRD) == f"{before}\n\nFirst line.\nSecond ü.".strip()
    after = path.read_bytes()
    kept = iter(after)
    assert all(byte in kept for byte in content)  # in the same order, with something in between
    assert (b"\r" in after) == (b"\r" in content)
    answers.add(tmp_path, THIRD, "First line.\nSecond \u00fc.")
    assert path.read_bytes() == after  # not twice
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["answers.md"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_linked_answers_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.md").write_text(f"{HEAD}\n")
    (tmp_path / "answers.md").symlink_to(Path("notes") / "mine.md")
    answers.add(tmp_path, THIRD, "mine")
    assert (tmp_path / "answers.md").is_symlink()
    assert "mine" in (tmp_path / "notes" / "mine.md").read_text()
