"""The report: one HTML file that shows a class, and needs nothing from anywhere else.

All text is escaped here, and the page forbids every script but its own: what a submission says
is never markup.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from lab.grade.gradebook import is_told
from lab.grade.junit import in_words
from lab.grade.mistakes import Mistake, mistakes
from lab.grade.outcome import Outcome, Status
from lab.grade.scores import Class, Score, plain, result_of
from lab.model import CheckResult, Verdict

LONGEST = 1_200  # characters of one text
APART = 100  # submissions, up to which there is room for a gap between two, on paper as well


def html_of(found: Class) -> bytes:
    """Return the page."""
    style, script = (_own(name) for name in ("report.css", "report.js"))
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(_Page(found).parts())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>lab grade</title><style>{style}</style></head>\n"
        f"<body>\n{body}\n<script>{script}</script></body></html>\n"
    ).encode("utf-8", "replace")


def _own(name: str) -> str:
    return files("lab.grade").joinpath(name).read_text("utf-8")


def _text(text: str) -> str:
    """Return a text of whatever origin as HTML."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} ..."
    return escape(
        "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
    )


class _Page:
    """The parts of the page of one class."""

    def __init__(self, found: Class) -> None:
        self._found = found
        self._numbers = {o.submission: n for n, o in enumerate(found.outcomes, start=1)}

    def parts(self) -> Iterator[str]:
        """Yield the page's body."""
        yield from self._head()
        yield from self._checks()
        yield from self._mistakes()
        yield from self._students()
        yield from self._predictions()
        yield from self._details()

    def _name(self, submission: str) -> str:
        number = self._numbers[submission]
        return f'<span data-name="{number}">{_text(submission)}</span>'

    def _head(self) -> Iterator[str]:
        found = self._found
        count = len(found.outcomes)
        unscored = sum(not outcome.gradable for outcome in found.outcomes)
        walls = ", ".join(found.walls) or "none"
        yield "<h1>lab grade</h1>"
        yield (
            f"<p>{count} submission{'s' * (count != 1)} of {_text(', '.join(found.exercises))}; "
            f"{unscored} without a score.</p>"
            f'<p class="soft">Judged by starting, killing and restarting each API, behind: '
            f"{_text(walls)}.</p>"
        )
        yield '<p class="tools"><button id="hide" aria-pressed="false">Hide names</button></p>'

    def _students(self) -> Iterator[str]:
        found = self._found
        titles = ["student", "score", *map(_title, found.exercises), "what happened"]
        heads = "".join(f'<th scope="col"><button>{_text(t)}</button></th>' for t in titles)
        yield '<h2>Who is where</h2><div class="wide"><table>'
        yield f"<thead><tr>{heads}</tr></thead><tbody>"
        for outcome in found.outcomes:
            total = found.total(outcome)
            said = f"{total} of {plain(total.most)}" if str(total) else "no score"
            value = str(total) or "-1"
            marks = "".join(_mark(found.score(outcome, id)) for id in found.exercises)
            what = "" if outcome.status is Status.JUDGED else str(outcome.status).replace("_", " ")
            says = f"{what}: {outcome.says}" if outcome.says else what
            yield (
                f"<tr><td>{self._name(outcome.submission)}</td>"
                f'<td class="score" data-value="{value}">{said}</td>{marks}'
                f"<td>{_text(says)}</td></tr>"
            )
        yield "</tbody></table></div>"

    def _checks(self) -> Iterator[str]:
        found = self._found
        yield (
            '<h2>Every check, every student</h2><p class="key soft">From left to right, in the '
            'order of their scores.<i class="all"></i>passed<i class="zero"></i>failed'
            '<i class="no"></i>not judged</p><p id="shown" class="soft" aria-live="polite"></p>'
        )
        order = sorted(found.outcomes, key=self._rank)
        yield f'<div class="checks{" dense" * (len(order) > APART)}">'
        for exercise in found.exercises:
            sentences = _sentences(found.outcomes, exercise)
            if sentences:
                yield f"<h3>{_text(_title(exercise))}</h3>"
            for name, says in sentences.items():
                verdicts = [(o, _verdict(o, exercise, name)) for o in order]
                passed = sum(verdict == Verdict.PASSED for _, verdict in verdicts)
                cells = "".join(
                    f'<i class="{verdict}" data-of="{self._numbers[o.submission]}"></i>'
                    for o, verdict in verdicts
                )
                label = f"{passed} of {len(verdicts)} passed"
                yield (
                    f"<span>{_text(says)}</span><span>{passed} of {len(verdicts)}</span>"
                    f'<span class="strip" role="img" aria-label="{label}">{cells}</span>'
                )
        yield "</div>"

    def _rank(self, outcome: Outcome) -> tuple[float, str]:
        reached = self._found.total(outcome).reached
        return (-float(reached) if reached is not None else 1.0, outcome.submission)

    def _mistakes(self) -> Iterator[str]:
        made = mistakes(self._found)
        if not made:
            return
        yield '<h2>The same mistake</h2><div id="mistakes">'
        for mistake in made:
            yield self._mistake(mistake)
        yield "</div>"

    def _mistake(self, mistake: Mistake) -> str:
        checks = "".join(f"<li>{_text(says)}</li>" for says in mistake.says)
        lines = "".join(
            f"<dt>{self._name(made.submission)}</dt>"
            f"<dd><code>{_text(made.line or made.actual)}</code></dd>"
            for made in mistake.made
        )
        return (
            f"<details><summary><b>{len(mistake.made)}</b> &times; {_text(mistake.words)}</summary>"
            f"<dl>{lines}</dl><p>What then is not so:</p><ul>{checks}</ul></details>"
        )

    def _predictions(self) -> Iterator[str]:
        told = [p for outcome in self._found.outcomes for p in outcome.predictions]
        if not told:
            return
        yield (
            '<h2>What they expected</h2><p class="soft">First predictions, by the students\' own '
            'journals: self-reported.</p><div class="wide"><table><thead><tr>'
            "<th>exercise</th><th>right</th><th>wrong</th><th>most common wrong prediction</th>"
            "</tr></thead><tbody>"
        )
        for exercise in sorted({p.exercise for p in told}):
            of_it = [p for p in told if p.exercise == exercise]
            wrong = Counter(p.said for p in of_it if not p.right)
            common = wrong.most_common(1)[0][0] if wrong else ""
            right = sum(p.right for p in of_it)
            yield (
                f"<tr><td>{_text(exercise)}</td><td>{right}</td><td>{len(of_it) - right}</td>"
                f"<td>{_text(common)}</td></tr>"
            )
        yield "</tbody></table></div>"

    def _details(self) -> Iterator[str]:
        yield "<h2>Each submission</h2>"
        for outcome in self._found.outcomes:
            checks = [
                (result.id, check)
                for result in outcome.exercises
                for check in result.checks
                if check.verdict is not Verdict.PASSED
            ]
            rows = "".join(_failure(exercise, check) for exercise, check in checks)
            app = f" ({outcome.app})" if outcome.app else ""
            said = f"{len(checks)} checks not passed" if checks else str(outcome.status)
            yield (
                f"<details><summary>{self._name(outcome.submission)}"
                f'<span class="soft">{_text(app)}: {_text(said)}</span></summary>'
                f"<p>{_text(outcome.says)}</p>{rows}</details>"
            )


