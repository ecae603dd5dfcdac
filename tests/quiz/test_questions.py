"""The explain exercises: hard to guess, really run, and gone through at one's own pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest

from lab.model import LabError, NotPossible, Verdict
from lab.quiz import answers, snippets
from lab.quiz.script import Script, carry_out, listing
from lab.quiz.session import Asked, Chosen, Compare, Lacking, Marked, choose, play, put
from lab.quiz.verdicts import judge_explanations, standing
from lab.scenario.explanation import Option, Question
from lab.workspace import creation
from lab.workspace.creation import ANSWERS_TEXT
from lab.workspace.workspace import Workspace
from tests.support.quiz import (
    EXPLANATIONS,
    FIRST,
    QUESTIONS,
    WITH_CODE,
    WORDS,
    Learner,
    as_declared,
    checks_of,
)


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


# The four exercises as they are declared


def test_there_are_four_and_each_asks_two_to_four_questions_one_of_them_run() -> None:
    assert list(EXPLANATIONS) == ["explain-1", "explain-2", "explain-3", "explain-4"]
    for explanation in EXPLANATIONS.values():
        assert 2 <= len(explanation.questions) <= 4
        assert any(question.code for question in explanation.questions)
        assert len({question.id for question in explanation.questions}) == len(
            explanation.questions
        )
        assert f"## {explanation.id}: {explanation.asks}" in ANSWERS_TEXT
        assert answers.lack(explanation, explanation.model_answer.replace("I ", "we ")) is None or (
            "I " not in explanation.model_answer
        )


@pytest.mark.parametrize("extreme", [max, min])
def test_the_longest_or_the_shortest_option_is_right_no_more_often_than_by_chance(
    extreme: Callable[[list[int]], int],
) -> None:
    score = chance = 0.0
    for question in QUESTIONS.values():
        lengths = [len(option.says) for option in question.options]
        picked = extreme(lengths)
        score += (len(question.declared.says) == picked) / lengths.count(picked)
        chance += 1 / len(lengths)
    assert score <= chance


def test_no_place_among_the_listed_keys_is_right_most_of_the_time() -> None:
    places = []
    for explanation in EXPLANATIONS.values():
        for listed in listing(explanation)["questions"]:
            keys = [option["key"] for option in listed["options"]]
            question = explanation.question(listed["id"])
            assert question
            places.append(keys.index(question.declared.key))
    assert all(places.count(place) <= len(places) / 2 for place in set(places))


def test_code_and_texts_fit_on_a_terminal() -> None:
    for question in QUESTIONS.values():
        assert all(len(line) <= 76 for line in question.code.splitlines())
        assert len(question.code.splitlines()) <= 24


@pytest.mark.parametrize("name", WITH_CODE)
def test_a_run_on_this_machine_gives_the_option_that_the_texts_were_written_for(name: str) -> None:
    question = WITH_CODE[name]
    assert question.saying(snippets.output(question)) == question.declared


def test_options_that_cannot_be_told_apart_or_are_not_right_once_are_refused() -> None:
    right, wrong = Option("a", "A"), Option("b", "B", "no")
    for options in [
        (right, wrong),
        (right, wrong, Option("b", "C", "no")),
        (right, wrong, Option("c", "B", "no")),
        (right, Option("b", "B"), Option("c", "C", "no")),
        (Option("a", "A", "no"), wrong, Option("c", "C", "no")),
    ]:
        with pytest.raises(ValueError, match="options"):
            Question("q", "?", options, "why")


# What is right comes from running


long = partial(pytest.param, marks=pytest.mark.long)


@pytest.mark.parametrize(
    ("name", "old", "new", "then"),
    [
        (
            "explain-1/sent",
            "SessionLocal(), Ses",
            "SessionLocal(autoflush=False), Ses",
            "at_commit",
        ),
        long("explain-1/sent", "print(other", "db.commit()\nprint(other", "to_all"),
        ("explain-2/calls", "return len(calls)", "return 1", "per_app"),
        long(
            "explain-4/no_finally",
            '    yield "the session"\n    closed',
            '    try:\n        yield "the session"\n    finally:\n        closed',
            "every_time",
        ),
    ],
)
def test_changed_code_makes_another_option_right(
    name: str, old: str, new: str, then: str, made: Workspace
) -> None:
    question = QUESTIONS[name]
    assert question.code.count(old) == 1
    changed = replace(question, code=question.code.replace(old, new))
    chosen = choose("explain-1", changed, question.declared, made, lambda event: None)
    assert (chosen.right.key, chosen.is_right) == (then, False)
    again = choose("explain-1", changed, chosen.right, made, lambda event: None)
    assert again.is_right
    assert again.said == ""  # the written reason is not for this


@pytest.mark.parametrize("code", ["print('something else')", "raise SystemExit(4)", "1/0"])
def test_a_run_that_fits_no_option_is_an_error_of_the_lab_and_counts_for_nothing(
    code: str, made: Workspace
) -> None:
    question = replace(QUESTIONS["explain-4/returned"], code=code)
    with pytest.raises(LabError) as raised:
        choose("explain-4", question, question.declared, made, lambda event: None)
    assert raised.value.exit_code == 3
    assert "returned" in raised.value.message
    assert made.journal.entries() == ()


def test_code_without_an_end_and_an_app_that_does_not_start_are_errors_of_the_lab(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snippets, "SECONDS", 0.3)
    with pytest.raises(LabError, match="did not end"):
        snippets.output(replace(QUESTIONS["explain-4/returned"], code="while True: pass"))
    monkeypatch.setattr(snippets, "SECONDS", 10.0)
    with pytest.raises(LabError, match="app of the question calls failed") as raised:
        snippets.output(replace(QUESTIONS["explain-2/calls"], code="import nothing_like_this"))
    assert raised.value.exit_code == 3


# Going through an exercise


def test_a_wrong_choice_names_the_idea_and_comes_back_until_all_is_right(made: Workspace) -> None:
    missed: set[str] = set()

    def wrong_once(asked: Asked) -> int:
        right = asked.options.index(asked.question.declared)
        if asked.question.id in missed:
            return right
        missed.add(asked.question.id)
        return (right + 1) % len(asked.options)

    learner = Learner(wrong_once)
    result = play(FIRST, made, learner, Random(1), as_declared)
    assert result.verdict is Verdict.PASSED
    assert [asked.again for asked in learner.asked] == [False] * 4 + [True] * 4
    chosen = [event for event in learner.events if isinstance(event, Chosen)]
    assert all(event.said == event.option.mistaken != "" for event in chosen if not event.is_right)
    assert all(event.said == event.question.why for event in chosen if event.is_right)
    assert result.note == "Right at the first try: 0 of 4 questions."
    now = standing(made.journal, FIRST)
    assert (sum(now.first.values()), len(now.right), now.tries) == (0, 4, 8)


def test_order_and_options_are_shuffled_and_a_seed_repeats_them(tmp_path: Path) -> None:
    def orders(name: str, seed: int) -> list[tuple[str, ...]]:
        learner = Learner()
        made = creation.create(tmp_path / name)
        play(FIRST, made, learner, Random(seed), as_declared)
        return [(a.question.id, *(option.key for option in a.options)) for a in learner.asked]

    assert orders("a", 1) == orders("b", 1) != orders("c", 2)
    keys = {put("x", QUESTIONS["explain-1/sent"], Random(seed), 1, 1).options for seed in range(50)}
    assert len(keys) > 10


def test_stopping_keeps_what_was_answered_and_the_next_time_goes_on(made: Workspace) -> None:
    right = Learner().picks
    stops = Learner(lambda asked: right(asked) if asked.number < 3 else None)
    first = play(FIRST, made, stops, Random(1), as_declared)
    assert checks_of(first)["questions_answered"] == "failed"
    assert first.checks[0].actual == "2 of 4"

    words = Learner(words=["too short", None])
    second = play(FIRST, made, words, Random(1), as_declared)
    assert [asked.of for asked in words.asked] == [2, 2]
    assert len(words.seen(Lacking)) == 1
    assert checks_of(second) == {
        "questions_answered": "passed",
        "own_words": "failed",
        "self_marked": "failed",
    }
    unmarked = Learner(marks=[True, None])
    assert play(FIRST, made, unmarked, Random(1), as_declared).verdict is Verdict.FAILED
    assert (unmarked.asked, len(unmarked.seen(Compare))) == ([], 1)
    done = Learner(words=[])
    assert play(FIRST, made, done, Random(1), as_declared).verdict is Verdict.PASSED
    assert len(done.seen(Marked)) == 1
    assert answers.read(made.folder, FIRST) == f"too short\n\n{WORDS}"


def test_what_has_passed_is_asked_again_as_practice_and_stays_passed(made: Workspace) -> None:
    play(FIRST, made, Learner(), Random(1), as_declared)
    before = (made.folder / "answers.md").read_bytes()
    stops = Learner(lambda asked: 0 if asked.number < 2 else None, words=[], marks=[])
    assert play(FIRST, made, stops, Random(2), as_declared).verdict is Verdict.PASSED
    assert len(stops.asked) == 2
    again = Learner(words=[], marks=[])  # neither asked for words nor for marks once more
    result = play(FIRST, made, again, Random(2), as_declared)
    assert result.note == "Right at the first try: 4 of 4 questions."
    assert (made.folder / "answers.md").read_bytes() == before


def test_a_bare_folder_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "answers.md").write_text(f"## explain-1\n{WORDS}\n")
    bare = Workspace.read_only(tmp_path, "main:app")
    with pytest.raises(NotPossible, match="no workspace"):
        play(FIRST, bare, Learner(), Random(1), as_declared)
    with pytest.raises(NotPossible, match="no workspace"):
        carry_out(Script(), FIRST, bare, as_declared)
    found = judge_explanations(bare, EXPLANATIONS)
    assert [result.verdict for result in found] == [Verdict.NOT_STARTED] * 4


def test_nothing_yet_is_not_started_and_words_alone_are_a_start(made: Workspace) -> None:
    found = judge_explanations(made, EXPLANATIONS)
    assert [result.verdict for result in found] == [Verdict.NOT_STARTED] * 4
    assert found[0].note == "Begin with `lab explain explain-1`."
    answers.add(made.folder, FIRST, WORDS)
    found = judge_explanations(made, EXPLANATIONS)
    assert [r.verdict.value for r in found] == ["failed", *["not_started"] * 3]
    assert checks_of(found[0])["own_words"] == "passed"
