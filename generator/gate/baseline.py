"""Results that were there when a project began to be looked at: they do not fail it, new ones do."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.model.finding import ABOUT_CHANGES, CAUSES, Finding, FindingKind, Severity
from generator.model.span import first_line

VERSION = 1
MOST_BYTES = 64 * 1024 * 1024
"""A larger file is refused; a result takes some hundred bytes."""


@frozen
class BaselineEntry:
    """Results that are known: which, how often, and how bad they were.

    `evidence` is a digest of what was judged: where that changes, the result is a new one.
    """

    command: str
    rule: str
    fingerprint: str
    evidence: str
    severity: Severity
    count: int
    title: str


@dataclass(slots=True, kw_only=True)
class Baseline:
    """A baseline in use: what of it has occurred in this run."""

    file: Path
    entries: tuple[BaselineEntry, ...]
    command: str
    taken: list[Finding] = field(default_factory=list)
    _left: Counter[tuple[str, str]] = field(default_factory=Counter)
    _known: dict[tuple[str, str], BaselineEntry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry.command == self.command:
                key = (entry.fingerprint, entry.evidence)
                self._left[key] += entry.count
                before = self._known.get(key, entry)
                self._known[key] = min(before, entry, key=lambda each: each.severity.rank)

    def takes(self, finding: Finding) -> bool:
        """Whether a result is known; each entry stands for as many results as it counts."""
        key = (finding.fingerprint, evidence_digest(finding))
        if not may_be_in_baseline(finding) or self._left[key] < 1:
            return False
        # What has become worse since is new.
        if finding.severity.rank < self._known[key].severity.rank:
            return False
        self._left[key] -= 1
        self.taken.append(finding)
        return True

    def outdated(self) -> Finding | None:
        """One note about the results that no longer occur, `None` where there are none."""
        gone = Counter[str]()
        for key, entry in self._known.items():
            if self._left[key] > 0:
                gone[entry.rule] += self._left[key]
        if not gone:
            return None
        number = sum(gone.values())
        which = ", ".join(f"`{rule}` {count}" for rule, count in sorted(gone.items()))
        return Finding(
            kind=FindingKind.FINDING,
            rule="baseline-outdated",
            severity=Severity.INFO,
            title="Results of the baseline no longer occur",
            message=(
                f"{number} of the results in `{self.file.as_posix()}` did not occur ({which}). Write "
                f"it anew with `--write-baseline {self.file.as_posix()}`, so that they cannot come "
                "back unseen."
            ),
            subject=self.file.name,
            location=first_line(self.file),
        )


def may_be_in_baseline(finding: Finding) -> bool:
    """Whether a baseline can hold a result: no error, nothing critical, no note, no mere cause."""
    return (
        finding.kind is not FindingKind.ERROR
        and finding.severity not in {Severity.CRITICAL, Severity.INFO}
        and finding.rule not in ABOUT_CHANGES | CAUSES
    )


def evidence_digest(finding: Finding) -> str:
    """A digest of what was judged, empty where the fingerprint says all."""
    import hashlib

    judged = str(finding.evidence)
    if not judged:
        return ""
    return hashlib.sha256(judged.encode(errors="surrogatepass")).hexdigest()[:16]


def with_results(
    entries: Iterable[BaselineEntry], command: str, findings: Iterable[Finding]
) -> tuple[BaselineEntry, ...]:
    """The entries of other commands, and one for each sort of result that this command has."""
    kept = [entry for entry in entries if entry.command != command]
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if may_be_in_baseline(finding):
            key = (finding.fingerprint, evidence_digest(finding))
            groups.setdefault(key, []).append(finding)
    for (fingerprint, evidence), some in groups.items():
        kept.append(
            BaselineEntry(
                command=command,
                rule=some[0].rule,
                fingerprint=fingerprint,
                evidence=evidence,
                severity=min((each.severity for each in some), key=lambda each: each.rank),
                count=len(some),
                title=some[0].title,
            )
        )
    return tuple(
        sorted(kept, key=lambda each: (each.command, each.rule, each.fingerprint, each.evidence))
    )


def baseline_text(entries: Iterable[BaselineEntry]) -> str:
    """The file with the entries, one a line, so that two changes of it merge."""
    lines = [
        json.dumps(
            {
                "command": entry.command,
                "rule": entry.rule,
                "fingerprint": entry.fingerprint,
                "evidence": entry.evidence,
                "severity": entry.severity.value,
                "count": entry.count,
                "title": entry.title,
            }
        )
        for entry in entries
    ]
    listed = ",\n".join(f"    {line}" for line in lines)
    return f'{{\n  "version": {VERSION},\n  "results": [\n{listed}\n  ]\n}}\n'


def parse_baseline(content: bytes, file: Path) -> tuple[BaselineEntry, ...]:
    """The entries of a baseline file; raises `ToolError`."""
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unusable(file, "it is not JSON") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise _unusable(file, f"it is no JSON object with `version` {VERSION}")
    results = document.get("results")
    if not isinstance(results, list):
        raise _unusable(file, "it has no list `results`")
    return tuple(_entry(entry, file) for entry in results)


def _entry(entry: object, file: Path) -> BaselineEntry:
    match entry:
        case {
            "command": str(command),
            "rule": str(rule),
            "fingerprint": str(fingerprint),
            "evidence": str(evidence),
            "severity": str(severity),
            "count": int(count),
            "title": str(title),
        } if severity in set(Severity):
            return BaselineEntry(
                command=command,
                rule=rule,
                fingerprint=fingerprint,
                evidence=evidence,
                severity=Severity(severity),
                count=count,
                title=title,
            )
        case _:
            raise _unusable(file, "a result in it is not as `--write-baseline` writes it")


def _unusable(file: Path, reason: str) -> ToolError:
    return ToolError(
        "the baseline cannot be used",
        f"`{file}`: {reason}. Write it with `--write-baseline {file.as_posix()}`.",
        place=file,
    )


def counted(entries: Iterable[BaselineEntry]) -> Mapping[tuple[str, str, str, str], int]:
    """How many results of each sort entries stand for."""
    found = Counter[tuple[str, str, str, str]]()
    for entry in entries:
        found[entry.command, entry.rule, entry.fingerprint, entry.evidence] += entry.count
    return found
