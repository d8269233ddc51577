"""Runs checkov beside our own rules, and reads what it says.

checkov cannot live in our environment (it brings another package named `hcl2`), so it is run as the
program that it is. It is told nothing of the network, and it reads no settings from the code that it
checks: those can name Python files to run.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from generator.disk.project import project_root
from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.quotes import listed
from generator.model.span import Span
from generator.programs.external import find_program, run_program

_SECONDS = 900.0
_MOST_BYTES = 256 * 1024 * 1024
_PUBLIC = frozenset({"grant-any-principal", "grant-outside-topology", "grant-undeclared"})
_TRUST = frozenset({"trust-wrong-principal", "federation-any-subject"})
_WIDE = frozenset({"identity-undeclared", "wildcard-action", "wildcard-resource"})

_INDEX = "https://www.checkov.io/5.Policy%20Index/terraform.html"
"""The page that lists all checks: without its platform, checkov knows the page of none."""

SAME_AS: Mapping[str, frozenset[str]] = {
    "CKV_AWS_1": _WIDE,
    "CKV_AWS_32": _PUBLIC,
    "CKV_AWS_60": _TRUST,
    "CKV_AWS_61": _TRUST,
    "CKV_AWS_62": _WIDE,
    "CKV_AWS_63": _WIDE,
    "CKV_AWS_111": _WIDE,
    "CKV_AWS_283": _PUBLIC,
    "CKV_AWS_290": _WIDE,
    "CKV_AWS_355": _WIDE,
    "CKV_AWS_356": _WIDE,
    "CKV_AWS_358": _TRUST,
}
"""The rules of ours that say, with a request as proof, what a check of checkov says of a block."""

_SEVERITIES = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "INFO": Severity.INFO,
}


@frozen
class CheckovAnswer:
    """What checkov says: failed checks and unreadable files as findings, and how many passed."""

    failed: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    passed: int
    skipped: int
    version: str


@dataclass(frozen=True, slots=True)
class _Report:
    """One report of checkov's document, its values not yet trusted."""

    values: Mapping[str, object]

    def part(self, name: str) -> "_Report":
        found = self.values.get(name)
        return _Report(found if isinstance(found, dict) else {})

    def entries(self, name: str) -> Sequence[object]:
        found = self.values.get(name)
        return found if isinstance(found, list) else []

    def text(self, name: str) -> str:
        found = self.values.get(name)
        return found if isinstance(found, str) else ""

    def number(self, name: str) -> int:
        found = self.values.get(name)
        return found if isinstance(found, int) else 0


def run_checkov(program: str, folder: Path) -> CheckovAnswer:
    """Run checkov on a folder of code. Raises `ToolError`."""
    found = find_program(program, project=project_root(folder, None))
    if found is None:
        raise ToolError(
            "checkov is not there",
            f"There is no program `{program}` on PATH outside of the project. It needs an environment of its own, since it brings "
            "another `hcl2` package; install it with one of these, or name it with "
            "`--checkov PATH`:",
            commands=("uv tool install checkov", "pipx install checkov"),
        )
    with tempfile.TemporaryDirectory(prefix="forebay-") as empty:
        ran = run_program(
            # In one word, so that checkov looks for no settings in the code.
            (
                found,
                f"--directory={folder.resolve()}",
                *("--framework", "terraform", "--skip-download", "--compact"),
                *("--output", "json", "--output-file-path", empty),
            ),
            folder=Path(empty),
            seconds=_SECONDS,
            environment={"BC_API_KEY": None, "PRISMA_API_URL": None, "LOG_LEVEL": "ERROR"},
        )
        try:
            with (Path(empty) / "results_json.json").open("rb") as stream:
                content = stream.read(_MOST_BYTES + 1)
        except OSError:
            content = b""
    if len(content) > _MOST_BYTES:
        raise ToolError("checkov gave no answer", f"It has more than {_MOST_BYTES} bytes.")
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        last = "\n".join(ran.err.strip().splitlines()[-5:])
        raise ToolError(
            "checkov gave no answer",
            f"`{found}` ended with {ran.code} and no JSON document ({error}). Its last words:"
            f"\n{last or 'none'}",
        ) from error
    return _answer(document, folder.resolve())