def _title(exercise: str) -> str:
    return f"{exercise} (self-reported)" if is_told(exercise) else exercise


def _mark(score: Score) -> str:
    if score.reached is None:
        return '<td class="mark no" data-value="-1">-</td>'
    of_all = score.reached / score.most if score.most else score.reached
    kind = "all" if of_all >= 1 else "part" if of_all else "zero"
    return f'<td class="mark {kind}" data-value="{float(of_all):.4f}">{score}</td>'


def _sentences(outcomes: Iterable[Outcome], exercise: str) -> dict[str, str]:
    """Return the checks of an exercise that anybody got to, with their sentences."""
    found: dict[str, str] = {}
    for outcome in outcomes:
        result = result_of(outcome, exercise)
        for check in result.checks if result else ():
            found.setdefault(check.name, check.says)
    return found


def _verdict(outcome: Outcome, exercise: str, name: str) -> str:
    result = result_of(outcome, exercise)
    for check in result.checks if result else ():
        if check.name == name:
            return check.verdict
    return Verdict.NOT_STARTED


def _failure(exercise: str, check: CheckResult) -> str:
    return (
        f"<p><b>{_text(exercise)}: {_text(check.says)}</b> "
        f'<span class="soft">{_text(check.verdict.words)}</span></p>'
        f"<pre>{_text(in_words(check))}</pre>"
    )
