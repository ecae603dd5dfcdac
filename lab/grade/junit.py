"""The results as JUnit XML, which GitHub, GitLab and Jenkins show."""

from __future__ import annotations

from xml.etree import ElementTree

from lab.grade.outcome import Outcome, Status
from lab.grade.scores import Class, result_of
from lab.model import CheckResult, Verdict

SKIPPED = (Verdict.NOT_STARTED, Verdict.NOT_APPLICABLE)


def xml_of(found: Class) -> bytes:
    """Return one suite for each submission, with a case for each check."""
    root = ElementTree.Element("testsuites", name="lab grade")
    for outcome in found.outcomes:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(outcome.submission))
        for exercise in found.exercises:
            result = result_of(outcome, exercise)
            name = f"{outcome.submission}.{exercise}"
            if result is None or not result.checks:
                note = result.note if result else None
                _case_of_all(suite, name, exercise, outcome, note)
            else:
                for check in result.checks:
                    _case(suite, name, check)
        _count(suite)
    _count(root)
    whole: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def _case_of_all(
    suite: ElementTree.Element, name: str, exercise: str, outcome: Outcome, note: str | None
) -> None:
    """Add the one case of an exercise of which no check was run."""
    case = ElementTree.SubElement(suite, "testcase", classname=_xml(name), name=exercise)
    kind = "error" if outcome.status is Status.ERROR else "skipped" if note else "failure"
    ElementTree.SubElement(case, kind, message=_xml(note or outcome.says or outcome.status))


def _case(suite: ElementTree.Element, name: str, check: CheckResult) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=_xml(name), name=_xml(check.says))
    if check.verdict is Verdict.PASSED:
        return
    kind = "error" if check.verdict is Verdict.ERROR else "failure"
    if check.verdict in SKIPPED:
        kind = "skipped"
    told = ElementTree.SubElement(case, kind, message=_xml(check.actual or check.verdict))
    told.text = _xml(in_words(check))


def in_words(check: CheckResult) -> str:
    """Return what a check has to say, as lines of plain text."""
    lines = [
        f"expected: {check.expected}" if check.expected else "",
        f"got: {check.actual}" if check.actual else "",
        check.help or "",
        (check.evidence.curl or "") if check.evidence else "",
        (check.evidence.log or "") if check.evidence else "",
    ]
    return "\n".join(line for line in lines if line)


def _count(element: ElementTree.Element) -> None:
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        element.set(name, str(sum(1 for _ in element.iter(tag))))


def _xml(text: str) -> str:
    """Return the text without what no XML may hold."""
    return "".join(
        char if char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char < "\ufffe"
        or char > "\uffff" else "\ufffd"
        for char in text
    )  # fmt: skip