def _answer(document: object, folder: Path) -> CheckovAnswer:
    reports = [
        _Report(entry)
        for entry in (document if isinstance(document, list) else [document])
        if isinstance(entry, dict)
    ]
    if not reports:
        raise ToolError("checkov gave no answer", "Its JSON document holds no report.")
    failed: list[Finding] = []
    errors: list[Finding] = []
    for report in reports:
        results = report.part("results")
        # Reports that have nothing to check are only a summary, with the counts at the top.
        failed.extend(_failed(results.entries("failed_checks"), folder))
        errors.extend(_errors(results.entries("parsing_errors"), folder))
        unnamed = report.part("summary").number("parsing_errors")
        if unnamed and not results.entries("parsing_errors"):
            errors.extend(_errors([f"{unnamed} files"], folder))
    summaries = [report.part("summary") for report in reports]
    return CheckovAnswer(
        failed=tuple(failed),
        errors=tuple(errors),
        passed=sum(summary.number("passed") for summary in summaries),
        skipped=sum(summary.number("skipped") for summary in summaries),
        version=next(
            (text for summary in summaries if (text := summary.text("checkov_version"))), ""
        ),
    )


def _failed(entries: Iterable[object], folder: Path) -> Iterator[Finding]:
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        check = _Report(entry)
        name, words = check.text("check_id"), check.text("check_name")
        resource, guideline = check.text("resource"), check.text("guideline")
        page = guideline if guideline.startswith("https://") else _INDEX
        yield Finding(
            kind=FindingKind.FINDING,
            rule="checkov",
            severity=_SEVERITIES.get(check.text("severity").upper(), Severity.MEDIUM),
            title=f"{name}: {words}",
            message=f"checkov's check {name} fails for `{resource}`. What it asks for: {page}",
            subject=f"{name} {resource}",
            address=resource or None,
            location=_span(check, folder),
        )


def _span(check: _Report, folder: Path) -> Span | None:
    """The first line of the block, where it lies in the code."""
    file = check.text("file_abs_path")
    lines = [line for line in check.entries("file_line_range") if isinstance(line, int)]
    if not file or not lines or lines[0] < 1 or not Path(file).is_relative_to(folder):
        return None
    return Span(file=Path(file), line=lines[0], column=1, end_line=lines[0], end_column=2)


