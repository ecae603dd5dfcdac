"""A three-way merge into the learner's files: line ends, byte order mark and encoding stay."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lab.codemods.sources import Sources
from lab.model import AlreadyThere, ByHand


@dataclass(frozen=True)
class Merge:
    """An edit: what leads from the files `before` to those `after`, in code that may be another.

    `answer` is what the learner is shown where it does not merge.
    """

    before: Sources
    after: Sources
    answer: str
    there: str = "Your code has what the lab would write."

    def apply(self, sources: Sources) -> dict[str, bytes]:
        """Return the files that change, whole.

        Raises AlreadyThere where nothing is left to change, ByHand at any conflict.
        """
        new = {*self.after} - {*self.before} - {*sources}
        merged = {
            path: text if path in new else self._merged(path, sources)
            for path, text in self.after.items()
            if self.before.get(path) != text
        }
        changed = {path: text for path, text in merged.items() if sources.get(path) != text}
        # Files of its own do not tell whether it is there, unless it is made of nothing else.
        if not changed or (changed.keys() <= new and not merged.keys() <= new):
            raise AlreadyThere(self.there)
        return changed

    def _merged(self, path: str, sources: Sources) -> bytes:
        if path not in sources:
            raise ByHand(f"There is no {path} in your workspace to change.", self.answer)
        text = merged(self.before.get(path, b""), self.after[path], sources[path])
        if text is None:
            raise ByHand(
                f"In {path} the lines to change are not as the lab knows them.", self.answer
            )
        return text


def merged(before: bytes, after: bytes, own: bytes) -> bytes | None:
    """Return a file with what changed from `before` to `after`, or None at any conflict.

    What is new gets the line ends that the file has.
    """
    from merge3 import Merge3  # every command reads the declarations of edits, and few merge

    end = b"\r\n" if b"\r\n" in own else b"\n"
    lines = own.removeprefix(BOM_UTF8).splitlines(keepends=True)
    merge = Merge3(_lines(before, end), lines, _lines(after, end), sequence_matcher=_Settled)
    result = [BOM_UTF8] if own.startswith(BOM_UTF8) else []
    for group in merge.merge_groups():
        if group[0] == "conflict":
            return None
        result += group[1]
    return b"".join(result)


def _lines(text: bytes, end: bytes) -> list[bytes]:
    plain = text.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    return plain.replace(b"\n", end).splitlines(keepends=True)


class _Settled:
    """Find each insertion and each removal as far down as it can be.

    A function that is inserted between two others may begin with the blank lines above it or end
    with those below. Where both sides have inserted it, they must have done so in one place.
    """

    def __init__(
        self,
        isjunk: Callable[[bytes], bool] | None = None,
        a: Sequence[bytes] = (),
        b: Sequence[bytes] = (),
        autojunk: bool = False,
    ) -> None:
        self.a, self.b = a, b
        self._matcher = SequenceMatcher(isjunk, a, b, autojunk)

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        """Return the matching blocks as SequenceMatcher does, the last one of them empty."""
        blocks: list[tuple[int, int, int]] = []
        a, b, size = 0, 0, 0
        for next_a, next_b, next_size in self._matcher.get_matching_blocks():
            removed, inserted = range(a + size, next_a), range(b + size, next_b)
            lines, gap = (self.b, inserted) if inserted else (self.a, removed)
            slid = 0
            if not (removed and inserted):
                while (
                    gap and slid < next_size and lines[gap[0] + slid] == lines[gap[-1] + 1 + slid]
                ):
                    slid += 1
            blocks.append((a, b, size + slid))
            a, b, size = next_a + slid, next_b + slid, next_size - slid
        return [*blocks, (a, b, size)]
