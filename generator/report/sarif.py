"""The format for code scanning: SARIF 2.1.0.

GitHub's wishes beyond the standard are in its manual:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from generator.model.finding import Finding, FindingKind, Severity, Witness
from generator.model.printable import one_line, printable
from generator.model.span import Span
from generator.report.json import dump
from generator.report.places import shown_path
from generator.report.report import Report, details, proof_line, summarise
from generator.version import documentation_page, version

if TYPE_CHECKING:
    from generator.rules.manual import Manual

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
# GitHub: over 9.0 is critical, from 7.0 high, from 4.0 medium, below low.
_SECURITY_SEVERITIES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}


def sarif(report: Report) -> str:
    """The report as a SARIF log with one run.

    A result needs a place in a file; what has none becomes a notification of the run, so that
    nothing is left out.
    """
    placed = [finding for finding in report.findings if _place(finding) is not None]
    unplaced = [finding for finding in report.findings if _place(finding) is None]
    rules = sorted({finding.rule for finding in placed})
    repeats: Counter[str] = Counter()
    results = []
    for finding in placed:
        repeats[finding.fingerprint] += 1
        results.append(
            _result(
                finding,
                rule_index=rules.index(finding.rule),
                repeat=repeats[finding.fingerprint],
                base=report.base,
            )
        )
    summary = summarise(report)
    invocation: dict[str, object] = {
        "executionSuccessful": not summary.errors and report.stopped is None,
        "exitCode": int(summary.exit_code),
    }
    if unplaced:
        invocation["toolExecutionNotifications"] = [
            {
                "level": _LEVELS[finding.severity],
                "message": {"text": _text(finding)},
                "descriptor": {"id": finding.rule},
            }
            for finding in unplaced
        ]
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "forebay",
                "semanticVersion": version(),
                "rules": [
                    _rule(name, [finding for finding in placed if finding.rule == name])
                    for name in rules
                ],
            }
        },
        "properties": {"proved": proof_line(report)},
        "automationDetails": {"id": f"forebay/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _place(finding: Finding) -> Span | None:
    return finding.location or finding.topology


def _rule(name: str, findings: list[Finding]) -> dict[str, object]:
    """A rule's entry; its severity is the worst that this run saw, results keep their own level."""
    worst = min((finding.severity for finding in findings), key=lambda severity: severity.rank)
    words = name.replace("-", " ")
    manual = _manuals().get(name)
    short = words[:1].upper() + words[1:] if manual is None else manual.summary
    text = (
        "Each result says what is wrong, where, why it matters and how to fix it."
        if manual is None
        else manual.text
    )
    properties: dict[str, object] = {
        "tags": ["security", "infrastructure", "aws-ecr", *_commands().get(name, ())],
        "precision": "very-high",
    }
    if worst in _SECURITY_SEVERITIES:
        properties["security-severity"] = _SECURITY_SEVERITIES[worst]
    page = documentation_page(f"reference/rules/{name}")
    return {
        "id": name,
        **({} if page is None else {"helpUri": page}),
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": _full(manual) or _kind_text(findings[0].kind)},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[worst]},
        "properties": properties,
    }


@cache
def _manuals() -> Mapping[str, "Manual"]:
    """The manual of each rule by its name."""
    from generator.rules.manuals import entries

    return {entry.name: entry.manual for entry in entries()}


@cache
def _commands() -> Mapping[str, tuple[str, ...]]:
    """The commands that report each rule."""
    from generator.rules.manuals import entries

    return {
        entry.name: tuple(dict.fromkeys(command.split()[0] for command in entry.commands))
        for entry in entries()
    }


def _full(manual: "Manual | None") -> str:
    """What a manual says before its examples, as plain paragraphs."""
    if manual is None:
        return ""
    text = manual.text.partition("**Bad**")[0]
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _kind_text(kind: FindingKind) -> str:
    match kind:
        case FindingKind.FINDING:
            return "Something in the topology or in the code that is wrong or risky."
        case FindingKind.DRIFT:
            return "The code and the topology do not agree."
        case FindingKind.UNDECIDED:
            return "Something that could not be decided from what was read."
        case FindingKind.ERROR:
            return "Something that kept a part of the work from being done."


def _result(finding: Finding, *, rule_index: int, repeat: int, base: Path) -> dict[str, object]:
    place = _place(finding)
    assert place is not None  # noqa: S101 - only findings with a place come here
    related = list(_related(finding, base))
    text = _text(finding)
    if finding.witness is not None:
        text += f"\n\n{_witness_text(finding.witness)}"
    for location in related:
        message = location["message"]
        assert isinstance(message, dict)  # noqa: S101 - built below
        text += f"\n[{message['text']}]({location['id']})"
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(place, base, address=finding.address)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{finding.fingerprint}:{repeat}",
            "forebay/v1": finding.fingerprint,
        },
        "properties": {"kind": finding.kind.value, "severity": finding.severity.value},
    }
    if related:
        result["relatedLocations"] = related
    return result


def _related(finding: Finding, base: Path) -> Iterator[dict[str, object]]:
    places: list[tuple[str, Span]] = []
    if finding.topology is not None and finding.topology != _place(finding):
        places.append(("the line of the topology", finding.topology))
    if finding.witness is not None and finding.witness.statement is not None:
        places.append(("the statement", finding.witness.statement))
    for number, (text, span) in enumerate(places, start=1):
        yield {"id": number, "message": {"text": text}, **_location(span, base, address=None)}


def _location(span: Span, base: Path, *, address: str | None) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {
                "uri": _uri(shown_path(span.file, base)),
                "uriBaseId": "%SRCROOT%",
            },
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }
    if address:
        location["logicalLocations"] = [
            {"fullyQualifiedName": one_line(address), "kind": "resource"}
        ]
    return location


def _uri(path: str) -> str:
    try:
        return quote(os.fsencode(path))
    except UnicodeEncodeError:  # no file has such a name, but a plan may say so
        return quote(path.encode("utf-8", "backslashreplace"))


def _text(finding: Finding) -> str:
    message = details(finding)
    title = one_line(finding.title)
    text = f"{title}\n\n{printable(message)}" if message else title
    # Only `[…](…)` means a link in a SARIF message, so a literal one loses its meaning here.
    return text.replace("](", "\\](")


def _witness_text(witness: Witness) -> str:
    lines = [
        one_line(f"Witness: {witness.principal} calls {witness.action} on {witness.resource}.")
    ]
    for key, value in sorted(witness.context.items()):
        shown = value if isinstance(value, str) else ", ".join(value)
        lines.append(f"  {one_line(f'{key} = {shown}')}")
    return "\n".join(lines).replace("](", "\\](")