def _errors(files: Iterable[object], folder: Path) -> Iterator[Finding]:
    for file in files:
        text = str(file)
        path = Path(text)
        yield Finding(
            kind=FindingKind.ERROR,
            rule="checkov",
            severity=Severity.HIGH,
            title="checkov cannot read a file",
            message=(
                f"checkov could not parse `{text}`, so its checks have not seen what is in it. Run "
                "checkov by itself to see why."
            ),
            subject=text,
            location=(
                Span(file=path, line=1, column=1, end_line=1, end_column=2)
                if path.is_absolute() and path.is_relative_to(folder)
                else None
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheBlocks:
    """The blocks of code that are about caches, by addresses without the keys of instances."""

    secrets: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()


AGAINST: Mapping[str, tuple[Literal["secrets", "repositories"], str]] = {
    "CKV_AWS_149": (
        "secrets",
        (
            "ECR reads the secret of a cache with the AWS managed key only; with a key of yours the cache "
            "breaks (rule `secret-key-refused`)"
        ),
    ),
    "CKV2_AWS_57": (
        "secrets",
        "the token belongs to the upstream registry, and Secrets Manager has no rotation for it",
    ),
    "CKV_AWS_51": (
        "repositories",
        (
            "ECR refreshes a cached tag by pushing it anew, which immutable tags forbid (rule "
            "`cache-immutable`)"
        ),
    ),
}
"""Checks of checkov whose advice would break a cache: about which blocks, and why."""


def merged(
    findings: Sequence[Finding], answer: CheckovAnswer, caches: CacheBlocks | None = None
) -> tuple[Finding, ...]:
    """Our findings with those of checkov that say something else, and notes about the rest.

    Instances of one block are one result. An advice that would break a cache is not given.
    """
    caches = caches or CacheBlocks()
    ours = [finding for finding in findings if finding.severity is not Severity.INFO]
    against = [finding for finding in answer.failed if _breaks_a_cache(finding, caches)]
    others = [
        finding
        for finding in answer.failed
        if not _is_said(finding, ours) and finding not in against
    ]
    said = len(answer.failed) - len(others) - len(against)
    note = Finding(
        kind=FindingKind.FINDING,
        rule="checkov",
        severity=Severity.INFO,
        title="checkov was run beside",
        message=(
            f"checkov {answer.version}: {answer.passed} checks passed, {len(answer.failed)} failed "
            f"({said} of them are said by findings of forebay already), {answer.skipped} were "
            "skipped in the code."
        ),
        subject="checkov",
    )
    return (*findings, *_once_a_block(others), *answer.errors, *_not_advised(against), note)


def _check_of(finding: Finding) -> str:
    return finding.subject.split(" ")[0]


def _breaks_a_cache(finding: Finding, caches: CacheBlocks) -> bool:
    """Whether what a check asks for would break the cache that its block is about."""
    where, _ = AGAINST.get(_check_of(finding), (None, ""))
    block = block_of(finding.address or "")
    match where:
        case "secrets":
            return block in caches.secrets
        case "repositories":
            return block in caches.repositories
        case None:
            return False


def _not_advised(against: Iterable[Finding]) -> Iterator[Finding]:
    """One note for each check whose advice is not given, with the reason and the blocks."""
    blocks: dict[str, dict[str, None]] = {}
    for finding in against:
        blocks.setdefault(_check_of(finding), {})[block_of(finding.address or "")] = None
    for name, some in blocks.items():
        yield Finding(
            kind=FindingKind.FINDING,
            rule="checkov",
            severity=Severity.INFO,
            title="An advice of checkov would break a cache",
            message=(
                f"checkov's check {name} fails for {listed(some)}, and is not followed: "
                f"{AGAINST[name][1]}. A comment `checkov:skip={name}: REASON` in the block says so to "
                "checkov itself."
            ),
            subject=f"{name} not followed",
        )


def _once_a_block(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One result for all instances of a block of which the same check fails."""
    groups: dict[tuple[str, str, Span | None], list[Finding]] = {}
    for finding in findings:
        key = (_check_of(finding), block_of(finding.address or ""), finding.location)
        groups.setdefault(key, []).append(finding)
    for (name, block, _), some in groups.items():
        first = some[0]
        if len(some) == 1:
            yield first
            continue
        what = f"`{block}`, in {len(some)} instances"
        message = first.message.replace(f"`{first.address}`", what, 1)
        yield replace(
            first,
            address=block,
            subject=f"{name} {block}",
            message=message,
        )


def _is_said(finding: Finding, ours: Iterable[Finding]) -> bool:
    """Whether one of our findings says the same about the same block."""
    name = finding.subject.split(" ")[0]
    rules = SAME_AS.get(name, frozenset())
    return any(
        other.rule in rules
        and other.address is not None
        and block_of(other.address) == block_of(finding.address or "")
        for other in ours
    )


def block_of(address: str) -> str:
    """An address without the keys of instances, which checkov writes in other ways or not at all."""
    pieces = []
    depth = 0
    for sign in address:
        depth += sign == "["
        if not depth:
            pieces.append(sign)
        depth -= sign == "]"
    return "".join(pieces)
