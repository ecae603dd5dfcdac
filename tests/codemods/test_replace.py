"""A find-and-replace edit: in one place of one file, or not at all."""

from __future__ import annotations

import pytest

from lab.codemods import AlreadyThere, EditNotApplicable, Project, Replace

FILE = "todos_app/main.py"
EDIT = Replace(FILE, "db.commit()\n    db.refresh(todo)\n", "db.flush()\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_text_is_replaced_and_the_rest_stays_with_its_line_ends(end: str) -> None:
    before = "# caf\xe9\ndb.commit()\n    db.refresh(todo)\nreturn todo\n".replace(
        "\n", end
    ).encode()
    after = "# caf\xe9\ndb.flush()\nreturn todo\n".replace("\n", end).encode()
    assert EDIT.apply(Project({FILE: before, "other.py": before})) == {FILE: after}
    with pytest.raises(AlreadyThere):
        EDIT.apply(Project({FILE: after}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x = 1\n", "No place"),
        ("db.commit()\n    db.refresh(todo)\n" * 2, "More than one place"),
    ],
)
def test_nothing_is_changed_where_the_text_does_not_stand_exactly_once(
    content: str, words: str
) -> None:
    with pytest.raises(EditNotApplicable, match=f"{words} was found in {FILE}") as raised:
        EDIT.apply(Project({FILE: content.encode()}))
    assert type(raised.value) is EditNotApplicable
    assert "db.commit()" in raised.value.remedy


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(EditNotApplicable, match=FILE):
        EDIT.apply(Project({"main.py": b"db.commit()\n"}))
