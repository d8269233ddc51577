"""The format for test reports of CI systems: JUnit XML with one case for each question.

A green run shows what was proved. There is no one standard; the elements and attributes are those
that Jenkins, GitLab and GitHub actions read alike.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from generator.frozen_data import frozen
from generator.model.finding import ABOUT_YARDSTICKS, Finding, FindingKind, Question, Severity
from generator.model.printable import one_line, printable
from generator.report.places import shown_place
from generator.report.report import Report, proof_line

_OTHER = "everything else"


@frozen
class _Results:
    """A report, with where each of its results stands: each case looks for its own."""

    report: Report
    found: Mapping[str, list[int]]
    silenced: Mapping[str, list[int]]


def junit(report: Report) -> str:
    """The questions that were asked as test cases; results about no question have one of their own."""
    asked = {fingerprint for question in report.questions for fingerprint in question.findings}
    results = _Results(
        report=report,
        found=_positions(each.fingerprint for each in report.findings),
        silenced=_positions(each.finding.fingerprint for each in report.silenced),
    )
    suites: dict[str, list[list[str]]] = {}
    if any(finding.rule in ABOUT_YARDSTICKS for finding in report.findings):
        # What a change does to that by which it is judged stands before all that it is judged by.
        suites[_OTHER] = []
    for question in report.questions:
        suites.setdefault(question.suite, []).append(list(_case(results, question)))
    for finding in report.findings:
        if finding.fingerprint not in asked:
            question = Question(suite=_OTHER, name=_name(finding), findings=(finding.fingerprint,))
            suites.setdefault(_OTHER, []).append(list(_case(results, question)))
    silenced = [one.finding for one in report.silenced if one.finding.fingerprint not in asked]
    for finding in silenced:
        question = Question(suite=_OTHER, name=_name(finding), findings=(finding.fingerprint,))
        suites.setdefault(_OTHER, []).append(list(_case(results, question)))
    proof = proof_line(report)
    body = [
        line
        for number, (name, cases) in enumerate(suites.items())
        for line in _suite(report.command, name, cases, proof if number == 0 else "")
    ]
    # The outermost element has no count of what was skipped in the schemas.
    counts = _counts([case for cases in suites.values() for case in cases]).rpartition(" ")[0]
    head = f"<testsuites name={_attribute(f'forebay {report.command}')} {counts}>"
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', head, *body, "</testsuites>", ""))


def _suite(command: str, name: str, cases: Iterable[list[str]], proof: str = "") -> Iterator[str]:
    cases = list(cases)
    yield f"  <testsuite name={_attribute(f'{command}: {name}')} {_counts(cases)}>"
    if proof:
        yield "    <properties>"
        yield f'      <property name="proved" value={_attribute(proof)}/>'
        yield "    </properties>"
    for case in cases:
        yield from case
    yield "  </testsuite>"


def _counts(cases: list[list[str]]) -> str:
    """How many cases there are, and how many ended in which way."""

    def number(element: str) -> int:
        return sum(any(line.lstrip().startswith(f"<{element} ") for line in case) for case in cases)

    return (
        f'tests="{len(cases)}" failures="{number("failure")}" errors="{number("error")}" '
        f'skipped="{number("skipped")}"'
    )


def _positions(fingerprints: Iterable[str]) -> Mapping[str, list[int]]:
    """Where results stand in their order, by their fingerprints."""
    found: dict[str, list[int]] = {}
    for number, fingerprint in enumerate(fingerprints):
        found.setdefault(fingerprint, []).append(number)
    return found


def _in_order(positions: Mapping[str, list[int]], fingerprints: Iterable[str]) -> list[int]:
    """The positions of the results with some fingerprints, in their order."""
    return sorted(number for one in fingerprints for number in positions.get(one, ()))


def _case(results: _Results, question: Question) -> Iterator[str]:
    """One case: proved, failed, not decided (an error), or left out (skipped)."""
    report, asked = results.report, frozenset(question.findings)
    shown = [report.findings[number] for number in _in_order(results.found, asked)]
    unseen = asked - results.found.keys()
    silenced = [report.silenced[number] for number in _in_order(results.silenced, unseen)]
    left_out = unseen - results.silenced.keys()
    bad = [one for one in shown if _outcome(report, one)]
    lines: list[str] = []
    # One outcome a case: the schema allows no more, and the worst one is first.
    order = sorted(bad, key=lambda one: (_outcome(report, one) != "failure", one.severity.rank))
    if order:
        outcome = _outcome(report, order[0])
        text = "\n\n".join(_text(one, report.base) for one in order)
        lines.append(
            f"      <{outcome} type={_attribute(order[0].rule)} "
            f"message={_attribute(order[0].title)}>{_content(text)}</{outcome}>"
        )
    elif silenced:
        reason = f"accepted: {silenced[0].reason}"
        lines.append(f"      <skipped message={_attribute(reason)}/>")
    elif left_out:
        reason = "left out by --select, --ignore or --since"
        lines.append(f"      <skipped message={_attribute(reason)}/>")
    notes = "\n\n".join(_text(one, report.base) for one in shown if not _outcome(report, one))
    if notes:
        lines.append(f"      <system-out>{_content(notes)}</system-out>")
    start = (
        f"    <testcase classname={_attribute(f'forebay.{report.command}')} "
        f"name={_attribute(question.name)}"
    )
    if not lines:
        yield f"{start}/>"
        return
    yield f"{start}>"
    yield from lines
    yield "    </testcase>"


def _outcome(report: Report, finding: Finding) -> str:
    """The element for a result that counts, nothing for one that does not."""
    match finding.kind:
        case FindingKind.ERROR:
            return "error"
        case FindingKind.UNDECIDED:
            minor = finding.severity in {Severity.WARNING, Severity.INFO}
            return "" if minor else "error"
        case FindingKind.FINDING | FindingKind.DRIFT:
            return "failure" if report.threshold.counts(finding.severity) else ""


def _name(finding: Finding) -> str:
    where = f" ({finding.address})" if finding.address else ""
    return f"{finding.rule}: {finding.title}{where}"


def _text(finding: Finding, base: Path) -> str:
    place = finding.location or finding.topology
    where = "" if place is None else f"{one_line(shown_place(place, base))}\n"
    return f"{where}{one_line(finding.title)}\n{finding.message}"


def _attribute(text: str) -> str:
    return quoteattr(one_line(text))


def _content(text: str) -> str:
    # A log of GitHub's takes a line that begins with two colons for an order.
    return re.sub("^([ \t]*):(?=:)", r"\1&#58;", escape(printable(text)), flags=re.MULTILINE)
