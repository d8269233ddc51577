"""The format for programs: one JSON document with every result and every key."""

import json
from collections.abc import Mapping
from pathlib import Path

from generator.model.finding import Finding, Witness
from generator.model.proof import Proof
from generator.report.places import place_object
from generator.report.report import Plain, Report, summarise
from generator.report.words import json_safe

VERSION = 1
"""Raised when a key changes its meaning or goes away."""


def json_document(report: Report) -> str:
    """The report as a JSON document, with a line end."""
    summary = summarise(report)
    document: dict[str, object] = {
        "version": VERSION,
        "command": report.command,
        "summary": {
            "drift": summary.drift,
            "findings": summary.findings,
            "undecided": summary.undecided,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "suppressed": summary.suppressed,
            "notes": summary.notes,
            "questions": summary.questions,
            "proved": summary.proved,
            "taken_as_given": summary.taken_as_given,
            "consequences": summary.consequences,
            "fixed": summary.fixed,
            "proof": _proof(report.proof),
            "exit_code": int(summary.exit_code),
        },
        "results": [
            *(_result(finding, report, is_fixed=False) for finding in report.findings),
            *(_result(finding, report, is_fixed=True) for finding in report.fixed),
        ],
        **{key: _plain(value) for key, value in report.extra.items()},
    }
    return dump(document)


def dump(document: object) -> str:
    """JSON text as every command prints it: plain ASCII, so that no terminal can spoil it."""
    text = json.dumps(json_safe(document), indent=2) + "\n"
    # An order to a log of GitHub's, wherever it stands in a line; in JSON this is the same text.
    return text.replace("##[", "##\\u005b")


def _result(finding: Finding, report: Report, *, is_fixed: bool) -> dict[str, object]:
    base = report.base
    return {
        "kind": finding.kind.value,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "title": finding.title,
        "message": finding.message,
        "address": finding.address,
        "location": place_object(finding.location, base),
        "topology": place_object(finding.topology, base),
        "witness": _witness(finding.witness, base),
        "fingerprint": finding.fingerprint,
        "roots": list(finding.roots),
        "caused_by": finding.caused_by,
        "fixed": is_fixed,
        "not_fixed": report.not_fixed.get(finding.fingerprint),
    }


def _proof(proof: Proof | None) -> dict[str, int] | None:
    if proof is None:
        return None
    return {
        "grants": proof.grants,
        "grants_on_both_sides": proof.on_both_sides,
        "grants_on_one_side": proof.on_one_side,
        "registries": proof.registries,
        "registries_proved": proof.exact_registries,
    }


def _witness(witness: Witness | None, base: Path) -> dict[str, object] | None:
    if witness is None:
        return None
    return {
        "principal": witness.principal,
        "action": witness.action,
        "resource": witness.resource,
        "context": {
            key: value if isinstance(value, str) else list(value)
            for key, value in sorted(witness.context.items())
        },
        "statement": place_object(witness.statement, base),
    }


def _plain(value: Plain) -> object:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value
