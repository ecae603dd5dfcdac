"""The learner's own words: read from `answers.md`, added to it, and looked at. Nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lab import regular_files
from lab.scenario.explanation import Explanation
from lab.workspace import files
from lab.workspace.creation import ANSWERS_TEXT
from lab.workspace.snapshots import ANSWERS

WORDS = 15  # "Two or three sentences are enough"
DIFFERENT = 10  # of them, so that one word repeated is no answer
OWN = 6  # of them that are not in the question

# "#like this" is no heading, but "##explain-3" was surely meant as one.
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})(?=\s|explain)(.*)", re.IGNORECASE)
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_ID = re.compile(r"\bexplain[\s_-]*(\d+)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Chinese, Japanese and Korean are written without spaces: there, a character counts as a word.
# No file can hold these; of the others, each stands for a byte that came in from the terminal.
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")


@dataclass(frozen=True)
class Lack:
    """Why a written answer does not pass yet: what was looked for, what is there, what helps."""

    expected: str
    actual: str
    help: str


@dataclass(frozen=True)
class _Section:
    """The lines below a heading for an exercise: from `start` up to, not including, `end`."""

    id: str
    start: int
    end: int


def read(folder: Path, explanation: Explanation) -> str:
    """Return what the learner wrote for the exercise, "" where there is nothing.

    The heading may be renamed, moved, or of another level. Raises Unreadable, LinkRefused.
    """
    lines, _ = _lines(_content(_place(folder)))
    found = [s for s in _sections(lines, explanation) if s.id == explanation.id]
    parts = ("".join(lines[section.start : section.end]).strip() for section in found)
    return "\n\n".join(part.replace("\r\n", "\n") for part in parts if part)


def add(folder: Path, explanation: Explanation, words: str) -> None:
    """Write the words into `answers.md`, below what the learner has there already.

    Every other byte stays. Words that are there already are not written twice. Raises
    CannotWrite, Unreadable, LinkRefused; the file is then as it was.
    """
    words = _LONE.sub("\ufffd", words).strip()
    if not words or words in read(folder, explanation):
        return
    path = _place(folder)
    content = _content(path)
    lines, codec = _lines(content or ANSWERS_TEXT.encode())
    end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    written = [line + end for line in words.splitlines()]
    if not lines or not lines[-1].endswith(("\n", "\r")):
        lines[-1:] = [(lines or [""])[-1] + end]
    section = next((s for s in _sections(lines, explanation) if s.id == explanation.id), None)
    if section is None:
        lines += [end, f"## {explanation.id}: {explanation.asks}{end}", end, *written]
    else:
        at = section.end
        while at > section.start and not lines[at - 1].strip():
            at -= 1
        after = [] if at < section.end or section.end == len(lines) else [end]
        lines[at:at] = [end, *written, *after]
    with files.writing(path):
        mode = files.mode_of(path) if path.exists() else None
        files.write(path, "".join(lines).encode(codec, _errors(codec)), mode)


def lack(explanation: Explanation, answer: str) -> Lack | None:
    """Return why the answer does not say enough, None where it does. It is not marked here."""
    answer = _COMMENT.sub(" ", answer)
    words = _words(answer)
    expected = f"at least {WORDS} words of your own"
    if not words:
        return Lack(expected, "no answer yet", "Two or three sentences are enough. Just begin.")
    if len(words) < WORDS:
        return Lack(expected, f"{len(words)} words", "Say a bit more: two or three sentences.")
    if len(set(words)) < DIFFERENT:
        actual = f"{len(set(words))} different words"
        return Lack(expected, actual, "Write sentences, as if to a friend who has not met this.")
    asked = set(_words(f"{ANSWERS_TEXT} {explanation.asks} {explanation.task}"))
    if len(set(words) - asked) < OWN:
        help = "The question is the start. What would you answer to a friend who asks you this?"
        return Lack(expected, "the question's words and few others", help)
    if " ".join(words) in " ".join(_words(explanation.model_answer)):
        help = "It is a good answer. Now close it, and say it the way you would."
        return Lack(expected, "the lab's model answer, word for word", help)
    return None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _place(folder: Path) -> Path:
    """Return where the answers are: a link stays a link, and leads out of no folder."""
    path = folder / ANSWERS
    real = path.resolve()
    if not real.is_relative_to(folder.resolve()):
        raise regular_files.refused(path)
    return real


def _content(path: Path) -> bytes:
    try:
        return files.read(path)
    except FileNotFoundError:
        return b""


def _lines(content: bytes) -> tuple[list[str], str]:
    """Return the lines with their ends, and the codec that brings back each byte."""
    codec = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2], "utf-8")
    try:
        text = content.decode(codec, _errors(codec))
    except UnicodeDecodeError:  # it only began like UTF-16
        codec = "utf-8"
        text = content.decode(codec, _errors(codec))
    # Not splitlines(): other characters that it takes for a line's end are part of a sentence.
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text), codec


def _errors(codec: str) -> str:
    return "surrogateescape" if codec == "utf-8" else "surrogatepass"


def _sections(lines: list[str], explanation: Explanation) -> list[_Section]:
    """Return the sections of explain exercises; one whose id is gone is known by its question."""
    headings = [(at, level, text, _id(text)) for at, level, text in _headings(lines)]
    if not any(id == explanation.id for *_, id in headings):
        headings = [
            (at, level, text, explanation.id if id is None and _asks(text, explanation) else id)
            for at, level, text, id in headings
        ]
    sections: list[_Section] = []
    inside = 0  # the level of the section's heading; 0 outside of all
    for at, level, text, id in headings:
        # A heading of a lower level is the learner's own, and part of the answer.
        if inside and level > inside and not _ID.match(text.strip(" \t#*`")):
            continue
        if inside:
            sections[-1] = replace(sections[-1], end=at)
        inside = level if id else 0
        if id:
            sections.append(_Section(id, at + 1, len(lines)))
    return sections


def _headings(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """(line, level, text) of each heading; a comment in a block of code is none."""
    fence = ""
    for at, line in enumerate(lines):
        line = line.lstrip("\ufeff")
        if found := _FENCE.match(line):
            if not fence:
                fence = found[1]
            elif fence == found[1]:
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            yield at, len(heading[1]), heading[2]


def _id(heading: str) -> str | None:
    found = _ID.search(heading)
    return f"explain-{int(found[1])}" if found else None


def _asks(heading: str, explanation: Explanation) -> bool:
    """Whether most of a heading's longer words are this question's; the four share none."""
    words = {word for word in _words(heading) if len(word) > 4}
    common = words & set(_words(explanation.asks))
    return len(common) >= 2 and len(common) >= 0.6 * len(words)
