"""The patches that lie beside the scenarios: they fit the reference, each other and other code."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lab import resources
from lab.codemods.patches import Patch, reference
from lab.model import AlreadyThere, ByHand
from tests.support.codemods import style

EVERY = sorted(path.name for path in resources.folder("scenarios").glob("*.patch"))
TESTS = [name for name in EVERY if name.startswith("test_")]  # each brings a file, and no more
FILES = [*TESTS, "break_20_copied_file.patch"]
PATCHES = [name for name in EVERY if name not in FILES]
ALTERATIONS = [name for name in PATCHES if name.startswith("alter_")]
SQLMODEL = "alter_5_sqlmodel.patch"
CHANGING = "alter_4_changing.patch"
# They change the same lines: who has made the one is shown the other, and does it by hand.
BY_HAND = [
    ("alter_2_filter.patch", "break_19_two_workers.patch"),
    ("alter_2_filter.patch", "break_23_writing_get.patch"),
    (SQLMODEL, "break_22_none_is_not_unset.patch"),
    (SQLMODEL, "break_24_default_computed_once.patch"),
    (SQLMODEL, "break_25_statements_per_todo.patch"),
    (SQLMODEL, "break_30_two_first_starts.patch"),
    ("alter_6_users.patch", "break_24_default_computed_once.patch"),
    ("alter_6_users.patch", "break_31_forked_engine.patch"),
    ("alter_6_users.patch", "break_32_the_crowd.patch"),
    ("alter_7_alembic.patch", "break_30_two_first_starts.patch"),
    ("alter_7_alembic.patch", "break_31_forked_engine.patch"),
]
PAIRS = list(itertools.permutations([name for name in ALTERATIONS if name != SQLMODEL], 2))


def written(names: tuple[str, ...]) -> dict[str, bytes]:
    """The reference after the alterations of these patches, one after the other."""
    sources = reference()
    for name in names:
        if name == CHANGING:
            sources |= Patch(name, reverse=True).apply(sources)
        sources |= Patch(name).apply(sources)
    return sources


def test_there_is_a_patch_for_each_alteration_of_the_sources() -> None:
    assert [name.split("_")[1] for name in ALTERATIONS] == list("1234567")


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_leads_from_the_start_to_code_that_compiles_and_back(name: str) -> None:
    before, after = Patch(name).states()
    assert reference() in (before, after)
    for path, text in after.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
    assert Patch(name).text.isascii()  # it merges into a file of any encoding
    assert {**before, **Patch(name).apply(before)} == after
    assert {**before, **Patch(name, reverse=True).apply(after)} == before
    with pytest.raises(AlreadyThere):
        Patch(name).apply(after)


@pytest.mark.parametrize("name", TESTS)
def test_a_test_is_one_file_that_compiles_beside_code_that_stays(name: str) -> None:
    ((path, text),) = Patch(name).apply(reference()).items()
    assert path.startswith("tests/test_")
    compile(text, path, "exec")


@pytest.mark.parametrize("pair", PAIRS)
def test_any_two_alterations_merge_in_any_order(pair: tuple[str, str]) -> None:
    assert written(pair) == written(pair[::-1])


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_what_a_break_writes_merges_into_what_the_course_has_altered(alteration: str) -> None:
    for name in PATCHES:
        if (alteration, name) in BY_HAND:
            with pytest.raises(ByHand):
                written((alteration, name))
        elif name not in ALTERATIONS:
            assert written((alteration, name)) != written((alteration,))


def test_each_alteration_is_found_again_when_all_of_them_were_made() -> None:
    names = tuple(name for name in ALTERATIONS if name != SQLMODEL)
    sources = written(names)
    for name in names:
        with pytest.raises(AlreadyThere):
            Patch(name).apply(sources)


def test_a_model_with_columns_of_its_own_is_moved_to_sqlmodel_by_hand() -> None:
    sources = written(("alter_1_priority.patch",))
    with pytest.raises(ByHand, match=r"models\.py") as caught:
        Patch(SQLMODEL).apply(sources)
    assert caught.value.answer == Patch(SQLMODEL).text


@pytest.mark.parametrize("name", PATCHES)
@pytest.mark.parametrize("other", ["single", "routers"])
def test_in_code_of_another_layout_it_is_done_by_hand(name: str, other: str) -> None:
    with pytest.raises(ByHand, match="in your workspace"):
        Patch(name).apply(style(other))


def test_a_patch_that_does_not_fit_the_reference_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Patch("alter_1_priority.patch").text.replace(" completed: Mapped", " done: Mapped")
    (tmp_path / "stale.patch").write_text(stale, "utf-8")
    app = resources.folder("todos_app")
    monkeypatch.setattr(resources, "folder", lambda name: app if name == app.name else tmp_path)
    with pytest.raises(ValueError, match=r"models\.py does not fit"):
        Patch("stale.patch").states()
