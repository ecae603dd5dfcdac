"""Sources that crash a parser, or that no parser reads: each ends in a sentence, and soon."""

from __future__ import annotations

import pytest

from lab.codemods import AddColumn, EditNotApplicable, Project
from lab.codemods.sources import UnreadableSource, python_tree
from tests.support.codemods import as_sources, sample

MODEL = sample()
# Each makes a statement that is nested `n` deep, for LibCST at least.
NESTED = {
    "brackets": lambda n: "x = " + "[" * n + "1" + "]" * n,
    "calls": lambda n: "x = " + "f(" * n + "1" + ")" * n,
    "a chain": lambda n: "x = a" + ".b()" * n,
    "a sum": lambda n: "x = " + "1 + " * n + "1",
    "a long or": lambda n: "x = " + "1 or " * n + "1",
    "signs": lambda n: "x = " + "-" * n + "1",
    "lambdas": lambda n: "x = " + "lambda: " * n + "1",
    "conditions": lambda n: "x = " + "1 if 2 else " * n + "3",
    "elif": lambda n: "if 1:\n    pass\n" + "elif 2:\n    pass\n" * n,
    "a pattern": lambda n: "match 1:\n    case " + "[" * n + "1" + "]" * n + ":\n        pass",
    "strings": lambda n: "x = " + "'a' " * n * 2,
}


@pytest.mark.parametrize("deep", [180, 1_500, 20_000])
@pytest.mark.parametrize("kind", NESTED)
def test_a_file_that_is_nested_too_deep_is_left_out_and_named(kind: str, deep: int) -> None:
    deeply = NESTED[kind](deep) + "\n"
    with pytest.raises(EditNotApplicable, match=r"models\.py .*(nested|cannot read it)"):
        AddColumn("priority").apply(Project(as_sources({"models.py": MODEL + deeply})))


@pytest.mark.parametrize("kind", NESTED)
def test_what_people_write_is_not_too_deep(kind: str) -> None:
    shallow = NESTED[kind](8 if kind == "a pattern" else 40) + "\n"
    changed = AddColumn("priority").apply(Project(as_sources({"main.py": MODEL + shallow})))
    assert changed["main.py"].decode().endswith(shallow)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("caf\xe9 = 1\n".encode("latin-1"), "codec can't decode"),
        (b"# coding: latin-7\n", "unknown encoding"),
        (MODEL.encode("utf-16"), "UTF-16|null bytes|codec can't decode"),
        (b"x = 'a\x00b'\n", "null bytes"),
        (b"def f(:\n", "invalid syntax"),
    ],
    ids=["latin-1", "unknown cookie", "UTF-16", "NUL", "half a line"],
)
def test_a_file_that_python_cannot_read_is_left_out_and_the_reason_said(
    content: bytes, words: str
) -> None:
    with pytest.raises(UnreadableSource, match=words):
        python_tree(content, "models.py")
    with pytest.raises(EditNotApplicable, match=words) as raised:
        AddColumn("priority").apply(Project({"models.py": content}))
    assert "models.py was left out" in raised.value.message


@pytest.mark.parametrize("lines", [0, 1, 5])
def test_a_comment_in_no_utf_8_keeps_no_other_file_from_being_changed(lines: int) -> None:
    notes = b"x = 1\n" * lines + b"# caf\xe9\n"
    sources = as_sources({"main.py": MODEL}) | {"notes.py": notes}
    assert list(AddColumn("priority").apply(Project(sources))) == ["main.py"]


def test_another_encoding_that_is_named_is_read_and_written_back() -> None:
    content = b"# coding: latin-1\n# caf\xe9\n" + MODEL.encode()
    changed = AddColumn("priority").apply(Project({"main.py": content}))
    assert changed["main.py"].startswith(b"# coding: latin-1\n# caf\xe9\n")


def test_the_files_that_are_fine_are_changed_beside_one_that_is_not() -> None:
    sources = as_sources({"main.py": MODEL, "notes.py": NESTED["calls"](1_500)})
    assert list(AddColumn("priority").apply(Project(sources))) == ["main.py"]
