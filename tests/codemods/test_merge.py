"""Changes that are merged into files of the learner's: what is kept, and where it gives up."""

from __future__ import annotations

import pytest

from lab.codemods.merge import Merge, merged
from lab.model import AlreadyThere, ByHand

BEFORE = b"import os\n\n\ndef first():\n    pass\n\n\ndef last():\n    pass\n"
NEW = b"def second():\n    return os\n"
AFTER = BEFORE.replace(b"def last", NEW + b"\n\ndef last")


def test_what_the_learner_changed_elsewhere_stays() -> None:
    own = BEFORE.replace(b"import os", b"import os  # mine") + b"\n\nprint(last())\n"
    text = merged(BEFORE, AFTER, own)
    assert text == own.replace(b"def last", NEW + b"\n\ndef last")


@pytest.mark.parametrize("place", [b"def first():\n    pass\n", b"    pass\n\n\ndef last"])
def test_where_both_changed_the_same_lines_nothing_is_merged(place: bytes) -> None:
    after = BEFORE.replace(place, place.replace(b"pass", b"return 1"))
    own = BEFORE.replace(place, place.replace(b"pass", b"return 2"))
    assert merged(BEFORE, after, own) is None


def test_lines_with_the_ends_of_windows_keep_them_and_new_ones_get_them() -> None:
    own = (BEFORE + b"# mine\n").replace(b"\n", b"\r\n")
    assert merged(BEFORE, AFTER, own) == (AFTER + b"# mine\n").replace(b"\n", b"\r\n")
    assert merged(BEFORE.replace(b"\n", b"\r\n"), AFTER.replace(b"\n", b"\r\n"), BEFORE) == AFTER


def test_a_byte_order_mark_another_encoding_and_an_open_last_line_stay() -> None:
    marked = b"\xef\xbb\xbf" + BEFORE
    assert merged(BEFORE, AFTER, marked) == b"\xef\xbb\xbf" + AFTER
    latin = b"# -*- coding: latin-1 -*-  \xe9t\xe9\n" + BEFORE + b"x = 1"
    text = merged(BEFORE, AFTER, latin)
    assert text == b"# -*- coding: latin-1 -*-  \xe9t\xe9\n" + AFTER + b"x = 1"


def test_a_file_of_both_line_ends_keeps_each_of_them() -> None:
    own = b"# one\r\n# two\n" + BEFORE.replace(b"\n", b"\r\n")
    text = merged(BEFORE, AFTER, own)
    assert text == b"# one\r\n# two\n" + AFTER.replace(b"\n", b"\r\n")


def test_what_is_there_already_is_not_inserted_again_beside_it() -> None:
    # The blank lines above and below are alike, and a change next to it shifts what is matched.
    own = AFTER.replace(b"def last():\n    pass", b"def last():\n    return 1")
    assert merged(BEFORE, AFTER, own) == own
    assert merged(AFTER, BEFORE, own) == own.replace(NEW + b"\n\n", b"")


def test_a_merge_of_several_files_is_whole_or_not_at_all() -> None:
    both = Merge({"a.py": BEFORE, "b.py": b"x = 1\n"}, {"a.py": AFTER, "b.py": b"x = 2\n"}, "+x")
    with pytest.raises(ByHand, match=r"In b\.py") as caught:
        both.apply({"a.py": BEFORE, "b.py": b"x = 3\n"})
    assert caught.value.answer == "+x"
    assert "by hand" in caught.value.remedy
    with pytest.raises(ByHand, match=r"no b\.py"):
        both.apply({"a.py": BEFORE})
    assert both.apply({"a.py": BEFORE, "b.py": b"x = 2\n", "c.py": b""}) == {"a.py": AFTER}


def test_a_new_file_comes_along_with_what_changes_and_does_not_replace_another() -> None:
    both = Merge({"a.py": BEFORE}, {"a.py": AFTER, "new.py": NEW}, "")
    assert both.apply({"a.py": BEFORE}) == {"a.py": AFTER, "new.py": NEW}
    assert both.apply({"a.py": BEFORE, "new.py": NEW}) == {"a.py": AFTER}
    with pytest.raises(ByHand, match=r"In new\.py"):
        both.apply({"a.py": BEFORE, "new.py": b"# mine\n"})
    with pytest.raises(AlreadyThere):
        both.apply({"a.py": AFTER})
